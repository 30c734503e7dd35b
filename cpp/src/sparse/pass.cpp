#include "pass.hpp"

#include <cmath>

namespace resonance::detail {

std::ptrdiff_t row_at(const std::int64_t* row_starts, std::ptrdiff_t n, std::int64_t cost) noexcept {
    std::ptrdiff_t low = 0, end = n;
    while (low < end) {
        const std::ptrdiff_t middle = low + (end - low) / 2;
        if (row_starts[middle] + kRowCost * middle < cost)
            low = middle + 1;
        else
            end = middle;
    }
    return low;
}

template <class Real>
void make_records(State<Real>& state, std::ptrdiff_t first, std::ptrdiff_t last) noexcept RESONANCE_NONBLOCKING {
    kernels<Real>().edge_records(state.amplitudes, state.cosines, state.sines, state.edges.places, first, last,
                                 state.records());
}

template <class Real>
void take_edge_products(State<Real>& state, int threads) noexcept RESONANCE_NONBLOCKING {
    for_node_ranges(state.n, threads,
                    [&](std::ptrdiff_t first, std::ptrdiff_t last) { make_records(state, first, last); });
    for_edge_rows(state, edge_rows(state, state.records()), threads, [&](const EdgeRows<Real>& rows) {
        kernels<Real>().edge_products(state.edges.weights, rows, state.cosine_sums, state.sine_sums);
    });
}

template <class Real>
void grow_edges(State<Real>& state, const Hyperparameters& h, int threads) noexcept RESONANCE_NONBLOCKING {
    const double scale = h.decay * h.learning_rate;
    const EdgeGrowth growth{h.decay, scale * std::cos(h.learning_lag), scale * std::sin(h.learning_lag)};
    for_edge_rows(state, edge_rows(state, state.records()), threads, [&](const EdgeRows<Real>& rows) {
        kernels<Real>().edge_step(state.edges.weights, rows, growth, state.cosine_sums, state.sine_sums);
    });
}

#define RESONANCE_INSTANTIATE(Real)                                                                          \
    template void take_edge_products(State<Real>&, int) noexcept RESONANCE_NONBLOCKING;                      \
    template void make_records(State<Real>&, std::ptrdiff_t, std::ptrdiff_t) noexcept RESONANCE_NONBLOCKING; \
    template void grow_edges(State<Real>&, const Hyperparameters&, int) noexcept RESONANCE_NONBLOCKING;
RESONANCE_INSTANTIATE(float)
RESONANCE_INSTANTIATE(double)

}  // namespace resonance::detail
