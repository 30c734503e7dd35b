// A step on one thread does not touch the heap: every allocation function of the program is counted. Nor does a run
// whose memory is there already; and where it can't be had, single steps serve.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "check.hpp"
#include "resonance/network.hpp"

// glibc's own functions stand behind the counting ones; sanitizers bring theirs and are left alone.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define RESONANCE_COUNTS_ALLOCATIONS
#endif

namespace {
long calls = 0;
[[maybe_unused]] bool memory_is_short = false;
}  // namespace

#ifdef RESONANCE_COUNTS_ALLOCATIONS
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) { return ++calls, __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) { return ++calls, __libc_calloc(count, size); }
void* realloc(void* old, std::size_t size) { return ++calls, __libc_realloc(old, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) { return ++calls, __libc_memalign(alignment, size); }
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
    ++calls;
    if (memory_is_short) return ENOMEM;
    *memory = __libc_memalign(alignment, size);
    return *memory == nullptr ? ENOMEM : 0;
}
void free(void* memory) {
    if (memory != nullptr) ++calls;
    __libc_free(memory);
}
}
#endif

namespace {

using namespace resonance;

template <class Real>
void check_steps(std::ptrdiff_t n) {
    std::unique_ptr<Network<Real>> network;
    CHECK(Network<Real>::create({n}, network) == Status::ok);
    Hyperparameters h;
    h.coupling = 0.1;
    h.learning_lag = 0.2;
    h.amplitude_floor = 0.1;
    CHECK(network->set_hyperparameters(h) == Status::ok);
    CHECK(network->set_threads(1) == Status::ok);
    const std::vector<double> input(static_cast<std::size_t>(n), 1.0);
    const std::vector<double> values{0.5};
    const std::vector<std::int64_t> nodes{0};

    const long before = calls;
    bool all_ok = true;
    for (int step = 0; step < 1000; ++step) {
        all_ok = all_ok && network->pin(nodes, values) == Status::ok &&
                 network->pin(nodes, values, values) == Status::ok && network->unpin(nodes) == Status::ok &&
                 network->set_amplitudes(input) == Status::ok && network->update(input, 0.001) == Status::ok;
    }
    const long during = calls - before;
    CHECK(all_ok);
    CHECK(during == 0);
}

#ifdef RESONANCE_COUNTS_ALLOCATIONS

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
    long before = calls;
    CHECK(network->run(held, 0.01, {}, completed) == Status::ok);
    CHECK(calls > before);  // the memory for blocks of steps
    before = calls;
    CHECK(network->run(held, 0.01, {}, completed) == Status::ok && completed == held.hold);
    CHECK(calls == before);

    // No memory for blocks: the bits are those of single steps.
    auto poor = spread_out<Real>(n), stepped = spread_out<Real>(n);
    memory_is_short = true;
    CHECK(poor->run(held, 0.01, {}, completed) == Status::ok && completed == held.hold);
    memory_is_short = false;
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
    memory_is_short = true;
    CHECK(network->template entrain<double>(offsets, {}, {}, completed) == Status::out_of_memory && completed == 0);
    memory_is_short = false;
    CHECK(network->template entrain<double>(offsets, {}, {}, completed) == Status::ok && completed == 100);
    const long before = calls;
    CHECK(network->template entrain<double>(offsets, {}, {}, completed) == Status::ok);
    CHECK(calls == before);
}

#endif

}  // namespace

int main() {
#ifdef RESONANCE_COUNTS_ALLOCATIONS
    // The count counts.
    const long before = calls;
    void* volatile memory = std::malloc(16);
    std::free(memory);
    CHECK(calls - before == 2);
    for (const std::ptrdiff_t n : {400, 600}) check_runs<double>(n);
    for (const std::ptrdiff_t n : {130, 600}) check_runs<float>(n);
    for (const std::ptrdiff_t n : {40, 400}) {
        check_entraining<float>(n);
        check_entraining<double>(n);
    }
#endif
    for (const std::ptrdiff_t n : {33, 64, 256}) {
        check_steps<float>(n);
        check_steps<double>(n);
    }
    return test::result();
}
