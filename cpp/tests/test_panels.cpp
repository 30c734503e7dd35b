// A few columns stand for the cosines and sines of all steps; where they can't, that is found.
#include <algorithm>
#include <cmath>
#include <limits>

#include "blocks/chebyshev.hpp"
#include "blocks/layout.hpp"
#include "blocks/passes.hpp"
#include "blocks/skeleton.hpp"
#include "blocks/upcoming.hpp"
#include "cases.hpp"
#include "own_state.hpp"

using namespace resonance;

namespace {

std::size_t size(std::ptrdiff_t count) { return static_cast<std::size_t>(count); }

template <class Real>
struct Setting {
    Setting(std::ptrdiff_t nodes, double base, double spread, std::ptrdiff_t rows, std::int64_t hold)
        : n(nodes), input(test::random_values<double>(size(rows * n), 3, -1, 1)), state(nodes) {
        const auto phases = test::random_values<double>(size(n), 1, 0, 6.28);
        const auto frequencies = test::random_values<double>(size(n), 2, base - spread, base + spread);
        std::copy(phases.begin(), phases.end(), state.phases);
        std::copy(frequencies.begin(), frequencies.end(), state.frequencies);
        inputs = {input.data(), rows, true, hold};
        values.resize(size(detail::kMostColumns * n));
        coefficients.resize(size(2 * detail::kMostSteps * detail::kMostColumns));
        panel.values = values.data();
        panel.coefficients = coefficients.data();
    }

    //! The largest error of the panel's cosines and sines.
    double error() {
        const detail::Timeline timeline(inputs, n);
        const std::ptrdiff_t stride = detail::row_stride<Real>(n), group = detail::kernels<Real>().panel_group;
        std::vector<double> phases(state.phases, state.phases + n);
        std::vector<Real> wanted(size(2 * panel.steps * stride));
        detail::look_ahead(state, conditions, timeline, 0, panel.steps, state.own_nodes(), phases.data(),
                           wanted.data());
        double largest = 0;
        for (std::ptrdiff_t row = 0; row < 2 * panel.steps; ++row)
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                double sum = 0;
                for (std::ptrdiff_t k = 0; k < panel.columns; ++k)
                    sum += static_cast<double>(coefficients[size(row * panel.columns + k)]) *
                           static_cast<double>(values[size(k / group * group * n + i * group + k % group)]);
                largest = std::max(largest, std::abs(sum - static_cast<double>(wanted[size(row * stride + i)])));
            }
        return largest;
    }

    std::ptrdiff_t n;
    std::vector<double> input;
    test::OwnState<Real> state;
    Hyperparameters h;
    detail::Conditions conditions{h, 0.01, true, 1, 1e-12};
    Inputs inputs;
    std::vector<Real> values, coefficients;
    detail::Panel<Real> panel;
};

template <class Real>
constexpr double rounding = 400 * static_cast<double>(std::numeric_limits<Real>::epsilon());

template <class Real>
void check_chebyshev(std::ptrdiff_t n, double base, double spread, std::int64_t hold, double passes) {
    Setting<Real> setting(n, base, spread, 1, hold);
    const detail::Timeline timeline(setting.inputs, n);
    const auto plan = plan_chebyshev(setting.state, setting.conditions, timeline, passes);
    CHECK(plan.steps >= 1 && plan.steps <= hold && 2 * plan.points <= detail::kMostColumns);
    std::vector<double> scratch(size(2 * n));
    fill_chebyshev(setting.state, setting.conditions, timeline, plan, setting.state.own_nodes(), scratch.data(),
                   setting.panel);
    CHECK(setting.panel.steps == plan.steps && setting.panel.columns == 2 * plan.points);
    CHECK(setting.error() <= rounding<Real>);
    // Half the points are too few: the bound is no idle one.
    if (n > 1 && spread > 0.5 && plan.steps >= 256) {
        auto poor = plan;
        poor.points = plan.points / 2;
        fill_chebyshev(setting.state, setting.conditions, timeline, poor, setting.state.own_nodes(), scratch.data(),
                       setting.panel);
        CHECK(setting.error() > 10 * rounding<Real>);
    }
}

