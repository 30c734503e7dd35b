//! Everything of a network in one piece of the caller's memory.
#pragma once

#include <cstddef>

#include "resonance/hyperparameters.hpp"
#include "state.hpp"

namespace resonance::detail {

//! What a network has beside its state.
struct Settings {
    Hyperparameters hyperparameters;
    double tolerance;
    int threads;
    bool learning;
};

template <class Real>
std::size_t snapshot_bytes(const State<Real>& state) noexcept RESONANCE_NONBLOCKING;

template <class Real>
void write_snapshot(const State<Real>& state, const Settings& settings,
                    std::byte* memory) noexcept RESONANCE_NONBLOCKING;

//! False, and no change, where `memory` is not the snapshot of a state of the same size and type.
template <class Real>
bool read_snapshot(const std::byte* memory, State<Real>& state, Settings& settings) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance::detail
