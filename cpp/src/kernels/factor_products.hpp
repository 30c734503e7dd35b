//! W c and W s of some nodes from the factors of W: two sums over all rows of factors.
//!
//! Rows of a large network lie megabytes apart, and each gives a tile few cache lines: more streams than processors
//! follow. So each row's lines of the next tile are asked for while this one's are at work.
#pragma once

#include "kernels.hpp"
#include "vec.hpp"

namespace resonance::detail {
namespace {

//! N vectors of nodes.
template <class Real, int N>
RESONANCE_INLINE void factor_tile(const FactorProducts<Real>& f, std::ptrdiff_t i, Real* x_out, Real* y_out) {
    using V = Vec<Real>;
    typename V::Register x[N], y[N];
    RESONANCE_UNROLL
    for (int k = 0; k < N; ++k) x[k] = y[k] = V::zero();
    const Real* row = f.rows + i;
    for (std::ptrdiff_t r = 0; r < f.count; ++r, row += f.stride) {
        const auto for_x = V::broadcast(f.strengths[r]), for_y = V::broadcast(f.strengths[f.count + r]);
        RESONANCE_UNROLL
        for (int k = 0; k < N; ++k) {
            prefetch(row + (N + k) * V::lanes);
            const auto values = V::load(row + k * V::lanes);
            x[k] += for_x * values;
            y[k] += for_y * values;
        }
    }
    RESONANCE_UNROLL
    for (int k = 0; k < N; ++k) {
        V::store(x_out + i + k * V::lanes, x[k]);
        V::store(y_out + i + k * V::lanes, y[k]);
    }
}

template <class Real>
void factor_products(const FactorProducts<Real>& f, std::ptrdiff_t n, Real* x, Real* y) noexcept {
    constexpr std::ptrdiff_t lanes = Vec<Real>::lanes;
    constexpr int wide = RESONANCE_FACTOR_VECTORS;
    std::ptrdiff_t i = 0;
    for (; i + wide * lanes <= n; i += wide * lanes) factor_tile<Real, wide>(f, i, x, y);
    for (; i + lanes <= n; i += lanes) factor_tile<Real, 1>(f, i, x, y);
}

}  // namespace
}  // namespace resonance::detail
