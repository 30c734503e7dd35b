// The network against the formulas of its header, written out in long double; and its promises to callers.
#include "resonance/network.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "cases.hpp"

using namespace resonance;

namespace {

constexpr long double kTurn = 6.283185307179586L;  // the double, as the model takes it

template <class Real>
using Pointer = std::unique_ptr<Network<Real>>;

template <class Real>
Pointer<Real> random_network(std::ptrdiff_t n, unsigned seed = 1) {
    Pointer<Real> network;
    CHECK(Network<Real>::create({n}, network) == Status::ok);
    const auto count = static_cast<std::size_t>(n);
    CHECK(network->set_phases(test::random_values<double>(count, seed, 0, 6)) == Status::ok);
    CHECK(network->set_frequencies(test::random_values<double>(count, seed + 1, 0.5, 1.5)) == Status::ok);
    CHECK(network->template set_weight_rows<double>(0, test::random_values<double>(count * count, seed + 2)) ==
          Status::ok);
    return network;
}

//! The state of a small network in long double.
struct Plain {
    template <class Real>
    explicit Plain(const Network<Real>& net) : n(net.n_nodes()), h(net.hyperparameters()) {
        phases.assign(net.phases().begin(), net.phases().end());
        frequencies.assign(net.frequencies().begin(), net.frequencies().end());
        amplitudes.assign(net.amplitudes().begin(), net.amplitudes().end());
        for (std::ptrdiff_t i = 0; i < n; ++i)
            for (std::ptrdiff_t j = 0; j < n; ++j) weights.push_back(net.weights()[i * net.weight_stride() + j]);
    }

    void update(const std::vector<double>& input, double dt, bool learn) {
        std::vector<long double> next(phases);
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            long double g = 0;
            for (std::ptrdiff_t j = 0; j < n; ++j)
                g += weights[i * n + j] * std::sin(phases[j] - phases[i] - h.phase_lag);
            next[i] = std::fmod(phases[i] + (kTurn * frequencies[i] + input[i] + h.coupling * g) * dt, kTurn);
            if (next[i] < 0) next[i] += kTurn;
        }
        phases = next;
        const std::vector<long double> old = amplitudes;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            long double resonance = 0;
            for (std::ptrdiff_t j = 0; j < n; ++j) {
                long double& w = weights[i * n + j];
                if (learn)
                    w = h.decay *
                        (w + h.learning_rate * std::cos(phases[i] - phases[j] - h.learning_lag) * old[i] * old[j]);
                resonance += w * std::cos(phases[i] - phases[j]);
            }
            amplitudes[i] = std::tanh(h.gain * resonance);
            if (h.amplitude_floor > 0)
                amplitudes[i] = std::max(amplitudes[i], static_cast<long double>(h.amplitude_floor));
        }
    }

    std::ptrdiff_t n;
    Hyperparameters h;
    std::vector<long double> phases, frequencies, amplitudes, weights;
};

template <class Real>
void check_against_formulas() {
    const double bound = sizeof(Real) == 8 ? 1e-13 : 2e-5;
    for (const std::ptrdiff_t n : test::sizes) {
        for (const bool learn : {true, false}) {
            auto network = random_network<Real>(n);
            Hyperparameters h;
            h.gain = 3.0 / static_cast<double>(n);
            h.coupling = 1.0 / static_cast<double>(n);
            h.phase_lag = 0.3;
            h.learning_lag = -0.4;
            h.amplitude_floor = 0.1;
            h.learning_rate = 0.05;
            CHECK(network->set_hyperparameters(h) == Status::ok);
            network->set_learning(learn);
            Plain plain(*network);
            for (unsigned step = 0; step < 20; ++step) {
                const auto input = test::random_values<double>(static_cast<std::size_t>(n), 10 + step, -3, 3);
                CHECK(network->update(input, 0.01) == Status::ok);
                plain.update(input, 0.01, learn);
            }
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                const auto index = static_cast<std::size_t>(i);
                const long double phase_error = network->phases()[index] - plain.phases[index];
                CHECK(std::abs(std::remainder(phase_error, kTurn)) <= bound);
                CHECK(std::abs(network->amplitudes()[index] - plain.amplitudes[index]) <= bound);
                for (std::ptrdiff_t j = 0; j < n; ++j)
                    CHECK(std::abs(network->weights()[i * network->weight_stride() + j] - plain.weights[i * n + j]) <=
                          bound);
            }
            CHECK(network->step_count() == 20 && std::abs(network->time() - 0.2) < 1e-12);
        }
    }
}

