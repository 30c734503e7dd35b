// Runs and entraining take memory the first time, and never again; where it can't be had, single steps serve. That
// single steps take none is in test_loop.cpp.
#include <cstring>
#include <vector>

#include "check.hpp"
#include "heap_counter.hpp"
#include "resonance/isa.hpp"
#include "resonance/network.hpp"

namespace {

using namespace resonance;

#ifdef RESONANCE_COUNTS_HEAP

template <class Real>
std::unique_ptr<Network<Real>> spread_out(std::ptrdiff_t n) {
    std::unique_ptr<Network<Real>> network;
    CHECK(Network<Real>::create({n}, network) == Status::ok);
    std::vector<double> phases(static_cast<std::size_t>(n));
    for (std::ptrdiff_t i = 0; i < n; ++i) phases[static_cast<std::size_t>(i)] = 0.1 * static_cast<double>(i);
    Hyperparameters h;
    h.gain = 30.0 / static_cast<double>(n);
    CHECK(network->set_phases(phases) == Status::ok && network->set_hyperparameters(h) == Status::ok &&
          network->set_threads(1) == Status::ok);
    return network;
}

template <class Real>
void check_runs(std::ptrdiff_t n) {
    const std::vector<double> input(static_cast<std::size_t>(n), 0.5);
    Inputs held;
    held.values = input.data();
    held.per_node = true;
    held.hold = 300;
    std::int64_t completed = 0;

    auto network = spread_out<Real>(n);
    long before = test::heap_calls;
    CHECK(network->run(held, 0.01, {}, completed) == Status::ok);
    CHECK(test::heap_calls > before);  // the memory for blocks of steps
    before = test::heap_calls;
    CHECK(network->run(held, 0.01, {}, completed) == Status::ok && completed == held.hold);
    CHECK(test::heap_calls == before);

    // No memory for blocks: the bits are those of single steps.
    auto poor = spread_out<Real>(n), stepped = spread_out<Real>(n);
    test::memory_is_short = true;
    CHECK(poor->run(held, 0.01, {}, completed) == Status::ok && completed == held.hold);
    test::memory_is_short = false;
    for (std::int64_t step = 0; step < held.hold; ++step) CHECK(stepped->update(input, 0.01) == Status::ok);
    const std::size_t bytes = static_cast<std::size_t>(n * stepped->weight_stride()) * sizeof(Real);
    CHECK(poor->step_count() == stepped->step_count());
    CHECK(std::memcmp(poor->weights(), stepped->weights(), bytes) == 0);
}

template <class Real>
void check_entraining(std::ptrdiff_t n) {
    const std::vector<double> offsets(static_cast<std::size_t>(n) * 100, 0.5);
    std::int64_t completed = 0;
    auto network = spread_out<Real>(n);
    test::memory_is_short = true;
    CHECK(network->template entrain<double>(offsets, {}, {}, completed) == Status::out_of_memory && completed == 0);
    test::memory_is_short = false;
    CHECK(network->template entrain<double>(offsets, {}, {}, completed) == Status::ok && completed == 100);
    const long before = test::heap_calls;
    CHECK(network->template entrain<double>(offsets, {}, {}, completed) == Status::ok);
    CHECK(test::heap_calls == before);
}

#endif

}  // namespace

int main() {
#ifdef RESONANCE_COUNTS_HEAP
    // Compressed runs serve from 512 nodes on, blocks of steps from a number that depends on the instruction set.
    check_runs<double>(600);
    check_runs<float>(600);
    if (isa() == Isa::avx512) check_runs<double>(400);
    const Isa before = isa();
    CHECK(set_isa(Isa::baseline) == Status::ok);
    check_runs<float>(130);
    CHECK(set_isa(before) == Status::ok);
    for (const std::ptrdiff_t n : {40, 400}) {
        check_entraining<float>(n);
        check_entraining<double>(n);
    }
    return test::result();
#else
    return 0;  // nothing counts here
#endif
}
