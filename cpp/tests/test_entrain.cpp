// Learning from rows of data against its formula in long double, on every instruction set; interrupts and bad input.
#include <cmath>
#include <cstring>
#include <limits>

#include "cases.hpp"
#include "resonance/network.hpp"

using namespace resonance;

namespace {

std::size_t size(std::ptrdiff_t count) { return static_cast<std::size_t>(count); }

template <class Real>
std::unique_ptr<Network<Real>> random_network(std::ptrdiff_t n) {
    std::unique_ptr<Network<Real>> network;
    CHECK(Network<Real>::create({n}, network) == Status::ok);
    CHECK(network->set_initial_phases(test::random_values<double>(size(n), 1, 0, 6.28)) == Status::ok);
    CHECK(network->template set_weight_rows<double>(0, test::random_values<double>(size(n * n), 2)) == Status::ok);
    return network;
}

template <class Real>
std::vector<Real> weights_of(const Network<Real>& network) {
    std::vector<Real> weights;
    for (std::ptrdiff_t i = 0; i < network.n_nodes(); ++i) {
        const Real* row = network.weights() + i * network.weight_stride();
        weights.insert(weights.end(), row, row + network.n_nodes());
    }
    return weights;
}

//! Rows of offsets with some silent nodes.
template <class Source>
std::vector<Source> offsets_for(std::ptrdiff_t n, std::ptrdiff_t rows) {
    std::vector<Source> offsets = test::random_values<Source>(size(n * rows), 3, -4, 4);
    for (std::size_t k = 0; k < offsets.size(); k += 23) offsets[k] = std::numeric_limits<Source>::quiet_NaN();
    return offsets;
}

template <class Source>
void present_plainly(std::vector<long double>& weights, std::int64_t& count, span<const double> initial_phases,
                     const std::vector<Source>& offsets, std::optional<double> fading_factor) {
    const std::size_t n = initial_phases.size();
    std::vector<long double> u(n), v(n);
    for (std::size_t row = 0; row < offsets.size() / n; ++row) {
        const Source* x = offsets.data() + row * n;
        for (std::size_t i = 0; i < n; ++i) {
            const long double phase = initial_phases.data()[i] + static_cast<long double>(x[i]);
            u[i] = std::isnan(x[i]) ? 0 : std::cos(phase);
            v[i] = std::isnan(x[i]) ? 0 : std::sin(phase);
        }
        ++count;
        const long double share = fading_factor ? 1 - static_cast<long double>(*fading_factor) : 1.0L / count;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                weights[i * n + j] += share * (u[i] * u[j] + v[i] * v[j] - weights[i * n + j]);
    }
}

template <class Real, class Source>
void check_formula(std::ptrdiff_t n, std::ptrdiff_t rows, std::optional<double> fading_factor, int threads) {
    const auto network = random_network<Real>(n);
    CHECK(network->set_threads(threads) == Status::ok);
    CHECK(network->set_presentation_count(5) == Status::ok);
    const std::vector<Real> before = weights_of(*network);
    std::vector<long double> wanted(before.begin(), before.end());
    std::int64_t count = 5, completed = -1;
    const std::vector<Source> offsets = offsets_for<Source>(n, rows);
    present_plainly(wanted, count, network->initial_phases(), offsets, fading_factor);
    CHECK(network->template entrain<Source>(offsets, fading_factor, {}, completed) == Status::ok);
    CHECK(completed == rows && network->presentation_count() == count);
    const std::vector<Real> got = weights_of(*network);
    long double error = 0, largest = 0;
    for (std::size_t k = 0; k < got.size(); ++k) {
        error = std::max(error, std::abs(static_cast<long double>(got[k]) - wanted[k]));
        largest = std::max(largest, std::abs(wanted[k]));
    }
    CHECK(error <= (sizeof(Real) == sizeof(double) ? 1e-14L : 1e-6L) * largest);
    // What lies behind a row's last weight stays zero: other kernels read it.
    for (std::ptrdiff_t i = 0; i < n; ++i)
        for (std::ptrdiff_t j = n; j < (n + 7) / 8 * 8; ++j)
            CHECK(network->weights()[i * network->weight_stride() + j] == 0);
}

template <class Real>
void check_formulas() {
    for (const std::ptrdiff_t n : test::sizes) {
        check_formula<Real, double>(n, 9, {}, 1);
        check_formula<Real, float>(n, 70, 0.9, 2);
    }
    // Around the sizes from which the lower triangle alone is computed.
    for (const std::ptrdiff_t n : {383, 384, 391}) {
        check_formula<Real, double>(n, 63, {}, 1);
        check_formula<Real, double>(n, 64, 0.97, 3);
    }
    check_formula<Real, float>(391, 131, {}, 2);
    check_formula<Real, double>(3, 0, {}, 1);
}

//! Rows of data with an encoding, against the offsets that it makes.
template <class Real>
void check_encoded(std::ptrdiff_t n, std::ptrdiff_t columns, std::ptrdiff_t rows, int threads) {
    const auto network = random_network<Real>(n), twin = random_network<Real>(n);
    CHECK(network->set_threads(threads) == Status::ok);
    const auto data = test::random_values<Real>(size(rows * columns), 4, -2, 2);
    const auto projection = test::random_values<Real>(size(n * columns), 5);
    const auto shift = test::random_values<double>(size(n), 6, -9, 9);
    std::vector<double> offsets(size(rows * n));
    for (std::ptrdiff_t row = 0; row < rows; ++row)
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            long double offset = shift[size(i)];
            for (std::ptrdiff_t j = 0; j < columns; ++j)
                offset += static_cast<long double>(data[size(row * columns + j)]) *
                          static_cast<long double>(projection[size(i * columns + j)]);
            offsets[size(row * n + i)] = static_cast<double>(offset);
        }
    std::int64_t completed = 0, all = 0;
    CHECK(network->entrain(data, {projection, shift}, {}, {}, completed) == Status::ok);
    CHECK(twin->template entrain<double>(offsets, {}, {}, all) == Status::ok);
    CHECK(completed == rows && network->presentation_count() == rows);
    const std::vector<Real> got = weights_of(*network), wanted = weights_of(*twin);
    for (std::size_t k = 0; k < got.size(); ++k)
        CHECK(std::abs(got[k] - wanted[k]) <= (sizeof(Real) == sizeof(double) ? 1e-13 : 1e-4));
}

