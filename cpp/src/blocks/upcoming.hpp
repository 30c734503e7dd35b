//! Phases that are still to come. Without coupling they follow from the inputs alone.
#pragma once

#include "../engines/conditions.hpp"
#include "../state.hpp"
#include "timeline.hpp"

namespace resonance::detail {

//! Advances `phases` (n values, as the state holds them) of some nodes by `steps` steps of the timeline that lie
//! `ahead` of it. Where `columns` is given, it gets rows of cosines and sines: c_0, s_0, c_1, ... of the phases after
//! each step.
template <class Real>
void look_ahead(const State<Real>& state, const Conditions& conditions, const Timeline& timeline, std::int64_t ahead,
                std::int64_t steps, const NodeRange& nodes, double* phases, Real* columns) noexcept;

//! The same by one thread, and without columns.
template <class Real>
void look_ahead_at(const State<Real>& state, const Conditions& conditions, const Timeline& timeline, std::int64_t ahead,
                   std::int64_t steps, std::ptrdiff_t first, std::ptrdiff_t last, double* phases) noexcept;

//! Moves the state's phases and clock on by `steps` steps of the timeline, which moves on as well.
template <class Real>
void complete_steps(State<Real>& state, const Conditions& conditions, Timeline& timeline, std::int64_t steps,
                    const double* phases) noexcept;

#define RESONANCE_DECLARE(Real)                                                                              \
    extern template void look_ahead(const State<Real>&, const Conditions&, const Timeline&, std::int64_t,    \
                                    std::int64_t, const NodeRange&, double*, Real*) noexcept;                \
    extern template void look_ahead_at(const State<Real>&, const Conditions&, const Timeline&, std::int64_t, \
                                       std::int64_t, std::ptrdiff_t, std::ptrdiff_t, double*) noexcept;      \
    extern template void complete_steps(State<Real>&, const Conditions&, Timeline&, std::int64_t,            \
                                        const double*) noexcept;
RESONANCE_DECLARE(float)
RESONANCE_DECLARE(double)
#undef RESONANCE_DECLARE

}  // namespace resonance::detail
