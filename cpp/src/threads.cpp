#include "resonance/threads.hpp"

#include <atomic>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace resonance {
namespace {

std::atomic<int> chosen{0};  // 0: OpenMP's number

#ifdef _OPENMP
// What OpenMP says before anybody limits it. A later, smaller number is a limit (threadpoolctl's, say).
const int initial_maximum = omp_get_max_threads();
#endif

}  // namespace

int num_threads(int wanted) noexcept RESONANCE_NONBLOCKING {
    if (wanted == 0) wanted = chosen.load(std::memory_order_relaxed);
#ifdef _OPENMP
    const int maximum = omp_get_max_threads();
    if (wanted == 0 || (maximum < initial_maximum && maximum < wanted)) return maximum;
    return wanted;
#else
    return wanted == 0 ? 1 : wanted;
#endif
}

Status set_num_threads(int threads) noexcept {
    if (threads < 0) return Status::invalid_value;
    chosen.store(threads, std::memory_order_relaxed);
    return Status::ok;
}

void release_threads() noexcept {
// GCC has the call since 9, though it states OpenMP 4.5.
#if defined(_OPENMP) && (_OPENMP >= 201811 || (defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 9))
    omp_pause_resource_all(omp_pause_soft);
#endif
}

}  // namespace resonance
