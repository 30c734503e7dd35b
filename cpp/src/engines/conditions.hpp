//! What stays the same over the steps of a run.
#pragma once

#include "resonance/network.hpp"

namespace resonance::detail {

//! How to advance a state.
struct Conditions {
    const Hyperparameters& hyperparameters;
    double dt;  //!< [s]
    bool learn;
    int threads;
    double tolerance;  //!< of what a run may cut off, relative to the largest weight
};

}  // namespace resonance::detail
