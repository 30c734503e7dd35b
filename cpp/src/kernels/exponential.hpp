//! Powers of two of whole registers, for softmax.
//!
//! 2^x = 2^n 2^r with n the nearest integer, found by adding and subtracting 1.5 * 2^52 (2^23 in float), and so an
//! exact r in [-1/2, 1/2]. 2^r = 1 + r q(r), where q interpolates (2^r - 1) / r at Chebyshev's nodes: off by 8e-18 in
//! double, 5e-9 in float, relatively, before rounding.
#pragma once

#include <cstdint>

#include "vec.hpp"
#include "vector_math.hpp"

namespace resonance::detail {
namespace {

template <class Real>
struct PowerOfTwo;

template <>
struct PowerOfTwo<double> {
    using Integer = std::uint64_t;
    static constexpr int mantissa_bits = 52;
    static constexpr double rounder = 0x1.8p52, lowest = -1022;
    static constexpr double q[] = {0x1.62e42fefa39efp-1,  0x1.ebfbdff82c598p-3,  0x1.c6b08d704a0c2p-5,
                                   0x1.3b2ab6fba1ddap-7,  0x1.5d87fe78a5276p-10, 0x1.430913096fd9fp-13,
                                   0x1.ffcbfc670dcd4p-17, 0x1.62bfd47773353p-20, 0x1.b524fae627834p-24,
                                   0x1.e6063f7217bc6p-28, 0x1.e9d3fe3952179p-32};
};

template <>
struct PowerOfTwo<float> {
    using Integer = std::uint32_t;
    static constexpr int mantissa_bits = 23;
    static constexpr float rounder = 0x1.8p23F, lowest = -126;
    static constexpr float q[] = {0x1.62e430p-1F, 0x1.ebfbe0p-3F,  0x1.c6af6cp-5F,
                                  0x1.3b2a54p-7F, 0x1.5f0890p-10F, 0x1.44138ap-13F};
};

//! 2^x for x <= 0; 0 where that is below the smallest normal number, for minus infinity too.
template <class Real>
RESONANCE_INLINE typename Vec<Real>::Register power_of_two(typename Vec<Real>::Register x) {
    using V = Vec<Real>;
    using P = PowerOfTwo<Real>;
    using Integers = typename Vec<typename P::Integer>::Register;
    constexpr int terms = sizeof(P::q) / sizeof(P::q[0]);
    const auto shifted = x + P::rounder;
    const auto r = x - (shifted - P::rounder);
    auto p = V::broadcast(P::q[terms - 1]);
    RESONANCE_UNROLL
    for (int k = terms - 2; k >= 0; --k) p = p * r + P::q[k];
    p = p * r + Real(1);
    const auto power = bits_as<typename V::Register>(static_cast<Integers>(
        bits_as<Integers>(p) + (bits_as<Integers>(shifted) << static_cast<typename P::Integer>(P::mantissa_bits))));
    return x < P::lowest ? V::zero() : power;
}

}  // namespace
}  // namespace resonance::detail
