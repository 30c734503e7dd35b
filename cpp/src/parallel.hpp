//! Rows shared among threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <type_traits>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "crowding.hpp"
#include "resonance/threads.hpp"

namespace resonance::detail {

//! Below this number of nodes one thread serves. Measured, two threads against one in a run: 1.8 times as fast from
//! here on, 1.3 to 1.5 times at half the size, slower at 64; and single steps have to wake the team first.
inline constexpr std::ptrdiff_t kParallelFrom = 512;

//! Threads for a pass over n x n weights; `wanted` 0 leaves the choice to the library.
inline int threads_for(std::ptrdiff_t n, int wanted = 0) noexcept {
    // One thread does not even ask OpenMP.
    return wanted == 1 || (wanted == 0 && n < kParallelFrom) ? 1 : num_threads(wanted);
}

//! Calls body(first, last) so that [0, rows) is covered once. Threads get contiguous ranges that begin at multiples of
//! `granule`, so a row is computed by the same code whatever the number of threads: same bits.
//! One thread is a plain call: libgomp allocates in a parallel region even when its team is one thread.
//! A body may ask for a third argument, the number of its thread below `threads`.
template <class Body>
void for_row_ranges(std::ptrdiff_t rows, std::ptrdiff_t granule, int threads, const Body& body) noexcept {
    const auto call = [&body](std::ptrdiff_t first, std::ptrdiff_t last, [[maybe_unused]] int member) {
        if constexpr (std::is_invocable_v<const Body&, std::ptrdiff_t, std::ptrdiff_t, int>)
            body(first, last, member);
        else
            body(first, last);
    };
#ifdef _OPENMP
    const std::ptrdiff_t granules = (rows + granule - 1) / granule;
    if (granules < threads) threads = static_cast<int>(granules);
    const auto begin = threads > 1 ? Crowding::Clock::now() : Crowding::Clock::time_point();
    if (threads > 1 && !crowding.wait_is_likely(begin)) {
        auto own_end = begin;
#pragma omp parallel num_threads(threads)
        {
            const int member = omp_get_thread_num();
            const std::ptrdiff_t team = omp_get_num_threads();
            const std::ptrdiff_t first = granules * member / team * granule;
            const std::ptrdiff_t end = granules * (member + 1) / team * granule;
            const std::ptrdiff_t last = end < rows ? end : rows;
            if (first < last) call(first, last, member);
            if (member == 0) own_end = Crowding::Clock::now();
        }
        crowding.note(begin, own_end, Crowding::Clock::now());
        return;
    }
#else
    (void)granule, (void)threads;
#endif
    call(0, rows, 0);
}

//! Below this number of nodes one thread does what is O(n) in a step. Beyond, the nodes go by in blocks, so that what
//! one loop has written is still in a near cache for the next.
inline constexpr std::ptrdiff_t kSharedNodesFrom = 16384, kNodeBlock = 2048;

//! Calls body(first, last) for ranges of nodes that cover [0, n) once. All begin at multiples of whole vectors, so that
//! each node is computed by the same code whatever the number of threads: same bits.
template <class Body>
void for_node_ranges(std::ptrdiff_t n, int threads, const Body& body) noexcept {
    if (n < kSharedNodesFrom) return body(std::ptrdiff_t(0), n);
    for_row_ranges(n, kNodeBlock, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        for (; first < last; first += kNodeBlock) body(first, first + kNodeBlock < last ? first + kNodeBlock : last);
    });
}

//! Calls body(index, member) for each index below `count`, each thread taking the next one when it is done: for calls
//! that are long, unequal and independent of each other. `member` is the number of the thread below `threads`.
template <class Body>
void for_each(std::ptrdiff_t count, int threads, const Body& body) noexcept {
#ifdef _OPENMP
    const auto begin = threads > 1 ? Crowding::Clock::now() : Crowding::Clock::time_point();
    if (threads > 1 && !crowding.wait_is_likely(begin)) {
        auto own_end = begin;
        std::atomic<std::ptrdiff_t> next{0};
#pragma omp parallel num_threads(threads)
        {
            const int member = omp_get_thread_num();
            for (std::ptrdiff_t k = next.fetch_add(1); k < count; k = next.fetch_add(1)) body(k, member);
            if (member == 0) own_end = Crowding::Clock::now();
        }
        crowding.note(begin, own_end, Crowding::Clock::now());
        return;
    }
#else
    (void)threads;
#endif
    for (std::ptrdiff_t k = 0; k < count; ++k) body(k, 0);
}

}  // namespace resonance::detail
