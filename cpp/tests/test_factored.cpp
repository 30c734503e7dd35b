// Factored weights: the same steps as dense ones, in memory that create() takes, and what they refuse.
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "cases.hpp"
#include "heap_counter.hpp"
#include "resonance/network.hpp"

using namespace resonance;

namespace {

std::size_t size(std::ptrdiff_t count) { return static_cast<std::size_t>(count); }

template <class Real>
using Net = std::unique_ptr<Network<Real>>;

Options options(std::ptrdiff_t n, std::ptrdiff_t max_rank = 0, WeightStorage storage = WeightStorage::factored) {
    Options made;
    made.n_nodes = n;
    made.storage = storage;
    made.max_rank = max_rank;
    made.hyperparameters.gain = 30.0 / static_cast<double>(n);
    made.hyperparameters.amplitude_floor = 0.1;
    return made;
}

template <class Real>
Net<Real> make(const Options& wanted) {
    Net<Real> network;
    CHECK(Network<Real>::create(wanted, network) == Status::ok);
    CHECK(network->set_phases(test::random_values<double>(size(wanted.n_nodes), 1, 0, 6)) == Status::ok);
    CHECK(network->set_frequencies(test::random_values<double>(size(wanted.n_nodes), 2)) == Status::ok);
    return network;
}

template <class Real>
std::vector<Real> weights_of(const Network<Real>& network) {
    std::vector<std::int64_t> nodes(size(network.n_nodes()));
    for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i] = static_cast<std::int64_t>(i);
    std::vector<Real> weights(nodes.size() * nodes.size());
    CHECK(network.copy_weights(nodes, nodes, weights) == Status::ok);
    return weights;
}

template <class Real>
bool same_bits(const Network<Real>& a, const Network<Real>& b) {
    const std::size_t n = size(a.n_nodes());
    return a.step_count() == b.step_count() && a.rank() == b.rank() &&
           std::memcmp(a.phases().data(), b.phases().data(), n * sizeof(double)) == 0 &&
           std::memcmp(a.amplitudes().data(), b.amplitudes().data(), n * sizeof(Real)) == 0 &&
           weights_of(a) == weights_of(b) && a.weight_error().bound() == b.weight_error().bound();
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
    double largest = 0;
    for (std::size_t k = 0; k < a.size(); ++k) largest = std::max(largest, std::abs(a[k] - b[k]));
    return largest;
}

// ------------------------------------------------------------------------------------------------ steps

void check_against_dense(std::ptrdiff_t n, double coupling, double lag) {
    Options wanted = options(n);
    wanted.hyperparameters.coupling = coupling;
    wanted.hyperparameters.learning_lag = lag;
    auto factored = make<double>(wanted);
    wanted.storage = WeightStorage::dense;
    auto dense = make<double>(wanted);
    for (int step = 0; step < 150; ++step)
        CHECK(factored->update(0.5, 0.01) == Status::ok && dense->update(0.5, 0.01) == Status::ok);
    const double scale = n > 1 || lag == 0 ? 0.4 : 1;
    CHECK(largest_difference(weights_of(*factored), weights_of(*dense)) < 1e-11 * scale);
    for (std::size_t i = 0; i < size(n); ++i) {
        CHECK(std::abs(factored->amplitudes()[i] - dense->amplitudes()[i]) < 1e-11);
        CHECK(std::abs(factored->phases()[i] - dense->phases()[i]) < 1e-11);
    }
    CHECK(factored->compressed_rank() > 0 && factored->compressed_rank() <= 2 * n);  // it has been compressed
}

//! Steps, a run, and a run in pieces.
template <class Real>
void check_bits(std::ptrdiff_t n) {
    auto stepped = make<Real>(options(n)), ran = make<Real>(options(n)), pieces = make<Real>(options(n));
    for (int step = 0; step < 120; ++step) CHECK(stepped->update(0.5, 0.01) == Status::ok);
    const double input = 0.5;
    Inputs held;
    held.values = &input;
    std::int64_t completed = 0;
    held.hold = 120;
    CHECK(ran->run(held, 0.01, {}, completed) == Status::ok && completed == 120);
    for (const std::int64_t steps : {1, 30, 2, 87}) {
        held.hold = steps;
        CHECK(pieces->run(held, 0.01, {}, completed) == Status::ok && completed == steps);
    }
    CHECK(same_bits(*stepped, *ran) && same_bits(*stepped, *pieces));
}

