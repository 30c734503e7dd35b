//! Learning from rows of data with weights on edges: what engines/entrain.hpp does, on the edges alone.
#pragma once

#include <optional>

#include "../memory.hpp"
#include "../state.hpp"
#include "resonance/network.hpp"

namespace resonance::detail {

//! See entrain(). Four presentations share a pass.
template <class Real, class Presentations>
Status entrain_edges(State<Real>& state, Presentations presentations, std::int64_t rows,
                     std::optional<double> fading_factor, int threads, Scratch& scratch, Interrupt interrupt,
                     std::int64_t& completed) noexcept;

}  // namespace resonance::detail
