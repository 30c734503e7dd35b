//! The body of the phase recurrence, compiled once per instruction set, always with -ffp-contract=off: a fused
//! multiply-add would round once where NumPy rounds twice. Everything in it has internal linkage, as in kernels/.
#pragma once

#include "phases.hpp"

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
    double zero_if_finite = 0;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        next[i] = wrap_phase(next[i]);
        zero_if_finite += next[i] * 0;
    }
    return zero_if_finite == 0;
}

template <bool PerNode, bool Driven, class Input>
bool advance(const PhaseStep<Input>& step, std::ptrdiff_t n, double* next) {
    return advance<PerNode, Driven>(step.phases, step.frequencies, step.input, step.drive, step.dt, n, next);
}

template <class Input>
bool advance_any(const PhaseStep<Input>& step, std::ptrdiff_t n, double* next) {
    if (step.per_node)
        return step.drive != nullptr ? advance<true, true>(step, n, next) : advance<true, false>(step, n, next);
    return step.drive != nullptr ? advance<false, true>(step, n, next) : advance<false, false>(step, n, next);
}

}  // namespace
}  // namespace resonance::detail
