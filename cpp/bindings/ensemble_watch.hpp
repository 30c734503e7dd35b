//! What Python sees of an ensemble's run while it goes on: Ctrl-C, progress, and what is recorded.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

#include "interrupt.hpp"
#include "recording_arrays.hpp"
#include "resonance/ensemble.hpp"

namespace resonance::python {

//! Asked between segments; it takes the GIL at most every 50 ms, and where recorded samples have to be handed on. An
//! exception of what it calls stops the run.
template <class Real>
class EnsembleWatch {
public:
    //! `recording` is None or what RecordingArrays take.
    EnsembleWatch(const py::object& progress, const py::object& recording, std::ptrdiff_t n_networks,
                  std::ptrdiff_t n_nodes, const std::int64_t& completed)
        : progress_(progress), completed_(completed), segment_(Ensemble<Real>::segment_steps(n_networks, n_nodes)) {
        if (recording.is_none()) return;
        arrays_ = std::make_unique<RecordingArrays<Real>>(py::cast<py::dict>(recording), n_nodes, n_networks);
        recorders_.reserve(static_cast<std::size_t>(n_networks));
        for (std::ptrdiff_t k = 0; k < n_networks; ++k) {
            recorders_.emplace_back(arrays_->recording_of(k));
            observers_.push_back(&recorders_.back());
        }
        const Recording<Real>& r = arrays_->recording();
        if (r.capacity > 0) series_[0] = {r.start, r.every, r.capacity, r.step_counts, r.times};
        if (r.weights_every > 0 && r.weights_capacity > 0)
            series_[1] = {r.start, r.weights_every, r.weights_capacity, r.weights_step_counts, r.weights_times};
    }

    //! To be called before the run, with what the networks have done so far.
    void begin(std::int64_t step_count, double time, double dt) noexcept {
        step_count_ = step_count;
        time_ = time;
        dt_ = dt;
    }

    //! Writes the clocks of the samples up to here. Networks do not: any of them may diverge and sample no more.
    void note_clocks() noexcept {
        for (;; ++noted_) {
            for (Series& series : series_) {
                if (noted_ != series.next) continue;
                const std::int64_t place = series.count++ % series.capacity;
                if (series.step_counts != nullptr) series.step_counts[place] = step_count_ + noted_;
                if (series.times != nullptr) series.times[place] = time_;
                series.next += series.every;
            }
            if (noted_ >= completed_) break;
            time_ += dt_;  // rounded as step by step
        }
    }

    Interrupt interrupt() noexcept {
        return {[](void* self) noexcept { return static_cast<EnsembleWatch*>(self)->requested(); }, this};
    }
    span<Observer<Real>* const> observers() const { return {observers_.data(), observers_.size()}; }

    //! Raises what has stopped the run. With the GIL.
    void raise_error() const {
        if (error_) std::rethrow_exception(error_);
        if (PyErr_Occurred() != nullptr) throw py::error_already_set();
    }

private:
    //! When samples of a kind are taken, and where their clock goes.
    struct Series {
        std::int64_t next = -1, every = 1, capacity = 0;  //!< next: the step, -1 for never
        std::int64_t* step_counts = nullptr;
        double* times = nullptr;
        std::int64_t count = 0;  //!< since the arrays were handed on
    };

    bool requested() noexcept {
        note_clocks();
        const auto now = Clock::now();
        const bool is_time = now - last_ >= std::chrono::milliseconds(50);
        if (!is_time && !has_to_hand_on(false) && !has_to_hand_on(true)) return false;
        const WithGil with_gil;
        try {
            for (const bool is_weights : {false, true})
                if (has_to_hand_on(is_weights)) hand_on(is_weights);
            if (!is_time) return false;
            last_ = now;
            if (!progress_.is_none()) progress_(completed_);
        } catch (...) {
            if (is_interpreter_ending()) wait_for_the_end();
            error_ = std::current_exception();
            return true;
        }
        return PyErr_CheckSignals() != 0;
    }

    //! Whether the samples of another segment might not fit.
    bool has_to_hand_on(bool is_weights) const {
        if (arrays_ == nullptr || !arrays_->has_taker()) return false;
        const Series& series = series_[is_weights ? 1 : 0];
        return series.count > 0 && series.count + segment_ / series.every + 1 > series.capacity;
    }

    void hand_on(bool is_weights) {
        arrays_->hand_on(is_weights);
        for (Recorder<Real>& recorder : recorders_) recorder.begin_anew(is_weights);
        series_[is_weights ? 1 : 0].count = 0;
    }

    py::object progress_;
    const std::int64_t& completed_;
    std::int64_t segment_;  //!< steps
    std::unique_ptr<RecordingArrays<Real>> arrays_;
    std::vector<Recorder<Real>> recorders_;
    std::vector<Observer<Real>*> observers_;
    Series series_[2];  //!< samples, and weights
    std::int64_t step_count_ = 0, noted_ = 0;
    double time_ = 0, dt_ = 0;
    std::exception_ptr error_;
    Clock::time_point last_ = Clock::now();
};

}  // namespace resonance::python
