#include "entrain.hpp"

#include <algorithm>

#include "../blocks/layout.hpp"
#include "../blocks/passes.hpp"
#include "../factored/factors.hpp"
#include "../kernels/kernels.hpp"
#include "../parallel.hpp"
#include "../sparse/entrain.hpp"
#include "shares.hpp"

namespace resonance::detail {
namespace {

//! Most presentations that share a pass: enough that reading and writing the weights hardly counts.
constexpr std::int64_t kMostShared = 128;
//! Fewest of them for which the lower triangle alone is worth putting the upper one together again.
constexpr std::int64_t kTriangleFrom = 64;
//! Rows of a block of the triangle: a multiple of every kernel's tile (8, 6 or 4 rows; 32, 16, 8 or 4 columns), so
//! that no tile reaches beyond the blocks on the diagonal. Those are computed whole, at a cost of 96 / n.
constexpr std::ptrdiff_t kTriangleBlock = 96;

//! Presentations that share a pass: fewer for large networks, so that a pass ends soon after an interrupt.
std::int64_t shared(std::ptrdiff_t n) noexcept {
    return std::clamp<std::int64_t>(8'000'000'000 / n / n, 16, kMostShared);
}

//! Calls body(first, last) for the row blocks of the triangle. The i-th block from the top and the i-th from the bottom
//! go to one thread: together they are as wide as any two.
template <class Body>
void for_triangle(std::ptrdiff_t n, int threads, const Body& body) noexcept {
    const std::ptrdiff_t blocks = (n + kTriangleBlock - 1) / kTriangleBlock;
    const auto call = [&](std::ptrdiff_t block, int member) {
        body(block * kTriangleBlock, std::min((block + 1) * kTriangleBlock, n), member);
    };
    for_row_ranges((blocks + 1) / 2, 1, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, int member) {
        for (std::ptrdiff_t block = first; block < last; ++block) {
            call(block, member);
            if (blocks - 1 - block != block) call(blocks - 1 - block, member);
        }
    });
}

//! Calls body(lower, upper) for each pair of weights below and above the blocks on the diagonal.
template <class Real, class Body>
void for_mirrored(State<Real>& state, int threads, const Body& body) noexcept {
    for_triangle(state.n, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, int) {
        for (std::ptrdiff_t begin = 0; begin < first; begin += kTriangleBlock)
            for (std::ptrdiff_t i = first; i < last; ++i)
                for (std::ptrdiff_t j = begin; j < begin + kTriangleBlock; ++j)
                    body(state.weights[i * state.stride + j], state.weights[j * state.stride + i]);
    });
}

//! Rows as pairs of the factors, as many at a time as there is room for.
template <class Real, class Presentations>
Status entrain_factors(State<Real>& state, Presentations presentations, std::int64_t rows,
                       std::optional<double> fading_factor, const Conditions& conditions, Scratch& scratch,
                       Interrupt interrupt, std::int64_t& completed) noexcept {
    Factors<Real>& factors = *state.factors;
    const auto carve = [&](void* block) {
        Carver carver(block);
        presentations.take(carver, kMostShared);
        return carver.used();
    };
    void* memory = scratch.reserve(carve(nullptr));
    if (memory == nullptr) return Status::out_of_memory;
    carve(memory);
    presentations.prepare();
    while (completed < rows) {
        if (!factors.make_room(conditions)) return Status::rank_exceeded;
        const std::int64_t count = std::min({kMostShared, rows - completed, std::int64_t{factors.room()}});
        clear_padding(factors.next_rows(), 2 * count, state.n);
        if (!presentations.present(completed, count, factors.next_rows())) return Status::phase_overflow;
        double growth[kMostShared];
        const double kept = shares(state.presentation_count, count, fading_factor, growth);
        factors.present(kept, growth, count);
        state.sums_current = false;
        completed += count;
        state.presentation_count += count;
        if (completed < rows && interrupt.requested != nullptr && interrupt.requested(interrupt.context))
            return Status::interrupted;
    }
    return Status::ok;
}

}  // namespace

