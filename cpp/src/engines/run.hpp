//! Which engine serves which steps of a run.
#pragma once

#include "../memory.hpp"
#include "../state.hpp"
#include "conditions.hpp"

namespace resonance::detail {

//! All rows of `inputs`. `completed` gets the number of steps done.
template <class Real>
Status run(State<Real>& state, const Conditions& conditions, const Inputs& inputs, Scratch& scratch,
           Interrupt interrupt, std::int64_t& completed) noexcept;

extern template Status run(State<float>&, const Conditions&, const Inputs&, Scratch&, Interrupt,
                           std::int64_t&) noexcept;
extern template Status run(State<double>&, const Conditions&, const Inputs&, Scratch&, Interrupt,
                           std::int64_t&) noexcept;

}  // namespace resonance::detail
