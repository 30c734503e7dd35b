#include "phases.hpp"

#include <cmath>
#include <limits>

#include "cases.hpp"

using namespace resonance;
using detail::kTwoPi;

namespace {

//! The definition, with the remainder by fmod.
double modulus(double x) {
    double remainder = std::fmod(x, kTwoPi);
    if (remainder != 0 && remainder < 0) remainder += kTwoPi;
    return remainder == kTwoPi || remainder == 0 ? 0.0 : remainder;
}

}  // namespace

int main() {
    CHECK(detail::wrap_phase(-1e-17) == 0);
    CHECK(detail::wrap_phase(kTwoPi) == 0);
    CHECK(detail::wrap_phase(-kTwoPi) == 0);
    CHECK(!std::signbit(detail::wrap_phase(-kTwoPi)));
    CHECK(!std::signbit(detail::wrap_phase(-0.0)));
    CHECK(std::isnan(detail::wrap_phase(INFINITY)));

    // Across turns, at their edges, and far from zero, at lengths around the lanes.
    for (const double reach : {1.0, 20.0, 1e5, 1e18}) {
        for (const std::ptrdiff_t n : test::sizes) {
            const auto count = static_cast<std::size_t>(n);
            auto phases = test::random_values<double>(count, 1, 0, kTwoPi);
            const auto frequencies = test::random_values<double>(count, 2);
            auto input = test::random_values<double>(count, 3, -reach, reach);
            const auto drive = test::random_values<double>(count, 4);
            const double dt = 0.37;
            phases[0] = 0;
            std::vector<double> next(count);
            for (const bool per_node : {false, true}) {
                for (const bool driven : {false, true}) {
                    CHECK(detail::advance_phases(phases.data(), frequencies.data(), input.data(), per_node,
                                                 driven ? drive.data() : nullptr, dt, n, next.data()));
                    bool same = true;
                    for (std::size_t i = 0; i < count; ++i) {
                        // Separate roundings: volatile keeps this file's compiler from fusing them.
                        volatile double turn = kTwoPi * frequencies[i];
                        turn = turn * dt;
                        volatile double push = input[per_node ? i : 0] * dt;
                        volatile double x = phases[i] + turn;
                        x = x + push;
                        if (driven) x = x + drive[i];
                        same = same && next[i] == modulus(x) && next[i] >= 0 && next[i] < kTwoPi;
                    }
                    CHECK(same);
                }
            }
        }
    }

    const double phase = 1, frequency = 1, infinite = std::numeric_limits<double>::infinity();
    double next = 0;
    CHECK(!detail::advance_phases(&phase, &frequency, &infinite, true, nullptr, 0.01, 1, &next));
    return test::result();
}
