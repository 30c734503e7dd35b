//! What several tests share: sizes around the lanes of every instruction set, random numbers, each instruction set.
#pragma once

#include <cstddef>
#include <random>
#include <vector>

#include "check.hpp"
#include "resonance/isa.hpp"

namespace resonance::test {

inline constexpr std::ptrdiff_t sizes[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100};

template <class Real>
std::vector<Real> random_values(std::size_t count, unsigned seed, double low = -1, double high = 1) {
    std::mt19937_64 engine(seed);
    std::uniform_real_distribution<double> uniform(low, high);
    std::vector<Real> values(count);
    for (Real& value : values) value = static_cast<Real>(uniform(engine));
    return values;
}

//! Calls body(isa) with each instruction set of this machine in use.
template <class Body>
void for_each_isa(const Body& body) {
    const Isa before = isa();
    for (const Isa candidate : all_isas) {
        if (!isa_available(candidate)) continue;
        CHECK(set_isa(candidate) == Status::ok);
        body(candidate);
    }
    CHECK(set_isa(before) == Status::ok);
}

//! Whether sanitizers of addresses watch. An instruction is ten then, so long tests do less.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool watched = true;
#else
inline constexpr bool watched = false;
#endif

//! for_each_isa, or where sanitizers watch the one in use: kernels have tests of their own.
template <class Body>
void for_each_isa_unless_watched(const Body& body) {
    if (watched)
        body(isa());
    else
        for_each_isa(body);
}

}  // namespace resonance::test
