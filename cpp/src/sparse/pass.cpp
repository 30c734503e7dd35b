#include "pass.hpp"

namespace resonance::detail {

std::ptrdiff_t row_at(const std::int64_t* row_starts, std::ptrdiff_t n,
                      std::int64_t cost) noexcept RESONANCE_NONBLOCKING {
    std::ptrdiff_t low = 0, end = n;
    while (low < end) {
        const std::ptrdiff_t middle = low + (end - low) / 2;
        if (row_starts[middle] + kRowCost * middle < cost)
            low = middle + 1;
        else
            end = middle;
    }
    return low == n ? n : low / kRowGranule * kRowGranule;
}

template <class Real>
void take_edge_products(State<Real>& state, int threads) noexcept RESONANCE_NONBLOCKING {
    const Kernels<Real>& kernel = kernels<Real>();
    const Edges<Real>& edges = state.edges;
    for_node_ranges(state.n, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        kernel.edge_records(state.amplitudes + first, state.cosines + first, state.sines + first, edges.places + first,
                            last - first, state.records());
    });
    for_edge_chunks(state, edge_rows(state, state.records()), threads, [&](const EdgeRows<Real>& rows) {
        double sums[2 * kRowChunk];
        kernel.edge_products(edges.weights, rows, sums);
        for (std::ptrdiff_t row = rows.first; row < rows.last; ++row) {
            state.cosine_sums[edges.nodes[row]] = sums[2 * (row - rows.first)];
            state.sine_sums[edges.nodes[row]] = sums[2 * (row - rows.first) + 1];
        }
    });
}

template void take_edge_products(State<float>&, int) noexcept RESONANCE_NONBLOCKING;
template void take_edge_products(State<double>&, int) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance::detail
