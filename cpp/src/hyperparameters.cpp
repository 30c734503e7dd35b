#include <cmath>
#include <limits>

#include "resonance/network.hpp"

namespace resonance {
namespace {

constexpr double kLargest = std::numeric_limits<double>::max();

constexpr HyperparameterRule rules[] = {
    {"learning_rate", &Hyperparameters::learning_rate, -kLargest, kLargest, "finite"},
    {"decay", &Hyperparameters::decay, 0, 1, "in [0, 1]"},
    {"gain", &Hyperparameters::gain, -kLargest, kLargest, "finite"},
    {"coupling", &Hyperparameters::coupling, -kLargest, kLargest, "finite"},
    {"phase_lag", &Hyperparameters::phase_lag, -kLargest, kLargest, "finite"},
    {"learning_lag", &Hyperparameters::learning_lag, -kLargest, kLargest, "finite"},
    {"noise_std", &Hyperparameters::noise_std, 0, 0, "0 in this version"},
    {"amplitude_floor", &Hyperparameters::amplitude_floor, 0, 1, "in [0, 1]"},
};

}  // namespace

span<const HyperparameterRule> hyperparameter_rules() noexcept { return {rules, sizeof rules / sizeof rules[0]}; }

Status validate(const Hyperparameters& hyperparameters) noexcept {
    for (const HyperparameterRule& rule : rules) {
        const double value = hyperparameters.*rule.member;
        if (!(value >= rule.lowest && value <= rule.highest)) return Status::invalid_value;
    }
    return Status::ok;
}

}  // namespace resonance
