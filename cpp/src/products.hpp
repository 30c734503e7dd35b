//! The products W c and W s of a state, c = cos phi and s = sin phi, from which resonance and coupling are made, and
//! how they follow what is set.
#pragma once

#include "kernels/kernels.hpp"
#include "state.hpp"

namespace resonance::detail {

template <class Real>
Products<Real> products_of(const State<Real>& state) noexcept {
    return {state.cosines, state.sines, state.cosine_sums, state.sine_sums};
}

//! The same for the rows that there are, the first of them being row 0.
template <class Real>
Products<Real> products_of_rows(const State<Real>& state) noexcept {
    return {state.cosines, state.sines, state.cosine_sums + state.first_row, state.sine_sums + state.first_row};
}

//! Cosines and sines of phases that were set as a whole. The products are then those of other phases.
template <class Real>
void phases_have_changed(State<Real>& state) noexcept RESONANCE_NONBLOCKING {
    kernels<Real>().cosines_and_sines(state.phases, state.n, state.cosines, state.sines);
    state.sums_current = false;
}

//! One phase becomes `phase`, in [0, 2 pi), and the products follow by what one column of W adds to them, where weights
//! are dense; else they are to be taken anew.
template <class Real>
void move_phase(State<Real>& state, std::ptrdiff_t node, double phase) noexcept RESONANCE_NONBLOCKING;

//! The weight W[row, column], which stands at `place`, becomes `weight`, and the products follow.
template <class Real>
void change_weight(State<Real>& state, Real& place, std::ptrdiff_t row, std::ptrdiff_t column,
                   Real weight) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance::detail
