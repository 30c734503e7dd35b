#include "pins.hpp"

#include <algorithm>

#include "phases.hpp"
#include "products.hpp"

namespace resonance::detail {

template <class Real>
void hold_amplitude(State<Real>& state, std::ptrdiff_t node, Real amplitude) noexcept RESONANCE_NONBLOCKING {
    state.amplitude_pins[node] = 1;
    state.pinned_amplitudes[node] = state.amplitudes[node] = amplitude;
    state.any_amplitude_pinned = true;
}

template <class Real>
void hold_phase(State<Real>& state, std::ptrdiff_t node, double phase) noexcept RESONANCE_NONBLOCKING {
    const double wrapped = wrap_phase(phase);
    state.phase_pins[node] = 1;
    state.pinned_phases[node] = wrapped;
    state.any_phase_pinned = true;
    move_phase(state, node, wrapped);
}

template <class Real>
void let_go(State<Real>& state, std::ptrdiff_t node) noexcept RESONANCE_NONBLOCKING {
    state.amplitude_pins[node] = state.phase_pins[node] = 0;
}

template <class Real>
void count_pins(State<Real>& state) noexcept RESONANCE_NONBLOCKING {
    const auto any = [&](const unsigned char* pins) {
        return std::any_of(pins, pins + state.n, [](unsigned char pin) { return pin != 0; });
    };
    state.any_amplitude_pinned = any(state.amplitude_pins);
    state.any_phase_pinned = any(state.phase_pins);
}

#define RESONANCE_INSTANTIATE(Real)                                                                  \
    template void hold_amplitude(State<Real>&, std::ptrdiff_t, Real) noexcept RESONANCE_NONBLOCKING; \
    template void hold_phase(State<Real>&, std::ptrdiff_t, double) noexcept RESONANCE_NONBLOCKING;   \
    template void let_go(State<Real>&, std::ptrdiff_t) noexcept RESONANCE_NONBLOCKING;               \
    template void count_pins(State<Real>&) noexcept RESONANCE_NONBLOCKING;
RESONANCE_INSTANTIATE(float)
RESONANCE_INSTANTIATE(double)

}  // namespace resonance::detail
