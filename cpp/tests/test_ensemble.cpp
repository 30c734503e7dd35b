// An ensemble does what its networks would do one by one: the same bits, for any number of threads.
#include "resonance/ensemble.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "cases.hpp"
#include "check.hpp"
#include "heap_counter.hpp"

namespace {

using namespace resonance;
using test::random_values;

template <class Real>
void draw(Network<Real>& network, unsigned seed) {
    const auto n = static_cast<std::size_t>(network.n_nodes());
    Hyperparameters h;
    h.gain = (20.0 + seed % 10) / static_cast<double>(n);
    h.decay = 0.98 + 0.001 * (seed % 10);
    h.coupling = seed % 2 == 0 ? 0 : 1 / static_cast<double>(n);
    CHECK(network.set_hyperparameters(h) == Status::ok);
    CHECK(network.set_phases(random_values<double>(n, seed, 0, 6)) == Status::ok);
    CHECK(network.set_frequencies(random_values<double>(n, seed + 100, 0.5, 1.5)) == Status::ok);
    CHECK(network.set_weight_rows(0, span<const Real>(random_values<Real>(n * n, seed + 200, -0.01, 0.01))) ==
          Status::ok);
}

template <class Real>
std::unique_ptr<Ensemble<Real>> make(std::ptrdiff_t count, std::ptrdiff_t n, int threads = 1) {
    Options options;
    options.n_nodes = n;
    options.threads = threads;
    std::unique_ptr<Ensemble<Real>> ensemble;
    CHECK(Ensemble<Real>::create(count, options, ensemble) == Status::ok);
    for (std::ptrdiff_t k = 0; k < count; ++k) draw((*ensemble)[k], static_cast<unsigned>(k));
    return ensemble;
}

template <class Real>
std::unique_ptr<Network<Real>> single(std::ptrdiff_t n, unsigned seed) {
    std::unique_ptr<Network<Real>> network;
    CHECK(Network<Real>::create({n}, network) == Status::ok);
    draw(*network, seed);
    return network;
}

template <class Real>
bool same(const Network<Real>& a, const Network<Real>& b) {
    const auto n = static_cast<std::size_t>(a.n_nodes());
    const auto rows = static_cast<std::size_t>(a.n_nodes() * a.weight_stride()) * sizeof(Real);
    return a.step_count() == b.step_count() && a.time() == b.time() &&
           std::memcmp(a.phases().data(), b.phases().data(), n * sizeof(double)) == 0 &&
           std::memcmp(a.amplitudes().data(), b.amplitudes().data(), n * sizeof(Real)) == 0 &&
           std::memcmp(a.weights(), b.weights(), rows) == 0;
}

//! Rows of input for each network, of which each is held for three steps; one run, and the same by single networks.
template <class Real>
void check_equality(std::ptrdiff_t n, int threads) {
    constexpr std::ptrdiff_t count = 5, rows = 40;
    const auto values = random_values<double>(static_cast<std::size_t>(count * rows * n), 7);
    auto ensemble = make<Real>(count, n, threads);
    EnsembleInputs inputs;
    inputs.values = values.data();
    inputs.rows = rows;
    inputs.per_node = true;
    inputs.hold = 3;
    inputs.row_stride = n;
    inputs.network_stride = rows * n;
    std::int64_t completed = 0;
    CHECK(ensemble->run(inputs, 0.01, {}, completed) == Status::ok && completed == 120);
    for (std::ptrdiff_t k = 0; k < count; ++k) {
        auto network = single<Real>(n, static_cast<unsigned>(k));
        Inputs own;
        own.values = values.data() + k * rows * n;
        own.rows = rows;
        own.per_node = true;
        own.hold = 3;
        CHECK(network->run(own, 0.01, {}, completed) == Status::ok);
        CHECK(same((*ensemble)[k], *network));
    }
}

//! Strides of 0 stand for copies: one value a row, or the same row for all.
template <class Real>
void check_strides() {
    constexpr std::ptrdiff_t count = 3, rows = 10, n = 17;
    const std::vector<double> one_a_row = random_values<double>(rows, 8);
    std::vector<double> all;
    for (std::ptrdiff_t k = 0; k < count; ++k)
        for (const double value : one_a_row) all.insert(all.end(), n, value);
    auto strided = make<Real>(count, n), plain = make<Real>(count, n);
    EnsembleInputs few, many;
    few.values = one_a_row.data();
    few.rows = many.rows = rows;
    few.row_stride = 1;
    many.values = all.data();
    many.per_node = true;
    many.row_stride = n;
    many.network_stride = rows * n;
    std::int64_t completed = 0;
    CHECK(strided->run(few, 0.01, {}, completed) == Status::ok);
    CHECK(plain->run(many, 0.01, {}, completed) == Status::ok);
    for (std::ptrdiff_t k = 0; k < count; ++k) CHECK(same((*strided)[k], (*plain)[k]));
    CHECK(!same((*strided)[0], (*strided)[2]));
}

void check_arrays_at_a_constant_distance() {
    auto ensemble = make<float>(4, 33);
    const auto bytes = [](const void* pointer) { return static_cast<const std::byte*>(pointer); };
    for (std::ptrdiff_t k = 1; k < 4; ++k) {
        const std::ptrdiff_t distance = k * ensemble->network_stride();
        const Network<float>&first = (*ensemble)[0], &other = (*ensemble)[k];
        CHECK(bytes(other.weights()) - bytes(first.weights()) == distance);
        CHECK(bytes(other.phases().data()) - bytes(first.phases().data()) == distance);
        CHECK(bytes(other.amplitude_pins().data()) - bytes(first.amplitude_pins().data()) == distance);
        CHECK(ensemble->owns(other.weights()));
    }
    CHECK(!ensemble->owns(ensemble.get()));
}

void check_segments() {
    using E = Ensemble<double>;
    CHECK(E::segment_steps(1000, 64) == 96);
    CHECK(E::segment_steps(1'000'000, 64) == 32);
    CHECK(E::segment_steps(1000, 2048) == 512);
    CHECK(E::segment_steps(1, 10) % 32 == 0 && E::segment_steps(1, 10) > 100'000);
}

//! A segment may end anywhere in the rows, and within one.
void check_rows_over_segments() {
    constexpr std::ptrdiff_t count = 600, n = 64, rows = 60;
    CHECK(Ensemble<double>::segment_steps(count, n) == 160);  // 22 rows, and a part of the next
    const auto values = random_values<double>(rows * n, 9);
    auto ensemble = make<double>(count, n, 2);
    EnsembleInputs inputs;
    inputs.values = values.data();
    inputs.rows = rows;
    inputs.per_node = true;
    inputs.hold = 7;
    inputs.row_stride = n;
    std::int64_t completed = 0;
    CHECK(ensemble->run(inputs, 0.01, {}, completed) == Status::ok && completed == 420);
    const Inputs own{values.data(), rows, true, 7};
    for (const std::ptrdiff_t k : {0, 299, 599}) {
        auto network = single<double>(n, static_cast<unsigned>(k));
        CHECK(network->run(own, 0.01, {}, completed) == Status::ok);
        CHECK(same((*ensemble)[k], *network));
    }
}

struct Stop {
    int after = 0, asked = 0;
    static bool requested(void* context) noexcept {
        auto& self = *static_cast<Stop*>(context);
        return ++self.asked >= self.after;
    }
};

void check_interrupt() {
    constexpr std::ptrdiff_t count = 600, n = 64;
    auto ensemble = make<double>(count, n, 2);
    const std::int64_t segment = Ensemble<double>::segment_steps(count, n);
    const double input = 0.5;
    EnsembleInputs inputs;
    inputs.values = &input;
    inputs.hold = 3 * segment;
    Stop stop;
    stop.after = 2;
    std::int64_t completed = 0;
    CHECK(ensemble->run(inputs, 0.01, {&Stop::requested, &stop}, completed) == Status::interrupted);
    CHECK(completed == 2 * segment && stop.asked == 2);
    for (std::ptrdiff_t k = 0; k < count; ++k) CHECK((*ensemble)[k].step_count() == completed);
}

void check_divergence() {
    auto ensemble = make<float>(4, 20, 2), healthy = make<float>(4, 20);
    Hyperparameters h = (*ensemble)[2].hyperparameters();
    h.learning_rate = 1e38;
    CHECK((*ensemble)[2].set_hyperparameters(h) == Status::ok);
    const double input = 0.5;
    EnsembleInputs inputs;
    inputs.values = &input;
    inputs.hold = 50;
    std::int64_t completed = 0;
    CHECK(ensemble->run(inputs, 0.01, {}, completed) == Status::diverged && completed == 50);
    CHECK(healthy->run(inputs, 0.01, {}, completed) == Status::ok);
    for (const std::ptrdiff_t k : {0, 1, 3}) {
        CHECK(ensemble->statuses()[static_cast<std::size_t>(k)] == Status::ok);
        CHECK(same((*ensemble)[k], (*healthy)[k]));
    }
    CHECK(ensemble->statuses()[2] == Status::diverged && (*ensemble)[2].step_count() < 50);
}

void check_errors() {
    std::unique_ptr<Ensemble<double>> none;
    CHECK(Ensemble<double>::create(0, {}, none) == Status::invalid_size);
    CHECK(Ensemble<double>::create(3, {0}, none) == Status::invalid_size);
    CHECK(Ensemble<double>::create(std::numeric_limits<std::ptrdiff_t>::max(), {}, none) == Status::out_of_memory);
    Options wrong;
    wrong.hyperparameters.decay = 2;
    CHECK(Ensemble<double>::create(3, wrong, none) == Status::invalid_value && none == nullptr);

    auto ensemble = make<double>(3, 4), untouched = make<double>(3, 4);
    std::vector<double> values(12, 0.5);
    EnsembleInputs inputs;
    inputs.values = values.data();
    inputs.per_node = true;
    inputs.network_stride = 4;
    std::int64_t completed = 0;
    CHECK(ensemble->run(inputs, 0, {}, completed) == Status::invalid_time_step);
    values[11] = std::nan("");
    CHECK(ensemble->run(inputs, 0.01, {}, completed) == Status::non_finite);
    values[11] = 1e308;
    CHECK(ensemble->run(inputs, 100, {}, completed) == Status::phase_overflow);
    inputs.rows = -1;
    CHECK(ensemble->run(inputs, 0.01, {}, completed) == Status::invalid_size && completed == 0);
    CHECK(ensemble->set_threads(-1) == Status::invalid_value && ensemble->threads() == 1);
    for (std::ptrdiff_t k = 0; k < 3; ++k) CHECK(same((*ensemble)[k], (*untouched)[k]));
}

void check_memory() {
#ifdef RESONANCE_COUNTS_HEAP
    // Blocks of steps keep their scratch one a thread, and only the first run takes it.
    for (const std::ptrdiff_t n : {20, 300}) {
        auto ensemble = make<double>(6, n);
        const double input = 0.5;
        EnsembleInputs inputs;
        inputs.values = &input;
        inputs.hold = 40;
        std::int64_t completed = 0;
        CHECK(ensemble->run(inputs, 0.01, {}, completed) == Status::ok);
        const long before = test::heap_calls;
        CHECK(ensemble->run(inputs, 0.01, {}, completed) == Status::ok && completed == 40);
        CHECK(test::heap_calls == before);
    }
#endif
}

}  // namespace

int main() {
    test::for_each_isa_unless_watched([](Isa) {
        for (const std::ptrdiff_t n : {1, 2, 17, 64, 100, 257})
            for (const int threads : {1, 2, 3}) {
                check_equality<float>(n, threads);
                check_equality<double>(n, threads);
            }
    });
    check_strides<float>();
    check_strides<double>();
    check_arrays_at_a_constant_distance();
    check_segments();
    check_rows_over_segments();
    check_interrupt();
    check_divergence();
    check_errors();
    check_memory();
    return test::result();
}
