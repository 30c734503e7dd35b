//! The engine that serves everything: one pass over W a step, and every step costs the same.
#pragma once

#include <cstdint>

#include "../state.hpp"
#include "resonance/network.hpp"

namespace resonance::detail {

//! How to advance a state: what stays the same over the steps of a run.
struct Conditions {
    const Hyperparameters& hyperparameters;
    double dt;  //!< [s]
    bool learn;
    int threads;
};

//! One step with one row of input. Status::phase_overflow leaves the state as it was; Status::diverged is found after
//! the step.
template <class Real>
Status step_fused(State<Real>& state, const Conditions& conditions, const double* input, bool per_node) noexcept;

//! All rows of `inputs`, step by step.
template <class Real>
Status run_fused(State<Real>& state, const Conditions& conditions, const Inputs& inputs, Interrupt interrupt,
                 std::int64_t& completed) noexcept;

extern template Status step_fused(State<float>&, const Conditions&, const double*, bool) noexcept;
extern template Status step_fused(State<double>&, const Conditions&, const double*, bool) noexcept;
extern template Status run_fused(State<float>&, const Conditions&, const Inputs&, Interrupt, std::int64_t&) noexcept;
extern template Status run_fused(State<double>&, const Conditions&, const Inputs&, Interrupt, std::int64_t&) noexcept;

}  // namespace resonance::detail