template <class Real, class Presentations>
Status entrain(State<Real>& state, Presentations presentations, std::int64_t rows, std::optional<double> fading_factor,
               const Conditions& conditions, Scratch& scratch, Interrupt interrupt, std::int64_t& completed) noexcept {
    if (state.storage == WeightStorage::factored)
        return entrain_factors(state, presentations, rows, fading_factor, conditions, scratch, interrupt, completed);
    const int threads = conditions.threads;
    if (state.storage == WeightStorage::sparse)
        return entrain_edges(state, presentations, rows, fading_factor, threads, scratch, interrupt, completed);
    const std::ptrdiff_t n = state.n;
    const std::int64_t most = std::min(shared(n), std::max<std::int64_t>(rows, 1));
    Real *factors = nullptr, *pass_memory = nullptr;
    const auto carve = [&](void* block) {
        Carver carver(block);
        carver.take(factors, static_cast<std::size_t>(2 * most * row_stride<Real>(n)));
        carver.take(pass_memory, static_cast<std::size_t>(threads * pass_scratch(2 * most)));
        presentations.take(carver, most);
        return carver.used();
    };
    void* memory = scratch.reserve(carve(nullptr));
    if (memory == nullptr) return Status::out_of_memory;
    carve(memory);
    clear_padding(factors, 2 * most, n);
    presentations.prepare();

    const bool triangle = rows >= kTriangleFrom && n >= 4 * kTriangleBlock;
    Real along[kMostShared], across[kMostShared] = {};
    WeightsPass<Real> pass{};
    pass.factors = factors;
    pass.factor_stride = row_stride<Real>(n);
    pass.along = along;
    pass.across = across;
    pass.nodes = n;
    double kept = 1;
    Status status = Status::ok;
    while (completed < rows && status == Status::ok) {
        const std::int64_t count = std::min(most, rows - completed);
        if (!presentations.present(completed, count, factors)) {
            status = Status::phase_overflow;
            break;
        }
        if (completed == 0) {  // from here on the state changes
            state.sums_current = false;
            if (triangle) for_mirrored(state, threads, [](Real& lower, Real& upper) { upper = upper / 2 - lower / 2; });
        }
        pass.decay = shares(state.presentation_count, count, fading_factor, along);
        pass.rank = 2 * count;
        if (triangle)
            for_triangle(n, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, int member) {
                const Rows part{first, last, std::min(first + kTriangleBlock, state.columns), state.stride};
                kernels<Real>().weights_pass(state.weights, part, pass, pass_memory + member * pass_scratch(2 * most));
            });
        else
            pass_over_weights(state, pass, threads, pass_memory, {});
        kept *= pass.decay;
        completed += count;
        state.presentation_count += count;
        if (completed < rows && interrupt.requested != nullptr && interrupt.requested(interrupt.context))
            status = Status::interrupted;
    }
    if (triangle && completed > 0) {
        // Where nothing is left of the weights before, as in a mean from its first row on, this copies the triangle.
        const double twice = 2 * kept;
        for_mirrored(state, threads, [twice](Real& lower, Real& upper) {
            upper = static_cast<Real>(static_cast<double>(lower) + twice * static_cast<double>(upper));
        });
    }
    return status;
}

#define RESONANCE_INSTANTIATE(Real, Presentations)                                                               \
    template Status entrain(State<Real>&, Presentations, std::int64_t, std::optional<double>, const Conditions&, \
                            Scratch&, Interrupt, std::int64_t&) noexcept;
#define RESONANCE_COMMA ,
RESONANCE_INSTANTIATE(float, OffsetRows<float RESONANCE_COMMA float>)
RESONANCE_INSTANTIATE(float, OffsetRows<float RESONANCE_COMMA double>)
RESONANCE_INSTANTIATE(float, EncodedRows<float>)
RESONANCE_INSTANTIATE(double, OffsetRows<double RESONANCE_COMMA float>)
RESONANCE_INSTANTIATE(double, OffsetRows<double RESONANCE_COMMA double>)
RESONANCE_INSTANTIATE(double, EncodedRows<double>)

}  // namespace resonance::detail
