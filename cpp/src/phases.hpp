//! The phase recurrence, with the same bits as NumPy's.
#pragma once

#include <cstddef>

#include "resonance/nonblocking.hpp"

namespace resonance::detail {

inline constexpr double kTwoPi = 6.283185307179586;

//! np.mod(x, 2 pi), exactly, but for a result of 2 pi, which becomes 0. NaN for what is not finite.
double wrap_phase(double x) noexcept RESONANCE_NONBLOCKING;

//! next_i = wrap(phases_i + 2 pi frequencies_i dt + input_i dt + drive_i), rounded after every operation.
//! `input` (of float or double) is n values, or one where not `per_node`; `drive` is n values or null. False where a
//! result is not finite. `next` may be `drive`.
template <class Input>
bool advance_phases(const double* phases, const double* frequencies, const Input* input, bool per_node,
                    const double* drive, double dt, std::ptrdiff_t n, double* next) noexcept RESONANCE_NONBLOCKING;

//! A step of the recurrence, as its body takes it.
template <class Input>
struct PhaseStep {
    const double *phases, *frequencies;
    const Input* input;
    bool per_node;
    const double* drive;
    double dt;
};

// The same bits, for processors that have these.
bool advance_phases_avx2(const PhaseStep<float>& step, std::ptrdiff_t n, double* next) noexcept RESONANCE_NONBLOCKING;
bool advance_phases_avx2(const PhaseStep<double>& step, std::ptrdiff_t n, double* next) noexcept RESONANCE_NONBLOCKING;
bool advance_phases_avx512(const PhaseStep<float>& step, std::ptrdiff_t n, double* next) noexcept RESONANCE_NONBLOCKING;
bool advance_phases_avx512(const PhaseStep<double>& step, std::ptrdiff_t n,
                           double* next) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance::detail
