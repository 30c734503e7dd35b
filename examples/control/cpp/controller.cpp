#include "controller.hpp"

#include <algorithm>
#include <cmath>

using resonance::span;
using resonance::Status;

namespace {

constexpr double kLowest = 0.3, kHighest = 2.5;  // natural frequencies of the bank [Hz]
constexpr double kEntrainment = 4.0;             // how strongly the body's phase pulls the bank [rad/s]
constexpr double kTimeConstant = 3.0;            // memory of the weights [s]
constexpr double kStrength = 0.25;               // weight [1] at which perfectly coherent nodes settle
constexpr double kOutputGain = 1.5;              // of the read-out; makes the drive's tops flat
constexpr double kNoWeight = 1e-9;               // keeps the read-out finite where nothing is learned

}  // namespace

Status Controller::start(span<const double> phases) noexcept {
    resonance::Options options = controller_options();
    const resonance::LearningRates rates = resonance::learning_rates(kTimeConstant, dt_, kStrength);
    options.hyperparameters.learning_rate = rates.learning_rate;
    options.hyperparameters.decay = rates.decay;
    if (const Status status = Network::create(options, storage_, network_); status != Status::ok) return status;

    double frequencies[kNodes] = {};  // the body has none of its own
    for (std::ptrdiff_t i = 0; i < kOscillators; ++i)
        frequencies[i] = kLowest * std::pow(kHighest / kLowest, static_cast<double>(i) / (kOscillators - 1));
    if (const Status status = network_->set_frequencies(frequencies); status != Status::ok) return status;
    return network_->set_phases(phases);
}

Status Controller::tick(double angle, double velocity, double& drive) noexcept RESONANCE_NONBLOCKING {
    if (std::isinf(angle) || std::isinf(velocity)) return Status::non_finite;
    const bool lost = std::isnan(angle) || std::isnan(velocity);
    network_->set_learning(!lost);
    // Without a measurement the bank runs free.
    const Status status = lost ? network_->update(0.0, dt_) : follow(phase_.update(angle, velocity));
    if (status == Status::ok) drive = read_out();
    return status;
}

//! One step of the network, with the body at a measured phase [rad].
Status Controller::follow(double body_phase) noexcept RESONANCE_NONBLOCKING {
    const span<const double> phases = network_->phases();
    for (std::ptrdiff_t i = 0; i < kOscillators; ++i) inputs_[i] = kEntrainment * std::sin(body_phase - phases[i]);
    if (const Status status = network_->pin(kBody, 1.0, body_phase); status != Status::ok) return status;
    return network_->update(inputs_, dt_);
}

//! The mean cosine of the bank, by what was learned.
double Controller::read_out() const noexcept RESONANCE_NONBLOCKING {
    const span<const double> weights = learned(), amplitudes = network_->amplitudes(), phases = network_->phases();
    double sum = 0, total = kNoWeight;
    for (std::ptrdiff_t i = 0; i < kOscillators; ++i) {
        const double weight = std::max(weights[i], 0.0) * amplitudes[i];
        sum += weight * std::cos(phases[i]);
        total += weight;
    }
    return std::clamp(kOutputGain * sum / total, -1.0, 1.0);
}
