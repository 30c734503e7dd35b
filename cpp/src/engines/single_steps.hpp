//! Runs that are nothing but their steps.
#pragma once

#include <cstdint>

#include "../blocks/timeline.hpp"
#include "../state.hpp"
#include "conditions.hpp"
#include "state_moment.hpp"
#include "watch.hpp"

namespace resonance::detail {

//! Up to `steps` steps of the timeline, each a call of `step`, which returns how it went. `completed` grows by the
//! number done.
template <class Real, class Step>
Status run_single_steps(State<Real>& state, const Conditions& conditions, Timeline& timeline, std::int64_t steps,
                        const Watch<Real>& watch, std::int64_t& completed, const Step& step) noexcept {
    for (; steps > 0; --steps) {
        const Status status = step();
        if (status == Status::phase_overflow || status == Status::exchange_failed) return status;
        timeline.advance(1);
        ++completed;
        if (status != Status::ok) return status;
        if (watch.is_due(completed)) {
            StateMoment<Real> moment(state, conditions, completed);
            if (!watch.observer->observe(moment)) return Status::interrupted;
        }
        if (watch.interrupted()) return Status::interrupted;
    }
    return Status::ok;
}

}  // namespace resonance::detail
