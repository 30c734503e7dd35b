//! sin, cos, tanh and ln of doubles without branches, for loops that the compiler turns into vectors.
//!
//! Reduction after Cody and Waite: the multiple n of pi/2 (of ln 2) is found by adding and subtracting 1.5 * 2^52, and
//! taken off in parts. The first part ends in zeros, so that its product with a small n is exact also where there is no
//! fused multiply-add. What remains goes into a Taylor polynomial. Errors, measured: see docs/numerics.md.
#pragma once

#include <cstdint>

#include "vec.hpp"

namespace resonance::detail {
namespace {

constexpr double kRounder = 0x1.8p52;  // x + kRounder - kRounder rounds |x| < 2^51 to an integer
constexpr double kReducedRange = 100;  // |x| up to which the reductions below are exact enough
constexpr double kLn2High = 0x1.62e42feep-1, kLn2Low = 0x1.a39ef35793c76p-33;  // ln 2

template <class To, class From>
RESONANCE_INLINE To bits_as(From from) {
    static_assert(sizeof(To) == sizeof(From));
    To to;
    __builtin_memcpy(&to, &from, sizeof to);
    return to;
}

//! sin and cos of |x| <= kReducedRange.
RESONANCE_INLINE void sine_cosine(double x, double& sine, double& cosine) {
    constexpr double two_over_pi = 0x1.45f306dc9c883p-1;
    constexpr double half_pi_1 = 0x1.921fb544p+0, half_pi_2 = 0x1.0b4611a6p-34, half_pi_3 = 0x1.3198a2e037073p-69;
    const double shifted = x * two_over_pi + kRounder;
    const double n = shifted - kRounder;
    const auto quadrant = bits_as<std::uint64_t>(shifted);  // its low bits
    const double r = ((x - n * half_pi_1) - n * half_pi_2) - n * half_pi_3;
    const double z = r * r;

    double p = 1.0 / 355687428096000;
    p = p * z - 1.0 / 1307674368000;
    p = p * z + 1.0 / 6227020800;
    p = p * z - 1.0 / 39916800;
    p = p * z + 1.0 / 362880;
    p = p * z - 1.0 / 5040;
    p = p * z + 1.0 / 120;
    p = p * z - 1.0 / 6;
    const double sine_r = p * z * r + r;

    double q = -1.0 / 6402373705728000;
    q = q * z + 1.0 / 20922789888000;
    q = q * z - 1.0 / 87178291200;
    q = q * z + 1.0 / 479001600;
    q = q * z - 1.0 / 3628800;
    q = q * z + 1.0 / 40320;
    q = q * z - 1.0 / 720;
    q = q * z + 1.0 / 24;
    const double cosine_r = q * z * z + (1.0 - 0.5 * z);

    // Odd quadrants swap sine and cosine; the signs follow from bit 1 of n and of n + 1.
    const std::uint64_t swap = std::uint64_t{0} - (quadrant & 1U);
    const auto s = bits_as<std::uint64_t>(sine_r), c = bits_as<std::uint64_t>(cosine_r);
    const std::uint64_t sine_sign = (quadrant & 2U) << 62U, cosine_sign = ((quadrant + 1U) & 2U) << 62U;
    sine = bits_as<double>(((s & ~swap) | (c & swap)) ^ sine_sign);
    cosine = bits_as<double>(((c & ~swap) | (s & swap)) ^ cosine_sign);
}

//! tanh(x) = e / (e + 2) with e = exp(2|x|) - 1, the sign put back.
RESONANCE_INLINE double hyperbolic_tangent(double x) {
    constexpr double log2_e = 0x1.71547652b82fep+0;
    constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63U;
    const auto bits = bits_as<std::uint64_t>(x);
    const double magnitude = bits_as<double>(bits & ~sign_bit);
    const double y = magnitude > 20 ? 40.0 : 2 * magnitude;  // beyond 20, tanh is 1 to the last bit
    const double shifted = y * log2_e + kRounder;
    const double n = shifted - kRounder;
    const double r = (y - n * kLn2High) - n * kLn2Low;

    double p = 1.0 / 6227020800;
    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    const double expm1_r = p * r * r + r;

    // exp(y) - 1 = 2^n (expm1_r + 1) - 1, without losing expm1_r where n = 0.
    const double power = bits_as<double>(bits_as<std::uint64_t>(1.0) + (bits_as<std::uint64_t>(shifted) << 52U));
    const double e = power * expm1_r + (power - 1.0);
    const double tangent = e / (e + 2.0);
    return bits_as<double>(bits_as<std::uint64_t>(tangent) | (bits & sign_bit));
}

//! ln x of a normal x <= 1: x = 2^-k m with m in (sqrt(1/2), sqrt(2)], and ln m = 2 artanh s, s = (m - 1) / (m + 1).
RESONANCE_INLINE double natural_logarithm(double x) {
    constexpr std::uint64_t root_two = 0x3ff6a09e667f3bcd, two_52 = 0x4330000000000000;  // bits of sqrt(2) and 2^52
    const auto bits = bits_as<std::uint64_t>(x);
    const std::uint64_t k = (root_two - bits) >> 52U;
    const double n = bits_as<double>(k | two_52) - 0x1p52;
    const double f = bits_as<double>(bits + (k << 52U)) - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;

    double p = 2.0 / 21;
    p = p * z + 2.0 / 19;
    p = p * z + 2.0 / 17;
    p = p * z + 2.0 / 15;
    p = p * z + 2.0 / 13;
    p = p * z + 2.0 / 11;
    p = p * z + 2.0 / 9;
    p = p * z + 2.0 / 7;
    p = p * z + 2.0 / 5;
    p = p * z + 2.0 / 3;
    // 2 s is f - s f, and s f is f^2/2 less a part of it: what is added to the exact f is small.
    const double half_square = 0.5 * f * f;
    return (f - (half_square - (s * (half_square + p * z) - n * kLn2Low))) - n * kLn2High;
}

}  // namespace
}  // namespace resonance::detail
