// Networks in memory of the caller's, snapshots, and spans of whatever callers have.
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include <Eigen/Core>

#include "cases.hpp"
#include "resonance/network.hpp"

using namespace resonance;

namespace {

constexpr Options options(std::ptrdiff_t n) {
    Options made;
    made.n_nodes = n;
    return made;
}

static_assert(Network<float>::storage_size(options(64)) > 64 * 64 * sizeof(float));
static_assert(Network<double>::storage_size(options(0)) == 0);
static_assert(Network<double>::storage_size(options(PTRDIFF_MAX / 4)) == 0);

alignas(64) std::byte static_storage[Network<double>::storage_size(options(17))];

template <class Real>
Status take_steps(Network<Real>& network, int steps) {
    Status status = Status::ok;
    for (int step = 0; step < steps && status == Status::ok; ++step) status = network.update(0.1 * step, 0.01);
    return status;
}

template <class Real>
Status give_state(Network<Real>& network) {
    const auto n = static_cast<std::size_t>(network.n_nodes());
    Hyperparameters h;
    h.coupling = 0.4;
    h.noise_std = 0.3;
    network.set_noise_seed(11);
    h.gain = 2.0 / static_cast<double>(n);
    for (const Status status : {network.set_phases(test::random_values<double>(n, 1, 0, 6)),
                                network.set_frequencies(test::random_values<double>(n, 2)),
                                network.template set_weight_rows<Real>(0, test::random_values<Real>(n * n, 3)),
                                network.set_hyperparameters(h), network.pin(0, 0.5)})
        if (status != Status::ok) return status;
    return Status::ok;
}

template <class Real>
bool same_bits(const Network<Real>& a, const Network<Real>& b) {
    const auto n = static_cast<std::size_t>(a.n_nodes());
    bool same = a.step_count() == b.step_count() && a.time() == b.time() && a.learning() == b.learning() &&
                a.noise_seed() == b.noise_seed() &&
                std::memcmp(a.phases().data(), b.phases().data(), n * sizeof(double)) == 0 &&
                std::memcmp(a.amplitudes().data(), b.amplitudes().data(), n * sizeof(Real)) == 0;
    for (std::ptrdiff_t i = 0; i < a.n_nodes(); ++i)
        same = same && std::memcmp(a.weight_row(i).data(), b.weight_row(i).data(), n * sizeof(Real)) == 0;
    return same;
}

//! Wherever in a buffer it begins, a network has the bits of one on the heap, and stays within its bytes.
template <class Real>
void check_placement(std::ptrdiff_t n) {
    std::unique_ptr<Network<Real>> on_heap;
    CHECK(Network<Real>::create(options(n), on_heap) == Status::ok && give_state(*on_heap) == Status::ok);
    CHECK(take_steps(*on_heap, 20) == Status::ok);

    const std::size_t bytes = Network<Real>::storage_size(options(n)), margin = 128;
    for (const std::size_t offset : {0U, 1U, 8U, 63U}) {
        std::vector<std::byte> buffer(bytes + 2 * margin, std::byte{0xA5});
        Network<Real>* network = nullptr;
        CHECK(Network<Real>::create(options(n), {buffer.data() + margin + offset, bytes}, network) == Status::ok);
        CHECK(give_state(*network) == Status::ok && take_steps(*network, 20) == Status::ok);
        CHECK(same_bits(*network, *on_heap));
        for (std::size_t k = 0; k < margin; ++k) {
            CHECK(buffer[k] == std::byte{0xA5});
            if (k >= offset) CHECK(buffer[margin + bytes + k] == std::byte{0xA5});
        }
        Inputs held;
        const double input = 0.5;
        held.values = &input;
        held.hold = 50;
        std::int64_t completed = 0;
        CHECK(network->run(held, 0.01, {}, completed) == Status::ok && completed == 50);
        network->~Network();  // a run may have taken memory of its own
    }
}

void check_refusals() {
    std::vector<std::byte> buffer(Network<float>::storage_size(options(9)));
    Network<float>* network = nullptr;
    CHECK(Network<float>::create(options(9), {buffer.data(), buffer.size() - 1}, network) == Status::invalid_size);
    CHECK(Network<float>::create(options(0), buffer, network) == Status::invalid_size);
    CHECK(Network<float>::create(options(PTRDIFF_MAX / 8), buffer, network) == Status::invalid_size);
    Options wrong = options(9);
    wrong.hyperparameters.decay = 1.5;
    CHECK(Network<float>::create(wrong, buffer, network) == Status::invalid_value);
    wrong = options(9);
    wrong.threads = -1;
    CHECK(Network<float>::create(wrong, buffer, network) == Status::invalid_value);
    CHECK(network == nullptr);
    std::unique_ptr<Network<float>> on_heap;
    CHECK(Network<float>::create(wrong, on_heap) == Status::invalid_value && on_heap == nullptr);
}

void check_options() {
    Options wanted = options(17);
    wanted.hyperparameters.gain = 3;
    wanted.threads = 2;
    Network<double>* network = nullptr;
    CHECK(Network<double>::create(wanted, static_storage, network) == Status::ok);
    CHECK(network->hyperparameters().gain == 3 && network->threads_setting() == 2 && network->n_nodes() == 17);
    CHECK(Network<double>::create(options(17), static_storage, network) == Status::ok);
    CHECK(network->threads() == 1 && network->learning());
}

template <class Real>
void check_snapshots(std::ptrdiff_t n) {
    std::unique_ptr<Network<Real>> network, twin;
    CHECK(Network<Real>::create(options(n), network) == Status::ok && give_state(*network) == Status::ok);
    CHECK(Network<Real>::create(options(n), twin) == Status::ok);
    CHECK(take_steps(*network, 10) == Status::ok);
    network->set_learning(false);
    // Between setting one phase and the next step, sums are neither those of a step nor those of a new pass.
    CHECK(network->set_phase(n - 1, 1.0) == Status::ok);
    std::vector<std::byte> memory(network->snapshot_size() + 1);
    const span<std::byte> odd(memory.data() + 1, network->snapshot_size());
    CHECK(network->snapshot(odd) == Status::ok);
    CHECK(network->snapshot({odd.data(), odd.size() - 1}) == Status::invalid_size);
    CHECK(take_steps(*network, 10) == Status::ok);

    CHECK(twin->restore(odd) == Status::ok && !twin->learning() && twin->hyperparameters().coupling == 0.4);
    CHECK(take_steps(*twin, 10) == Status::ok && same_bits(*network, *twin));
    CHECK(network->restore(odd) == Status::ok && take_steps(*network, 10) == Status::ok);
    CHECK(same_bits(*network, *twin) && network->unpin(0) == Status::ok);

    std::unique_ptr<Network<Real>> larger;
    CHECK(Network<Real>::create(options(n + 1), larger) == Status::ok);
    CHECK(larger->restore(odd) == Status::foreign_snapshot);
    using Other = std::conditional_t<sizeof(Real) == sizeof(float), double, float>;
    std::unique_ptr<Network<Other>> other;
    CHECK(Network<Other>::create(options(n), other) == Status::ok);
    std::vector<std::byte> room(other->snapshot_size() + odd.size());
    std::memcpy(room.data(), odd.data(), odd.size());
    CHECK(other->restore(room) == Status::foreign_snapshot);
    std::vector<std::byte> altered(odd.begin(), odd.end());
    altered[0] ^= std::byte{1};
    CHECK(network->restore(altered) == Status::foreign_snapshot);
    CHECK(network->restore({odd.data(), odd.size() - 1}) == Status::foreign_snapshot);
}

void check_spans() {
    std::unique_ptr<Network<double>> network;
    CHECK(Network<double>::create(options(4), network) == Status::ok);
    const Eigen::VectorXd vector = Eigen::VectorXd::Constant(4, 0.5);
    Eigen::Vector4d outputs = Eigen::Vector4d::Zero();
    const std::array<double, 4> array{0.5, 0.5, 0.5, 0.5};
    const double plain[] = {0.5, 0.5, 0.5, 0.5};
    CHECK(network->update(vector, 0.01) == Status::ok && network->update(array, 0.01) == Status::ok);
    CHECK(network->update(plain, 0.01) == Status::ok);
    CHECK(network->update(Eigen::VectorXf::Constant(4, 0.5F).eval(), 0.01) == Status::ok);
    CHECK(network->update(std::vector<double>(5), 0.01) == Status::invalid_size);
    CHECK(network->outputs(outputs) == Status::ok && network->step_count() == 4);
    CHECK(outputs[0] == network->amplitudes()[0] * outputs[1] / network->amplitudes()[1]);
    CHECK(network->set_phases(vector) == Status::ok && network->phases()[3] == 0.5);
}

}  // namespace

int main() {
    for (const std::ptrdiff_t n : {1, 2, 9, 64, 100}) {
        check_placement<float>(n);
        check_placement<double>(n);
        check_snapshots<float>(n);
        check_snapshots<double>(n);
    }
    check_refusals();
    check_options();
    check_spans();
    return test::result();
}
