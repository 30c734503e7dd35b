//! What to do when other processes want the cores too.
//!
//! A parallel pass ends when its last thread has ended. Where that thread has to wait for a core that another process
//! holds, it waits for a slice of the scheduler, some 8 ms, in every pass: measured at n = 1000 with one busy process
//! on two cores, 8.2 ms a step, against 0.15 ms with one thread. Since results do not depend on the number of threads,
//! the calling thread goes on alone for a time that is long beside the wait, and tries the others again then: what is
//! lost by waiting stays a few percent, however short the passes are. A single wait is forgiven: so long may it take to
//! create a team.
#pragma once

#include <atomic>
#include <chrono>
#include <limits>

namespace resonance::detail {

class Crowding {
public:
    using Clock = std::chrono::steady_clock;

    //! Whether a pass is better taken by the calling thread alone.
    bool wait_is_likely(Clock::time_point now) const noexcept {
        return ticks(now) < alone_until_.load(std::memory_order_relaxed);
    }

    //! After a parallel pass: the calling thread's own share ended at `own_end`, and all of it now.
    void note(Clock::time_point begin, Clock::time_point own_end, Clock::time_point now) noexcept {
        const auto wait = now - own_end;
        // Shares are equal: what is longer than one's own, and than it takes to wake a sleeping team, is a wait.
        if (wait <= kUneven * (own_end - begin) + kSlack) return;
        const bool again = ticks(now) < suspicious_until_.load(std::memory_order_relaxed);
        if (again) alone_until_.store(ticks(now + kPatience * wait), std::memory_order_relaxed);
        suspicious_until_.store(ticks(now + 2 * kPatience * wait), std::memory_order_relaxed);
    }

private:
    static Clock::rep ticks(Clock::time_point time) noexcept { return time.time_since_epoch().count(); }

    static constexpr int kUneven = 2;
    static constexpr std::chrono::microseconds kSlack{500};
    static constexpr int kPatience = 16;

    std::atomic<Clock::rep> alone_until_{std::numeric_limits<Clock::rep>::min()};
    std::atomic<Clock::rep> suspicious_until_{std::numeric_limits<Clock::rep>::min()};
};

//! The process's.
inline Crowding crowding;

}  // namespace resonance::detail
