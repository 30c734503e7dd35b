//! What stays the same over the steps of a run.
#pragma once

#include <cmath>

#include "resonance/network.hpp"

namespace resonance::detail {

//! How to advance a state.
struct Conditions {
    const Hyperparameters& hyperparameters;
    double dt;  //!< [s]
    bool learn;
    int threads;
    double tolerance;  //!< of what a run may cut off, relative to the largest weight

    bool noisy() const noexcept { return hyperparameters.noise_std > 0; }
    //! Standard deviation of the phase noise of a step [rad].
    double noise_scale() const noexcept { return hyperparameters.noise_std * std::sqrt(dt); }
};

}  // namespace resonance::detail
