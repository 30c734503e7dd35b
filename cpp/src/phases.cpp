#include "phases.hpp"

#include <cmath>

#include "phase_recurrence.hpp"
#include "resonance/isa.hpp"

namespace resonance::detail {

double wrap_phase(double x) noexcept RESONANCE_NONBLOCKING {
    double remainder = std::fmod(x, kTwoPi);
    if (remainder < 0) remainder += kTwoPi;
    // The comparison also turns -0.0 into the +0.0 that np.mod gives.
    return remainder == kTwoPi || remainder == 0 ? 0.0 : remainder;
}

template <class Input>
bool advance_phases(const double* phases, const double* frequencies, const Input* input, bool per_node,
                    const double* drive, double dt, std::ptrdiff_t n, double* next) noexcept RESONANCE_NONBLOCKING {
    const PhaseStep<Input> step{phases, frequencies, input, per_node, drive, dt};
#if defined(RESONANCE_X86)
    if (isa() == Isa::avx512) return advance_phases_avx512(step, n, next);
    if (isa() == Isa::avx2) return advance_phases_avx2(step, n, next);
#endif
    return advance_any(step, n, next);
}

template bool advance_phases(const double*, const double*, const float*, bool, const double*, double, std::ptrdiff_t,
                             double*) noexcept RESONANCE_NONBLOCKING;
template bool advance_phases(const double*, const double*, const double*, bool, const double*, double, std::ptrdiff_t,
                             double*) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance::detail
