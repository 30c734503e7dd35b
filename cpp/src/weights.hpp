//! What the rest of the library asks of weights, however they are stored.
#pragma once

#include <cstdint>

#include "engines/conditions.hpp"
#include "resonance/span.hpp"
#include "state.hpp"

namespace resonance::detail {

//! The products W c and W s of the present weights and phases: a pass over W.
template <class Real>
void take_products(State<Real>& state, int threads) noexcept RESONANCE_NONBLOCKING;

//! What grow_and_take_products() needs of nodes first .. last - 1, from their amplitudes and phases. Neither is for
//! factored weights, whose engine does more at once.
template <class Real>
void prepare_growth(State<Real>& state, const Conditions& conditions, std::ptrdiff_t first,
                    std::ptrdiff_t last) noexcept RESONANCE_NONBLOCKING;

//! Decay and growth of W by a step, for which all nodes are prepared, and the products of the new W.
template <class Real>
void grow_and_take_products(State<Real>& state, const Conditions& conditions) noexcept RESONANCE_NONBLOCKING;

//! Writes W[rows, columns] to `block`, row after row. A span without data stands for all nodes.
template <class Real>
void copy_weights(const State<Real>& state, span<const std::int64_t> rows, span<const std::int64_t> columns,
                  Real* block) noexcept;

#define RESONANCE_DECLARE(Real)                                                                                  \
    extern template void take_products(State<Real>&, int) noexcept RESONANCE_NONBLOCKING;                        \
    extern template void prepare_growth(State<Real>&, const Conditions&, std::ptrdiff_t,                         \
                                        std::ptrdiff_t) noexcept RESONANCE_NONBLOCKING;                          \
    extern template void grow_and_take_products(State<Real>&, const Conditions&) noexcept RESONANCE_NONBLOCKING; \
    extern template void copy_weights(const State<Real>&, span<const std::int64_t>, span<const std::int64_t>,    \
                                      Real*) noexcept;
RESONANCE_DECLARE(float)
RESONANCE_DECLARE(double)
#undef RESONANCE_DECLARE

}  // namespace resonance::detail
