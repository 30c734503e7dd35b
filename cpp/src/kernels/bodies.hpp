//! All kernel bodies, compiled for the instruction set of the including file, as one table per type. That file sets
//! RESONANCE_VECTOR_BYTES and RESONANCE_TILE_ROWS and gives the tables their names.
//!
//! Everything here has internal linkage, and nothing of the standard library with code in it is included: an inline
//! function that the linker shares among files could bring AVX-512 code to a machine without it.
#pragma once

#include "coherence.hpp"
#include "fused_step.hpp"
#include "hebbian_update.hpp"
#include "nodes.hpp"
#include "passes.hpp"
#include "resonance.hpp"

namespace resonance::detail {
namespace {

template <class Real>
constexpr Kernels<Real> all_kernels() noexcept {
    return {RESONANCE_TILE_ROWS, fused_step<Real>,        hebbian_update<Real>, resonance<Real>,
            coherence<Real>,     cosines_and_sines<Real>, growth_factors<Real>, combine<Real>,
            activate<Real>,      all_finite<Real>,        scale<Real>,          total<Real>,
            multiply_add<Real>};
}

}  // namespace
}  // namespace resonance::detail
