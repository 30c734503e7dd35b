//! Passes over the weights for a whole block of steps, and the panels that they take.
#pragma once

#include "../engines/conditions.hpp"
#include "../kernels/kernels.hpp"
#include "../state.hpp"
#include "layout.hpp"
#include "panel.hpp"

namespace resonance::detail {

//! Rounds up to whole groups of a panel on any instruction set: 128 bytes.
template <class Real>
constexpr std::ptrdiff_t panel_columns(std::ptrdiff_t columns) {
    constexpr std::ptrdiff_t group = static_cast<std::ptrdiff_t>(2 * kVectorAlignment / sizeof(Real));
    return (columns + group - 1) / group * group;
}

//! `count` rows of n numbers, `stride` apart, as a panel for `kernel`, with zeros up to panel_columns(count); of some
//! nodes.
template <class Real>
void pack_panel(const Kernels<Real>& kernel, const Real* rows, std::ptrdiff_t stride, std::ptrdiff_t count,
                std::ptrdiff_t n, const NodeRange& nodes, int threads, Real* panel) noexcept;

//! The first `count` columns of sums (n, panel_columns(count)) as rows of nodes, for some of these.
template <class Real>
void sums_to_rows(const double* sums, std::ptrdiff_t count, std::ptrdiff_t n, const NodeRange& nodes, int threads,
                  Real* rows) noexcept;

//! Growth and products of WeightsPass by `kernel`, with `scratch` for each thread. Where growth is no part of it,
//! `interrupt` is asked now and then: false if it was requested and the sums are worthless.
template <class Real>
bool pass_over_weights(State<Real>& state, const Kernels<Real>& kernel, const WeightsPass<Real>& pass, int threads,
                       Real* scratch, Interrupt interrupt) noexcept;

//! The products alone: sums (n, columns) of the weights with a panel. False if `interrupt` was
//! requested and the sums are worthless.
template <class Real>
bool take_products(State<Real>& state, const PackedPanel<Real>& panel, double* sums, int threads,
                   Interrupt interrupt) noexcept;

//! max_i sum_j |W_ij| over `count` rows, or all, that are spread over those which there are.
template <class Real>
double row_sum_norm(const State<Real>& state, std::ptrdiff_t count, int threads) noexcept;

#define RESONANCE_DECLARE(Real)                                                                                        \
    extern template void pack_panel(const Kernels<Real>&, const Real*, std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t, \
                                    const NodeRange&, int, Real*) noexcept;                                            \
    extern template void sums_to_rows(const double*, std::ptrdiff_t, std::ptrdiff_t, const NodeRange&, int,            \
                                      Real*) noexcept;                                                                 \
    extern template bool pass_over_weights(State<Real>&, const Kernels<Real>&, const WeightsPass<Real>&, int, Real*,   \
                                           Interrupt) noexcept;                                                        \
    extern template bool take_products(State<Real>&, const PackedPanel<Real>&, double*, int, Interrupt) noexcept;      \
    extern template double row_sum_norm(const State<Real>&, std::ptrdiff_t, int) noexcept;
RESONANCE_DECLARE(float)
RESONANCE_DECLARE(double)
#undef RESONANCE_DECLARE

}  // namespace resonance::detail
