//! How the products of W pull phases.
#pragma once

#include <cmath>

#include "../state.hpp"
#include "conditions.hpp"

namespace resonance::detail {

//! dt kappa g for nodes first .. last - 1, to drive[first] and on, with g_i = sum_j W_ij sin(phi_j - theta_i) =
//! cos(theta_i) (W s)_i - sin(theta_i) (W c)_i and theta = phi + phase lag. Where there is noise, `drive` holds it, and
//! gets the coupling on top.
template <class Real>
void coupling_drive(const State<Real>& state, const Conditions& conditions, std::ptrdiff_t first, std::ptrdiff_t last,
                    double* drive) noexcept {
    const double strength = conditions.dt * conditions.hyperparameters.coupling;
    const double lag_cosine = std::cos(conditions.hyperparameters.phase_lag);
    const double lag_sine = std::sin(conditions.hyperparameters.phase_lag);
    for (std::ptrdiff_t i = first; i < last; ++i) {
        const double c = state.cosines[i], s = state.sines[i];
        const double theta_cosine = c * lag_cosine - s * lag_sine, theta_sine = s * lag_cosine + c * lag_sine;
        const double pull = strength * (theta_cosine * state.sine_sums[i] - theta_sine * state.cosine_sums[i]);
        drive[i] = conditions.noisy() ? drive[i] + pull : pull;
    }
}

}  // namespace resonance::detail
