// Weights on the edges of a graph: what graphs are refused, what a step takes, snapshots, and single weights.
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "cases.hpp"
#include "heap_counter.hpp"
#include "resonance/network.hpp"
#include "sparse/pass.hpp"

using namespace resonance;

namespace {

template <class Index>
std::size_t size(Index index) {
    return static_cast<std::size_t>(index);
}

//! A graph with arrays of its own.
template <class Real>
struct OwnGraph {
    std::vector<std::int64_t> row_starts{0};
    std::vector<std::int32_t> columns;
    std::vector<Real> weights;
    std::vector<std::int32_t> order;

    std::size_t n() const { return row_starts.size() - 1; }
    Graph<Real> graph() const {
        Graph<Real> made;
        made.row_starts = row_starts;
        made.columns = columns;
        made.weights = weights;
        made.order = order;
        return made;
    }
};

//! Rows with i % 14 edges at most, self-loops among them.
template <class Real>
OwnGraph<Real> mixed(std::int32_t n) {
    OwnGraph<Real> own;
    for (std::int32_t i = 0; i < n; ++i) {
        for (std::int32_t k = 0; k < i % 14; ++k) {
            const std::int32_t column = i + 3 * k - 9;
            if (column >= 0 && column < n) own.columns.push_back(column);
        }
        own.row_starts.push_back(static_cast<std::int64_t>(own.columns.size()));
    }
    own.weights = test::random_values<Real>(own.columns.size(), 4);
    return own;
}

Options options(std::size_t n, int threads = 1) {
    Options made;
    made.n_nodes = static_cast<std::ptrdiff_t>(n);
    made.threads = threads;
    made.hyperparameters.coupling = 0.1;
    made.hyperparameters.gain = 0.5;
    made.hyperparameters.learning_lag = 0.3;
    made.hyperparameters.noise_std = 0.2;
    return made;
}

template <class Real>
std::unique_ptr<Network<Real>> living(const OwnGraph<Real>& own, int threads = 1) {
    std::unique_ptr<Network<Real>> network;
    CHECK(Network<Real>::create(options(own.n(), threads), own.graph(), network) == Status::ok);
    CHECK(network->set_phases(test::random_values<double>(own.n(), 1, 0, 6)) == Status::ok);
    CHECK(network->set_frequencies(test::random_values<double>(own.n(), 2)) == Status::ok);
    return network;
}

template <class Real>
std::vector<Real> weights_of(const Network<Real>& network) {
    std::vector<Real> weights(static_cast<std::size_t>(network.n_edges()));
    CHECK(network.copy_edge_weights(0, weights) == Status::ok);
    return weights;
}

template <class Real>
bool same_bits(const Network<Real>& a, const Network<Real>& b) {
    const auto n = static_cast<std::size_t>(a.n_nodes());
    const std::vector<Real> of_a = weights_of(a), of_b = weights_of(b);
    return of_a.size() == of_b.size() && std::memcmp(of_a.data(), of_b.data(), of_a.size() * sizeof(Real)) == 0 &&
           std::memcmp(a.phases().data(), b.phases().data(), n * sizeof(double)) == 0 &&
           std::memcmp(a.amplitudes().data(), b.amplitudes().data(), n * sizeof(Real)) == 0 &&
           a.step_count() == b.step_count();
}

template <class Real>
bool take_steps(Network<Real>& network, int steps) {
    bool ok = true;
    for (int step = 0; step < steps; ++step) ok = ok && network.update(0.1 * step, 0.01) == Status::ok;
    return ok;
}

template <class Real>
Status refusal(const OwnGraph<Real>& own, std::size_t n) {
    std::unique_ptr<Network<Real>> network;
    const Status status = Network<Real>::create(options(n), own.graph(), network);
    CHECK((status == Status::ok) == (network != nullptr));
    return status;
}

template <class Real>
void check_refusals() {
    const OwnGraph<Real> good = mixed<Real>(40);
    CHECK(refusal(good, 40) == Status::ok && refusal(good, 41) == Status::invalid_size);
    OwnGraph<Real> bad = good;
    CHECK(refusal(bad, 0) == Status::invalid_size);
    bad.row_starts.back() += 1;
    CHECK(refusal(bad, 40) == Status::invalid_size);
    bad = good;
    bad.row_starts[20] = bad.row_starts[21] + 1;
    CHECK(refusal(bad, 40) == Status::invalid_size);
    bad = good;
    bad.row_starts[0] = 1;
    CHECK(refusal(bad, 40) == Status::invalid_size);
    bad = good;
    bad.weights.pop_back();
    CHECK(refusal(bad, 40) == Status::invalid_size);
    for (const std::int32_t column : {-1, 40}) {
        bad = good;
        bad.columns.back() = column;
        CHECK(refusal(bad, 40) == Status::invalid_node);
    }
    bad = good;
    bad.columns.back() = bad.columns[bad.columns.size() - 2];
    CHECK(refusal(bad, 40) == Status::invalid_value);
    bad = good;
    bad.weights[3] = std::numeric_limits<Real>::quiet_NaN();
    CHECK(refusal(bad, 40) == Status::non_finite);
    bad = good;
    bad.order.assign(40, 0);
    CHECK(refusal(bad, 40) == Status::invalid_value);
    bad.order.resize(39);
    CHECK(refusal(bad, 40) == Status::invalid_size);
    std::unique_ptr<Network<Real>> network;
    Options wrong = options(40);
    wrong.hyperparameters.decay = 2;
    CHECK(Network<Real>::create(wrong, good.graph(), network) == Status::invalid_value && network == nullptr);
}

template <class Real>
void check_weights() {
    const OwnGraph<Real> own = mixed<Real>(60);
    const auto network = living(own);
    CHECK(network->weight_storage() == WeightStorage::sparse && network->weights() == nullptr);
    CHECK(network->n_edges() == static_cast<std::int64_t>(own.columns.size()) && weights_of(*network) == own.weights);
    const std::vector<std::int64_t> rows{13, 0, 59}, columns{4, 13, 59, 56};
    std::vector<Real> block(12, Real(9));
    CHECK(network->copy_weights(rows, columns, block) == Status::ok);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 4; ++j) {
            Real wanted = 0;
            for (std::int64_t e = own.row_starts[size(rows[i])]; e < own.row_starts[size(rows[i]) + 1]; ++e)
                if (own.columns[size(e)] == columns[j]) wanted = own.weights[size(e)];
            CHECK(block[i * 4 + j] == wanted);
        }

