// Fewer pairs stand for the same growth, to within the tolerance, whatever the learning lag; and where they can't, that
// is found and nothing is lost.
#include "blocks/compression.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "blocks/layout.hpp"
#include "blocks/pending.hpp"
#include "cases.hpp"
#include "own_state.hpp"

using namespace resonance;

namespace {

std::size_t size(std::ptrdiff_t count) { return static_cast<std::size_t>(count); }

//! Pairs of `steps` steps of a network of n oscillators, with amplitudes that change from step to step.
template <class Real>
struct Growth {
    Growth(std::ptrdiff_t nodes, std::ptrdiff_t steps, double spread, const Hyperparameters& hyperparameters)
        : n(nodes),
          h(hyperparameters),
          conditions{h, 0.01, true, 1, 1e-12},
          rows(size(2 * capacity * stride())),
          state(nodes) {
        const auto weights = test::random_values<Real>(size(n * n), 1, -0.01, 0.01);
        for (std::ptrdiff_t i = 0; i < n; ++i) std::copy_n(weights.data() + i * n, n, state.weights + i * state.stride);
        pending = std::make_unique<detail::Pending<Real>>(state, conditions, rows.data(), capacity);
        const auto phases = test::random_values<double>(size(n), 2, 0, 6);
        const auto frequencies = test::random_values<double>(size(n), 3, 6 - spread, 6 + spread);
        const detail::Powers powers(h.decay);
        for (std::ptrdiff_t t = 0; t < steps; ++t) {
            Real* u = pending->next_rows();
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                const double amplitude = 0.6 + 0.4 * std::cos(0.01 * static_cast<double>(t) + phases[size(i)]);
                const double phase = phases[size(i)] + 0.01 * frequencies[size(i)] * static_cast<double>(t);
                u[i] = static_cast<Real>(amplitude * std::cos(phase));
                u[stride() + i] = static_cast<Real>(amplitude * std::sin(phase));
            }
            pending->append(1, powers);
        }
        const typename detail::Compression<Real>::Task task{detail::all_nodes<Real>(n), 0, stride(), capacity, 100, {}};
        memory.resize(compression.carve(nullptr, task) + 64);
        auto* aligned = memory.data() + (64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64) % 64;
        compression.carve(aligned, task);
    }

    double largest_weight() {
        return pending->largest_weight(state, compression.find_diagonal(pending->pairs(), 1), compression.spare_row());
    }
    bool compress(double relative_tolerance) {
        const double tolerance = relative_tolerance * largest_weight();
        if (!compression.compress(pending->pairs(), tolerance, true, 1)) return false;
        pending->replace(compression.count());
        return true;
    }

    std::ptrdiff_t stride() const { return detail::row_stride<Real>(n); }

    //! All of W, by row_strengths.
    std::vector<double> weights() const {
        std::vector<double> all(size(n * n));
        std::vector<Real> strengths(size(2 * capacity));
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            pending->row_strengths(i, strengths.data());
            for (std::ptrdiff_t j = 0; j < n; ++j) {
                double w = pending->base_factor() * static_cast<double>(state.weights[i * state.stride + j]);
                for (std::ptrdiff_t k = 0; k < 2 * pending->count(); ++k)
                    w += static_cast<double>(strengths[size(k)]) * static_cast<double>(rows[size(k * stride() + j)]);
                all[size(i * n + j)] = w;
            }
        }
        return all;
    }

    static constexpr std::ptrdiff_t capacity = detail::Pending<Real>::kMostPairs;
    std::ptrdiff_t n;
    Hyperparameters h;
    detail::Conditions conditions;
    std::vector<Real> rows;
    test::OwnState<Real> state;
    std::unique_ptr<detail::Pending<Real>> pending;
    detail::Compression<Real> compression;
    std::vector<unsigned char> memory;
};

double largest(const std::vector<double>& values) {
    double found = 0;
    for (const double value : values) found = std::max(found, std::abs(value));
    return found;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
    double found = 0;
    for (std::size_t k = 0; k < a.size(); ++k) found = std::max(found, std::abs(a[k] - b[k]));
    return found;
}

template <class Real>
void check_bound(double learning_lag, double learning_rate, double tolerance) {
    Hyperparameters h;
    h.learning_lag = learning_lag;
    h.learning_rate = learning_rate;
    Growth<Real> growth(173, 180, 1, h);
    const auto before = growth.weights();
    const double bound = growth.largest_weight();
    CHECK(bound > 0 && bound <= largest(before) * (1 + 1e-6));

    CHECK(growth.compress(tolerance));
    CHECK(growth.pending->count() > 0 && growth.pending->count() < 60);
    const auto after = growth.weights();
    const double rounding = 64 * static_cast<double>(std::numeric_limits<Real>::epsilon());
    CHECK(largest_difference(before, after) <= (tolerance + rounding) * largest(before));
    // A coarse tolerance leaves an error that can be seen, so the comparison could fail.
    if (tolerance > 1e-5) CHECK(largest_difference(before, after) > 1e-8);

    // A second compression finds nothing more to do, by the pivots of the first.
    const std::ptrdiff_t left = growth.pending->count();
    CHECK(growth.compress(tolerance));
    CHECK(growth.pending->count() <= left);
    CHECK(largest_difference(after, growth.weights()) <= (tolerance + rounding) * largest(before));
}

//! Frequencies all over the circle: 180 steps have no low rank.
void check_refusal() {
    Growth<double> growth(400, 180, 600, {});
    const std::vector<double> rows = growth.rows;
    const double weight = growth.pending->weights()[7];
    CHECK(!growth.compress(1e-13));
    CHECK(growth.pending->count() == 180 && growth.rows == rows && growth.pending->weights()[7] == weight);
}

//! What waits and what has been added are the same weights.
template <class Real>
void check_flush(double learning_lag, double learning_rate) {
    Hyperparameters h;
    h.learning_lag = learning_lag;
    h.learning_rate = learning_rate;
    Growth<Real> growth(65, 40, 1, h);
    const auto before = growth.weights();
    std::vector<Real> scratch(size(detail::pass_scratch(80)));
    CHECK(growth.pending->flush(growth.state, {}, nullptr, scratch.data(), {}));
    CHECK(growth.pending->count() == 0 && growth.pending->base_factor() == 1);
    CHECK(largest_difference(before, growth.weights()) <=
          64 * static_cast<double>(std::numeric_limits<Real>::epsilon()) * largest(before));
}

}  // namespace

int main() {
    test::for_each_isa([](Isa) {
        for (const double lag : {0.0, 0.7, 1.5707963267948966, 3.0})
            for (const double rate : {0.01, -0.01}) {
                for (const double tolerance : {1e-14, 1e-10, 1e-4}) check_bound<double>(lag, rate, tolerance);
                check_bound<float>(lag, rate, 1e-6);
                check_flush<double>(lag, rate);
                check_flush<float>(lag, rate);
            }
        check_refusal();
    });
    return test::result();
}
