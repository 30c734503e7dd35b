//! What the rest of the library asks of weights, however they are stored.
#pragma once

#include <cstdint>

#include "resonance/span.hpp"
#include "state.hpp"

namespace resonance::detail {

//! The products W c and W s of the present weights and phases: a pass over W.
template <class Real>
void take_products(State<Real>& state, int threads) noexcept RESONANCE_NONBLOCKING;

//! Writes W[rows, columns] to `block`, row after row. A span without data stands for all nodes. A shard writes 0 for
//! rows that it has not.
template <class Real>
void copy_weights(const State<Real>& state, span<const std::int64_t> rows, span<const std::int64_t> columns,
                  Real* block) noexcept;

#define RESONANCE_DECLARE(Real)                                                                               \
    extern template void take_products(State<Real>&, int) noexcept RESONANCE_NONBLOCKING;                     \
    extern template void copy_weights(const State<Real>&, span<const std::int64_t>, span<const std::int64_t>, \
                                      Real*) noexcept;
RESONANCE_DECLARE(float)
RESONANCE_DECLARE(double)
#undef RESONANCE_DECLARE

}  // namespace resonance::detail
