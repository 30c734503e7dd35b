//! Weights on the edges of a graph, as they lie in memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../kernels/kernels.hpp"
#include "../memory.hpp"
#include "resonance/graph.hpp"
#include "resonance/nonblocking.hpp"
#include "resonance/status.hpp"

namespace resonance::detail {

//! Rows stand in an order of their own, that of places: the row at place k is the one of node nodes[k], and columns are
//! places too. Within a row edges keep the order that their sources have among the nodes, so that sums have the same
//! bits whatever the order of rows.
template <class Real>
struct Edges {
    std::int64_t count = 0;
    Real* weights = nullptr;
    std::int64_t* row_starts = nullptr;  //!< (n + 1,)
    //! (count,): where the source's record begins, so kEdgeNumbers times its place; with kEdgesAhead zeros behind.
    std::int32_t* columns = nullptr;
    std::int32_t* nodes = nullptr;     //!< (n,), by place
    std::int32_t* places = nullptr;    //!< (n,), by node
    std::int64_t* far_ones = nullptr;  //!< (1,): the number of edges whose source's record is in no near cache

    //! The node that an edge comes from.
    std::int32_t source(std::int64_t edge) const noexcept { return nodes[columns[edge] / kEdgeNumbers]; }

    //! Whether it pays to ask for the records of edges ahead. Others lose up to a tenth by it.
    bool is_scattered() const noexcept { return *far_ones > count / 4; }

    //! Takes its arrays, which are to be filled.
    void carve(Carver& carver, std::size_t n) noexcept;
    //! Takes over a graph that was checked, of `count` edges.
    void fill(const Graph<Real>& graph) noexcept;
    //! The place of W[row, column] among the weights, or -1 where there is no such edge.
    std::int64_t find(std::ptrdiff_t row, std::ptrdiff_t column) const noexcept RESONANCE_NONBLOCKING;
};

//! Bytes of the arrays of Edges.
template <class Real>
std::size_t edge_bytes(std::size_t n, std::size_t count) noexcept;

//! What is wrong with a graph for n nodes.
template <class Real>
Status check_graph(const Graph<Real>& graph, std::ptrdiff_t n) noexcept;

//! Writes W[rows, columns] to `block`, row after row, 0 where no edge is. A span without data stands for all n nodes.
template <class Real>
void copy_edge_weights(const Edges<Real>& edges, std::ptrdiff_t n, span<const std::int64_t> rows,
                       span<const std::int64_t> columns, Real* block) noexcept;

//! Calls body(weights, count) for the edges from the `first` on, row by row in the order of nodes, `count` in all.
template <class Real, class Body>
void for_edges(const Edges<Real>& edges, std::ptrdiff_t n, std::int64_t first, std::int64_t count,
               const Body& body) noexcept {
    for (std::ptrdiff_t node = 0; node < n && count > 0; ++node) {
        const std::int64_t* start = edges.row_starts + edges.places[node];
        const std::int64_t length = start[1] - start[0];
        if (first < length) {
            const std::int64_t taken = length - first < count ? length - first : count;
            body(edges.weights + start[0] + first, taken);
            count -= taken;
        }
        first = first < length ? 0 : first - length;
    }
}

#define RESONANCE_DECLARE(Real)                                                                          \
    extern template struct Edges<Real>;                                                                  \
    extern template std::size_t edge_bytes<Real>(std::size_t, std::size_t) noexcept;                     \
    extern template Status check_graph(const Graph<Real>&, std::ptrdiff_t) noexcept;                     \
    extern template void copy_edge_weights(const Edges<Real>&, std::ptrdiff_t, span<const std::int64_t>, \
                                           span<const std::int64_t>, Real*) noexcept;
RESONANCE_DECLARE(float)
RESONANCE_DECLARE(double)
#undef RESONANCE_DECLARE

}  // namespace resonance::detail
