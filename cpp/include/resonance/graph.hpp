//! The edges that a network keeps its weights on.
#pragma once

#include <cstdint>

#include "resonance/span.hpp"

namespace resonance {

//! Compressed rows, as in SciPy's csr_array: W[i, j] exists for the columns j of row i, and acts on i from j. Where
//! there is no edge, there is no weight, and none grows.
template <class Real>
struct Graph {
    span<const std::int64_t> row_starts;  //!< (n + 1,): row i has the edges row_starts[i] .. row_starts[i + 1] - 1
    span<const std::int32_t> columns;     //!< (edges,), in [0, n), ascending within a row, each once
    span<const Real> weights;             //!< (edges,) [1]; empty: 0
    //! (n,): the nodes in the order in which memory shall hold their rows, best such that neighbours are near each
    //! other; empty: by their number. Nothing but speed depends on it.
    span<const std::int32_t> order;
};

}  // namespace resonance
