//! The matrix of cos(phi_i - phi_j).
#pragma once

#include "kernels.hpp"

namespace resonance::detail {
namespace {

template <class Real>
void coherence(Real* out, Rows rows, const Real* cosines, const Real* sines) noexcept {
    for (std::ptrdiff_t i = rows.first; i < rows.last; ++i) {
        Real* row = out + i * rows.stride;
        const Real c = cosines[i], s = sines[i];
#pragma omp simd
        for (std::ptrdiff_t j = 0; j < rows.columns; ++j) row[j] = c * cosines[j] + s * sines[j];
    }
}

}  // namespace
}  // namespace resonance::detail
