//! What stays the same over the steps of a run.
#pragma once

#include <cmath>

#include "../kernels/kernels.hpp"
#include "resonance/network.hpp"

namespace resonance::detail {

//! No random number of the noise is larger: sqrt(2 ln 2^53) = 8.57.
inline constexpr double kLargestNoise = 8.6;

//! How to advance a state.
struct Conditions {
    const Hyperparameters& hyperparameters;
    double dt;  //!< [s]
    bool learn;
    int threads;
    double tolerance;  //!< of what a run may cut off, relative to the largest weight

    bool is_noisy() const noexcept { return hyperparameters.noise_std > 0; }
    //! What a step adds to the phases; `step`: those the network has done before.
    Noise noise(std::uint64_t seed, std::int64_t step) const noexcept {
        return {seed, static_cast<std::uint64_t>(step), hyperparameters.noise_std * std::sqrt(dt)};
    }
};

}  // namespace resonance::detail
