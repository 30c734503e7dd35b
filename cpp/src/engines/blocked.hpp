//! The engine for any input: W is read and written once for kBlockSteps steps.
//!
//! Without coupling the phases of a block are known beforehand. So one pass over W adds the growth of the last block
//! and takes the products with all cosines and sines of the next, at the rate of the processor's multiply-adds rather
//! than of memory; the amplitudes in between follow from the recursion (blocks/recursion.hpp).
#pragma once

#include "../blocks/timeline.hpp"
#include "../memory.hpp"
#include "../state.hpp"
#include "conditions.hpp"
#include "watch.hpp"

namespace resonance::detail {

//! Up to `steps` steps of the timeline, with coupling 0. `completed` grows by the number done.
//! Status::out_of_memory before the first step where scratch can't be had.
template <class Real>
Status run_blocked(State<Real>& state, const Conditions& conditions, Timeline& timeline, std::int64_t steps,
                   Scratch& scratch, const Watch<Real>& watch, std::int64_t& completed) noexcept;

extern template Status run_blocked(State<float>&, const Conditions&, Timeline&, std::int64_t, Scratch&,
                                   const Watch<float>&, std::int64_t&) noexcept;
extern template Status run_blocked(State<double>&, const Conditions&, Timeline&, std::int64_t, Scratch&,
                                   const Watch<double>&, std::int64_t&) noexcept;

}  // namespace resonance::detail
