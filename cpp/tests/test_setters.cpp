// Single phases, weights and pins: what they change, that the coupling follows, and what they refuse.
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "cases.hpp"
#include "resonance/network.hpp"

using namespace resonance;

namespace {

template <class Real>
using Pointer = std::unique_ptr<Network<Real>>;

template <class Real>
Pointer<Real> coupled(std::ptrdiff_t n) {
    Options options{n};
    options.hyperparameters.coupling = 0.7;
    options.hyperparameters.phase_lag = 0.3;
    options.hyperparameters.gain = 2.0 / static_cast<double>(n);
    Pointer<Real> network;
    CHECK(Network<Real>::create(options, network) == Status::ok);
    const auto count = static_cast<std::size_t>(n);
    CHECK(network->set_phases(test::random_values<double>(count, 1, 0, 6)) == Status::ok);
    CHECK(network->set_frequencies(test::random_values<double>(count, 2, 0.5, 1.5)) == Status::ok);
    CHECK(network->template set_weight_rows<double>(0, test::random_values<double>(count * count, 3)) == Status::ok);
    return network;
}

template <class Real>
double largest_difference(const Network<Real>& a, const Network<Real>& b) {
    double largest = 0;
    for (std::ptrdiff_t i = 0; i < a.n_nodes(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        largest = std::max(largest, std::abs(a.phases()[at] - b.phases()[at]));
        largest = std::max(largest, static_cast<double>(std::abs(a.amplitudes()[at] - b.amplitudes()[at])));
        for (std::size_t j = 0; j < a.weight_row(i).size(); ++j)
            largest = std::max(largest, static_cast<double>(std::abs(a.weight_row(i)[j] - b.weight_row(i)[j])));
    }
    return largest;
}

//! The same changes node by node, where the products follow, and as whole arrays, after which they are taken anew.
template <class Real>
void check_products_follow(std::ptrdiff_t n) {
    auto one = coupled<Real>(n), whole = coupled<Real>(n);
    const auto count = static_cast<std::size_t>(n);
    for (std::ptrdiff_t tick = 0; tick < 40; ++tick) {
        CHECK(one->update(0.3, 0.01) == Status::ok && whole->update(0.3, 0.01) == Status::ok);
        const std::ptrdiff_t node = tick % n, other = (3 * tick + 1) % n;
        const double phase = 0.4 * static_cast<double>(tick) - 5;
        const auto weight = static_cast<Real>(0.1 * static_cast<double>(tick % 5));
        CHECK(one->set_phase(node, phase) == Status::ok && one->set_weight(node, other, weight) == Status::ok);
        CHECK(one->pin(other, 0.5, 0.1) == Status::ok && one->set_weight(other, node, weight) == Status::ok);

        std::vector<double> phases(whole->phases().begin(), whole->phases().end());
        phases[static_cast<std::size_t>(node)] = phase;
        std::vector<Real> weights;
        for (std::ptrdiff_t i = 0; i < n; ++i)
            weights.insert(weights.end(), whole->weight_row(i).begin(), whole->weight_row(i).end());
        weights[static_cast<std::size_t>(node) * count + static_cast<std::size_t>(other)] = weight;
        weights[static_cast<std::size_t>(other) * count + static_cast<std::size_t>(node)] = weight;
        CHECK(whole->pin(other, 0.5, 0.1) == Status::ok);
        phases[static_cast<std::size_t>(other)] = 0.1;
        CHECK(whole->set_phases(phases) == Status::ok);
        CHECK(whole->template set_weight_rows<Real>(0, weights) == Status::ok);
    }
    CHECK(one->update(0.3, 0.01) == Status::ok && whole->update(0.3, 0.01) == Status::ok);
    CHECK(largest_difference(*one, *whole) <= (sizeof(Real) == sizeof(double) ? 1e-13 : 2e-6));
}

//! a cos(phi) of the present phases, whichever call has moved them last.
template <class Real>
void check_outputs(std::ptrdiff_t n) {
    auto network = coupled<Real>(n);
    const auto count = static_cast<std::size_t>(n);
    std::vector<Real> outputs(count);
    const auto right = [&] {
        if (network->outputs(outputs) != Status::ok) return false;
        for (std::size_t i = 0; i < count; ++i) {
            const double wanted = static_cast<double>(network->amplitudes()[i]) * std::cos(network->phases()[i]);
            if (std::abs(static_cast<double>(outputs[i]) - wanted) > 2 * std::numeric_limits<Real>::epsilon())
                return false;
        }
        return true;
    };
    CHECK(right());
    CHECK(network->update(1.0, 0.01) == Status::ok && right());
    CHECK(network->set_phase(n - 1, 2.5) == Status::ok && right());
    CHECK(network->set_phases(std::vector<double>(count, 0.7)) == Status::ok && right());
    CHECK(network->pin(0, -0.5, 4.0) == Status::ok && right());
    Hyperparameters free = network->hyperparameters();
    free.coupling = 0;
    CHECK(network->set_hyperparameters(free) == Status::ok);
    Inputs held;
    const double input = 0.5;
    held.values = &input;
    held.hold = 300;
    std::int64_t completed = 0;
    CHECK(network->run(held, 0.01, {}, completed) == Status::ok && right());
    CHECK(network->outputs({outputs.data(), count - 1}) == Status::invalid_size);
    CHECK(Network<Real>::create({n}, network) == Status::ok && right() && outputs[0] == 1);
}

//! Inputs in float are those in double that have the same values.
void check_input_types() {
    const auto input = test::random_values<float>(33, 5, -3, 3);
    const std::vector<double> same(input.begin(), input.end());
    auto a = coupled<float>(33), b = coupled<float>(33);
    for (int step = 0; step < 10; ++step)
        CHECK(a->update(input, 0.01) == Status::ok && b->update(same, 0.01) == Status::ok);
    CHECK(largest_difference(*a, *b) == 0);
    auto c = coupled<double>(33), d = coupled<double>(33);
    for (int step = 0; step < 10; ++step)
        CHECK(c->update(input, 0.01) == Status::ok && d->update(same, 0.01) == Status::ok);
    CHECK(largest_difference(*c, *d) == 0);
}

void check_pins() {
    auto network = coupled<double>(6);
    CHECK(network->pin(2, 0.25) == Status::ok && network->pin(4, -0.5, 7.0) == Status::ok);
    CHECK(network->amplitudes()[2] == 0.25 && network->phases()[4] == std::fmod(7.0, 6.283185307179586));
    for (int step = 0; step < 5; ++step) CHECK(network->update(1.0, 0.01) == Status::ok);
    CHECK(network->amplitudes()[2] == 0.25 && network->amplitudes()[4] == -0.5);
    CHECK(network->phases()[4] == std::fmod(7.0, 6.283185307179586));
    CHECK(network->unpin(2) == Status::ok && network->update(1.0, 0.01) == Status::ok);
    CHECK(network->amplitudes()[2] != 0.25 && network->amplitudes()[4] == -0.5);
}

//! However many nodes are pinned at once, the coupling follows.
void check_many_pins() {
    constexpr std::ptrdiff_t n = 40;
    for (const std::size_t count : {1U, 6U, 7U, 40U}) {
        auto one = coupled<double>(n), many = coupled<double>(n);
        CHECK(one->update(0.3, 0.01) == Status::ok && many->update(0.3, 0.01) == Status::ok);
        std::vector<std::int64_t> nodes(count);
        std::vector<double> amplitudes(count), phases(count);
        for (std::size_t k = 0; k < count; ++k) {
            nodes[k] = static_cast<std::int64_t>(k);
            amplitudes[k] = 0.5;
            phases[k] = 0.1 * static_cast<double>(k);
            CHECK(one->pin(nodes[k], amplitudes[k], phases[k]) == Status::ok);
        }
        CHECK(many->pin(nodes, amplitudes, phases) == Status::ok);
        CHECK(one->unpin(nodes) == Status::ok && many->unpin(nodes) == Status::ok);
        CHECK(one->update(0.3, 0.01) == Status::ok && many->update(0.3, 0.01) == Status::ok);
        CHECK(largest_difference(*one, *many) <= 1e-13);
    }
}

//! What diverged comes back by setting the weight that did it, with the products of a new pass.
void check_return_from_infinity() {
    auto network = coupled<double>(4), plain = coupled<double>(4);
    CHECK(network->update(0.1, 0.01) == Status::ok && plain->update(0.1, 0.01) == Status::ok);
    CHECK(network->set_weight(1, 2, 1e308) == Status::ok && network->set_weight(1, 3, 1e308) == Status::ok);
    CHECK(network->pin(2, 1.0, 0.0) == Status::ok && network->pin(3, 1.0, 0.0) == Status::ok);
    CHECK(network->set_weight(1, 2, 0.5) == Status::ok && network->set_weight(1, 3, 0.5) == Status::ok);
    CHECK(plain->set_weight(1, 2, 0.5) == Status::ok && plain->set_weight(1, 3, 0.5) == Status::ok);
    CHECK(plain->pin(2, 1.0, 0.0) == Status::ok && plain->pin(3, 1.0, 0.0) == Status::ok);
    CHECK(network->update(0.1, 0.01) == Status::ok && plain->update(0.1, 0.01) == Status::ok);
    CHECK(largest_difference(*network, *plain) <= 1e-13);
}

void check_refusals() {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    auto network = coupled<float>(5), before = coupled<float>(5);
    for (const std::ptrdiff_t outside : {std::ptrdiff_t{-1}, std::ptrdiff_t{5}}) {
        CHECK(network->set_phase(outside, 0) == Status::invalid_node);
        CHECK(network->set_weight(outside, 0, 0) == Status::invalid_node);
        CHECK(network->set_weight(0, outside, 0) == Status::invalid_node);
        CHECK(network->pin(outside, 0) == Status::invalid_node);
        CHECK(network->pin(outside, 0, 0) == Status::invalid_node);
        CHECK(network->unpin(outside) == Status::invalid_node);
    }
    CHECK(network->set_phase(0, nan) == Status::non_finite);
    CHECK(network->set_weight(0, 0, std::numeric_limits<float>::infinity()) == Status::non_finite);
    CHECK(network->pin(0, nan) == Status::non_finite && network->pin(0, 1.0, nan) == Status::non_finite);
    CHECK(network->pin(0, 1e300) == Status::non_finite);
    CHECK(network->amplitude_pins()[0] == 0 && largest_difference(*network, *before) == 0);
}

//! A network that is given the state of another, and the sums that its next step takes over, goes on with the same
//! bits, also where single phases have moved the sums by additions.
template <class Real>
void check_sums(std::ptrdiff_t n) {
    auto one = coupled<Real>(n), other = coupled<Real>(n);
    CHECK(one->update(0.3, 0.01) == Status::ok);
    for (std::ptrdiff_t node = 0; node < n; node += 2)
        CHECK(one->set_phase(node, 0.3 * static_cast<double>(node)) == Status::ok);
    const std::vector<double> phases(one->phases().begin(), one->phases().end());
    const std::vector<double> amplitudes(one->amplitudes().begin(), one->amplitudes().end());
    CHECK(other->set_phases(phases) == Status::ok && other->set_amplitudes(amplitudes) == Status::ok);
    for (std::ptrdiff_t i = 0; i < n; ++i)
        CHECK(other->template set_weight_rows<Real>(i, one->weight_row(i)) == Status::ok);
    CHECK(other->cosine_sums().size() == 0 && other->sine_sums().size() == 0);

    const auto count = static_cast<std::size_t>(n);
    CHECK(one->cosine_sums().size() == count && one->sine_sums().size() == count);
    std::vector<double> infinite(count, 0.0);
    infinite.back() = std::numeric_limits<double>::infinity();
    CHECK(other->set_sums(one->cosine_sums(), infinite) == Status::non_finite);
    CHECK(other->set_sums(infinite, one->sine_sums()) == Status::non_finite);
    CHECK(other->set_sums({infinite.data(), count - 1}, one->sine_sums()) == Status::invalid_size);
    CHECK(other->cosine_sums().size() == 0);
    CHECK(other->set_sums(one->cosine_sums(), one->sine_sums()) == Status::ok);
    for (int step = 0; step < 3; ++step) {
        CHECK(one->update(0.1, 0.01) == Status::ok && other->update(0.1, 0.01) == Status::ok);
        CHECK(largest_difference(*one, *other) == 0);
    }
}

void check_learning_rates() {
    const LearningRates rates = learning_rates(3.0, 0.001, 0.5);
    CHECK(std::abs(rates.decay - std::exp(-0.001 / 3)) <= 1e-16);
    CHECK(std::abs(rates.learning_rate * rates.decay - 0.5 * (1 - rates.decay)) <= 1e-16);
    for (const LearningRates refused :
         {learning_rates(0, 1), learning_rates(1, -1), learning_rates(std::nan(""), 1), learning_rates(1e-3, 1)}) {
        CHECK(std::isnan(refused.learning_rate) && std::isnan(refused.decay));
        Hyperparameters h;
        h.learning_rate = refused.learning_rate;
        h.decay = refused.decay;
        CHECK(validate(h) == Status::invalid_value);
    }
}

}  // namespace

int main() {
    test::for_each_isa([](Isa) {
        for (const std::ptrdiff_t n : {1, 2, 7, 33, 100}) {
            check_products_follow<float>(n);
            check_products_follow<double>(n);
        }
        for (const std::ptrdiff_t n : {1, 8, 33, 130}) {
            check_sums<float>(n);
            check_sums<double>(n);
        }
        for (const std::ptrdiff_t n : {2, 33, 130}) {
            check_outputs<float>(n);
            check_outputs<double>(n);
        }
    });
    check_input_types();
    check_pins();
    check_many_pins();
    check_return_from_infinity();
    check_refusals();
    check_learning_rates();
    return test::result();
}
