//! Standard normal numbers for the phases, each a function of seed, step and node alone: the transform of Box and
//! Muller, on words of Philox. One block of four words serves nodes 4 k .. 4 k + 3.
#pragma once

#include "kernels.hpp"
#include "philox.hpp"
#include "vector_math.hpp"

namespace resonance::detail {
namespace {

//! Nodes that are computed together, always all of them, by loops of one length: whichever of them are asked for, they
//! have the same bits.
constexpr std::ptrdiff_t kNoiseBatch = 16;

//! x <= 2^53 as a double: what not every instruction set has an instruction for.
RESONANCE_INLINE double exact_double(std::uint64_t x) {
    constexpr std::uint64_t two_52 = 0x4330000000000000, two_84 = 0x4530000000000000;  // bits of these powers
    const double upper = bits_as<double>((x >> 32U) | two_84), lower = bits_as<double>((x & 0xffffffff) | two_52);
    return (upper - (0x1p84 + 0x1p52)) + lower;
}

//! scale times the numbers of nodes first .. first + kNoiseBatch - 1.
RESONANCE_INLINE void noise_batch(std::uint64_t seed, std::uint64_t step, std::ptrdiff_t first, double scale,
                                  double* out) {
    constexpr double two_pi = 6.283185307179586;
    constexpr std::ptrdiff_t pairs = kNoiseBatch / 2;
    alignas(64) std::uint64_t of_radius[pairs], of_angle[pairs];
    for (std::ptrdiff_t pair = 0; pair < pairs; pair += 2) {
        std::uint64_t words[4];
        philox(seed, 1 + static_cast<std::uint64_t>(first + 2 * pair) / 4, step, words);
        of_radius[pair] = words[0];
        of_angle[pair] = words[1];
        of_radius[pair + 1] = words[2];
        of_angle[pair + 1] = words[3];
    }
#pragma omp simd
    for (std::ptrdiff_t pair = 0; pair < pairs; ++pair) {
        const double u = exact_double((of_radius[pair] >> 11U) + 1) * 0x1p-53;  // in (0, 1]
        const double turn = exact_double(of_angle[pair] >> 11U) * 0x1p-53;      // in [0, 1)
        const double radius = scale * __builtin_sqrt(-2 * natural_logarithm(u));
        double sine, cosine;
        sine_cosine(two_pi * turn, sine, cosine);
        out[2 * pair] = radius * cosine;
        out[2 * pair + 1] = radius * sine;
    }
}

inline void phase_noise(std::uint64_t seed, std::uint64_t step, std::ptrdiff_t first, std::ptrdiff_t last, double scale,
                        double* out) noexcept RESONANCE_NONBLOCKING {
    alignas(64) double batch[kNoiseBatch];
    for (std::ptrdiff_t begin = first / kNoiseBatch * kNoiseBatch; begin < last; begin += kNoiseBatch) {
        noise_batch(seed, step, begin, scale, batch);
        const std::ptrdiff_t from = begin < first ? first : begin;
        const std::ptrdiff_t to = begin + kNoiseBatch < last ? begin + kNoiseBatch : last;
        for (std::ptrdiff_t i = from; i < to; ++i) out[i - first] = batch[i - begin];
    }
}

}  // namespace
}  // namespace resonance::detail