    // One weight: the coupled step that follows is the one after setting them all.
    const auto twin = living(own);
    CHECK(take_steps(*network, 3) && twin->assign(*network) == Status::ok && same_bits(*network, *twin));
    CHECK(network->set_weight(13, 13, Real(0.25)) == Status::ok);
    std::vector<Real> all = weights_of(*twin);
    for (std::int64_t e = own.row_starts[13]; e < own.row_starts[14]; ++e)
        if (own.columns[size(e)] == 13) all[size(e)] = Real(0.25);
    CHECK(twin->template set_edge_weights<Real>(all) == Status::ok && weights_of(*network) == all);
    CHECK(take_steps(*network, 1) && take_steps(*twin, 1));
    const double near = sizeof(Real) == 4 ? 1e-6 : 1e-14;
    for (std::size_t i = 0; i < 60; ++i) CHECK(std::abs(network->phases()[i] - twin->phases()[i]) < near);

    CHECK(network->set_weight(0, 0, Real(1)) == Status::invalid_node);
    CHECK(network->set_weight(60, 0, Real(1)) == Status::invalid_node);
    CHECK(network->set_weight(13, 13, std::numeric_limits<Real>::infinity()) == Status::non_finite);
    CHECK(network->template set_weight_rows<Real>(0, all) == Status::unavailable);
    all.pop_back();
    CHECK(network->template set_edge_weights<Real>(all) == Status::invalid_size);
    CHECK(network->copy_edge_weights(2, all) == Status::invalid_size);
    CHECK(network->copy_edge_weights(1, all) == Status::ok);
    CHECK(all.front() == weights_of(*network)[1] && all.back() == weights_of(*network).back());
    std::unique_ptr<Network<Real>> dense;
    CHECK(Network<Real>::create(options(60), dense) == Status::ok && dense->n_edges() == 0);
    CHECK(dense->template set_edge_weights<Real>(own.weights) == Status::unavailable);
    CHECK(dense->assign(*network) == Status::invalid_size && network->assign(*dense) == Status::invalid_size);
}

//! Of networks of one size, a snapshot and assign() take the edges along.
template <class Real>
void check_snapshots() {
    OwnGraph<Real> own = mixed<Real>(60), other = own;
    for (std::size_t row = 0; row < 60; ++row)  // other edges, as many
        for (std::int64_t e = other.row_starts[row]; e < other.row_starts[row + 1]; ++e)
            other.columns[size(e)] = static_cast<std::int32_t>(e - other.row_starts[row]);
    const auto network = living(own), twin = living(other), third = living(other);
    CHECK(take_steps(*network, 10) && take_steps(*twin, 3));
    std::vector<std::byte> memory(network->snapshot_size());
    CHECK(twin->snapshot_size() == memory.size() && network->snapshot(memory) == Status::ok);
    CHECK(take_steps(*network, 10));
    CHECK(twin->restore(memory) == Status::ok && take_steps(*twin, 10) && same_bits(*network, *twin));
    CHECK(third->assign(*network) == Status::ok && take_steps(*third, 2) && take_steps(*network, 2));
    CHECK(same_bits(*network, *third));

    own.columns.pop_back();
    own.weights.pop_back();
    own.row_starts.back() -= 1;
    const auto smaller = living(own);
    CHECK(smaller->restore(memory) == Status::foreign_snapshot && smaller->assign(*network) == Status::invalid_size);
}

