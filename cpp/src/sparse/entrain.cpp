#include "entrain.hpp"

#include "pass.hpp"

namespace resonance::detail {
namespace {

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

template <class Real>
void EdgeWay<Real>::absorb(std::int64_t count) noexcept {
    gather(state_, pairs_, count, threads_, records_);
    Real growth[kEdgeRank / 2] = {};
    const double kept = shares(state_.presentation_count, count, fading_factor_, growth);
    for_edge_rows(state_, edge_rows(state_, records_), threads_, [&](const EdgeRows<Real>& part) {
        kernels<Real>().edge_growth(state_.edges.weights, part, kept, growth);
    });
}

template class EdgeWay<float>;
template class EdgeWay<double>;

}  // namespace resonance::detail
