//! Passes over weights on edges, O(edges + n) each.
#pragma once

#include "../kernels/kernels.hpp"
#include "../parallel.hpp"
#include "../state.hpp"

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
inline constexpr std::int64_t kRowCost = 8;
//! Rows that one thread takes together begin at multiples of this: whole vectors, so that what is done for each of
//! their nodes has the same bits whatever the number of threads.
inline constexpr std::ptrdiff_t kRowGranule = 16;
//! Rows whose sums are still in the nearest cache when they are used.
inline constexpr std::ptrdiff_t kRowChunk = 512;

//! All rows, with records of the nodes.
template <class Real>
EdgeRows<Real> edge_rows(const State<Real>& state, const Real* records) noexcept {
    const Edges<Real>& edges = state.edges;
    return {0, state.n, edges.row_starts, edges.columns, records, edges.is_scattered()};
}

//! The first row with edges and rows of so much cost before it, at a multiple of kRowGranule, or n.
std::ptrdiff_t row_at(const std::int64_t* row_starts, std::ptrdiff_t n,
                      std::int64_t cost) noexcept RESONANCE_NONBLOCKING;

//! Calls body(rows) for ranges that cover all rows once and have about the same number of edges. No row is divided, so
//! its sums have the same bits whatever the number of threads.
template <class Real, class Body>
void for_edge_rows(const State<Real>& state, const EdgeRows<Real>& all, int threads, const Body& body) noexcept {
    const std::int64_t cost = state.edges.count + kRowCost * state.n;
    for_row_ranges(static_cast<std::ptrdiff_t>(cost), 1, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        EdgeRows<Real> rows = all;
        rows.first = row_at(all.row_starts, state.n, first);
        rows.last = last == cost ? state.n : row_at(all.row_starts, state.n, last);
        body(rows);
    });
}

//! The same for ranges of kRowChunk rows, or fewer.
template <class Real, class Body>
void for_edge_chunks(const State<Real>& state, const EdgeRows<Real>& all, int threads, const Body& body) noexcept {
    for_edge_rows(state, all, threads, [&](const EdgeRows<Real>& rows) {
        EdgeRows<Real> chunk = rows;
        for (; chunk.first < rows.last; chunk.first = chunk.last) {
            chunk.last = chunk.first + kRowChunk < rows.last ? chunk.first + kRowChunk : rows.last;
            body(chunk);
        }
    });
}

//! W c and W s of the present weights and phases.
template <class Real>
void take_edge_products(State<Real>& state, int threads) noexcept RESONANCE_NONBLOCKING;

extern template void take_edge_products(State<float>&, int) noexcept RESONANCE_NONBLOCKING;
extern template void take_edge_products(State<double>&, int) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance::detail
