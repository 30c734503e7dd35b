//! One pass over W: read, decay, grow, write, and both products of the new weights.
#pragma once

#include "row_tile.hpp"

namespace resonance::detail {
namespace {

template <class Real>
void fused_step(Real* weights, Rows rows, const Growth<Real>& growth,
                const Products<Real>& products) noexcept RESONANCE_NONBLOCKING {
    row_tiles<Real, true, true>(weights, rows, &growth, &products);
}

}  // namespace
}  // namespace resonance::detail