template <class Real>
void check_entrain() {
    const OwnGraph<Real> own = mixed<Real>(60);
    const auto network = living(own);
    std::unique_ptr<Network<Real>> dense;
    CHECK(Network<Real>::create(options(60), dense) == Status::ok);
    const std::vector<double> offsets = test::random_values<double>(60 * 9, 8, -3, 3);
    std::int64_t completed = 0;
    for (const std::optional<double> fading : {std::optional<double>(), std::optional<double>(0.8)}) {
        CHECK(network->template entrain<double>(offsets, fading, {}, completed) == Status::ok && completed == 9);
        CHECK(dense->template entrain<double>(offsets, fading, {}, completed) == Status::ok);
    }
    const std::vector<Real> weights = weights_of(*network);
    double largest = 0;
    for (std::size_t i = 0; i < 60; ++i)
        for (std::int64_t e = own.row_starts[i]; e < own.row_starts[i + 1]; ++e) {
            const Real wanted = dense->weight_row(static_cast<std::ptrdiff_t>(i))[size(own.columns[size(e)])];
            largest = std::max(largest, static_cast<double>(std::abs(weights[size(e)] - wanted)));
        }
    CHECK(largest < (sizeof(Real) == 4 ? 1e-6 : 1e-14));
    CHECK(network->presentation_count() == 18);
}

//! Ranges of rows cover all once and begin at whole granules, whatever the number of parts, also where one row has
//! nearly all edges.
void check_ranges() {
    constexpr std::ptrdiff_t n = 101;
    std::int64_t starts[n + 1] = {};
    for (std::ptrdiff_t row = 0; row < n; ++row) starts[row + 1] = starts[row] + (row == 40 ? 1000 : row % 3);
    const std::int64_t cost = starts[n] + detail::kRowCost * n;
    for (std::int64_t parts = 1; parts < 9; ++parts) {
        std::ptrdiff_t last = 0;
        for (std::int64_t part = 1; part <= parts; ++part) {
            const std::ptrdiff_t next = detail::row_at(starts, n, cost * part / parts);
            CHECK(next >= last);
            CHECK(next == n || next % detail::kRowGranule == 0);
            if (part < parts && parts == 2) CHECK(next > 0 && next < n);
            last = next;
        }
        CHECK(last == n);
    }
}

#ifdef RESONANCE_COUNTS_HEAP
template <class Real>
void check_the_heap(std::int32_t n) {
    const auto network = living(mixed<Real>(n));
    const std::vector<double> input(static_cast<std::size_t>(n), 0.3);
    std::vector<std::byte> memory(network->snapshot_size());
    std::vector<Real> outputs(input.size());
    const std::vector<Real> weights = weights_of(*network);
    const long before = test::heap_calls;
    bool ok = true;
    for (int tick = 0; tick < 100; ++tick) {
        network->set_learning(tick % 7 != 0);
        ok = ok && network->set_phase(tick % n, 0.1 * tick) == Status::ok && network->pin(2, 0.5, 0.1) == Status::ok;
        ok = ok && network->set_weight(13, 13, Real(0.1)) == Status::ok;
        ok = ok && network->update(input, 0.01) == Status::ok && network->outputs(outputs) == Status::ok;
        if (tick % 10 == 0) ok = ok && network->template set_edge_weights<Real>(weights) == Status::ok;
        ok = ok && network->snapshot(memory) == Status::ok && network->restore(memory) == Status::ok;
    }
    const long during = test::heap_calls - before;
    CHECK(ok);
    CHECK(during == 0);
}
#endif

template <class Real>
void check_all() {
    check_refusals<Real>();
    test::for_each_isa([](Isa) {
        check_weights<Real>();
        check_snapshots<Real>();
        check_entrain<Real>();
    });
#ifdef RESONANCE_COUNTS_HEAP
    for (const std::int32_t n : {40, 20'000}) check_the_heap<Real>(n);
#endif
}

}  // namespace

int main() {
    check_all<float>();
    check_all<double>();
    check_ranges();
    return test::result();
}
