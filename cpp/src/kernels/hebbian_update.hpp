//! The growth and decay of W alone.
#pragma once

#include "row_tile.hpp"

namespace resonance::detail {
namespace {

template <class Real>
void hebbian_update(Real* weights, Rows rows, const Growth<Real>& growth) noexcept {
    row_tiles<Real, RESONANCE_TILE_ROWS, true, false, Real*>(weights, rows, rows.first, &growth, nullptr);
}

}  // namespace
}  // namespace resonance::detail
