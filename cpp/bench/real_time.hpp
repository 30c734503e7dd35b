//! What a real-time loop asks of the system, and what the system says. Where a system lacks it, a plain substitute.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#include <sys/mman.h>
#include <time.h>

#include <cerrno>
#include <system_error>
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <sys/resource.h>
#endif

namespace resonance::bench {

//! Whether the system gave what was asked for, and if not, why.
struct Grant {
    bool granted = false;
    std::string reason;
};

//! Time [ns] of the steady clock.
inline std::int64_t now() noexcept {
    using std::chrono::nanoseconds;
    return std::chrono::duration_cast<nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

//! Sleep until `time` [ns] of the steady clock.
inline void sleep_until(std::int64_t time) noexcept {
#if defined(__linux__)
    // The steady clock is CLOCK_MONOTONIC here. An absolute time is not late by what passes before the call.
    timespec wanted;
    wanted.tv_sec = static_cast<time_t>(time / 1'000'000'000);
    wanted.tv_nsec = static_cast<long>(time % 1'000'000'000);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wanted, nullptr) == EINTR) {
    }
#else
    std::this_thread::sleep_until(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(time)));
#endif
}

#if defined(__linux__)
inline Grant grant(int error_number) {
    return {error_number == 0, error_number == 0 ? "" : std::generic_category().message(error_number)};
}

//! Run this thread before all ordinary ones (SCHED_FIFO), or give that back.
inline Grant run_first(bool wanted) {
    sched_param parameters = {};
    parameters.sched_priority = wanted ? 80 : 0;
    return grant(sched_setscheduler(0, wanted ? SCHED_FIFO : SCHED_OTHER, &parameters) == 0 ? 0 : errno);
}

//! Keep all memory of the process, also what it takes from now on, where no page fault can come of it; or let it go.
inline Grant lock_memory(bool wanted) {
    return grant((wanted ? mlockall(MCL_CURRENT | MCL_FUTURE) : munlockall()) == 0 ? 0 : errno);
}
#else
inline Grant run_first(bool) { return {false, "not available on this system"}; }
inline Grant lock_memory(bool) { return {false, "not available on this system"}; }
#endif

//! What the system did to the process so far.
struct Usage {
    std::int64_t minor_faults = 0;          //!< pages that had to be mapped
    std::int64_t major_faults = 0;          //!< pages that had to be read from a disk
    std::int64_t involuntary_switches = 0;  //!< another process took the core

    Usage operator-(const Usage& other) const noexcept {
        return {minor_faults - other.minor_faults, major_faults - other.major_faults,
                involuntary_switches - other.involuntary_switches};
    }
};

inline Usage usage() noexcept {
#if defined(__unix__) || defined(__APPLE__)
    rusage used = {};
    getrusage(RUSAGE_SELF, &used);
    return {used.ru_minflt, used.ru_majflt, used.ru_nivcsw};
#else
    return {};
#endif
}

}  // namespace resonance::bench
