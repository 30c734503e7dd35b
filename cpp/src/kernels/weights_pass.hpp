//! One pass over W for a whole block of steps: W <- decay W + the growth that pairs of vectors hold, and the
//! products of the new W with a panel of columns. Either part alone, too.
//!
//! W goes by in tiles of RESONANCE_PRODUCT_ROWS x kPassColumns, small enough that a tile grown in the first-level cache
//! is still there when it is multiplied. Columns are the outer loop: what growth and products need of one block of
//! columns (kPassColumns x 64 numbers each) stays in the second-level cache while all rows go by, and the growth's part
//! is packed once for all of them, so that the inner loops read consecutive memory. With the rows outside, both panels
//! would come anew from further away for every few rows.
#pragma once

#include "kernels.hpp"
#include "vec.hpp"

namespace resonance::detail {
namespace {

//! The row factors of R rows, [rank][R]: turned by the learning lag and scaled, as the tile needs them.
template <class Real, int R>
RESONANCE_INLINE void pack_row_factors(const WeightsPass<Real>& pass, std::ptrdiff_t row, std::ptrdiff_t first,
                                       std::ptrdiff_t rank, Real* packed) {
    for (std::ptrdiff_t k = 0; k < rank; k += 2) {
        const Real along = pass.along[(first + k) / 2], across = pass.across[(first + k) / 2];
        const Real* u = pass.factors + (first + k) * pass.factor_stride + row;
        const Real* v = u + pass.factor_stride;
        RESONANCE_UNROLL
        for (int r = 0; r < R; ++r) {
            packed[k * R + r] = along * u[r] + across * v[r];
            packed[(k + 1) * R + r] = along * v[r] - across * u[r];
        }
    }
}

template <class Real>
struct SplitDecay {
    Real decay, rest;
};

//! R rows x N vectors of W grow by `rank` columns of factors.
template <class Real, int R, int N>
RESONANCE_INLINE void grow_tile(Real* weights, std::ptrdiff_t stride, SplitDecay<Real> decay, const Real* row_factors,
                                const Real* column_factors, std::ptrdiff_t rank) {
    using V = Vec<Real>;
    constexpr bool in_parts = sizeof(Real) < sizeof(double);  // see Growth
    typename V::Register w[R][N];
    RESONANCE_UNROLL
    for (int r = 0; r < R; ++r) {
        RESONANCE_UNROLL
        for (int k = 0; k < N; ++k) w[r][k] = V::zero();
    }
    for (std::ptrdiff_t inner = 0; inner < rank; ++inner) {
        typename V::Register b[N];
        RESONANCE_UNROLL
        for (int k = 0; k < N; ++k) b[k] = V::load(column_factors + (inner * 2 + k) * V::lanes);
        RESONANCE_UNROLL
        for (int r = 0; r < R; ++r) {
            const auto a = V::broadcast(row_factors[inner * R + r]);
            RESONANCE_UNROLL
            for (int k = 0; k < N; ++k) w[r][k] += a * b[k];
        }
    }
    RESONANCE_UNROLL
    for (int r = 0; r < R; ++r) {
        RESONANCE_UNROLL
        for (int k = 0; k < N; ++k) {
            // The growth is summed first: many small terms, each added to a large weight, would be rounded away.
            const auto old = V::load(weights + r * stride + k * V::lanes);
            w[r][k] += old * V::broadcast(decay.decay);
            if constexpr (in_parts) w[r][k] += old * V::broadcast(decay.rest);
            V::store(weights + r * stride + k * V::lanes, w[r][k]);
        }
    }
}

//! R rows x 2 vectors of the products take `columns` columns of W. Sums go on in double from block to block.
template <class Real, int R>
RESONANCE_INLINE void product_tile(const Real* weights, std::ptrdiff_t stride, std::ptrdiff_t columns,
                                   const Real* panel, double* sums, std::ptrdiff_t sum_stride, bool fresh) {
    using V = Vec<Real>;
    typename V::Register w[R][2];
    RESONANCE_UNROLL
    for (int r = 0; r < R; ++r) w[r][0] = w[r][1] = V::zero();
    for (std::ptrdiff_t j = 0; j < columns; ++j) {
        const auto b0 = V::load(panel + j * 2 * V::lanes), b1 = V::load(panel + j * 2 * V::lanes + V::lanes);
        RESONANCE_UNROLL
        for (int r = 0; r < R; ++r) {
            const auto a = V::broadcast(weights[r * stride + j]);
            w[r][0] += a * b0;
            w[r][1] += a * b1;
        }
    }
    Real lanes[2 * V::lanes];
    RESONANCE_UNROLL
    for (int r = 0; r < R; ++r) {
        V::store(lanes, w[r][0]);
        V::store(lanes + V::lanes, w[r][1]);
        double* out = sums + r * sum_stride;
        for (std::ptrdiff_t k = 0; k < 2 * V::lanes; ++k)
            out[k] = (fresh ? 0.0 : out[k]) + static_cast<double>(lanes[k]);
    }
}

//! Rows of W lie far apart, and a tile has a few cache lines of each: too few for the hardware to notice the pattern.
template <int R, class Real>
RESONANCE_INLINE void prefetch_tile(const Real* tile, std::ptrdiff_t stride, std::ptrdiff_t columns) {
    for (int r = 0; r < R; ++r)
        for (std::ptrdiff_t j = 0; j < columns; j += 64 / static_cast<std::ptrdiff_t>(sizeof(Real)))
            prefetch(tile + r * stride + j);
}

//! Rows row .. row + R - 1 in the columns from `column` to `end`, then the rows behind them in smaller tiles.
template <class Real, int R>
RESONANCE_INLINE void pass_rows(Real* weights, const Rows& rows, const WeightsPass<Real>& pass, std::ptrdiff_t row,
                                std::ptrdiff_t column, std::ptrdiff_t end, const Real* packed_columns) {
    constexpr std::ptrdiff_t group = 2 * Vec<Real>::lanes;
    for (; row + R <= rows.last; row += R) {
        Real* tile = weights + row * rows.stride + column;
        prefetch_tile<R>(tile + R * rows.stride, rows.stride, end - column);
        const bool grows = pass.rank > 0 || pass.decay != 1;
        for (std::ptrdiff_t first = 0; grows && (first == 0 || first < pass.rank); first += kGrowthRank) {
            const std::ptrdiff_t rank = pass.rank - first < kGrowthRank ? pass.rank - first : kGrowthRank;
            alignas(64) Real row_factors[kGrowthRank * R];
            pack_row_factors<Real, R>(pass, row, first, rank, row_factors);
            const Real whole = static_cast<Real>(pass.decay);
            const SplitDecay<Real> decay =
                first > 0 ? SplitDecay<Real>{1, 0}
                          : SplitDecay<Real>{whole, static_cast<Real>(pass.decay - static_cast<double>(whole))};
            const Real* packed = packed_columns + first * kPassColumns;
            std::ptrdiff_t j = 0;
            for (; j + group <= end - column; j += group)
                grow_tile<Real, R, 2>(tile + j, rows.stride, decay, row_factors, packed + j * kGrowthRank, rank);
            if (j < end - column)
                grow_tile<Real, R, 1>(tile + j, rows.stride, decay, row_factors, packed + j * kGrowthRank, rank);
        }
        const std::ptrdiff_t columns = (end < pass.nodes ? end : pass.nodes) - column;
        for (std::ptrdiff_t q = 0; q < pass.panel_columns && columns > 0; q += group)
            product_tile<Real, R>(tile, rows.stride, columns, pass.panel + q * pass.nodes + column * group,
                                  pass.sums + row * pass.sum_stride + q, pass.sum_stride, column == 0);
    }
    if constexpr (R > 1) pass_rows<Real, R / 2>(weights, rows, pass, row, column, end, packed_columns);
}

//! The factors of a block of columns: [chunk of kGrowthRank][group of 2 vectors][rank][2 vectors].
template <class Real>
RESONANCE_INLINE void pack_column_factors(const WeightsPass<Real>& pass, std::ptrdiff_t column, std::ptrdiff_t end,
                                          Real* packed) {
    using V = Vec<Real>;
    constexpr std::ptrdiff_t group = 2 * V::lanes;
    for (std::ptrdiff_t k = 0; k < pass.rank; ++k) {
        const std::ptrdiff_t chunk = k / kGrowthRank * kGrowthRank;
        const Real* from = pass.factors + k * pass.factor_stride + column;
        Real* to = packed + chunk * kPassColumns + (k - chunk) * group;
        for (std::ptrdiff_t j = 0; j < end - column; j += group) {
            V::store(to + j * kGrowthRank, V::load(from + j));
            V::store(to + j * kGrowthRank + V::lanes, V::load(from + j + V::lanes));
        }
    }
}

template <class Real>
void weights_pass(Real* weights, Rows rows, const WeightsPass<Real>& pass, Real* scratch) noexcept {
    for (std::ptrdiff_t column = 0; column < rows.columns; column += kPassColumns) {
        const std::ptrdiff_t end = column + kPassColumns < rows.columns ? column + kPassColumns : rows.columns;
        pack_column_factors(pass, column, end, scratch);
        pass_rows<Real, RESONANCE_PRODUCT_ROWS>(weights, rows, pass, rows.first, column, end, scratch);
    }
}

}  // namespace
}  // namespace resonance::detail
