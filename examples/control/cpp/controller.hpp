//! The network as a controller: a bank of oscillators and one node that is the body.
#pragma once

#include <cstddef>

#include "body_phase.hpp"
#include "resonance/network.hpp"

inline constexpr std::ptrdiff_t kOscillators = 32;
inline constexpr std::ptrdiff_t kBody = kOscillators;  //!< the body's node, behind the bank
inline constexpr std::ptrdiff_t kNodes = kOscillators + 1;

constexpr resonance::Options controller_options() {
    resonance::Options options;
    options.n_nodes = kNodes;
    options.threads = 1;
    options.hyperparameters.amplitude_floor = 0.2;
    return options;
}

//! A network of 32 oscillators and a body node, which learns what pumps the swing. All its memory is within it.
//!
//! Its tick does the same as ResonanceController in controllers.py, in the order that is stated there. While the sensor
//! is lost the weights do not pull the phases: that option is in Python alone.
class Controller {
public:
    using Network = resonance::Network<double>;

    //! Of the time step `dt` [s].
    explicit Controller(double dt) noexcept : dt_(dt), phase_(dt) {}
    Controller(const Controller&) = delete;  // the network stands in its memory
    Controller& operator=(const Controller&) = delete;

    //! Make the network, once and before the first tick. `phases` [rad] are where its nodes start: kNodes values.
    resonance::Status start(resonance::span<const double> phases) noexcept;

    //! One tick: `drive` [1], in [-1, 1], gets the answer to a measured angle [rad] and velocity [rad/s]. NaN of either
    //! is a lost sensor. Status::non_finite where one is infinite; then nothing has changed.
    resonance::Status tick(double angle, double velocity, double& drive) noexcept RESONANCE_NONBLOCKING;

    //! What the body has learned of each node: W[body, :], kNodes values.
    resonance::span<const double> learned() const noexcept RESONANCE_NONBLOCKING { return network_->weight_row(kBody); }

private:
    resonance::Status follow(double body_phase) noexcept RESONANCE_NONBLOCKING;
    double read_out() const noexcept RESONANCE_NONBLOCKING;

    double dt_;
    BodyPhase phase_;
    double inputs_[kNodes] = {};  //!< [rad/s]; the body's stays 0
    std::byte storage_[Network::storage_size(controller_options())];
    Network* network_ = nullptr;  //!< in storage_
};
