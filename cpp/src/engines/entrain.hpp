//! Learning from rows of data: each is one presentation, and many share a pass over the weights.
//!
//! The growth of K presentations is one matrix of rank 2K, and it is symmetric: only the lower triangle is computed,
//! at the rate of the processor's multiply-adds. Weights themselves need not be symmetric (random ones are not), but
//! their antisymmetric part only decays. So while passes go over the lower triangle, the upper one keeps half the
//! difference of the two, and at the end it is put together again.
#pragma once

#include <optional>

#include "../memory.hpp"
#include "../state.hpp"
#include "resonance/network.hpp"

namespace resonance::detail {

//! Shows `rows` rows of `offsets` (rows, n) [rad], which are finite or NaN. `completed` gets the number shown.
//! Status::out_of_memory before the first where scratch can't be had.
template <class Real, class Source>
Status entrain(State<Real>& state, const Source* offsets, std::int64_t rows, std::optional<double> fading_factor,
               int threads, Scratch& scratch, Interrupt interrupt, std::int64_t& completed) noexcept;

#define RESONANCE_DECLARE(Real, Source)                                                                             \
    extern template Status entrain(State<Real>&, const Source*, std::int64_t, std::optional<double>, int, Scratch&, \
                                   Interrupt, std::int64_t&) noexcept;
RESONANCE_DECLARE(float, float)
RESONANCE_DECLARE(float, double)
RESONANCE_DECLARE(double, float)
RESONANCE_DECLARE(double, double)
#undef RESONANCE_DECLARE

}  // namespace resonance::detail