//! What is found to be beyond the range only while rows are encoded leaves the network as it was, to the bit.
template <class Real>
void check_overflow(std::ptrdiff_t n) {
    const auto network = random_network<Real>(n);
    const std::vector<Real> before = weights_of(*network);
    const std::vector<Real> rows(200, Real(1)), projection(size(2 * n), std::numeric_limits<Real>::max());
    const std::vector<double> shift(size(n), 0.0);
    std::int64_t completed = 7;
    CHECK(network->entrain(rows, {projection, shift}, {}, {}, completed) == Status::phase_overflow);
    CHECK(completed == 0 && weights_of(*network) == before && network->presentation_count() == 0);
}

template <class Real>
void check_bad_encodings() {
    const auto network = random_network<Real>(3);
    const std::vector<Real> before = weights_of(*network);
    const std::vector<Real> rows(4, Real(1)), ragged(5, Real(1)), projection(6, Real(1)), seven(7, Real(1));
    const std::vector<Real> nan(4, std::numeric_limits<Real>::quiet_NaN()), huge(6, std::numeric_limits<Real>::max());
    const std::vector<double> shift(3, 0.0), short_shift(2, 0.0);
    std::int64_t completed = 7;
    CHECK(network->entrain(ragged, {projection, shift}, {}, {}, completed) == Status::invalid_size);
    CHECK(network->entrain(rows, {seven, shift}, {}, {}, completed) == Status::invalid_size);
    CHECK(network->entrain(rows, {projection, short_shift}, {}, {}, completed) == Status::invalid_size);
    CHECK(network->entrain(nan, {projection, shift}, {}, {}, completed) == Status::non_finite);
    CHECK(network->entrain(rows, {projection, shift}, 2.0, {}, completed) == Status::invalid_value);
    CHECK(network->entrain(rows, {huge, shift}, {}, {}, completed) == Status::phase_overflow);
    CHECK(completed == 0 && weights_of(*network) == before && network->presentation_count() == 0);
}

bool stop_at_second(void* asked) noexcept { return ++*static_cast<int*>(asked) == 2; }

template <class Real>
void check_interrupt(std::ptrdiff_t n) {
    const auto network = random_network<Real>(n), twin = random_network<Real>(n);
    const std::vector<double> offsets = offsets_for<double>(n, 1000);
    int asked = 0;
    std::int64_t completed = 0, all = 0;
    CHECK(network->template entrain<double>(offsets, {}, {stop_at_second, &asked}, completed) == Status::interrupted);
    CHECK(completed > 0 && completed < 1000 && network->presentation_count() == completed);
    CHECK(twin->template entrain<double>({offsets.data(), size(completed * n)}, {}, {}, all) == Status::ok);
    CHECK(all == completed && weights_of(*network) == weights_of(*twin));
}

template <class Real>
void check_bad_input() {
    const auto network = random_network<Real>(3);
    const std::vector<Real> before = weights_of(*network);
    const std::vector<double> ragged(4, 0.0), infinite{0, std::numeric_limits<double>::infinity(), 0}, fine(3, 0.0);
    std::int64_t completed = 7;
    CHECK(network->template entrain<double>(ragged, {}, {}, completed) == Status::invalid_size);
    CHECK(completed == 0);
    CHECK(network->template entrain<double>(infinite, {}, {}, completed) == Status::non_finite);
    for (const double factor : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()})
        CHECK(network->template entrain<double>(fine, factor, {}, completed) == Status::invalid_value);
    CHECK(network->set_presentation_count(-1) == Status::invalid_value);
    CHECK(network->set_initial_phases(infinite) == Status::non_finite);
    CHECK(network->set_initial_phases(ragged) == Status::invalid_size);
    CHECK(weights_of(*network) == before && network->presentation_count() == 0);
}

template <class Real>
void check_assign() {
    const auto network = random_network<Real>(5);
    std::unique_ptr<Network<Real>> copy;
    CHECK(Network<Real>::create({5}, copy) == Status::ok);
    std::int64_t completed = 0;
    CHECK(network->template entrain<double>(offsets_for<double>(5, 4), {}, {}, completed) == Status::ok);
    CHECK(copy->assign(*network) == Status::ok);
    CHECK(copy->presentation_count() == 4);
    CHECK(std::memcmp(copy->initial_phases().data(), network->initial_phases().data(), 5 * sizeof(double)) == 0);
}

}  // namespace

int main() {
    test::for_each_isa([](Isa) {
        check_formulas<float>();
        check_formulas<double>();
        for (const std::ptrdiff_t n : {1, 7, 33, 400}) {
            check_encoded<float>(n, 5, 9, 1);
            check_encoded<double>(n, 130, 70, 2);
        }
    });
    check_bad_encodings<float>();
    check_bad_encodings<double>();
    check_overflow<float>(400);
    check_overflow<double>(400);
    check_interrupt<float>(40);
    check_interrupt<double>(400);
    check_bad_input<float>();
    check_bad_input<double>();
    check_assign<float>();
    check_assign<double>();
    return test::result();
}
