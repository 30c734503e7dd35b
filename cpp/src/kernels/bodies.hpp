//! All kernel bodies, compiled for the instruction set of the including file, as one table per type. That file sets
//! RESONANCE_VECTOR_BYTES, RESONANCE_TILE_ROWS, RESONANCE_PRODUCT_ROWS and RESONANCE_FACTOR_VECTORS and gives the
//! tables their names.
//!
//! Everything here has internal linkage, and nothing of the standard library with code in it is included: an inline
//! function that the linker shares among files could bring AVX-512 code to a machine without it.
#pragma once

#include "attention.hpp"
#include "block_step.hpp"
#include "coherence.hpp"
#include "edges.hpp"
#include "elementary.hpp"
#include "factor_products.hpp"
#include "fused_step.hpp"
#include "hebbian_update.hpp"
#include "multiply.hpp"
#include "nodes.hpp"
#include "passes.hpp"
#include "phase_noise.hpp"
#include "resonance.hpp"
#include "weights_pass.hpp"

namespace resonance::detail {
namespace {

template <class Real>
constexpr Kernels<Real> all_kernels() noexcept {
    Kernels<Real> table{};
    table.row_granule = RESONANCE_TILE_ROWS;
    table.pass_row_granule = RESONANCE_PRODUCT_ROWS;
    table.query_granule = kGroupRegisters * Vec<Real>::lanes;
    table.panel_group = 2 * Vec<Real>::lanes;
    table.fused_step = fused_step<Real>;
    table.hebbian_update = hebbian_update<Real>;
    table.resonance = resonance<Real>;
    table.coherence = coherence<Real>;
    table.multiply = multiply<Real>;
    table.multiply_in_double = multiply<double, Real>;
    table.weights_pass = weights_pass<Real>;
    table.scaled_pair = scaled_pair<Real>;
    table.pair_dots = pair_dots<Real>;
    table.block_resonance = block_resonance<Real>;
    table.factor_products = factor_products<Real>;
    table.factor_resonance = factor_resonance<Real>;
    table.add_squares = add_squares<Real>;
    table.edge_step = edge_step<Real>;
    table.edge_products = edge_products<Real>;
    table.edge_resonance = edge_resonance<Real>;
    table.edge_records = edge_records<Real>;
    table.edge_growth = edge_growth<Real>;
    table.attend = attend<Real>;
    table.cosines_and_sines = cosines_and_sines<Real>;
    table.sum_pair = sum_pair<Real>;
    table.growth_factors = growth_factors<Real>;
    table.phase_noise = phase_noise;
    table.combine = combine<Real>;
    table.activate = activate<Real>;
    table.all_finite = all_finite<Real>;
    table.scale = scale<Real>;
    table.total = total<Real>;
    table.edge_pass = edge_pass<Real>;
    table.multiply_add = multiply_add<Real>;
    table.natural_logarithms = natural_logarithms;
    table.powers_of_two = powers_of_two<Real>;
    return table;
}

}  // namespace
}  // namespace resonance::detail
