#include "resonance/hyperparameters.hpp"

#include <cmath>
#include <limits>

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
    {"noise_std", &Hyperparameters::noise_std, 0, kLargest, "finite and ≥ 0"},
    {"amplitude_floor", &Hyperparameters::amplitude_floor, 0, 1, "in [0, 1]"},
};

}  // namespace

span<const HyperparameterRule> hyperparameter_rules() noexcept RESONANCE_NONBLOCKING {
    return {rules, sizeof rules / sizeof rules[0]};
}

Status validate(const Hyperparameters& hyperparameters) noexcept RESONANCE_NONBLOCKING {
    for (const HyperparameterRule& rule : rules) {
        const double value = hyperparameters.*rule.member;
        if (!(value >= rule.lowest && value <= rule.highest)) return Status::invalid_value;
    }
    return Status::ok;
}

LearningRates learning_rates(double time_constant, double dt, double strength) noexcept RESONANCE_NONBLOCKING {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const bool times = time_constant > 0 && std::isfinite(time_constant) && dt > 0 && std::isfinite(dt);
    const double rate = dt / time_constant;
    // (1 - gamma) / gamma = exp(rate) - 1, without the cancellation for slow learning.
    const double learning_rate = strength * std::expm1(rate);
    if (!times || !std::isfinite(learning_rate)) return {nan, nan};
    return {learning_rate, std::exp(-rate)};
}

}  // namespace resonance