template <class Real>
void check_pinned_phase() {
    Setting<Real> setting(33, 1, 0.1, 1, 200);
    setting.state.any_phase_pinned = true;
    setting.state.phase_pins[4] = 1;
    setting.state.phases[4] = setting.state.pinned_phases[4] = 1.25;
    const detail::Timeline timeline(setting.inputs, setting.n);
    const auto plan = plan_chebyshev(setting.state, setting.conditions, timeline, 100);
    std::vector<double> scratch(size(2 * setting.n));
    fill_chebyshev(setting.state, setting.conditions, timeline, plan, setting.state.own_nodes(), scratch.data(),
                   setting.panel);
    CHECK(plan.steps > 0 && setting.error() <= rounding<Real>);
}

template <class Real>
struct Skeleton {
    explicit Skeleton(std::ptrdiff_t n)
        : columns(size(2 * detail::kSkeletonSteps * detail::row_stride<Real>(n))),
          selected(size(detail::kMostColumns * detail::row_stride<Real>(n))),
          residual(selected.size()),
          phases(size(n)),
          signs(size(n)),
          sketch(size(detail::kSketchSize)) {}
    detail::SkeletonScratch<Real> scratch() {
        return {columns.data(), selected.data(), residual.data(), phases.data(), signs.data(), sketch.data()};
    }
    std::vector<Real> columns, selected, residual;
    std::vector<double> phases, signs, sketch;
};

template <class Real>
void check_skeleton(std::ptrdiff_t n, const char* what, bool smooth, int threads) {
    Setting<Real> setting(n, 1, 0.1, 128, 1);
    setting.conditions.threads = threads;
    if (smooth)
        for (std::ptrdiff_t t = 127; t >= 0; --t)
            for (std::ptrdiff_t i = 0; i < n; ++i)
                setting.input[size(t * n + i)] = 3 * std::sin(0.03 * static_cast<double>(t) + setting.input[size(i)]);
    Skeleton<Real> skeleton(n);
    const detail::Timeline timeline(setting.inputs, n);
    detail::AllRanks alone;
    const bool found =
        fill_skeleton(setting.state, setting.conditions, timeline, 128, true, skeleton.scratch(), alone, setting.panel);
    if (found != smooth) std::printf("n %td, %s\n", n, what);
    CHECK(found == smooth);
    if (!found) return;
    CHECK(setting.panel.columns < 128 && setting.panel.known == skeleton.columns.data());
    CHECK(setting.error() <= 2 * rounding<Real>);
}

}  // namespace

int main() {
    test::for_each_isa([](Isa) {
        for (const std::ptrdiff_t n : {1, 7, 33, 300})
            for (const double passes : {0.0, 50.0, 1000.0})
                for (const std::int64_t hold : {48, 300, 10000}) {
                    check_chebyshev<double>(n, 1, 0.3, hold, passes);
                    check_chebyshev<float>(n, 1, 0.3, hold, passes);
                    check_chebyshev<double>(n, 1, 0.8, hold, passes);
                    check_chebyshev<double>(n, 97, 0.3, hold, passes);  // close to a turn in every step
                }
        check_pinned_phase<double>();
        check_pinned_phase<float>();
        for (const int threads : {1, 3}) {
            check_skeleton<double>(400, "smooth", true, threads);
            check_skeleton<float>(400, "smooth", true, threads);
            check_skeleton<double>(400, "noise", false, threads);
        }
    });
    // Frequencies all over the circle leave nothing to interpolate.
    Setting<double> wild(50, 0, 60, 1, 300);
    const detail::Timeline timeline(wild.inputs, wild.n);
    CHECK(plan_chebyshev(wild.state, wild.conditions, timeline, 100).steps == 0);
    return test::result();
}
