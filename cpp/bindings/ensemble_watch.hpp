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
    bool requested() noexcept {
        const auto now = Clock::now();
        const bool is_time = now - last_ >= std::chrono::milliseconds(50);
        if (!is_time && !has_to_hand_on(false) && !has_to_hand_on(true)) return false;
        const py::gil_scoped_acquire with_gil;
        try {
            for (const bool is_weights : {false, true})
                if (has_to_hand_on(is_weights)) hand_on(is_weights);
            if (!is_time) return false;
            last_ = now;
            if (!progress_.is_none()) progress_(completed_);
        } catch (...) {
            error_ = std::current_exception();
            return true;
        }
        return PyErr_CheckSignals() != 0;
    }

    //! Whether the samples of another segment might not fit.
    bool has_to_hand_on(bool is_weights) const {
        if (arrays_ == nullptr || !arrays_->has_taker() || samples(is_weights) == 0) return false;
        const Recording<Real>& r = arrays_->recording();
        const std::int64_t most = segment_ / (is_weights ? r.weights_every : r.every) + 1;
        return samples(is_weights) + most > (is_weights ? r.weights_capacity : r.capacity);
    }

    std::int64_t samples(bool is_weights) const {
        return is_weights ? recorders_.front().weights_samples() : recorders_.front().samples();
    }

    void hand_on(bool is_weights) {
        arrays_->hand_on(is_weights);
        for (Recorder<Real>& recorder : recorders_) recorder.begin_anew(is_weights);
    }

    py::object progress_;
    const std::int64_t& completed_;
    std::int64_t segment_;  //!< steps
    std::unique_ptr<RecordingArrays<Real>> arrays_;
    std::vector<Recorder<Real>> recorders_;
    std::vector<Observer<Real>*> observers_;
    std::exception_ptr error_;
    Clock::time_point last_ = Clock::now();
};

}  // namespace resonance::python
