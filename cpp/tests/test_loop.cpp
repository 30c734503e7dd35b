// What a control loop may call, called at every tick: nothing on the heap, no page from the disk, whatever the sensors
// say; and a network in static memory takes nothing from the heap at all.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <vector>

#include "check.hpp"
#include "heap_counter.hpp"
#include "resonance/network.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#include <sys/resource.h>
#define RESONANCE_COUNTS_FAULTS
#endif

namespace {

using namespace resonance;

//! Ticks; and those in which everything is done once, so that the program itself has come from the disk.
constexpr int kTicks = 10000, kFirstTicks = 70;

long major_faults() {
#ifdef RESONANCE_COUNTS_FAULTS
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_majflt;
#else
    return 0;
#endif
}

Options options(std::ptrdiff_t n) {
    Options made;
    made.n_nodes = n;
    made.hyperparameters.coupling = 0.5 / static_cast<double>(n);
    made.hyperparameters.learning_lag = 0.2;
    made.hyperparameters.noise_std = 0.1;
    made.hyperparameters.amplitude_floor = 0.1;
    return made;
}

//! All that a tick may do, in a different way at each.
template <class Real>
bool tick(Network<Real>& network, int number, std::vector<Real>& input, std::vector<Real>& outputs,
          std::vector<std::byte>& memory) {
    const std::ptrdiff_t n = network.n_nodes(), node = number % n;
    const double phase = 0.01 * number;
    for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<Real>(std::sin(phase + 0.1 * double(i)));
    network.set_learning(number % 7 != 0);
    bool ok = network.set_phase(node, phase) == Status::ok;
    ok = ok && network.set_weight(node, n - 1 - node, Real(0.01)) == Status::ok;
    ok = ok && network.pin(node, 1.0) == Status::ok && network.pin(n - 1, 0.5, phase) == Status::ok;
    ok = ok && network.update(input, 0.001) == Status::ok;
    ok = ok && network.outputs(outputs) == Status::ok;
    ok = ok && network.unpin(node) == Status::ok;
    ok = ok && network.set_phases(network.initial_phases()) == Status::ok;
    ok = ok && network.set_frequencies(network.frequencies()) == Status::ok;
    ok = ok && network.set_hyperparameters(network.hyperparameters()) == Status::ok;
    if (number % 10 == 0) ok = ok && network.snapshot(memory) == Status::ok && network.restore(memory) == Status::ok;
    // A sensor that fails is told, changes nothing, and the loop goes on.
    const Real kept = input[0];
    const double before = network.phases()[0];
    input[0] = number % 2 == 0 ? std::numeric_limits<Real>::quiet_NaN() : std::numeric_limits<Real>::infinity();
    ok = ok && network.update(input, 0.001) == Status::non_finite && network.phases()[0] == before;
    input[0] = kept;
    return ok && network.update(0.5, 0.001) == Status::ok;
}

template <class Real>
void check_ticks(std::ptrdiff_t n) {
    std::vector<std::byte> storage(Network<Real>::storage_size(options(n)));
    const auto count = static_cast<std::size_t>(n);
    std::vector<Real> input(count), outputs(count);
    long calls = test::heap_calls;
    Network<Real>* network = nullptr;
    CHECK(Network<Real>::create(options(n), storage, network) == Status::ok);
    CHECK(test::heap_calls == calls);
    std::vector<std::byte> memory(network->snapshot_size());

    calls = test::heap_calls;
    bool ok = true;
    long faults = 0;
    for (int number = 0; number < kTicks; ++number) {
        if (number == kFirstTicks) faults = major_faults();
        ok = ok && tick(*network, number, input, outputs, memory);
    }
    const long during = test::heap_calls - calls, faults_during = major_faults() - faults;
    CHECK(ok);
    CHECK(during == 0);
    CHECK(faults_during == 0);
    CHECK(network->step_count() == 2 * kTicks);
}

#ifdef RESONANCE_COUNTS_HEAP
//! The counter counts: this test can fail.
void check_the_counter() {
    long before = test::heap_calls;
    void* volatile memory = std::malloc(16);
    std::free(memory);
    CHECK(test::heap_calls - before == 2);
    before = test::heap_calls;
    memory = ::operator new(16);
    ::operator delete(memory);
    CHECK(test::heap_calls - before == 2);
    before = test::heap_calls;
    void* const page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED && munmap(page, 4096) == 0);
    CHECK(test::heap_calls - before == 2);
}
#endif

}  // namespace

int main() {
#ifdef RESONANCE_COUNTS_HEAP
    check_the_counter();
#endif
#ifdef RESONANCE_COUNTS_FAULTS
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) std::puts("mlockall is not permitted: pages may be moved to the disk");
#endif
    for (const std::ptrdiff_t n : {33, 64, 256}) {
        check_ticks<float>(n);
        check_ticks<double>(n);
    }
    return test::result();
}
