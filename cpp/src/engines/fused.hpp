//! The engine that serves every step of dense weights: one pass over W, and each costs the same.
#pragma once

#include <cstdint>

#include "../blocks/timeline.hpp"
#include "../state.hpp"
#include "conditions.hpp"
#include "watch.hpp"

namespace resonance::detail {

//! One step with one row of input, of float or double. Status::phase_overflow leaves the state as it was;
//! Status::diverged is found after the step.
template <class Real, class Input>
Status step_fused(State<Real>& state, const Conditions& conditions, const Input* input,
                  bool per_node) noexcept RESONANCE_NONBLOCKING;

//! Up to `steps` steps of the timeline. `completed` grows by the number done.
template <class Real>
Status run_fused(State<Real>& state, const Conditions& conditions, Timeline& timeline, std::int64_t steps,
                 const Watch<Real>& watch, std::int64_t& completed) noexcept;

extern template Status run_fused(State<float>&, const Conditions&, Timeline&, std::int64_t, const Watch<float>&,
                                 std::int64_t&) noexcept;
extern template Status run_fused(State<double>&, const Conditions&, Timeline&, std::int64_t, const Watch<double>&,
                                 std::int64_t&) noexcept;

}  // namespace resonance::detail
