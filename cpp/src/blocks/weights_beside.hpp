//! Weights in the middle of a run, put together in other memory than the run's.
#pragma once

#include <cstdint>

#include "../state.hpp"
#include "pending.hpp"
#include "resonance/span.hpp"

namespace resonance::detail {

//! Writes rows x columns of base_factor B + the growth of all pairs to `block`, row after row, and zeros for rows that
//! other ranks have. A span without data stands for all nodes.
template <class Real>
void weights_beside(const State<Real>& state, const Pending<Real>& pending, int threads, span<const std::int64_t> rows,
                    span<const std::int64_t> columns, Real* block) noexcept;

extern template void weights_beside(const State<float>&, const Pending<float>&, int, span<const std::int64_t>,
                                    span<const std::int64_t>, float*) noexcept;
extern template void weights_beside(const State<double>&, const Pending<double>&, int, span<const std::int64_t>,
                                    span<const std::int64_t>, double*) noexcept;

}  // namespace resonance::detail
