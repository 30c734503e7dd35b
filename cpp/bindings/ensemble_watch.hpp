//! What Python sees of an ensemble's run while it goes on: Ctrl-C and progress.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <cstdint>

#include "resonance/interrupt.hpp"

namespace resonance::python {

namespace py = pybind11;

//! Asked between segments; it takes the GIL at most every 50 ms. An exception of the progress callback stops the run.
class EnsembleWatch {
public:
    EnsembleWatch(py::handle progress, const std::int64_t& completed) : progress_(progress), completed_(completed) {}

    Interrupt interrupt() noexcept { return {&EnsembleWatch::requested, this}; }

private:
    using Clock = std::chrono::steady_clock;

    static bool requested(void* context) noexcept {
        auto& self = *static_cast<EnsembleWatch*>(context);
        const auto now = Clock::now();
        if (now - self.last_ < std::chrono::milliseconds(50)) return false;
        self.last_ = now;
        const py::gil_scoped_acquire with_gil;
        try {
            if (!self.progress_.is_none()) self.progress_(self.completed_);
        } catch (py::error_already_set& error) {
            error.restore();
            return true;
        }
        return PyErr_CheckSignals() != 0;
    }

    py::handle progress_;
    const std::int64_t& completed_;
    Clock::time_point last_ = Clock::now();
};

}  // namespace resonance::python
