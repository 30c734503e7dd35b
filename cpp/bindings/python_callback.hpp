//! A Python function that looks on in a run.
#pragma once

#include <pybind11/pybind11.h>

#include <exception>
#include <utility>

#include "arguments.hpp"
#include "gil.hpp"
#include "interrupt.hpp"
#include "resonance/observer.hpp"

namespace resonance::python {

//! What readers of the network see instead of it while a callback runs.
template <class Real>
struct ShownMoment {
    Moment<Real>* moment = nullptr;
    py::object weights;  //!< of that moment, once somebody has asked for them
};

//! Calls a function without arguments, after every `every` steps or when a time has passed. It returns True to stop the
//! run, or False or None; an exception stops the run as well, and is kept.
template <class Real>
class PythonCallback final : public Observer<Real> {
public:
    PythonCallback(py::object function, std::int64_t every, ShownMoment<Real>& shown)
        : function_(std::move(function)), every_(every), shown_(shown) {
        this->next = every;
    }
    PythonCallback(py::object function, Clock::duration period, ShownMoment<Real>& shown)
        : function_(std::move(function)), period_(period), due_(Clock::now() + period), shown_(shown) {
        this->next = this->never;
    }

    //! Whether its time has come; it then wants to look as soon as a step is done.
    bool note_time(Clock::time_point now) noexcept {
        if (every_ > 0 || now < due_) return false;
        this->next = 0;
        return true;
    }

    bool observe(Moment<Real>& moment) noexcept override {
        const WithGil with_gil;
        this->next = every_ > 0 ? moment.step() + every_ : this->never;
        moment.show();
        shown_.moment = &moment;
        const bool goes_on = call();
        shown_.moment = nullptr;
        shown_.weights = py::object();
        moment.hide();
        if (every_ == 0) due_ = Clock::now() + period_;
        return goes_on;
    }

    bool stopped() const noexcept { return stopped_; }
    const std::exception_ptr& error() const noexcept { return error_; }

private:
    bool call() noexcept {
        try {
            const py::object result = function_();
            stopped_ = !result.is_none() && truth(result, "what a callback returns, if not None,");
        } catch (...) {
            if (is_interpreter_ending()) wait_for_the_end();
            error_ = std::current_exception();
            return false;
        }
        return !stopped_;
    }

    py::object function_;
    std::int64_t every_ = 0;
    Clock::duration period_{};
    Clock::time_point due_{};
    ShownMoment<Real>& shown_;
    bool stopped_ = false;
    std::exception_ptr error_;
};

}  // namespace resonance::python
