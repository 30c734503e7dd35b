//! The elementary functions that only ever stand inside other loops, on arrays: for measuring their errors.
#pragma once

#include "exponential.hpp"
#include "kernels.hpp"
#include "vec.hpp"
#include "vector_math.hpp"

namespace resonance::detail {
namespace {

template <class Real>
void powers_of_two(const Real* x, std::ptrdiff_t n, Real* out) noexcept {
    using V = Vec<Real>;
    for (std::ptrdiff_t i = 0; i < n; i += V::lanes) {
        const std::ptrdiff_t count = i + V::lanes <= n ? V::lanes : n - i;
        store_some(out + i, power_of_two<Real>(load_some(x + i, count)), count);
    }
}

inline void natural_logarithms(const double* x, std::ptrdiff_t n, double* out) noexcept {
#pragma omp simd
    for (std::ptrdiff_t i = 0; i < n; ++i) out[i] = natural_logarithm(x[i]);
}

}  // namespace
}  // namespace resonance::detail