template <class Real>
bool same_bits(const Network<Real>& a, const Network<Real>& b) {
    const auto n = static_cast<std::size_t>(a.n_nodes());
    bool same = std::memcmp(a.phases().data(), b.phases().data(), n * sizeof(double)) == 0 &&
                std::memcmp(a.amplitudes().data(), b.amplitudes().data(), n * sizeof(Real)) == 0;
    for (std::size_t i = 0; i < n; ++i)
        same = same &&
               std::memcmp(a.weights() + static_cast<std::ptrdiff_t>(i) * a.weight_stride(),
                           b.weights() + static_cast<std::ptrdiff_t>(i) * b.weight_stride(), n * sizeof(Real)) == 0;
    return same;
}

template <class Real>
double largest_difference(const Network<Real>& a, const Network<Real>& b) {
    double largest = 0;
    for (std::ptrdiff_t i = 0; i < a.n_nodes(); ++i) {
        const auto node = static_cast<std::size_t>(i);
        largest = std::max(largest, static_cast<double>(std::abs(a.amplitudes()[node] - b.amplitudes()[node])));
        largest = std::max(largest, std::abs(a.phases()[node] - b.phases()[node]));
        for (std::ptrdiff_t j = 0; j < a.n_nodes(); ++j)
            largest = std::max(largest, static_cast<double>(std::abs(a.weights()[i * a.weight_stride() + j] -
                                                                     b.weights()[i * b.weight_stride() + j])));
    }
    return largest;
}

void check_threads_and_runs() {
    for (const std::ptrdiff_t n : {1, 9, 33, 65, 517}) {
        const auto input = test::random_values<double>(static_cast<std::size_t>(3 * n), 4);
        Inputs rows;
        rows.values = input.data();
        rows.rows = 3;
        rows.per_node = true;
        rows.hold = 4;
        std::int64_t completed = 0;

        auto stepped = random_network<double>(n);
        CHECK(stepped->set_threads(1) == Status::ok && stepped->threads() == 1);
        for (std::size_t row = 0; row < 3; ++row)
            for (int k = 0; k < 4; ++k)
                CHECK(stepped->update({input.data() + row * static_cast<std::size_t>(n), static_cast<std::size_t>(n)},
                                      0.02) == Status::ok);
        // Runs and steps differ by rounding alone, and runs on any number of threads by nothing.
        auto first = random_network<double>(n);
        CHECK(first->set_threads(1) == Status::ok);
        CHECK(first->run(rows, 0.02, {}, completed) == Status::ok && completed == 12);
        CHECK(largest_difference(*first, *stepped) <= 1e-14 * static_cast<double>(n));
        for (const int threads : {2, 3}) {
            auto run = random_network<double>(n);
            CHECK(run->set_threads(threads) == Status::ok);
            CHECK(run->run(rows, 0.02, {}, completed) == Status::ok && completed == 12);
            CHECK(same_bits(*run, *first));
        }
        // A run may begin within a row.
        Inputs rest = rows;
        rest.skip = 3;
        auto within = random_network<double>(n);
        for (int k = 0; k < 3; ++k)
            CHECK(within->update({input.data(), static_cast<std::size_t>(n)}, 0.02) == Status::ok);
        CHECK(within->run(rest, 0.02, {}, completed) == Status::ok && completed == 9);
        CHECK(largest_difference(*within, *stepped) <= 1e-14 * static_cast<double>(n));
    }
}

void check_pins() {
    auto network = random_network<double>(5);
    const std::vector<std::int64_t> nodes{1, 3};
    const std::vector<double> amplitudes{0.25, -0.5}, phases{1.0, 7.0};
    CHECK(network->pin(nodes, amplitudes, phases) == Status::ok);
    CHECK(network->amplitudes()[3] == -0.5);
    CHECK(network->update(2.0, 0.01) == Status::ok);
    CHECK(network->amplitudes()[1] == 0.25 && network->amplitudes()[3] == -0.5);
    CHECK(network->phases()[1] == 1.0 && network->phases()[3] == std::fmod(7.0, 6.283185307179586));
    CHECK(network->unpin(nodes) == Status::ok);
    CHECK(network->update(2.0, 0.01) == Status::ok);
    CHECK(network->amplitudes()[1] != 0.25 && network->phases()[1] != 1.0);
    const std::vector<std::int64_t> outside{5};
    CHECK(network->pin(outside, {amplitudes.data(), 1}) == Status::invalid_node);
    CHECK(network->pin(nodes, {amplitudes.data(), 1}) == Status::invalid_size);
    CHECK(network->unpin(outside) == Status::invalid_node);
}

