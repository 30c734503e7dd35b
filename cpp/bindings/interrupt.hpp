//! Ctrl-C in a long run.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>

#include "resonance/interrupt.hpp"

namespace resonance::python {

//! Looks for Python's signals, at most every 50 ms: taking the GIL after each step would cost more than small steps.
class SignalCheck {
public:
    Interrupt interrupt() noexcept { return {&SignalCheck::requested, this}; }

private:
    using Clock = std::chrono::steady_clock;

    static bool requested(void* context) noexcept {
        auto& self = *static_cast<SignalCheck*>(context);
        const auto now = Clock::now();
        if (now - self.last_ < std::chrono::milliseconds(50)) return false;
        self.last_ = now;
        const pybind11::gil_scoped_acquire with_gil;
        return PyErr_CheckSignals() != 0;
    }

    Clock::time_point last_ = Clock::now();
};

}  // namespace resonance::python
