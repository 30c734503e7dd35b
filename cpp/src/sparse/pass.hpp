//! Passes over weights on edges, O(edges + n) each: what weights.hpp asks of this way to store them.
#pragma once

#include "../kernels/kernels.hpp"
#include "../parallel.hpp"
#include "../state.hpp"
#include "resonance/hyperparameters.hpp"

namespace resonance::detail {

//! Fewest edges that more than one thread share where the choice is the library's.
inline constexpr std::int64_t kParallelFromEdges = 65'536;

//! Threads for a pass over the weights of a state; `wanted` 0 leaves the choice to the library.
template <class Real>
int threads_for(const State<Real>& state, int wanted) noexcept {
    if (state.storage != WeightStorage::sparse) return threads_for(state.n, wanted);
    return wanted == 1 || (wanted == 0 && state.edges.count < kParallelFromEdges) ? 1 : num_threads(wanted);
}

//! What a row costs beside its edges, in edges.
inline constexpr std::int64_t kRowCost = 4;

//! All rows, with records of the nodes.
template <class Real>
EdgeRows<Real> edge_rows(const State<Real>& state, const Real* records) noexcept {
    const Edges<Real>& edges = state.edges;
    return {0, state.n, edges.row_starts, edges.columns, edges.nodes, records, edges.is_scattered()};
}

//! The first row with edges and rows of so much cost before it.
std::ptrdiff_t row_at(const std::int64_t* row_starts, std::ptrdiff_t n, std::int64_t cost) noexcept;

//! Calls body(rows) for ranges that cover all rows once and have about the same number of edges. No row is divided, so
//! its sums have the same bits whatever the number of threads.
template <class Real, class Body>
void for_edge_rows(const State<Real>& state, const EdgeRows<Real>& all, int threads, const Body& body) noexcept {
    const std::int64_t cost = state.edges.count + kRowCost * state.n;
    for_row_ranges(static_cast<std::ptrdiff_t>(cost), 1, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        EdgeRows<Real> rows = all;
        rows.first = row_at(all.row_starts, state.n, first);
        rows.last = row_at(all.row_starts, state.n, last);
        body(rows);
    });
}

template <class Real>
void take_edge_products(State<Real>& state, int threads) noexcept RESONANCE_NONBLOCKING;

//! The records of nodes, which grow_edges() goes by.
template <class Real>
void make_records(State<Real>& state, std::ptrdiff_t first, std::ptrdiff_t last) noexcept RESONANCE_NONBLOCKING;

template <class Real>
void grow_edges(State<Real>& state, const Hyperparameters& hyperparameters, int threads) noexcept RESONANCE_NONBLOCKING;

#define RESONANCE_DECLARE(Real)                                                                                     \
    extern template void take_edge_products(State<Real>&, int) noexcept RESONANCE_NONBLOCKING;                      \
    extern template void make_records(State<Real>&, std::ptrdiff_t, std::ptrdiff_t) noexcept RESONANCE_NONBLOCKING; \
    extern template void grow_edges(State<Real>&, const Hyperparameters&, int) noexcept RESONANCE_NONBLOCKING;
RESONANCE_DECLARE(float)
RESONANCE_DECLARE(double)
#undef RESONANCE_DECLARE

}  // namespace resonance::detail
