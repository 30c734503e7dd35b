//! The pass over W that fused_step, hebbian_update and resonance share: RESONANCE_TILE_ROWS rows at a time, so that the
//! vectors along the columns are loaded once for all of them.
#pragma once

#include "kernels.hpp"
#include "vec.hpp"

namespace resonance::detail {
namespace {

//! Lanes of float are summed over this many columns before they go on in double.
constexpr std::ptrdiff_t kColumnBlock = 2048;

//! Rows of so many bytes make a matrix that comes from memory. There the lines that are needed next are asked for so
//! many bytes ahead: the hardware alone loses a third of a fast memory's rate on eight rows at once. Matrices in the
//! caches would pay 7 % for it.
constexpr std::size_t kFarRow = 16384, kAhead = 256;

template <class Real, int R>
struct TileSums {
    typename Vec<Real>::Register cosine[R], sine[R];
};

//! One vector of columns, R rows. `count` is the number of lanes that exist; Vec::lanes but in the last vector.
template <class Real, int R, bool Grow, bool Sum, bool Whole, bool Far, class Pointer>
RESONANCE_INLINE void tile_column(Pointer weights, std::ptrdiff_t stride, std::ptrdiff_t j, std::ptrdiff_t count,
                                  const Growth<Real>* growth, const typename Vec<Real>::Register* row_u,
                                  const typename Vec<Real>::Register* row_v, const Products<Real>* products,
                                  TileSums<Real, R>& sums) {
    using V = Vec<Real>;
    const auto load = [&](const Real* p) {
        if constexpr (Whole)
            return V::load(p);
        else
            return load_some(p, count);
    };
    // All rows are loaded before any is stored: with rows a multiple of 4 KiB apart, a load behind a store to the same
    // offset would wait for it.
    typename V::Register w[R];
    RESONANCE_UNROLL
    for (int r = 0; r < R; ++r) {
        if constexpr (Far) prefetch(weights + r * stride + j + kAhead / sizeof(Real));
        w[r] = load(weights + r * stride + j);
    }
    if constexpr (Grow) {
        // In float, W is 1 W - (1 - decay) W: see Growth.
        constexpr bool in_parts = sizeof(Real) < sizeof(double);
        const auto decay = in_parts && growth->decay >= 0.5 ? Real(1) : static_cast<Real>(growth->decay);
        [[maybe_unused]] const auto rest = static_cast<Real>(growth->decay - static_cast<double>(decay));
        const auto u = load(growth->column_u + j), v = load(growth->column_v + j);
        RESONANCE_UNROLL
        for (int r = 0; r < R; ++r) {
            auto kept = w[r] * decay;
            if constexpr (in_parts) kept += w[r] * rest;
            w[r] = (kept + row_u[r] * u) + row_v[r] * v;
        }
        RESONANCE_UNROLL
        for (int r = 0; r < R; ++r) {
            if constexpr (Whole)
                V::store(weights + r * stride + j, w[r]);
            else
                store_some(weights + r * stride + j, w[r], count);
        }
    }
    if constexpr (Sum) {
        const auto c = load(products->cosines + j), s = load(products->sines + j);
        RESONANCE_UNROLL
        for (int r = 0; r < R; ++r) {
            sums.cosine[r] += w[r] * c;
            sums.sine[r] += w[r] * s;
        }
    }
}

//! Rows row .. row + R - 1.
template <class Real, int R, bool Grow, bool Sum, bool Far, class Pointer>
RESONANCE_INLINE void row_tile(Pointer weights, const Rows& rows, std::ptrdiff_t row, const Growth<Real>* growth,
                               const Products<Real>* products) {
    using V = Vec<Real>;
    weights += row * rows.stride;
    typename V::Register row_u[R], row_v[R];
    if constexpr (Grow) {
        RESONANCE_UNROLL
        for (int r = 0; r < R; ++r) {
            row_u[r] = V::broadcast(growth->row_u[row + r]);
            row_v[r] = V::broadcast(growth->row_v[row + r]);
        }
    }
    double cosine_totals[R] = {}, sine_totals[R] = {};
    for (std::ptrdiff_t block = 0; block < rows.columns; block += kColumnBlock) {
        const std::ptrdiff_t end = block + kColumnBlock < rows.columns ? block + kColumnBlock : rows.columns;
        TileSums<Real, R> sums;
        RESONANCE_UNROLL
        for (int r = 0; r < R; ++r) sums.cosine[r] = sums.sine[r] = V::zero();
        std::ptrdiff_t j = block;
        for (; j + V::lanes <= end; j += V::lanes)
            tile_column<Real, R, Grow, Sum, true, Far>(weights, rows.stride, j, V::lanes, growth, row_u, row_v,
                                                       products, sums);
        if (j < end)
            tile_column<Real, R, Grow, Sum, false, false>(weights, rows.stride, j, end - j, growth, row_u, row_v,
                                                          products, sums);
        if constexpr (Sum) {
            RESONANCE_UNROLL
            for (int r = 0; r < R; ++r) {
                cosine_totals[r] += V::sum(sums.cosine[r]);
                sine_totals[r] += V::sum(sums.sine[r]);
            }
        }
    }
    if constexpr (Sum) {
        for (int r = 0; r < R; ++r) {
            products->cosine_sums[row + r] = cosine_totals[r];
            products->sine_sums[row + r] = sine_totals[r];
        }
    }
}

//! Whole tiles from `row` on, then halves of tiles down to one row.
template <class Real, int R, bool Grow, bool Sum, bool Far, class Pointer>
RESONANCE_INLINE void tiles_from(Pointer weights, const Rows& rows, std::ptrdiff_t row, const Growth<Real>* growth,
                                 const Products<Real>* products) {
    for (; row + R <= rows.last; row += R) row_tile<Real, R, Grow, Sum, Far>(weights, rows, row, growth, products);
    if constexpr (R > 1) tiles_from<Real, R / 2, Grow, Sum, Far>(weights, rows, row, growth, products);
}

//! All rows of a range.
template <class Real, bool Grow, bool Sum, class Pointer>
RESONANCE_INLINE void row_tiles(Pointer weights, const Rows& rows, const Growth<Real>* growth,
                                const Products<Real>* products) {
    if (static_cast<std::size_t>(rows.columns) * sizeof(Real) >= kFarRow)
        tiles_from<Real, RESONANCE_TILE_ROWS, Grow, Sum, true>(weights, rows, rows.first, growth, products);
    else
        tiles_from<Real, RESONANCE_TILE_ROWS, Grow, Sum, false>(weights, rows, rows.first, growth, products);
}

}  // namespace
}  // namespace resonance::detail
