//! Plain passes over memory: a check of what comes in, and the yardstick of the benchmarks.
#pragma once

#include "kernels.hpp"

namespace resonance::detail {
namespace {

template <class Real>
bool all_finite(const Real* values, std::ptrdiff_t n) noexcept {
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

}  // namespace
}  // namespace resonance::detail
