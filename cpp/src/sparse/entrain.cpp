#include "entrain.hpp"

#include <algorithm>

#include "../blocks/layout.hpp"
#include "../blocks/presentations.hpp"
#include "../engines/shares.hpp"
#include "pass.hpp"

namespace resonance::detail {
namespace {

//! Presentations that share a pass: each has two numbers of a node's.
constexpr std::int64_t kShared = kEdgeRank / 2;

//! What `count` presentations have of each node, side by side, by place; zeros behind them.
template <class Real>
void gather(const State<Real>& state, const Real* factors, std::int64_t count, int threads, Real* records) noexcept {
    const std::ptrdiff_t stride = row_stride<Real>(state.n);
    for_node_ranges(state.n, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        for (std::ptrdiff_t i = first; i < last; ++i) {
            Real* record = records + kEdgeRank * static_cast<std::ptrdiff_t>(state.edges.places[i]);
            for (std::ptrdiff_t k = 0; k < kEdgeRank; ++k)
                record[k] = k < 2 * count ? factors[k * stride + i] : Real(0);
        }
    });
}

}  // namespace

template <class Real, class Presentations>
Status entrain_edges(State<Real>& state, Presentations presentations, std::int64_t rows,
                     std::optional<double> fading_factor, int threads, Scratch& scratch, Interrupt interrupt,
                     std::int64_t& completed) noexcept {
    Real *factors = nullptr, *records = nullptr;
    const auto carve = [&](void* block) {
        Carver carver(block);
        carver.take(factors, static_cast<std::size_t>(kEdgeRank * row_stride<Real>(state.n)));
        carver.take(records, static_cast<std::size_t>(kEdgeRank * state.n));
        presentations.take(carver, kShared);
        return carver.used();
    };
    void* memory = scratch.reserve(carve(nullptr));
    if (memory == nullptr) return Status::out_of_memory;
    carve(memory);
    presentations.prepare();
    while (completed < rows) {
        const std::int64_t count = std::min(kShared, rows - completed);
        if (!presentations.present(completed, count, factors)) return Status::phase_overflow;
        gather(state, factors, count, threads, records);
        Real growth[kShared] = {};
        const double kept = shares(state.presentation_count, count, fading_factor, growth);
        for_edge_rows(state, edge_rows(state, records), threads, [&](const EdgeRows<Real>& part) {
            kernels<Real>().edge_growth(state.edges.weights, part, kept, growth);
        });
        state.sums_current = false;
        state.presentation_count += count;
        completed += count;
        if (completed < rows && interrupt.requested != nullptr && interrupt.requested(interrupt.context))
            return Status::interrupted;
    }
    return Status::ok;
}

#define RESONANCE_INSTANTIATE(Real, Presentations)                                                                 \
    template Status entrain_edges(State<Real>&, Presentations, std::int64_t, std::optional<double>, int, Scratch&, \
                                  Interrupt, std::int64_t&) noexcept;
#define RESONANCE_COMMA ,
RESONANCE_INSTANTIATE(float, OffsetRows<float RESONANCE_COMMA float>)
RESONANCE_INSTANTIATE(float, OffsetRows<float RESONANCE_COMMA double>)
RESONANCE_INSTANTIATE(float, EncodedRows<float>)
RESONANCE_INSTANTIATE(double, OffsetRows<double RESONANCE_COMMA float>)
RESONANCE_INSTANTIATE(double, OffsetRows<double RESONANCE_COMMA double>)
RESONANCE_INSTANTIATE(double, EncodedRows<double>)

}  // namespace resonance::detail
