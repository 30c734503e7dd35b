#include "chebyshev.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../kernels/kernels.hpp"
#include "../phases.hpp"
#include "layout.hpp"
#include "passes.hpp"
#include "upcoming.hpp"

namespace resonance::detail {
namespace {

constexpr double kPi = kTwoPi / 2;

//! What a node's phase gains in a step of the present input [rad].
template <class Real>
double increment(const State<Real>& state, const Conditions& conditions, const Timeline& timeline,
                 std::ptrdiff_t i) noexcept {
    if (state.any_phase_pinned && state.phase_pins[i]) return 0;
    return kTwoPi * state.frequencies[i] * conditions.dt +
           timeline.input()[timeline.per_node() ? i : 0] * conditions.dt;
}

//! Points for |argument| <= half_width, in whole groups of columns; 0 where they exceed the most.
template <class Real>
std::ptrdiff_t points_for(double half_width) noexcept {
    const double wanted = std::numeric_limits<Real>::epsilon() / 4;
    double bound = 4;
    std::ptrdiff_t points = 0;
    while (bound > wanted || static_cast<double>(points) < half_width) {
        ++points;
        bound *= half_width / 2 / static_cast<double>(points);
        if (2 * points > kMostColumns) return 0;
    }
    const std::ptrdiff_t columns = panel_columns<Real>(2 * points);
    return columns > kMostColumns ? 0 : columns / 2;
}

//! A number with so few bits that its products with step counts are exact.
double few_bits(double x) noexcept { return std::ldexp(std::nearbyint(std::ldexp(x, 30)), -30); }

}  // namespace

template <class Real>
ChebyshevPlan plan_chebyshev(const State<Real>& state, const Conditions& conditions, const Timeline& timeline,
                             double passes) noexcept {
    double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
    for (std::ptrdiff_t i = 0; i < state.n; ++i) {
        const double omega = increment(state, conditions, timeline, i);
        lowest = std::min(lowest, omega);
        highest = std::max(highest, omega);
    }
    ChebyshevPlan best;
    if (!(highest - lowest < kTwoPi)) return best;
    // At whole steps, turns make no difference.
    best.middle = few_bits(std::remainder((lowest + highest) / 2, kTwoPi));
    double least = std::numeric_limits<double>::infinity();
    const auto most = static_cast<std::ptrdiff_t>(std::min<std::int64_t>(timeline.held(), kMostSteps));
    for (const std::ptrdiff_t share : {1, 2, 4, 8}) {
        const std::ptrdiff_t steps = (most + share - 1) / share;
        const std::ptrdiff_t points = points_for<Real>((highest - lowest) / 4 * static_cast<double>(steps));
        if (points == 0) continue;
        const double cost = static_cast<double>(points) * (1 + passes / static_cast<double>(steps));
        if (cost >= least) continue;
        least = cost;
        best.steps = steps;
        best.points = points;
    }
    return best;
}

template <class Real>
void fill_chebyshev(const State<Real>& state, const Conditions& conditions, const Timeline& timeline,
                    const ChebyshevPlan& plan, const NodeRange& nodes, double* phases, Panel<Real>& panel) noexcept {
    const std::ptrdiff_t n = state.n, points = plan.points, steps = plan.steps;
    const Kernels<Real>& kernel = kernels<Real>();
    panel.kernels = &kernel;
    panel.steps = steps;
    panel.columns = 2 * points;
    panel.known = nullptr;

    // Points of the first kind on [1, steps], in their order in time, and the weights of their barycentric formula.
    double positions[kMostColumns / 2] = {}, weights[kMostColumns / 2] = {}, frames[kMostColumns / 2] = {};
    std::ptrdiff_t nearest[kMostColumns / 2] = {};
    for (std::ptrdiff_t point = 0; point < points; ++point) {
        const double angle = kPi * (2 * static_cast<double>(point) + 1) / (2 * static_cast<double>(points));
        positions[point] = 1 + static_cast<double>(steps - 1) / 2 * (1 - std::cos(angle));
        weights[point] = (point % 2 == 0 ? 1 : -1) * std::sin(angle);
        nearest[point] = static_cast<std::ptrdiff_t>(std::nearbyint(positions[point]));
        const double turned = plan.middle * static_cast<double>(nearest[point]);
        frames[point] = std::atan2(std::sin(turned), std::cos(turned));
    }

    // A phase at a point follows from the one at the nearest step. Not from the first one: rounded as they are, phases
    // drift off a straight line by 1e-16 in a step.
    double* angles = phases + n;
    const std::ptrdiff_t group = kernel.panel_group;
    for_node_chunks(nodes, conditions.threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t) {
        Real cosines[kNodeChunk], sines[kNodeChunk];
        double slopes[kNodeChunk];
        for (std::ptrdiff_t i = first; i < last; ++i) {
            phases[i] = state.phases[i];
            slopes[i - first] = std::remainder(increment(state, conditions, timeline, i) - plan.middle, kTwoPi);
        }
        std::ptrdiff_t step = 0;
        for (std::ptrdiff_t point = 0; point < points; ++point) {
            look_ahead_at(state, conditions, timeline, step, nearest[point] - step, first, last, phases);
            step = nearest[point];
            const double ahead = positions[point] - static_cast<double>(step);
            for (std::ptrdiff_t i = first; i < last; ++i)
                angles[i] = (phases[i] - frames[point]) + slopes[i - first] * ahead;
            kernel.cosines_and_sines(angles + first, last - first, cosines, sines);
            Real* to = panel.values + 2 * point / group * group * n + first * group + 2 * point % group;
            for (std::ptrdiff_t i = 0; i < last - first; ++i) {
                to[i * group] = cosines[i];
                to[i * group + 1] = sines[i];
            }
        }
    });

    // Each step's interpolation, times what the frame has turned by then.
    for (std::ptrdiff_t step = 1; step <= steps; ++step) {
        double shares[kMostColumns / 2], sum = 0;
        std::ptrdiff_t hit = -1;
        for (std::ptrdiff_t point = 0; point < points; ++point) {
            const double distance = static_cast<double>(step) - positions[point];
            if (distance == 0) hit = point;
            shares[point] = weights[point] / distance;
            sum += shares[point];
        }
        const double turned = plan.middle * static_cast<double>(step);
        const double cosine = std::cos(turned), sine = std::sin(turned);
        Real* of_cosine = panel.coefficients + 2 * (step - 1) * panel.columns;
        Real* of_sine = of_cosine + panel.columns;
        for (std::ptrdiff_t point = 0; point < points; ++point) {
            const double share = hit >= 0 ? (hit == point ? 1.0 : 0.0) : shares[point] / sum;
            of_cosine[2 * point] = static_cast<Real>(share * cosine);
            of_cosine[2 * point + 1] = static_cast<Real>(-share * sine);
            of_sine[2 * point] = static_cast<Real>(share * sine);
            of_sine[2 * point + 1] = static_cast<Real>(share * cosine);
        }
    }
}

#define RESONANCE_INSTANTIATE(Real)                                                                                 \
    template ChebyshevPlan plan_chebyshev(const State<Real>&, const Conditions&, const Timeline&, double) noexcept; \
    template void fill_chebyshev(const State<Real>&, const Conditions&, const Timeline&, const ChebyshevPlan&,      \
                                 const NodeRange&, double*, Panel<Real>&) noexcept;
RESONANCE_INSTANTIATE(float)
RESONANCE_INSTANTIATE(double)

}  // namespace resonance::detail