void check_heap() {
#ifdef RESONANCE_COUNTS_HEAP
    for (const double coupling : {0.0, 0.01}) {
        Options wanted = options(70);
        wanted.hyperparameters.coupling = coupling;
        auto network = make<double>(wanted);
        const long before = test::heap_calls;
        int compressions = 0;
        for (int step = 0; step < 300; ++step) {
            const std::ptrdiff_t rank = network->rank();
            CHECK(network->update(0.5, 0.01) == Status::ok);
            compressions += network->rank() < rank ? 1 : 0;
        }
        const double input = 0.5;
        Inputs held;
        held.values = &input;
        held.hold = 300;
        std::int64_t completed = 0;
        CHECK(network->run(held, 0.01, {}, completed) == Status::ok && network->weight_error().bound() > 0);
        CHECK(test::heap_calls == before && compressions > 3);
    }
    Net<double> none;
    test::memory_is_short = true;
    const Status status = Network<double>::create(options(70), none);
    test::memory_is_short = false;
    CHECK(status == Status::out_of_memory && none == nullptr);
#endif
}

void check_refused_input() {
    auto network = make<double>(options(20)), quiet = make<double>(options(20));
    std::vector<double> wrong(20, 0.5);
    wrong[13] = std::numeric_limits<double>::quiet_NaN();
    for (int step = 0; step < 100; ++step) {
        const auto before = weights_of(*network);
        CHECK(network->update(wrong, 0.01) == Status::non_finite);
        CHECK(weights_of(*network) == before);  // also where a compression is due
        CHECK(network->update(0.5, 0.01) == Status::ok && quiet->update(0.5, 0.01) == Status::ok);
    }
    CHECK(same_bits(*network, *quiet));
}

//! Irregular inputs, until the rank is too large: the state stays at the last step, and serves where nothing grows.
template <class Real>
void check_rank_exceeded() {
    auto network = make<Real>(options(60, 20));
    Status status = Status::ok;
    for (unsigned step = 0; step < 100 && status == Status::ok; ++step)
        status = network->update(test::random_values<double>(60, step, -300, 300), 0.01);
    CHECK(status == Status::rank_exceeded);
    const std::int64_t steps = network->step_count();
    CHECK(steps > 10 && steps < 100 && network->max_rank() == 20);
    const std::vector<double> phases(network->phases().begin(), network->phases().end());
    CHECK(network->update(0.5, 0.01) == Status::rank_exceeded && network->step_count() == steps);
    CHECK(std::memcmp(phases.data(), network->phases().data(), phases.size() * sizeof(double)) == 0);

    auto twin = make<Real>(options(60, 20));
    CHECK(twin->set_factors(network->factors()) == Status::ok);  // there is no room left, but it is a state
    CHECK(weights_of(*twin) == weights_of(*network));
    network->set_learning(false);
    CHECK(network->update(0.5, 0.01) == Status::ok);
    network->set_learning(true);
    Hyperparameters h = network->hyperparameters();
    h.learning_rate = 0;
    CHECK(network->set_hyperparameters(h) == Status::ok && network->update(0.5, 0.01) == Status::ok);
    h.learning_rate = 0.01;
    CHECK(network->set_hyperparameters(h) == Status::ok && network->set_tolerance(5) == Status::ok);
    for (int step = 0; step < 100; ++step) CHECK(network->update(0.5, 0.01) == Status::ok);
}

// ------------------------------------------------------------------------------------------------ weights in and out

template <class Real>
void check_assign() {
    auto network = make<Real>(options(33)), twin = make<Real>(options(33)), smaller = make<Real>(options(33, 16));
    for (int step = 0; step < 77; ++step) CHECK(network->update(0.5, 0.01) == Status::ok);
    CHECK(twin->assign(*network) == Status::ok && same_bits(*network, *twin));
    for (int step = 0; step < 77; ++step)
        CHECK(network->update(0.5, 0.01) == Status::ok && twin->update(0.5, 0.01) == Status::ok);
    CHECK(same_bits(*network, *twin));
    CHECK(smaller->assign(*network) == Status::invalid_size);
    CHECK(make<Real>(options(33, 0, WeightStorage::dense))->assign(*network) == Status::invalid_size);
    CHECK(network->assign(*network) == Status::ok && same_bits(*network, *twin));
}

