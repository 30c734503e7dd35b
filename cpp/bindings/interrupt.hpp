//! Ctrl-C in a long run.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>

#include "gil.hpp"
#include "resonance/interrupt.hpp"

namespace resonance::python {

using Clock = std::chrono::steady_clock;

//! Looks for Python's signals, at most every 50 ms: taking the GIL after each step would cost more than small steps.
class SignalCheck {
public:
    Interrupt interrupt() noexcept {
        return {[](void* self) noexcept { return static_cast<SignalCheck*>(self)->requested(Clock::now()); }, this};
    }

    bool requested(Clock::time_point now) noexcept {
        if (now - last_ < std::chrono::milliseconds(50)) return false;
        last_ = now;
        const WithGil with_gil;
        return PyErr_CheckSignals() != 0;
    }

private:
    Clock::time_point last_ = Clock::now();
};

}  // namespace resonance::python
