//! Standard normal numbers by counting: any of them can be had without those before it, so neither threads nor blocks
//! of steps change a bit.
//!
//! Philox4x64-10 makes four random words of a counter and a key: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw,
//! "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Two words give two normal numbers: G. E. P. Box and M. E.
//! Muller, "A note on the generation of random normal deviates", 1958.
#pragma once

#include "kernels.hpp"
#include "vec.hpp"
#include "vector_math.hpp"

namespace resonance::detail {
namespace {

__extension__ using Wide = unsigned __int128;

struct Words {
    std::uint64_t word[4];
};

RESONANCE_INLINE Words philox(Words counter, std::uint64_t key_0, std::uint64_t key_1) {
    constexpr std::uint64_t factor_0 = 0xD2E7470EE14C6C93, factor_1 = 0xCA5A826395121157;
    constexpr std::uint64_t weyl_0 = 0x9E3779B97F4A7C15, weyl_1 = 0xBB67AE8584CAA73B;
    RESONANCE_UNROLL
    for (int round = 0; round < 10; ++round) {
        const Wide a = Wide{factor_0} * counter.word[0], b = Wide{factor_1} * counter.word[2];
        const auto high_a = static_cast<std::uint64_t>(a >> 64U), high_b = static_cast<std::uint64_t>(b >> 64U);
        counter = {{high_b ^ counter.word[1] ^ key_0, static_cast<std::uint64_t>(b), high_a ^ counter.word[3] ^ key_1,
                    static_cast<std::uint64_t>(a)}};
        key_0 += weyl_0;
        key_1 += weyl_1;
    }
    return counter;
}

//! ln(x) for normal numbers x > 0. x = 2^k m with m in [sqrt(1/2), sqrt(2)), and with s = f / (2 + f), f = m - 1,
//! ln m = 2 artanh(s) = f - s (f - 2 s^2 (1/3 + s^2/5 + ...)), whose series is cut where it no longer counts.
RESONANCE_INLINE double natural_logarithm(double x) {
    constexpr double ln2_1 = 0x1.62e42fee00000p-1, ln2_2 = 0x1.a39ef35793c76p-33;
    constexpr std::uint64_t root_half = 0x3fe6a09e667f3bcd;  // the bits of sqrt(1/2)
    constexpr std::uint64_t bits_of_rounder = 0x4338000000000000;
    const auto bits = bits_as<std::uint64_t>(x);
    // Above sqrt(1/2), the distance in bits holds k in its upper part; below, that borrows and k is negative.
    const std::uint64_t k_bits = (bits - root_half + (std::uint64_t{1} << 62U)) >> 52U;
    const double k = bits_as<double>(bits_of_rounder + k_bits - (std::uint64_t{1} << 10U)) - kRounder;
    const double m = bits_as<double>(bits - ((k_bits - (std::uint64_t{1} << 10U)) << 52U));
    const double f = m - 1, s = f / (2 + f), z = s * s;
    double p = 2.0 / 25;
    p = p * z + 2.0 / 23;
    p = p * z + 2.0 / 21;
    p = p * z + 2.0 / 19;
    p = p * z + 2.0 / 17;
    p = p * z + 2.0 / 15;
    p = p * z + 2.0 / 13;
    p = p * z + 2.0 / 11;
    p = p * z + 2.0 / 9;
    p = p * z + 2.0 / 7;
    p = p * z + 2.0 / 5;
    p = p * z + 2.0 / 3;
    // f - f^2 / 2 is a larger and exact part of ln m.
    const double half_square = 0.5 * f * f;
    return k * ln2_1 - ((half_square - (s * (half_square + p * z) + k * ln2_2)) - f);
}

//! For the nodes of `blocks` blocks of four, at most kNoiseNodes in all, from the block `first` on.
RESONANCE_INLINE void normals_of_blocks(std::uint64_t seed, std::uint64_t step, std::ptrdiff_t first,
                                        std::ptrdiff_t blocks, double* out) {
    double first_uniform[kNoiseNodes / 2], second_uniform[kNoiseNodes / 2];
    constexpr double unit = 0x1p-53;
    for (std::ptrdiff_t block = 0; block < blocks; ++block) {
        const Words words = philox({{static_cast<std::uint64_t>(1 + first + block), step, 0, 0}}, seed, 0);
        RESONANCE_UNROLL
        for (std::ptrdiff_t half = 0; half < 2; ++half) {
            // In (0, 1] and [0, 1). The words have 53 bits left, which signed conversions take as they are.
            const auto a = static_cast<std::int64_t>(words.word[2 * half] >> 11U);
            const auto b = static_cast<std::int64_t>(words.word[2 * half + 1] >> 11U);
            first_uniform[2 * block + half] = static_cast<double>(a + 1) * unit;
            second_uniform[2 * block + half] = static_cast<double>(b) * unit;
        }
    }
#pragma omp simd
    for (std::ptrdiff_t pair = 0; pair < 2 * blocks; ++pair) {
        const double radius = __builtin_sqrt(-2 * natural_logarithm(first_uniform[pair]));
        double sine, cosine;
        sine_cosine(6.283185307179586 * second_uniform[pair], sine, cosine);
        out[2 * pair] = radius * cosine;
        out[2 * pair + 1] = radius * sine;
    }
}

template <class Real>
void add_noise(const Noise& noise, std::ptrdiff_t first, std::ptrdiff_t last,
               double* values) noexcept RESONANCE_NONBLOCKING {
    for (std::ptrdiff_t begin = first / 4 * 4; begin < last; begin += kNoiseNodes) {
        double normals[kNoiseNodes];
        const std::ptrdiff_t from = begin < first ? first : begin;
        const std::ptrdiff_t to = begin + kNoiseNodes < last ? begin + kNoiseNodes : last;
        normals_of_blocks(noise.seed, noise.step, begin / 4, (to - begin + 3) / 4, normals);
        for (std::ptrdiff_t i = from; i < to; ++i) values[i - first] += noise.scale * normals[i - begin];
    }
}

}  // namespace
}  // namespace resonance::detail
