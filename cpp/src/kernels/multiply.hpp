//! out <- keep out + left right, for the small and the tall matrices of a block of steps.
//!
//! Every element is one chain of multiply-adds over the inner index, whatever tile computes it: its bits depend
//! neither on how rows and columns are shared out nor on the size of a tile.
#pragma once

#include "kernels.hpp"
#include "vec.hpp"

namespace resonance::detail {
namespace {

//! R rows of N vectors.
template <class Real, class Right, int R, int N>
RESONANCE_INLINE void multiply_tile(const Multiplication<Real, Right>& m, std::ptrdiff_t row, std::ptrdiff_t column) {
    using V = Vec<Real>;
    typename V::Register sums[R][N];
    Real* out = m.out + row * m.out_stride + column;
    const bool fresh = m.keep == 0;
    const auto keep = V::broadcast(m.keep);
    RESONANCE_UNROLL
    for (int r = 0; r < R; ++r) {
        RESONANCE_UNROLL
        for (int k = 0; k < N; ++k)
            sums[r][k] = fresh ? V::zero() : V::load(out + r * m.out_stride + k * V::lanes) * keep;
    }
    const Real* left = m.left + row * m.left_row_stride;
    const Right* right = m.right + column;
    for (std::ptrdiff_t inner = 0; inner < m.inner; ++inner) {
        typename V::Register b[N];
        RESONANCE_UNROLL
        for (int k = 0; k < N; ++k) b[k] = LoadAs<Real, Right>::load(right + k * V::lanes);
        RESONANCE_UNROLL
        for (int r = 0; r < R; ++r) {
            const auto a = V::broadcast(left[r * m.left_row_stride]);
            RESONANCE_UNROLL
            for (int k = 0; k < N; ++k) sums[r][k] += a * b[k];
        }
        left += m.left_inner_stride;
        right += m.right_stride;
    }
    RESONANCE_UNROLL
    for (int r = 0; r < R; ++r) {
        RESONANCE_UNROLL
        for (int k = 0; k < N; ++k) V::store(out + r * m.out_stride + k * V::lanes, sums[r][k]);
    }
}

//! The rows from `row` on, in tiles of R, then of R / 2 down to one.
template <class Real, class Right, int R, int N>
RESONANCE_INLINE void multiply_rows(const Multiplication<Real, Right>& m, std::ptrdiff_t row, std::ptrdiff_t column) {
    for (; row + R <= m.rows; row += R) multiply_tile<Real, Right, R, N>(m, row, column);
    if constexpr (R > 1) multiply_rows<Real, Right, R / 2, N>(m, row, column);
}

template <class Real, class Right = Real>
void multiply(const Multiplication<Real, Right>& m) noexcept RESONANCE_NONBLOCKING {
    constexpr std::ptrdiff_t lanes = Vec<Real>::lanes;
    std::ptrdiff_t column = 0;
    for (; column + 2 * lanes <= m.columns; column += 2 * lanes)
        multiply_rows<Real, Right, RESONANCE_PRODUCT_ROWS, 2>(m, 0, column);
    for (; column + lanes <= m.columns; column += lanes)
        multiply_rows<Real, Right, RESONANCE_PRODUCT_ROWS, 1>(m, 0, column);
}

}  // namespace
}  // namespace resonance::detail
