//! One call at a time on one network.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace resonance::python {

//! Counts the forks that led to this process; a lock that was held across one will never be released.
inline std::atomic<long> fork_generation{0};

class NetworkLock {
public:
    //! Releases the GIL, takes the lock, runs `body`, and undoes both. To be called with the GIL held.
    template <class Body>
    auto hold(const Body& body) {
        // Python code runs inside a run where it looks for signals: a handler must not start another.
        if (is_held_here()) throw_running();
        return alone(body);
    }

    //! The same for a body that only reads: within a moment of this thread's it reads that one.
    template <class Body>
    auto read(const Body& body) {
        if (!is_held_here()) return alone(body);
        if (moments_ == 0) throw_running();
        const pybind11::gil_scoped_release without_gil;
        return body();
    }

    //! Begins a moment: several reads of one state. Other threads wait until this one has let go as often as it began.
    void begin_moment() {
        if (is_held_here()) {
            if (moments_ == 0) throw_running();
        } else {
            const pybind11::gil_scoped_release without_gil;
            acquire();
        }
        ++moments_;
    }

    //! Ends a moment. Nothing where this thread has none: Ctrl-C may come before it began.
    void end_moment() {
        if (is_held_here() && moments_ > 0 && --moments_ == 0) release();
    }

    //! Whether this thread, in this process, has the lock.
    bool is_held_here() const noexcept {
        return owner_.load(std::memory_order_relaxed) == std::this_thread::get_id() &&
               generation_.load(std::memory_order_relaxed) == fork_generation.load(std::memory_order_relaxed);
    }

private:
    template <class Body>
    auto alone(const Body& body) {
        const pybind11::gil_scoped_release without_gil;
        const Guard guard(*this);
        return body();
    }

    [[noreturn]] static void throw_running() {
        throw std::runtime_error(
            "the network is running: within its own run it can be read, but not advanced, set or copied");
    }

    struct Guard {
        explicit Guard(NetworkLock& held) : lock(held) { lock.acquire(); }
        ~Guard() { lock.release(); }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;
        NetworkLock& lock;
    };

    void acquire() {
        // A holder of this process says so right after it took the lock; one from before a fork never will.
        const auto patience = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
        while (!mutex_.try_lock()) {
            if (generation_.load(std::memory_order_relaxed) == fork_generation.load(std::memory_order_relaxed)) {
                mutex_.lock();
                break;
            }
            if (std::chrono::steady_clock::now() > patience)
                throw std::runtime_error(
                    "the network was in the middle of a call of another thread when this process was forked, and can't "
                    "be used here; copy it before the fork");
            std::this_thread::yield();
        }
        moments_ = 0;
        owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
        generation_.store(fork_generation.load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    void release() {
        owner_.store({}, std::memory_order_relaxed);
        mutex_.unlock();
    }

    std::mutex mutex_;
    std::atomic<std::thread::id> owner_{};
    std::atomic<long> generation_{0};
    long moments_ = 0;  //!< that the owner has begun and not ended; 0 within a call
};

}  // namespace resonance::python
