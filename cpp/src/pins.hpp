//! Nodes whose amplitudes or phases are held.
#pragma once

#include "state.hpp"

namespace resonance::detail {

//! From now on the node has this amplitude, at once and after every step.
template <class Real>
void hold_amplitude(State<Real>& state, std::ptrdiff_t node, Real amplitude) noexcept RESONANCE_NONBLOCKING;

//! The same for its phase [rad], any finite one.
template <class Real>
void hold_phase(State<Real>& state, std::ptrdiff_t node, double phase) noexcept RESONANCE_NONBLOCKING;

//! Both are free again. To be followed by count_pins().
template <class Real>
void let_go(State<Real>& state, std::ptrdiff_t node) noexcept RESONANCE_NONBLOCKING;

//! Looks whether any node is still held: O(n).
template <class Real>
void count_pins(State<Real>& state) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance::detail