//! A base and one pair u v^T, and what they decay to.
template <class Real>
void check_base() {
    constexpr std::ptrdiff_t n = 9;
    const auto base = test::random_values<Real>(n * n, 5), rows = test::random_values<Real>(2 * n, 6);
    const double pair_weight = 2;
    const std::uint8_t pair_group = 0;
    FactorGroup group;
    group.core.uv = 1;
    group.compressible = false;
    group.reach = 1;
    FactoredWeights<Real> given;
    given.rows = rows.data();
    given.row_stride = n;
    given.pair_weights = {&pair_weight, 1};
    given.pair_groups = {&pair_group, 1};
    given.groups = {&group, 1};
    given.base = base.data();
    given.base_stride = n;
    given.base_factor = 0.5;
    auto network = make<Real>(options(n));
    CHECK(network->set_factors(given) == Status::ok && network->factors().base != nullptr && network->rank() == 2);
    const auto expect = [&](double factor) {
        const auto weights = weights_of(*network);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                const double wanted = factor * (0.5 * static_cast<double>(base[i * n + j]) +
                                                2 * static_cast<double>(rows[i]) * static_cast<double>(rows[n + j]));
                CHECK(std::abs(static_cast<double>(weights[i * n + j]) - wanted) < 1e-6);
            }
    };
    expect(1);
    Hyperparameters h = network->hyperparameters();
    h.learning_rate = 0;
    CHECK(network->set_hyperparameters(h) == Status::ok);
    for (int step = 0; step < 20; ++step) CHECK(network->update(0.5, 0.01) == Status::ok);
    expect(std::pow(0.99, 20));
    h.learning_rate = 0.01;
    CHECK(network->set_hyperparameters(h) == Status::ok);
    double bound = 0;
    for (int step = 0; step < 5000 && network->factors().base != nullptr; ++step) {
        bound = network->weight_error().bound();
        CHECK(network->update(0.5, 0.01) == Status::ok);
    }
    CHECK(network->factors().base == nullptr && network->weight_error().bound() > bound);
}

//! Every way in which factors can be wrong leaves the network as it was.
void check_set_factors_refuses() {
    auto network = make<double>(options(5)), twin = make<double>(options(5));
    for (int step = 0; step < 50; ++step)
        CHECK(network->update(0.5, 0.01) == Status::ok && twin->update(0.5, 0.01) == Status::ok);
    const FactoredWeights<double> right = network->factors();
    const std::vector<double> rows(right.rows, right.rows + right.row_stride * network->rank());
    const std::vector<double> weights(right.pair_weights.begin(), right.pair_weights.end());
    const std::vector<std::uint8_t> members(right.pair_groups.begin(), right.pair_groups.end());
    const double nan = std::numeric_limits<double>::quiet_NaN();

    const auto refused = [&](const FactoredWeights<double>& wrong, Status status) {
        CHECK(network->set_factors(wrong) == status);
        CHECK(same_bits(*network, *twin));
    };
    const auto with_groups = [&](const std::vector<FactorGroup>& groups, Status status) {
        FactoredWeights<double> wrong = right;
        wrong.groups = groups;
        refused(wrong, status);
    };
    FactoredWeights<double> wrong = right;
    wrong.pair_groups = {members.data(), members.size() - 1};
    refused(wrong, Status::invalid_size);
    wrong = right;
    const std::vector<std::uint8_t> elsewhere(members.size(), 3);
    wrong.pair_groups = elsewhere;
    refused(wrong, Status::invalid_value);
    wrong = right;
    std::vector<double> bad_weights = weights;
    bad_weights[0] = -1;
    wrong.pair_weights = bad_weights;
    refused(wrong, Status::invalid_value);
    bad_weights[0] = nan;
    refused(wrong, Status::invalid_value);
    wrong = right;
    std::vector<double> bad_rows = rows;
    bad_rows[size(right.row_stride) + 2] = nan;
    wrong.rows = bad_rows.data();
    refused(wrong, Status::non_finite);
    wrong = right;
    const std::vector<double> bad_base(25, nan);
    wrong.base = bad_base.data();
    wrong.base_stride = 5;
    wrong.base_factor = 1;
    refused(wrong, Status::non_finite);
    wrong = right;
    const std::int64_t outside = 5;
    wrong.pivots = {&outside, 1};
    refused(wrong, Status::invalid_node);
    wrong = right;
    wrong.full_at = 1'000'000;
    refused(wrong, Status::invalid_size);
    wrong = right;
    wrong.discarded = nan;
    refused(wrong, Status::invalid_value);
    const std::vector<double> many_weights(1000, 1.0);
    const std::vector<std::uint8_t> many_members(1000, 0);
    const std::vector<double> many_rows(2000 * 5);
    wrong = right;
    wrong.rows = many_rows.data();
    wrong.row_stride = 5;
    wrong.pair_weights = many_weights;
    wrong.pair_groups = many_members;
    refused(wrong, Status::invalid_size);

    const FactorGroup along{{1, 0, 0, 1}, true, 0};
    with_groups({{{1, 0, 0, 0.5}, true, 0}}, Status::invalid_value);    // no rotation
    with_groups({{{0.5, 0, 0, 0.5}, true, 0}}, Status::invalid_value);  // of another size
    with_groups({{{0.6, 0.6, -0.6, 0.6}, true, 0}}, Status::invalid_value);
    with_groups({{{nan, 0, 0, nan}, true, 0}}, Status::non_finite);
    with_groups({along, along}, Status::invalid_value);
    with_groups({along, {{0, 1, 0, 0}, false, -1}}, Status::invalid_value);
    with_groups({along, {{0, 1, 0, 0}, false, 1}, {{0, 1, 0, 0}, false, 1}}, Status::invalid_size);
    std::vector<FactorGroup> turned;
    for (int k = 1; k <= 5; ++k) turned.push_back({{std::cos(k), -std::sin(k), std::sin(k), std::cos(k)}, true, 0});
    with_groups(turned, Status::invalid_size);  // more directions than are kept apart
    with_groups(std::vector<FactorGroup>(10, along), Status::invalid_size);

    CHECK(network->set_factors(right) == Status::ok && same_bits(*network, *twin));
}