void check_assign() {
    auto network = random_network<double>(9), twin = random_network<double>(9, 50);
    Hyperparameters h;
    h.coupling = 0.2;
    CHECK(network->set_hyperparameters(h) == Status::ok);
    CHECK(network->pin(std::vector<std::int64_t>{2}, std::vector<double>{0.5}) == Status::ok);
    CHECK(network->set_threads(1) == Status::ok);
    for (int step = 0; step < 10; ++step) CHECK(network->update(1.0, 0.01) == Status::ok);
    CHECK(twin->assign(*network) == Status::ok);
    for (int step = 0; step < 10; ++step)
        CHECK(network->update(1.0, 0.01) == Status::ok && twin->update(1.0, 0.01) == Status::ok);
    CHECK(same_bits(*network, *twin) && twin->step_count() == 20 && twin->time() == network->time());
    CHECK(twin->amplitude_pins()[2] == 1 && twin->threads_setting() == 1);
    CHECK(network->assign(*network) == Status::ok && same_bits(*network, *twin));

    auto larger = random_network<double>(10);
    CHECK(larger->assign(*network) == Status::invalid_size);
}

void check_refusals() {
    auto network = random_network<float>(4), untouched = random_network<float>(4);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> input(4, 0.0), weights(16, 0.0);
    std::int64_t completed = 0;

    CHECK(network->update({input.data(), 3}, 0.01) == Status::invalid_size);
    for (const double dt : {0.0, -1.0, nan, std::numeric_limits<double>::infinity()}) {
        CHECK(network->update(input, dt) == Status::invalid_time_step);
        CHECK(network->run({}, dt, {}, completed) == Status::invalid_time_step);
    }
    input[2] = nan;
    CHECK(network->update(input, 0.01) == Status::non_finite);
    CHECK(network->update(nan, 0.01) == Status::non_finite);
    CHECK(network->set_phases(input) == Status::non_finite);
    CHECK(network->set_frequencies(input) == Status::non_finite);
    CHECK(network->set_amplitudes(input) == Status::non_finite);
    Inputs rows;
    rows.values = input.data();
    rows.per_node = true;
    CHECK(network->run(rows, 0.01, {}, completed) == Status::non_finite && completed == 0);
    Inputs endless = rows;  // as many steps, or values, as no counter holds
    endless.rows = endless.hold = std::int64_t{1} << 32;
    CHECK(network->run(endless, 0.01, {}, completed) == Status::invalid_size);
    endless.rows = std::numeric_limits<std::ptrdiff_t>::max() / 2;
    endless.hold = 1;
    CHECK(network->run(endless, 0.01, {}, completed) == Status::invalid_size);
    for (const std::int64_t skip : {std::int64_t{-1}, std::int64_t{1}, std::int64_t{5}}) {
        Inputs skipping = rows;
        skipping.skip = skip;
        CHECK(network->run(skipping, 0.01, {}, completed) == Status::invalid_size);
    }
    input[2] = 1e308;
    CHECK(network->update(input, 10.0) == Status::phase_overflow);
    CHECK(network->run(rows, 10.0, {}, completed) == Status::phase_overflow);
    weights[5] = 1e300;  // finite, but not as a float
    CHECK(network->set_weight_rows<double>(0, weights) == Status::non_finite);
    CHECK(network->set_weight_rows<double>(1, weights) == Status::invalid_size);

    Hyperparameters wrong;
    wrong.decay = 1.5;
    CHECK(network->set_hyperparameters(wrong) == Status::invalid_value);
    wrong = {};
    wrong.gain = nan;
    CHECK(network->set_hyperparameters(wrong) == Status::invalid_value);
    wrong = {};
    wrong.noise_std = -0.1;
    CHECK(network->set_hyperparameters(wrong) == Status::invalid_value);
    CHECK(network->set_threads(-1) == Status::invalid_value);
    CHECK(network->set_clock(-1, 0) == Status::invalid_value);
    CHECK(same_bits(*network, *untouched) && network->step_count() == 0);

    Pointer<double> none;
    CHECK(Network<double>::create({0}, none) == Status::invalid_size);
    CHECK(Network<double>::create({std::numeric_limits<std::ptrdiff_t>::max() / 4}, none) == Status::out_of_memory);
    CHECK(none == nullptr);

    // Growth without decay from amplitudes far above 1 leaves the range of float.
    const std::vector<std::int64_t> all{0, 1, 2, 3};
    CHECK(network->pin(all, std::vector<double>(4, 1e25)) == Status::ok);
    CHECK(network->update(0.0, 0.01) == Status::diverged);
}

void check_interrupt() {
    auto network = random_network<double>(3);
    int asked = 0;
    Interrupt interrupt;
    interrupt.context = &asked;
    interrupt.requested = [](void* context) noexcept { return ++*static_cast<int*>(context) == 5; };
    const double input = 0;
    Inputs held;
    held.values = &input;
    held.hold = 100;
    std::int64_t completed = 0;
    CHECK(network->run(held, 0.01, interrupt, completed) == Status::interrupted);
    CHECK(completed == 5 && network->step_count() == 5);
}

}  // namespace

int main() {
    test::for_each_isa([](Isa) {
        check_against_formulas<float>();
        check_against_formulas<double>();
        check_threads_and_runs();
    });
    check_pins();
    check_assign();
    check_refusals();
    check_interrupt();
    return test::result();
}
