// Who looks on in a run sees what single steps would lead to, changes no bit of it, and stops it where it wants.
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <memory>
#include <vector>

#include "cases.hpp"
#include "resonance/network.hpp"
#include "resonance/recorder.hpp"
#include "resonance/stop.hpp"

using namespace resonance;

namespace {

std::size_t size(std::ptrdiff_t count) { return static_cast<std::size_t>(count); }

template <class Real>
using Pointer = std::unique_ptr<Network<Real>>;

struct Case {
    const char* name;
    std::ptrdiff_t n;
    bool held = true;
    bool learn = true;
    double coupling = 0;
};

//! Every engine: single steps, blocks, interpolated columns and skeletons. With 512 nodes rows are padded by more than
//! what a last chunk of them has room for.
constexpr Case cases[] = {{"single steps", 33},       {"coupled", 65, true, true, 0.01},
                          {"blocks", 300, false},     {"blocks that do not learn", 300, false, false},
                          {"held input", 530},        {"held input without learning", 530, true, false},
                          {"smooth rows", 512, false}};

constexpr std::int64_t kSteps = 150;

template <class Real>
Pointer<Real> network_of(const Case& c, int threads) {
    Options options{c.n};
    options.threads = threads;
    options.hyperparameters.gain = 30 / static_cast<double>(c.n);
    options.hyperparameters.coupling = c.coupling;
    options.hyperparameters.learning_lag = 0.3;
    Pointer<Real> network;
    CHECK(Network<Real>::create(options, network) == Status::ok);
    CHECK(network->set_phases(test::random_values<double>(size(c.n), 1, 0, 6)) == Status::ok);
    CHECK(network->set_frequencies(test::random_values<double>(size(c.n), 2, 0.8, 1.2)) == Status::ok);
    CHECK(network->template set_weight_rows<double>(0, test::random_values<double>(size(c.n * c.n), 3, -0.01, 0.01)) ==
          Status::ok);
    CHECK(network->pin(2, 0.5, 1.0) == Status::ok);
    network->set_learning(c.learn);
    return network;
}

struct Signal {
    explicit Signal(const Case& c) {
        const bool smooth = std::strcmp(c.name, "smooth rows") == 0;
        const auto draw = test::random_values<double>(size(c.n), 5, -2, 2);
        inputs.per_node = true;
        inputs.hold = c.held ? kSteps : 1;
        inputs.rows = c.held ? 1 : kSteps;
        if (c.held) {
            values = draw;
        } else if (smooth) {
            for (std::int64_t t = 0; t < kSteps; ++t)
                for (const double x : draw) values.push_back(std::sin(0.02 * static_cast<double>(t) + x));
        } else {
            values = test::random_values<double>(size(c.n * kSteps), 6, -2, 2);
        }
        inputs.values = values.data();
    }
    span<const double> row(std::int64_t step, std::ptrdiff_t n) const {
        return {values.data() + (inputs.rows == 1 ? 0 : step * n), size(n)};
    }
    std::vector<double> values;
    Inputs inputs;
};

//! Everything of a network after one more step, which shows what derived parts were.
template <class Real>
std::vector<double> bits(Network<Real>& network) {
    CHECK(network.update(0.1, 0.01) == Status::ok);
    std::vector<double> all(network.phases().begin(), network.phases().end());
    all.insert(all.end(), network.amplitudes().begin(), network.amplitudes().end());
    for (std::ptrdiff_t i = 0; i < network.n_nodes(); ++i)
        all.insert(all.end(), network.weight_row(i).begin(), network.weight_row(i).end());
    all.push_back(network.time());
    all.push_back(static_cast<double>(network.step_count()));
    return all;
}

//! What is asked for by steps.
template <class Real>
class Looker final : public Observer<Real> {
public:
    Looker(const Network<Real>& network, std::int64_t every) : network_(network), every_(every) {}
    bool observe(Moment<Real>& moment) noexcept override {
        this->next = moment.step() + every_;
        const std::vector<double> phases(moment.phases().begin(), moment.phases().end());
        moment.show();
        shows_ = shows_ && std::equal(phases.begin(), phases.end(), network_.phases().begin()) &&
                 network_.time() == moment.time() && network_.step_count() == moment.step_count() &&
                 moment.step_count() == moment.step();
        moment.hide();
        return true;
    }
    bool shows() const { return shows_; }

private:
    const Network<Real>& network_;
    std::int64_t every_;
    bool shows_ = true;
};

template <class Real>
struct Arrays {
    Arrays(std::ptrdiff_t n, std::int64_t every, std::int64_t capacity, std::vector<std::int64_t> chosen = {})
        : nodes(std::move(chosen)), k(nodes.empty() ? n : static_cast<std::ptrdiff_t>(nodes.size())) {
        const std::size_t samples = size(capacity), values = samples * size(k);
        steps.resize(samples), times.resize(samples), order.resize(samples), weights_steps.resize(samples);
        phases.resize(values), amplitudes.resize(values), resonance.resize(values), weights.resize(values * size(k));
        recording.every = recording.weights_every = every;
        recording.capacity = recording.weights_capacity = capacity;
        if (!nodes.empty()) recording.nodes = nodes;
        recording.step_counts = steps.data();
        recording.times = times.data();
        recording.order_parameter = order.data();
        recording.phases = phases.data();
        recording.amplitudes = amplitudes.data();
        recording.resonance = resonance.data();
        recording.weights_step_counts = weights_steps.data();
        recording.weights = weights.data();
    }
    std::vector<std::int64_t> nodes;
    std::ptrdiff_t k;
    std::vector<std::int64_t> steps, weights_steps;
    std::vector<double> times, phases, resonance;
    std::vector<std::complex<double>> order;
    std::vector<Real> amplitudes, weights;
    Recording<Real> recording;
};

template <class Real>
double far(Real a, double b) {
    return std::abs(static_cast<double>(a) - b);
}

//! A sample against a network that got there step by step.
template <class Real>
void check_sample(const Arrays<Real>& found, std::int64_t place, const Network<Real>& wanted) {
    const double bound = sizeof(Real) == sizeof(double) ? 1e-12 : 1e-4;
    const std::ptrdiff_t n = wanted.n_nodes();
    CHECK(found.steps[size(place)] == wanted.step_count() && found.weights_steps[size(place)] == wanted.step_count());
    CHECK(found.times[size(place)] == wanted.time());
    std::complex<double> order = 0;
    for (const double phase : wanted.phases()) order += std::polar(1.0 / static_cast<double>(n), phase);
    CHECK(std::abs(found.order[size(place)] - order) < (sizeof(Real) == sizeof(double) ? 1e-14 : 1e-7));
    double largest = 0, phases = 0, amplitudes = 0, resonances = 0, weights = 0;
    for (std::ptrdiff_t row = 0; row < n; ++row)
        for (const Real w : wanted.weight_row(row)) largest = std::max(largest, std::abs(static_cast<double>(w)));
    for (std::ptrdiff_t r = 0; r < found.k; ++r) {
        const std::size_t at = size(place * found.k + r);
        const auto node = found.nodes.empty() ? r : static_cast<std::ptrdiff_t>(found.nodes[size(r)]);
        phases = std::max(phases, far(found.phases[at], wanted.phases()[size(node)]));
        amplitudes =
            std::max(amplitudes, far(found.amplitudes[at], static_cast<double>(wanted.amplitudes()[size(node)])));
        double resonance = 0;
        for (std::ptrdiff_t j = 0; j < n; ++j)
            resonance += static_cast<double>(wanted.weight_row(node)[size(j)]) *
                         std::cos(wanted.phases()[size(node)] - wanted.phases()[size(j)]);
        resonances = std::max(resonances, far(found.resonance[at], resonance));
        for (std::ptrdiff_t s = 0; s < found.k; ++s) {
            const auto column = found.nodes.empty() ? s : static_cast<std::ptrdiff_t>(found.nodes[size(s)]);
            const auto w = static_cast<double>(wanted.weight_row(node)[size(column)]);
            weights = std::max(weights, far(found.weights[size((place * found.k + r) * found.k + s)], w));
        }
    }
    const bool coupled = wanted.hyperparameters().coupling != 0;
    CHECK(coupled ? phases < bound : phases == 0);  // without coupling phases have the same bits
    CHECK(amplitudes < bound);
    CHECK(resonances < bound * static_cast<double>(n));
    CHECK(weights <= bound * largest);
}

template <class Real>
void check_case(const Case& c, int threads) {
    const Signal signal(c);
    std::int64_t completed = 0;
    auto plain = network_of<Real>(c, threads);
    CHECK(plain->run(signal.inputs, 0.01, {}, completed) == Status::ok);
    const auto wanted = bits(*plain);

    // All of it, at steps that fall into blocks, between them and at the end.
    auto recorded = network_of<Real>(c, threads);
    Arrays<Real> all(c.n, 25, kSteps / 25 + 1), some(c.n, 7, kSteps / 7 + 1, {c.n - 1, 0, 17});
    Recorder<Real> recorder(all.recording);
    CHECK(recorded->run(signal.inputs, 0.01, recorder, {}, completed) == Status::ok);
    CHECK(bits(*recorded) == wanted);
    CHECK(recorder.samples() == kSteps / 25 + 1 && recorder.weights_samples() == recorder.samples());
    recorded = network_of<Real>(c, threads);
    Recorder<Real> partial(some.recording);
    CHECK(recorded->run(signal.inputs, 0.01, partial, {}, completed) == Status::ok);
    CHECK(bits(*recorded) == wanted);
    CHECK(partial.samples() == kSteps / 7 + 1);

    recorded = network_of<Real>(c, threads);
    Looker<Real> looker(*recorded, 13);
    CHECK(recorded->run(signal.inputs, 0.01, looker, {}, completed) == Status::ok);
    CHECK(looker.shows() && bits(*recorded) == wanted);

    auto single = network_of<Real>(c, threads);
    for (std::int64_t step = 0; step <= kSteps; ++step) {
        if (step > 0) CHECK(single->update(signal.row(step - 1, c.n), 0.01) == Status::ok);
        if (step % 25 == 0) check_sample(all, step / 25, *single);
        if (step % 7 == 0) check_sample(some, step / 7, *single);
    }
}

//! Samples do not depend on the number of threads.
template <class Real>
void check_threads(const Case& c) {
    const Signal signal(c);
    std::int64_t completed = 0;
    Arrays<Real> one(c.n, 10, kSteps / 10 + 1), three(c.n, 10, kSteps / 10 + 1);
    Recorder<Real> recorder_one(one.recording), recorder_three(three.recording);
    CHECK(network_of<Real>(c, 1)->run(signal.inputs, 0.01, recorder_one, {}, completed) == Status::ok);
    CHECK(network_of<Real>(c, 3)->run(signal.inputs, 0.01, recorder_three, {}, completed) == Status::ok);
    CHECK(one.phases == three.phases && one.amplitudes == three.amplitudes && one.resonance == three.resonance);
    CHECK(one.order == three.order && one.weights == three.weights);
}

template <class Real>
class StopAt final : public Observer<Real> {
public:
    explicit StopAt(std::int64_t step) { this->next = step; }
    bool observe(Moment<Real>&) noexcept override { return false; }
};

//! A run that is stopped has the phases of single steps, and goes on from there.
template <class Real>
void check_stop(const Case& c, std::int64_t step) {
    const Signal signal(c);
    const double bound = sizeof(Real) == sizeof(double) ? 1e-12 : 1e-4;
    std::int64_t completed = -1;
    auto stopped = network_of<Real>(c, 1), single = network_of<Real>(c, 1);
    StopAt<Real> observer(step);
    CHECK(stopped->run(signal.inputs, 0.01, observer, {}, completed) == Status::interrupted);
    CHECK(completed == step && stopped->step_count() == step);
    for (std::int64_t done = 0; done < step; ++done) CHECK(single->update(signal.row(done, c.n), 0.01) == Status::ok);
    CHECK(stopped->time() == single->time());
    for (std::size_t i = 0; i < size(c.n); ++i) {
        CHECK(far(stopped->phases()[i], single->phases()[i]) <= (c.coupling != 0 ? bound : 0));
        CHECK(far(stopped->amplitudes()[i], static_cast<double>(single->amplitudes()[i])) < bound);
        CHECK(far(stopped->weight_row(1)[i], static_cast<double>(single->weight_row(1)[i])) < bound);
    }
}

struct Fullness {
    int samples = 0, weights = 0, left = 1000;
    static bool note(void* context, bool is_weights) noexcept {
        auto& self = *static_cast<Fullness*>(context);
        ++(is_weights ? self.weights : self.samples);
        return --self.left > 0;
    }
};

//! Places are used again and again, and `full` tells when they begin anew, and may stop the run.
void check_places() {
    const Case c = cases[0];
    const Signal signal(c);
    Fullness fullness;
    std::int64_t completed = 0;
    Arrays<double> ring(c.n, 10, 4);
    ring.recording.start = 5;
    ring.recording.weights_every = 50;
    ring.recording.full = Fullness::note;
    ring.recording.context = &fullness;
    Recorder<double> recorder(ring.recording);
    CHECK(network_of<double>(c, 1)->run(signal.inputs, 0.01, recorder, {}, completed) == Status::ok);
    CHECK(recorder.samples() == 15 && recorder.weights_samples() == 3);  // 5, 15, .. 145 and 5, 55, 105
    CHECK(fullness.samples == 3 && fullness.weights == 0);
    CHECK((ring.steps == std::vector<std::int64_t>{125, 135, 145, 115}));

    fullness = {0, 0, 2};
    Recorder<double> stopped(ring.recording);
    CHECK(network_of<double>(c, 1)->run(signal.inputs, 0.01, stopped, {}, completed) == Status::interrupted);
    CHECK(completed == 75 && stopped.samples() == 8);
}

void check_conditions() {
    // Two nodes that pull each other: order grows to 1, and the amplitudes settle.
    Options options{2};
    options.hyperparameters = {0.0, 1.0, 0.5, 3.0};
    Pointer<double> network;
    CHECK(Network<double>::create(options, network) == Status::ok);
    const std::vector<double> phases{0, 2}, frequencies{1, 1}, weights{0, 1, 1, 0};
    const double input = 0;
    const auto begin_anew = [&] {
        CHECK(network->set_phases(phases) == Status::ok && network->set_frequencies(frequencies) == Status::ok);
        CHECK(network->set_weight_rows<double>(0, weights) == Status::ok && network->set_clock(0, 0) == Status::ok);
    };
    const Inputs inputs{&input, 1, false, 10000};
    std::int64_t completed = 0;
    begin_anew();
    StopWhenOrderAbove<double> order(0.99);
    CHECK(network->run(inputs, 0.01, order, {}, completed) == Status::interrupted && order.stopped());
    const auto coherence = [&] { return std::cos((network->phases()[1] - network->phases()[0]) / 2); };
    CHECK(std::abs(coherence()) > 0.99);
    const std::int64_t first = completed;
    begin_anew();
    const Inputs less{&input, 1, false, first - 1};
    CHECK(network->run(less, 0.01, {}, completed) == Status::ok && std::abs(coherence()) <= 0.99);

    begin_anew();
    double room[2];
    StopWhenSettled<double> settled(1e-9, 50, room);
    CHECK(network->run(inputs, 0.01, settled, {}, completed) == Status::interrupted && settled.stopped());
    CHECK(completed % 50 == 0 && completed > first);
    const double before = network->amplitudes()[0];
    CHECK(network->run({&input, 1, false, 50}, 0.01, {}, completed) == Status::ok);
    CHECK(std::abs(network->amplitudes()[0] - before) <= 1e-9);
}

}  // namespace

int main() {
    test::for_each_isa_unless_watched([](Isa) {
        for (const Case& c : cases) {
            check_case<double>(c, 1);
            check_case<float>(c, 1);
        }
    });
    for (const Case& c : cases) {
        check_case<double>(c, 3);
        check_threads<double>(c);
        check_threads<float>(c);
        for (const std::int64_t step : {0, 1, 31, 32, 33, 100, 149}) check_stop<double>(c, step);
        check_stop<float>(c, 77);
    }
    check_places();
    check_conditions();
    return test::result();
}
