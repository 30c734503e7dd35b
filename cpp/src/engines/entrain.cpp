#include "entrain.hpp"

#include <algorithm>

#include "../all_ranks.hpp"
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

//! Rows shown to dense weights.
template <class Real>
class DenseWay {
public:
    DenseWay(State<Real>& state, const Conditions& conditions, std::optional<double> fading_factor,
             std::int64_t rows) noexcept
        : state_(state),
          fading_factor_(fading_factor),
          threads_(conditions.threads),
          most_(std::min(shared(state.n), std::max<std::int64_t>(rows, 1))),
          triangle_(rows >= kTriangleFrom && state.n >= 4 * kTriangleBlock && !state.is_shard()) {}

    std::int64_t most() const noexcept { return most_; }
    void take(Carver& carver) noexcept {
        carver.take(pairs_, static_cast<std::size_t>(2 * most_ * row_stride<Real>(state_.n)));
        carver.take(pass_memory_, static_cast<std::size_t>(threads_ * pass_scratch(2 * most_)));
    }
    PairRoom<Real> room() noexcept { return {pairs_, row_stride<Real>(state_.n), all_nodes<Real>(state_.n), most_}; }

    void begin() noexcept {
        clear_padding(pairs_, 2 * most_, state_.n);
        pass_.factors = pairs_;
        pass_.factor_stride = row_stride<Real>(state_.n);
        pass_.along = along_;
        pass_.across = across_;
        pass_.nodes = state_.n;
    }

    void absorb(std::int64_t count) noexcept {
        if (triangle_ && !changed_)
            for_mirrored(state_, threads_, [](Real& lower, Real& upper) { upper = upper / 2 - lower / 2; });
        changed_ = true;
        pass_.decay = shares(state_.presentation_count, count, fading_factor_, along_);
        pass_.rank = 2 * count;
        if (triangle_)
            for_triangle(state_.n, threads_, [&](std::ptrdiff_t first, std::ptrdiff_t last, int member) {
                const Rows part{first, last, std::min(first + kTriangleBlock, state_.columns), state_.stride};
                kernels<Real>().weights_pass(state_.weights, part, pass_,
                                             pass_memory_ + member * pass_scratch(2 * most_));
            });
        else
            pass_over_weights(state_, kernels<Real>(), pass_, threads_, pass_memory_, {});
        kept_ *= pass_.decay;
    }

    void end() noexcept {
        if (!triangle_ || !changed_) return;
        // Where nothing is left of the weights before, as in a mean from its first row on, this copies the triangle.
        const double twice = 2 * kept_;
        for_mirrored(state_, threads_, [twice](Real& lower, Real& upper) {
            upper = static_cast<Real>(static_cast<double>(lower) + twice * static_cast<double>(upper));
        });
    }

private:
    State<Real>& state_;
    std::optional<double> fading_factor_;
    int threads_;
    std::int64_t most_;
    bool triangle_, changed_ = false;
    double kept_ = 1;
    Real *pairs_ = nullptr, *pass_memory_ = nullptr;
    Real along_[kMostShared], across_[kMostShared] = {};
    WeightsPass<Real> pass_{};
};

//! Rows shown to factored weights, as pairs of theirs.
template <class Real>
class FactoredWay {
public:
    FactoredWay(State<Real>& state, const Conditions& conditions, std::optional<double> fading_factor) noexcept
        : state_(state), factors_(*state.factors), conditions_(conditions), fading_factor_(fading_factor) {}

    std::int64_t most() const noexcept { return kMostShared; }
    void take(Carver&) noexcept {}
    void begin() noexcept {}
    PairRoom<Real> room() noexcept {
        const std::int64_t count =
            factors_.make_room(conditions_) ? std::min(kMostShared, std::int64_t{factors_.room()}) : 0;
        factors_.clear_next(count);
        return {factors_.next_rows(), factors_.stride(), state_.own_nodes(), count};
    }
    void absorb(std::int64_t count) noexcept {
        double growth[kMostShared];
        const double kept = shares(state_.presentation_count, count, fading_factor_, growth);
        factors_.present(kept, growth, count);
    }
    void end() noexcept {}

private:
    State<Real>& state_;
    Factors<Real>& factors_;
    const Conditions& conditions_;
    std::optional<double> fading_factor_;
};

//! Shows rows in one of the ways, as many at a time as it has room for.
template <class Real, class Presentations, class Way>
Status show(State<Real>& state, Presentations& presentations, std::int64_t rows, Way way, Scratch& scratch,
            Interrupt interrupt, std::int64_t& completed) noexcept {
    const auto carve = [&](void* block) {
        Carver carver(block);
        way.take(carver);
        presentations.take(carver, way.most());
        return carver.used();
    };
    void* memory = scratch.reserve(carve(nullptr));
    AllRanks ranks(state.exchange, nullptr);
    if (ranks.any(memory == nullptr)) return ranks.have_failed() ? Status::exchange_failed : Status::out_of_memory;
    carve(memory);
    way.begin();
    presentations.prepare();
    Status status = Status::ok;
    while (completed < rows && status == Status::ok) {
        const PairRoom<Real> room = way.room();
        const std::int64_t count = std::min(room.count, rows - completed);
        if (count == 0) {
            status = Status::rank_exceeded;
        } else if (!presentations.present(completed, count, room)) {
            status = Status::phase_overflow;
        } else {
            way.absorb(count);
            state.sums_current = false;
            completed += count;
            state.presentation_count += count;
            if (completed < rows && interrupt.requested != nullptr && interrupt.requested(interrupt.context))
                status = Status::interrupted;
        }
    }
    way.end();
    return status;
}

}  // namespace

template <class Real, class Presentations>
Status entrain(State<Real>& state, Presentations presentations, std::int64_t rows, std::optional<double> fading_factor,
               const Conditions& conditions, Scratch& scratch, Interrupt interrupt, std::int64_t& completed) noexcept {
    const auto show_by = [&](auto way) { return show(state, presentations, rows, way, scratch, interrupt, completed); };
    switch (state.storage) {
        case WeightStorage::factored: return show_by(FactoredWay<Real>(state, conditions, fading_factor));
        case WeightStorage::sparse: return show_by(EdgeWay<Real>(state, conditions.threads, fading_factor));
        default: return show_by(DenseWay<Real>(state, conditions, fading_factor, rows));
    }
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
