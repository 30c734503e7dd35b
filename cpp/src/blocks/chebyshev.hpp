//! The panel of a held input: Chebyshev points in time.
//!
//! While the input is held, phi_i(t) = phi_i(0) + omega_i t. With the middle frequency w taken out,
//! exp(i phi_i(t)) = exp(i w t) exp(i (phi_i(0) + (omega_i - w) t)), the second factor is a smooth function of t, the
//! same few points serve all nodes, and no factorization is needed. With z = (largest - smallest omega) steps / 4, d
//! points err by less than 4 (z / 2)^d / d!: far below rounding once d exceeds z by some twenty.
#pragma once

#include "../engines/conditions.hpp"
#include "../state.hpp"
#include "panel.hpp"
#include "timeline.hpp"

namespace resonance::detail {

//! How many steps of a held input one panel should serve, and with how many points.
struct ChebyshevPlan {
    std::ptrdiff_t steps = 0;  //!< 0: the frequencies lie too far apart
    std::ptrdiff_t points = 0;
    double middle = 0;  //!< [rad per step]
};

//! `passes`: what one column costs on all weights, in units of what it costs in a step; 0 where the weights have no
//! part in products any more. Shares that cost among as many steps as pays.
template <class Real>
ChebyshevPlan plan_chebyshev(const State<Real>& state, const Conditions& conditions, const Timeline& timeline,
                             double passes) noexcept;

//! Fills in the panel, for some nodes. `phases`: scratch of 2 n numbers.
template <class Real>
void fill_chebyshev(const State<Real>& state, const Conditions& conditions, const Timeline& timeline,
                    const ChebyshevPlan& plan, const NodeRange& nodes, double* phases, Panel<Real>& panel) noexcept;

#define RESONANCE_DECLARE(Real)                                                                                       \
    extern template ChebyshevPlan plan_chebyshev(const State<Real>&, const Conditions&, const Timeline&,              \
                                                 double) noexcept;                                                    \
    extern template void fill_chebyshev(const State<Real>&, const Conditions&, const Timeline&, const ChebyshevPlan&, \
                                        const NodeRange&, double*, Panel<Real>&) noexcept;
RESONANCE_DECLARE(float)
RESONANCE_DECLARE(double)
#undef RESONANCE_DECLARE

}  // namespace resonance::detail
