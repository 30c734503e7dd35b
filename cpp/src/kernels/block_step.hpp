//! What one step takes of the other steps of its block: O(n) for each of them.
#pragma once

#include "kernels.hpp"
#include "vec.hpp"

namespace resonance::detail {
namespace {

template <class Real>
void scaled_pair(const Real* amplitudes, const Real* cosines, const Real* sines, std::ptrdiff_t n, Real* u,
                 Real* v) noexcept RESONANCE_NONBLOCKING {
#pragma omp simd
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        u[i] = amplitudes[i] * cosines[i];
        v[i] = amplitudes[i] * sines[i];
    }
}

//! The dots of one pair with P pairs of columns.
template <class Real, int P>
RESONANCE_INLINE void dots_tile(const Real* u, const Real* v, const Real* columns, std::ptrdiff_t stride,
                                std::ptrdiff_t n, double* dots) {
    using V = Vec<Real>;
    typename V::Register uc[P], us[P], vc[P], vs[P];
    RESONANCE_UNROLL
    for (int k = 0; k < P; ++k) uc[k] = us[k] = vc[k] = vs[k] = V::zero();
    for (std::ptrdiff_t i = 0; i < n; i += V::lanes) {
        const auto ui = V::load(u + i), vi = V::load(v + i);
        RESONANCE_UNROLL
        for (int k = 0; k < P; ++k) {
            const Real* row = columns + std::ptrdiff_t{2} * k * stride + i;
            const auto c = V::load(row), s = V::load(row + stride);
            uc[k] += ui * c;
            us[k] += ui * s;
            vc[k] += vi * c;
            vs[k] += vi * s;
        }
    }
    RESONANCE_UNROLL
    for (int k = 0; k < P; ++k, dots += 4) {
        dots[0] = V::sum(uc[k]);
        dots[1] = V::sum(us[k]);
        dots[2] = V::sum(vc[k]);
        dots[3] = V::sum(vs[k]);
    }
}

template <class Real>
void pair_dots(const Real* u, const Real* v, const Real* columns, std::ptrdiff_t stride, std::ptrdiff_t count,
               std::ptrdiff_t n, double* dots) noexcept RESONANCE_NONBLOCKING {
    std::ptrdiff_t k = 0;
    for (; k + 2 <= count; k += 2) dots_tile<Real, 2>(u, v, columns + 2 * k * stride, stride, n, dots + 4 * k);
    if (k < count) dots_tile<Real, 1>(u, v, columns + 2 * k * stride, stride, n, dots + 4 * k);
}

//! N vectors of nodes.
template <class Real, int N>
RESONANCE_INLINE double resonance_tile(const BlockResonance<Real>& block, std::ptrdiff_t i, double* resonance) {
    using V = Vec<Real>;
    typename V::Register x[N], y[N];
    const auto keep = V::broadcast(block.keep);
    RESONANCE_UNROLL
    for (int k = 0; k < N; ++k) {
        x[k] = V::load(block.cosine_products + i + k * V::lanes) * keep;
        y[k] = V::load(block.sine_products + i + k * V::lanes) * keep;
    }
    const Real* u = block.factors + i;
    for (std::ptrdiff_t pair = 0; pair < block.pairs; ++pair, u += 2 * block.factor_stride) {
        const Real* strengths = block.strengths + 4 * pair;
        const auto ux = V::broadcast(strengths[0]), vx = V::broadcast(strengths[1]), uy = V::broadcast(strengths[2]),
                   vy = V::broadcast(strengths[3]);
        RESONANCE_UNROLL
        for (int k = 0; k < N; ++k) {
            const auto up = V::load(u + k * V::lanes), vp = V::load(u + block.factor_stride + k * V::lanes);
            x[k] += ux * up;
            y[k] += uy * up;
            x[k] += vx * vp;
            y[k] += vy * vp;
        }
    }
    double zero_if_finite = 0;
    RESONANCE_UNROLL
    for (int k = 0; k < N; ++k) {
        const auto r =
            x[k] * V::load(block.cosines + i + k * V::lanes) + y[k] * V::load(block.sines + i + k * V::lanes);
        Real lanes[V::lanes];
        V::store(lanes, r);
        for (std::ptrdiff_t l = 0; l < V::lanes; ++l) {
            resonance[i + k * V::lanes + l] = static_cast<double>(lanes[l]);
            zero_if_finite += static_cast<double>(lanes[l]) * 0;
        }
    }
    return zero_if_finite;
}

template <class Real>
bool block_resonance(const BlockResonance<Real>& block, std::ptrdiff_t n, double* resonance) noexcept {
    constexpr std::ptrdiff_t lanes = Vec<Real>::lanes;
    double zero_if_finite = 0;
    std::ptrdiff_t i = 0;
    for (; i + 2 * lanes <= n; i += 2 * lanes) zero_if_finite += resonance_tile<Real, 2>(block, i, resonance);
    for (; i + lanes <= n; i += lanes) zero_if_finite += resonance_tile<Real, 1>(block, i, resonance);
    return zero_if_finite == 0;
}

template <class Real>
void add_squares(const Real* rows, std::ptrdiff_t stride, std::ptrdiff_t count, const double* weights, std::ptrdiff_t n,
                 double* sums) noexcept RESONANCE_NONBLOCKING {
    for (std::ptrdiff_t row = 0; row < count; ++row, rows += stride) {
        const double weight = weights[row / 2];
#pragma omp simd
        for (std::ptrdiff_t i = 0; i < n; ++i)
            sums[i] += weight * static_cast<double>(rows[i]) * static_cast<double>(rows[i]);
    }
}

}  // namespace
}  // namespace resonance::detail
