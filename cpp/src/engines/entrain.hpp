//! Learning from rows of data: each is one presentation, and many share a pass over the weights.
//!
//! The growth of K presentations is one matrix of rank 2K, and it is symmetric: only the lower triangle is computed,
//! at the rate of the processor's multiply-adds. Weights themselves need not be symmetric (random ones are not), but
//! their antisymmetric part only decays. So while passes go over the lower triangle, the upper one keeps half the
//! difference of the two, and at the end it is put together again.
#pragma once

#include <optional>

#include "../blocks/presentations.hpp"
#include "../memory.hpp"
#include "../state.hpp"
#include "conditions.hpp"
#include "resonance/network.hpp"

namespace resonance::detail {

//! Shows `rows` rows. `completed` gets the number shown. Presentations: OffsetRows or EncodedRows.
//! Status::out_of_memory before the first where scratch can't be had, Status::phase_overflow before the rows that have
//! phases beyond the range of their type, Status::rank_exceeded before those for which factors have no room.
template <class Real, class Presentations>
Status entrain(State<Real>& state, Presentations presentations, std::int64_t rows, std::optional<double> fading_factor,
               const Conditions& conditions, Scratch& scratch, Interrupt interrupt, std::int64_t& completed) noexcept;

}  // namespace resonance::detail
