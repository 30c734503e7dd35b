//! What to do when other processes want the cores too.
//!
//! A parallel pass ends when its last thread has ended. Where that thread has to wait for a core that another process
//! holds, it waits for a slice of the scheduler, some 8 ms, in every pass: measured at n = 1000 with one busy process
//! on two cores, 8.2 ms a step, against 0.15 ms with one thread. Since results do not depend on the number of threads,
//! the calling thread may go on alone for a while instead, and try the others again later.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

namespace resonance::detail {

class Crowding {
public:
    using Clock = std::chrono::steady_clock;

    //! Whether the next pass is better taken by the calling thread alone.
    bool wait_is_likely() noexcept {
        const int left = alone_.load(std::memory_order_relaxed);
        if (left <= 0) return false;
        alone_.store(left - 1, std::memory_order_relaxed);
        return true;
    }

    //! After a parallel pass: the calling thread's own share took `own`, and all of it `whole`.
    void note(Clock::duration own, Clock::duration whole) noexcept {
        if (whole < kUneven * own + kSlack) {
            pause_.store(kShortestPause, std::memory_order_relaxed);
            return;
        }
        const int pause = pause_.load(std::memory_order_relaxed);
        alone_.store(pause, std::memory_order_relaxed);
        pause_.store(std::min(2 * pause, kLongestPause), std::memory_order_relaxed);
    }

private:
    // Shares are equal: a whole of three times one's own, and more than it takes to wake a sleeping team, is a wait.
    static constexpr int kUneven = 3;
    static constexpr std::chrono::microseconds kSlack{2000};
    // Passes; the pause doubles while it stays crowded.
    static constexpr int kShortestPause = 16, kLongestPause = 1024;

    std::atomic<int> alone_{0};
    std::atomic<int> pause_{kShortestPause};
};

//! The process's.
inline Crowding crowding;

}  // namespace resonance::detail
