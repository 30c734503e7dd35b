//! Both products of W, which stays as it is. The sums are in the order of fused_step's, so they have the same bits.
#pragma once

#include "row_tile.hpp"

namespace resonance::detail {
namespace {

template <class Real>
void resonance(const Real* weights, Rows rows, const Products<Real>& products) noexcept RESONANCE_NONBLOCKING {
    row_tiles<Real, false, true, const Real*>(weights, rows, nullptr, &products);
}

template <class Real>
bool combine(const Products<Real>& products, std::ptrdiff_t n, double* out) noexcept RESONANCE_NONBLOCKING {
    const Real *c = products.cosines, *s = products.sines;
    const double *cosine_sums = products.cosine_sums, *sine_sums = products.sine_sums;
    double zero_if_finite = 0;
#pragma omp simd reduction(+ : zero_if_finite)
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        const double x = static_cast<double>(c[i]) * cosine_sums[i] + static_cast<double>(s[i]) * sine_sums[i];
        out[i] = x;
        zero_if_finite += x * 0.0;
    }
    return zero_if_finite == 0;
}

}  // namespace
}  // namespace resonance::detail
