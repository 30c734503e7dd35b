//! The numbers of the model, their ranges, and rates of learning that do not depend on the time step.
#pragma once

#include "resonance/export.hpp"
#include "resonance/nonblocking.hpp"
#include "resonance/span.hpp"
#include "resonance/status.hpp"

namespace resonance {

//! The numbers of the model, with the values of the published network.
struct Hyperparameters {
    double learning_rate = 0.01;   //!< eta [1], finite
    double decay = 0.99;           //!< [1], in [0, 1]
    double gain = 1.0;             //!< [1], finite
    double coupling = 0.0;         //!< kappa [rad/s], finite
    double phase_lag = 0.0;        //!< alpha [rad], finite
    double learning_lag = 0.0;     //!< beta [rad], finite
    double noise_std = 0.0;        //!< [rad/sqrt(s)], finite, at least 0
    double amplitude_floor = 0.0;  //!< [1], in [0, 1]; 0 means none
};

//! One hyperparameter by its name: where it stands, and what is asked of it.
struct HyperparameterRule {
    const char* name;
    double Hyperparameters::* member;
    double lowest, highest;
    const char* wanted;  //!< the range in words, such as "in [0, 1]"
};

//! The rules of all hyperparameters, in the order of the struct.
RESONANCE_API span<const HyperparameterRule> hyperparameter_rules() noexcept RESONANCE_NONBLOCKING;

//! Status::invalid_value where one is not finite or outside its range.
RESONANCE_API Status validate(const Hyperparameters& hyperparameters) noexcept RESONANCE_NONBLOCKING;

//! Two of the hyperparameters, which belong together.
struct LearningRates {
    double learning_rate;  //!< [1]
    double decay;          //!< [1]
};

//! Learning rate and decay for a memory of `time_constant` [s] at the time step `dt` [s]: an old connection fades by a
//! factor e in that time, and the weights of two nodes that stay in phase with amplitude 1 settle at `strength` [1].
//! With gamma = exp(-dt / time_constant) they are strength (1 - gamma) / gamma and gamma. NaN, which no network takes,
//! where a time is not finite and above 0 or the result has no finite value.
RESONANCE_API LearningRates learning_rates(double time_constant, double dt,
                                           double strength = 1.0) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance
