//! The phase of a swing, from measured angle and velocity.
#pragma once

#include <cmath>

#include "resonance/nonblocking.hpp"

//! Phase p of the velocity: cos p is proportional to it where the motion is harmonic.
//!
//! With means of angle^2 and velocity^2 that forget, p = atan2(angle sqrt(<velocity^2> / <angle^2>), velocity), so that
//! no frequency has to be known.
class BodyPhase {
public:
    //! Of the time step `dt` [s] and the memory of the two means, `time_constant` [s].
    explicit BodyPhase(double dt, double time_constant = 2.0) noexcept : rate_(dt / time_constant) {}

    //! Take one measurement [rad], [rad/s] and give the phase [rad], in [-pi, pi].
    double update(double angle, double velocity) noexcept RESONANCE_NONBLOCKING {
        square_angle_ += (angle * angle - square_angle_) * rate_;
        square_velocity_ += (velocity * velocity - square_velocity_) * rate_;
        return std::atan2(angle * std::sqrt(square_velocity_ / square_angle_), velocity);
    }

private:
    double rate_;
    // Small at first, so that neither is 0.
    double square_angle_ = 1e-6;     //!< mean [rad^2]
    double square_velocity_ = 1e-6;  //!< mean [(rad/s)^2]
};