void check_unavailable() {
    auto network = make<float>(options(5)), dense = make<float>(options(5, 0, WeightStorage::dense));
    std::vector<std::byte> memory(4096);
    Network<float>* placed = nullptr;
    CHECK(Network<float>::create(options(5), memory, placed) == Status::unavailable && placed == nullptr);
    CHECK(network->snapshot_size() == 0 && network->snapshot(memory) == Status::unavailable);
    CHECK(network->restore(memory) == Status::unavailable);
    CHECK(network->set_weight(0, 0, 1.0F) == Status::unavailable && network->weights() == nullptr);
    CHECK(network->set_weight_rows<float>(0, std::vector<float>(5)) == Status::unavailable);
    CHECK(network->weight_storage() == WeightStorage::factored);
    CHECK(dense->set_factors(network->factors()) == Status::unavailable && dense->weight_error().bound() == 0);
    CHECK(dense->factors().pair_weights.empty() && dense->max_rank() == 0 && dense->rank() == 0);

    Net<float> none;
    Options wrong = options(5, -1);
    CHECK(Network<float>::create(wrong, none) == Status::invalid_value);
    wrong = options(5);
    wrong.storage = WeightStorage::sparse;
    CHECK(Network<float>::create(wrong, none) == Status::invalid_value);
    wrong = options(0);
    CHECK(Network<float>::create(wrong, none) == Status::invalid_size && none == nullptr);
    CHECK(make<float>(options(5, 7))->max_rank() == 8);  // columns come in pairs
    CHECK(Network<float>::factored_bytes(1'000'000, 64, 1'000'000) > 64U * 1'000'000 * sizeof(float));
    CHECK(Network<float>::factored_bytes(0, 64, 1) == 0 && Network<float>::factored_bytes(5, -1, 5) == 0);
}

}  // namespace

int main() {
    test::for_each_isa([](Isa) {
        for (const std::ptrdiff_t n : {1, 2, 3, 9, 17, 64, 257})
            for (const double lag : {0.0, 0.6}) {
                check_against_dense(n, 0, lag);
                check_against_dense(n, 0.1 / static_cast<double>(n), lag);
            }
        for (const std::ptrdiff_t n : {1, 9, 65}) {
            check_bits<float>(n);
            check_bits<double>(n);
        }
        check_rank_exceeded<float>();
        check_rank_exceeded<double>();
        check_base<float>();
        check_base<double>();
    });
    check_heap();
    check_refused_input();
    check_assign<float>();
    check_assign<double>();
    check_set_factors_refuses();
    check_unavailable();
    return test::result();
}
