//! Plain passes over memory: a check of what comes in, and the yardstick of the benchmarks.
#pragma once

#include "kernels.hpp"
#include "vec.hpp"

namespace resonance::detail {
namespace {

template <class Real>
bool all_finite(const Real* values, std::ptrdiff_t n) noexcept RESONANCE_NONBLOCKING {
    Real zero_if_finite = 0;
#pragma omp simd reduction(+ : zero_if_finite)
    for (std::ptrdiff_t i = 0; i < n; ++i) zero_if_finite += values[i] * Real(0);
    return zero_if_finite == 0;
}

template <class Real>
void scale(Real* values, std::ptrdiff_t n, Real factor) noexcept {
#pragma omp simd
    for (std::ptrdiff_t i = 0; i < n; ++i) values[i] *= factor;
}

template <class Real>
Real total(const Real* values, std::ptrdiff_t n) noexcept {
    using V = Vec<Real>;
    constexpr int chains = 8;  // of additions that wait for each other: enough for loads to be what takes the time
    typename V::Register sums[chains];
    RESONANCE_UNROLL
    for (int k = 0; k < chains; ++k) sums[k] = V::zero();
    std::ptrdiff_t i = 0;
    for (; i + chains * V::lanes <= n; i += chains * V::lanes) {
        RESONANCE_UNROLL
        for (int k = 0; k < chains; ++k) sums[k] += V::load(values + i + k * V::lanes);
    }
    RESONANCE_UNROLL
    for (int k = 1; k < chains; ++k) sums[0] += sums[k];
    double sum = V::sum(sums[0]);
    for (; i < n; ++i) sum += static_cast<double>(values[i]);
    return static_cast<Real>(sum);
}

template <class Real>
double multiply_add(std::ptrdiff_t rounds, Real factor, Real addend, Real* last) noexcept {
    using V = Vec<Real>;
    // As many as 16 registers hold beside the two constants. Two units at four cycles of latency need eight.
    constexpr int chains = 12;
    const auto a = V::broadcast(factor), b = V::broadcast(addend);
    typename V::Register x[chains];
    RESONANCE_UNROLL
    for (int k = 0; k < chains; ++k) x[k] = V::broadcast(static_cast<Real>(k));
    for (std::ptrdiff_t round = 0; round < rounds; ++round) {
        RESONANCE_UNROLL
        for (int k = 0; k < chains; ++k) x[k] = x[k] * a + b;
    }
    RESONANCE_UNROLL
    for (int k = 1; k < chains; ++k) x[0] += x[k];
    *last = static_cast<Real>(V::sum(x[0]));
    return 2.0 * chains * static_cast<double>(V::lanes) * static_cast<double>(rounds);
}

}  // namespace
}  // namespace resonance::detail
