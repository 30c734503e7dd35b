//! The growth and decay of W alone.
#pragma once

#include "row_tile.hpp"

namespace resonance::detail {
namespace {

template <class Real>
void hebbian_update(Real* weights, Rows rows, const Growth<Real>& growth) noexcept {
    row_tiles<Real, true, false, Real*>(weights, rows, &growth, nullptr);
}

}  // namespace
}  // namespace resonance::detail
