// A step on one thread does not touch the heap: every allocation function of the program is counted.
#include <cstdlib>
#include <vector>

#include "check.hpp"
#include "resonance/network.hpp"

// glibc's own functions stand behind the counting ones; sanitizers bring theirs and are left alone.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define RESONANCE_COUNTS_ALLOCATIONS
#endif

namespace {
long calls = 0;
}

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
    CHECK(Network<Real>::create(n, network) == Status::ok);
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
        all_ok = all_ok && network->pin_amplitudes(nodes, values) == Status::ok &&
                 network->pin_phases(nodes, values) == Status::ok && network->unpin(nodes) == Status::ok &&
                 network->set_amplitudes(input) == Status::ok && network->update(input, 0.001) == Status::ok;
    }
    const long during = calls - before;
    CHECK(all_ok);
    CHECK(during == 0);
}

}  // namespace

int main() {
#ifdef RESONANCE_COUNTS_ALLOCATIONS
    // The count counts.
    const long before = calls;
    void* volatile memory = std::malloc(16);
    std::free(memory);
    CHECK(calls - before == 2);
#endif
    for (const std::ptrdiff_t n : {33, 64, 256}) {
        check_steps<float>(n);
        check_steps<double>(n);
    }
    return test::result();
}
