//! All who look on in a run that Python has started: a recorder, callbacks, conditions to stop, and Ctrl-C.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "python_callback.hpp"
#include "recording_arrays.hpp"
#include "resonance/recorder.hpp"
#include "resonance/stop.hpp"

namespace resonance::python {

template <class Real>
class RunObservers final : public Observer<Real> {
public:
    //! `recording` is None or a dict of what to record and the arrays for it; `callbacks` are tuples of a kind and its
    //! arguments: ("every", steps, function), ("seconds", seconds, function), ("order_above", threshold, every),
    //! ("settled", tolerance, every).
    RunObservers(const py::object& recording, const py::sequence& callbacks, std::ptrdiff_t n, ShownMoment<Real>& shown)
        : n_(n), shown_(shown) {
        for (const py::handle callback : callbacks) add(py::cast<py::tuple>(callback));
        // Last: what stops a run at a step is recorded by then.
        if (!recording.is_none()) record(py::cast<py::dict>(recording));
        find_next();
    }

    Interrupt interrupt() noexcept {
        return {[](void* self) noexcept { return static_cast<RunObservers*>(self)->requested(); }, this};
    }

    //! Everybody who wants to, also after one of them has asked to stop.
    bool observe(Moment<Real>& moment) noexcept override {
        bool goes_on = true;
        for (Observer<Real>* member : members_)
            if (member->next <= moment.step()) goes_on = member->observe(moment) && goes_on;
        find_next();
        return goes_on;
    }

    //! Raises what has stopped the run, if that was an exception. With the GIL.
    void raise_error() const {
        for (const auto& callback : callbacks_)
            if (callback.error()) std::rethrow_exception(callback.error());
        if (error_) std::rethrow_exception(error_);
        if (PyErr_Occurred() != nullptr) throw py::error_already_set();
    }

private:
    void add(const py::tuple& callback) {
        const auto kind = py::cast<std::string>(callback[0]);
        if (kind == "every") {
            callbacks_.emplace_back(py::object(callback[2]), py::cast<std::int64_t>(callback[1]), shown_);
            members_.push_back(&callbacks_.back());
        } else if (kind == "seconds") {
            const std::chrono::duration<double> period(py::cast<double>(callback[1]));
            callbacks_.emplace_back(py::object(callback[2]), std::chrono::duration_cast<Clock::duration>(period),
                                    shown_);
            members_.push_back(&callbacks_.back());
        } else if (kind == "order_above") {
            orders_.emplace_back(py::cast<double>(callback[1]), py::cast<std::int64_t>(callback[2]));
            members_.push_back(&orders_.back());
        } else {
            rooms_.emplace_back(static_cast<std::size_t>(n_));
            settled_.emplace_back(py::cast<double>(callback[1]), py::cast<std::int64_t>(callback[2]), rooms_.back());
            members_.push_back(&settled_.back());
        }
    }

    void record(const py::dict& recording) {
        arrays_ = std::make_unique<RecordingArrays<Real>>(recording, n_);
        Recording<Real> r = arrays_->recording();
        if (arrays_->has_taker()) {
            r.full = [](void* self, bool is_weights) noexcept {
                return static_cast<RunObservers*>(self)->call_full(is_weights);
            };
            r.context = this;
        }
        recorder_.emplace(r);
        members_.push_back(&*recorder_);
    }

    bool call_full(bool is_weights) noexcept {
        const WithGil with_gil;
        try {
            arrays_->hand_on(is_weights);
            return true;
        } catch (...) {
            if (is_interpreter_ending()) wait_for_the_end();
            error_ = std::current_exception();
            return false;
        }
    }

    bool requested() noexcept {
        const auto now = Clock::now();
        for (auto& callback : callbacks_)
            if (callback.note_time(now)) this->next = 0;
        return signals_.requested(now);
    }

    void find_next() noexcept {
        this->next = this->never;
        for (const Observer<Real>* member : members_) this->next = std::min(this->next, member->next);
    }

    std::ptrdiff_t n_;
    ShownMoment<Real>& shown_;
    SignalCheck signals_;
    std::unique_ptr<RecordingArrays<Real>> arrays_;
    std::exception_ptr error_;
    std::optional<Recorder<Real>> recorder_;
    // Members are pointed to, and stay where they are.
    std::deque<PythonCallback<Real>> callbacks_;
    std::deque<StopWhenOrderAbove<Real>> orders_;
    std::deque<StopWhenSettled<Real>> settled_;
    std::deque<std::vector<Real>> rooms_;
    std::vector<Observer<Real>*> members_;
};

}  // namespace resonance::python
