//! Which engine serves which steps of a run.
#pragma once

#include "../blocks/timeline.hpp"
#include "../memory.hpp"
#include "../state.hpp"
#include "conditions.hpp"
#include "watch.hpp"

namespace resonance::detail {

//! All steps that are left of the timeline. `completed` grows by the number of steps done; it counts those of the run
//! before, if any.
template <class Real>
Status run(State<Real>& state, const Conditions& conditions, Timeline& timeline, Scratch& scratch,
           const Watch<Real>& watch, std::int64_t& completed) noexcept;

extern template Status run(State<float>&, const Conditions&, Timeline&, Scratch&, const Watch<float>&,
                           std::int64_t&) noexcept;
extern template Status run(State<double>&, const Conditions&, Timeline&, Scratch&, const Watch<double>&,
                           std::int64_t&) noexcept;

}  // namespace resonance::detail
