//! The tables that exist in this build, one file each.
#pragma once

#include "kernels.hpp"

namespace resonance::detail {

template <class Real>
struct Tables {
    static const Kernels<Real> baseline;
#if defined(RESONANCE_X86)
    static const Kernels<Real> avx2;
    static const Kernels<Real> avx512;
#elif defined(RESONANCE_ARM64)
    static const Kernels<Real> neon;
#endif
};

template <>
const Kernels<float> Tables<float>::baseline;
template <>
const Kernels<double> Tables<double>::baseline;
#if defined(RESONANCE_X86)
template <>
const Kernels<float> Tables<float>::avx2;
template <>
const Kernels<double> Tables<double>::avx2;
template <>
const Kernels<float> Tables<float>::avx512;
template <>
const Kernels<double> Tables<double>::avx512;
#elif defined(RESONANCE_ARM64)
template <>
const Kernels<float> Tables<float>::neon;
template <>
const Kernels<double> Tables<double>::neon;
#endif

}  // namespace resonance::detail
