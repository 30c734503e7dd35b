//! The engine for factored weights: O(n rank) a step, and one pass over the factors.
//!
//! A step needs the dot products of cos phi and sin phi with all factors, its own growth included, before any node's
//! resonance is known; then each node's amplitude, and with it all of its next step up to these dot products, depends
//! on that node alone. So in a run, chunks of nodes end one step and begin the next while their factors are in the
//! caches. Coupling, noise and pins are a node's own matter as well, and change nothing about it.
//!
//! So ranks that share a network follow their own nodes, and exchange the dot products: once a step, a few numbers for
//! each column. Phases and amplitudes they tell each other when somebody may look.
#pragma once

#include "../blocks/timeline.hpp"
#include "../state.hpp"
#include "conditions.hpp"
#include "watch.hpp"

namespace resonance::detail {

//! One step with one row of input. Status::phase_overflow and Status::rank_exceeded leave the state as it was;
//! Status::diverged is found after the step.
template <class Real, class Input>
Status step_factored(State<Real>& state, const Conditions& conditions, const Input* input,
                     bool per_node) noexcept RESONANCE_NONBLOCKING;

//! All steps of the timeline, with the same bits. `completed` grows by the number done. Status::rank_exceeded after the
//! last step for which there was room.
template <class Real>
Status run_factored(State<Real>& state, const Conditions& conditions, Timeline& timeline, const Watch<Real>& watch,
                    std::int64_t& completed) noexcept;

//! W c and W s of the present weights and phases.
template <class Real>
void take_factored_products(State<Real>& state, int threads) noexcept RESONANCE_NONBLOCKING;

extern template Status run_factored(State<float>&, const Conditions&, Timeline&, const Watch<float>&,
                                    std::int64_t&) noexcept;
extern template Status run_factored(State<double>&, const Conditions&, Timeline&, const Watch<double>&,
                                    std::int64_t&) noexcept;
extern template void take_factored_products(State<float>&, int) noexcept RESONANCE_NONBLOCKING;
extern template void take_factored_products(State<double>&, int) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance::detail
