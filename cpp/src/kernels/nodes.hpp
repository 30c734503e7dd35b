//! What a step does for each node, O(n): cosines and sines, the factors of the growth, the new amplitudes.
#pragma once

#include "kernels.hpp"
#include "vector_math.hpp"

namespace resonance::detail {
namespace {

template <class Real>
void cosines_and_sines(const double* phases, std::ptrdiff_t n, Real* cosines,
                       Real* sines) noexcept RESONANCE_NONBLOCKING {
    unsigned beyond = 0;
#pragma omp simd reduction(| : beyond)
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        double sine, cosine;
        sine_cosine(phases[i], sine, cosine);
        cosines[i] = static_cast<Real>(cosine);
        sines[i] = static_cast<Real>(sine);
        beyond |= phases[i] > kReducedRange || phases[i] < -kReducedRange ? 1U : 0U;
    }
    if (beyond == 0) return;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        if (phases[i] > kReducedRange || phases[i] < -kReducedRange) {
            cosines[i] = static_cast<Real>(__builtin_cos(phases[i]));
            sines[i] = static_cast<Real>(__builtin_sin(phases[i]));
        }
    }
}

template <class Real>
void sum_pair(const Real* a, const Real* b, std::ptrdiff_t n, double* sums) noexcept RESONANCE_NONBLOCKING {
    double sum_a = 0, sum_b = 0;
#pragma omp simd reduction(+ : sum_a, sum_b)
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        sum_a += static_cast<double>(a[i]);
        sum_b += static_cast<double>(b[i]);
    }
    sums[0] = sum_a;
    sums[1] = sum_b;
}

template <class Real>
void growth_factors(const Real* amplitudes, const Real* cosines, const Real* sines, std::ptrdiff_t n, double scale,
                    double lag_cosine, double lag_sine, Real* column_u, Real* column_v, Real* row_u,
                    Real* row_v) noexcept RESONANCE_NONBLOCKING {
    const auto along = static_cast<Real>(scale * lag_cosine), across = static_cast<Real>(scale * lag_sine);
#pragma omp simd
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        const Real u = amplitudes[i] * cosines[i], v = amplitudes[i] * sines[i];
        column_u[i] = u;
        column_v[i] = v;
        row_u[i] = along * u + across * v;  // scale a cos(phi - lag)
        row_v[i] = along * v - across * u;  // scale a sin(phi - lag)
    }
}

template <class Real>
void activate(const double* resonance, std::ptrdiff_t n, double gain, double floor,
              Real* amplitudes) noexcept RESONANCE_NONBLOCKING {
    const double least = floor > 0 ? floor : -1;  // tanh is never below -1
#pragma omp simd
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        const double a = hyperbolic_tangent(gain * resonance[i]);
        amplitudes[i] = static_cast<Real>(a < least ? least : a);
    }
}

}  // namespace
}  // namespace resonance::detail
