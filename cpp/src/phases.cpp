// Compiled with -ffp-contract=off: a fused multiply-add would round once where NumPy rounds twice.
#include "phases.hpp"

#include <cmath>
#include <type_traits>

namespace resonance::detail {
namespace {

template <bool PerNode, bool Driven, class Input>
bool advance(const double* phases, const double* frequencies, const Input* input, const double* drive, double dt,
             std::ptrdiff_t n, double* next) noexcept {
    // Within one turn of [0, 2 pi) the modulus is one exact subtraction, or one rounded addition as in np.mod.
    unsigned beyond = 0;
#pragma omp simd reduction(| : beyond)
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        double x = phases[i] + kTwoPi * frequencies[i] * dt + static_cast<double>(input[PerNode ? i : 0]) * dt;
        if (Driven) x += drive[i];
        double wrapped = x >= kTwoPi ? x - kTwoPi : x;
        wrapped = x < 0 ? x + kTwoPi : wrapped;
        wrapped = wrapped == kTwoPi ? 0.0 : wrapped;
        const bool within = x > -kTwoPi && x < 2 * kTwoPi;
        beyond |= within ? 0U : 1U;
        next[i] = within ? wrapped : x;
    }
    if (beyond == 0) return true;
    bool finite = true;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        next[i] = wrap_phase(next[i]);
        finite = finite && std::isfinite(next[i]);
    }
    return finite;
}

}  // namespace

double wrap_phase(double x) noexcept RESONANCE_NONBLOCKING {
    double remainder = std::fmod(x, kTwoPi);
    if (remainder < 0) remainder += kTwoPi;
    // The comparison also turns -0.0 into the +0.0 that np.mod gives.
    return remainder == kTwoPi || remainder == 0 ? 0.0 : remainder;
}

template <class Input>
bool advance_phases(const double* phases, const double* frequencies, const Input* input, bool per_node,
                    const double* drive, double dt, std::ptrdiff_t n, double* next) noexcept RESONANCE_NONBLOCKING {
    const auto advance_all = [&](auto per, auto driven) {
        return advance<per.value, driven.value>(phases, frequencies, input, drive, dt, n, next);
    };
    constexpr std::true_type yes;
    constexpr std::false_type no;
    if (per_node) return drive != nullptr ? advance_all(yes, yes) : advance_all(yes, no);
    return drive != nullptr ? advance_all(no, yes) : advance_all(no, no);
}

template bool advance_phases(const double*, const double*, const float*, bool, const double*, double, std::ptrdiff_t,
                             double*) noexcept RESONANCE_NONBLOCKING;
template bool advance_phases(const double*, const double*, const double*, bool, const double*, double, std::ptrdiff_t,
                             double*) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance::detail
