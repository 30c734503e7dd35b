//! Philox4x64-10 of Salmon, Moraes, Dror and Shaw (2011), the generator of numpy.random.Philox: four random words as a
//! function of a key and a counter. Nothing is carried from one number to the next, so any of them can be had in any
//! order.
#pragma once

#include <cstdint>

#include "vec.hpp"

namespace resonance::detail {
namespace {

//! The upper half of a product, from products of halves.
RESONANCE_INLINE std::uint64_t high_word_by_halves(std::uint64_t a, std::uint64_t b) {
    constexpr std::uint64_t low = 0xffffffff;
    const std::uint64_t middle = (a >> 32U) * (b & low) + ((a & low) * (b & low) >> 32U);
    const std::uint64_t other = (a & low) * (b >> 32U) + (middle & low);
    return (a >> 32U) * (b >> 32U) + (middle >> 32U) + (other >> 32U);
}

RESONANCE_INLINE std::uint64_t high_word(std::uint64_t a, std::uint64_t b) {
#if defined(__SIZEOF_INT128__)
    __extension__ typedef unsigned __int128 Product;
    return static_cast<std::uint64_t>(static_cast<Product>(a) * b >> 64U);
#else
    return high_word_by_halves(a, b);
#endif
}

//! The words of the counter (counter_0, counter_1, 0, 0) under the key (key, 0).
RESONANCE_INLINE void philox(std::uint64_t key, std::uint64_t counter_0, std::uint64_t counter_1,
                             std::uint64_t (&words)[4]) {
    constexpr std::uint64_t factor_0 = 0xd2e7470ee14c6c93, factor_1 = 0xca5a826395121157;
    constexpr std::uint64_t key_step_0 = 0x9e3779b97f4a7c15, key_step_1 = 0xbb67ae8584caa73b;
    std::uint64_t x0 = counter_0, x1 = counter_1, x2 = 0, x3 = 0, key_0 = key, key_1 = 0;
    RESONANCE_UNROLL
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t high_0 = high_word(factor_0, x0), low_0 = factor_0 * x0;
        const std::uint64_t high_1 = high_word(factor_1, x2), low_1 = factor_1 * x2;
        x0 = high_1 ^ x1 ^ key_0;
        x1 = low_1;
        x2 = high_0 ^ x3 ^ key_1;
        x3 = low_0;
        key_0 += key_step_0;
        key_1 += key_step_1;
    }
    words[0] = x0;
    words[1] = x1;
    words[2] = x2;
    words[3] = x3;
}

}  // namespace
}  // namespace resonance::detail
