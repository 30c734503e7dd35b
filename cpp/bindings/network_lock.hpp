//! One call at a time on one network.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "gil.hpp"

namespace resonance::python {

//! Counts the forks that led to this process; a lock that was held across one will never be released.
inline std::atomic<long> fork_generation{0};

class NetworkLock {
public:
    //! Releases the GIL, takes the lock, runs `body`, and undoes both. To be called with the GIL held.
    template <class Body>
    auto hold(const Body& body) {
        if (!is_held_here()) return alone(body);
        // Python code runs inside a run where it looks for signals: a handler must not start another.
        if (moments_ == 0 || !may_change_) throw_running();
        const WithoutGil without_gil;
        const Call call(*this);
        return body();
    }

    //! The same for a body that only reads: within a moment of this thread's it reads that one.
    template <class Body>
    auto read(const Body& body) {
        if (!is_held_here()) return alone(body);
        if (moments_ == 0) throw_running();
        const WithoutGil without_gil;
        return body();
    }

    //! Begins a moment: several reads of one state. Other threads wait until this one has let go as often as it began.
    void begin_moment() {
        if (!is_held_here())
            acquire_without_gil();
        else if (moments_ == 0)
            throw_running();
        ++moments_;
    }

    //! Begins a moment in which this thread may change the network, by several calls that nobody's come between.
    void begin_change() {
        if (!is_held_here())
            acquire_without_gil();
        else if (moments_ == 0 || !may_change_)
            throw_running();
        ++moments_;
        may_change_ = true;
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
        const WithoutGil without_gil;
        const Guard guard(*this);
        return body();
    }

    [[noreturn]] static void throw_running() {
        throw std::runtime_error(
            "the network is running: within its own run it can be read, but not advanced, set or copied");
    }

    //! A call within a moment: to what runs in it, it is a call like any other.
    struct Call {
        explicit Call(NetworkLock& held) : lock(held), moments(std::exchange(held.moments_, 0)) {}
        ~Call() { lock.moments_ = moments; }
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;
        NetworkLock& lock;
        long moments;
    };

    struct Guard {
        explicit Guard(NetworkLock& held) : lock(held) { lock.acquire(); }
        ~Guard() { lock.release(); }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;
        NetworkLock& lock;
    };

    void acquire_without_gil() {
        const WithoutGil without_gil;
        acquire();
    }

    void acquire() {
        if (!mutex_.try_lock()) wait_for_lock();
        moments_ = 0;
        may_change_ = false;
        owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
        generation_.store(fork_generation.load(std::memory_order_relaxed), std::memory_order_relaxed);
    }

    //! Python's signals are heard meanwhile: what this waits for may be a run of hours.
    void wait_for_lock() {
        // A holder of this process says so right after it took the lock; one from before a fork never will.
        const auto patience = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
        while (!mutex_.try_lock_for(std::chrono::milliseconds(50))) {
            if (generation_.load(std::memory_order_relaxed) == fork_generation.load(std::memory_order_relaxed)) {
                const WithGil with_gil;
                if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
            } else if (std::chrono::steady_clock::now() > patience) {
                throw std::runtime_error(
                    "the network was in the middle of a call when this process was forked, and can't be used here; "
                    "copy it before the fork");
            }
        }
    }

    void release() {
        owner_.store({}, std::memory_order_relaxed);
        mutex_.unlock();
    }

    std::timed_mutex mutex_;
    std::atomic<std::thread::id> owner_{};
    std::atomic<long> generation_{0};
    long moments_ = 0;         //!< that the owner has begun and not ended; 0 within a call
    bool may_change_ = false;  //!< in these moments
};

}  // namespace resonance::python
