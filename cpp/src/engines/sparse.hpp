//! The engine for weights on edges: O(edges + n) a step, one pass over them, and every step costs the same.
//!
//! Two passes over the nodes: one up to their records, of which a row needs those of others; one with the edges, chunk
//! by chunk of rows, up to their amplitudes. Ending a step and beginning the next in one pass was tried: it moves a
//! tenth less memory and is no faster, for what it needs at once leaves less of the near caches to the records.
#pragma once

#include "../blocks/timeline.hpp"
#include "../state.hpp"
#include "conditions.hpp"
#include "watch.hpp"

namespace resonance::detail {

//! One step with one row of input. Status::phase_overflow leaves the state as it was; Status::diverged is found after
//! the step.
template <class Real, class Input>
Status step_sparse(State<Real>& state, const Conditions& conditions, const Input* input,
                   bool per_node) noexcept RESONANCE_NONBLOCKING;

//! All steps of the timeline. `completed` grows by the number done.
template <class Real>
Status run_sparse(State<Real>& state, const Conditions& conditions, Timeline& timeline, const Watch<Real>& watch,
                  std::int64_t& completed) noexcept;

extern template Status run_sparse(State<float>&, const Conditions&, Timeline&, const Watch<float>&,
                                  std::int64_t&) noexcept;
extern template Status run_sparse(State<double>&, const Conditions&, Timeline&, const Watch<double>&,
                                  std::int64_t&) noexcept;

}  // namespace resonance::detail
