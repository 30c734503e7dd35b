//! The state of a network and its pins as NumPy arrays: made first, then filled without the GIL, then handed over.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "arguments.hpp"
#include "resonance/network.hpp"

namespace resonance::python {

//! A copy in an array that is large enough; without the GIL.
template <class T>
void copy_out(span<const T> from, T* to) {
    std::copy(from.begin(), from.end(), to);
}

//! Pins and what they hold.
template <class Real>
class PinArrays {
public:
    explicit PinArrays(py::ssize_t n) : amplitude_pins_(n), phase_pins_(n), amplitudes_(n), phases_(n) {}

    void fill(const Network<Real>& network) {
        copy_out(network.amplitude_pins(), amplitude_pins_.mutable_data());
        copy_out(network.phase_pins(), phase_pins_.mutable_data());
        copy_out(network.pinned_amplitudes(), amplitudes_.mutable_data());
        copy_out(network.pinned_phases(), phases_.mutable_data());
    }

    py::dict dict() const {
        py::dict pins;
        pins["amplitude_pins"] = amplitude_pins_.attr("astype")("bool");
        pins["phase_pins"] = phase_pins_.attr("astype")("bool");
        pins["amplitudes"] = amplitudes_;
        pins["phases"] = phases_;
        return pins;
    }

private:
    py::array_t<unsigned char> amplitude_pins_, phase_pins_;
    py::array_t<Real> amplitudes_;
    py::array_t<double> phases_;
};

//! Everything of the state but the weights. The sums that the next coupled step would take over are None where it takes
//! them anew, or might as well: where they have diverged.
template <class Real>
class VectorArrays {
public:
    explicit VectorArrays(py::ssize_t n)
        : phases_(n), frequencies_(n), initial_phases_(n), cosine_sums_(n), sine_sums_(n), amplitudes_(n) {}

    //! `with_sums`: whether the network's sums are of the moment that is looked at.
    void fill(const Network<Real>& network, bool with_sums) {
        copy_out(network.phases(), phases_.mutable_data());
        copy_out(network.frequencies(), frequencies_.mutable_data());
        copy_out(network.initial_phases(), initial_phases_.mutable_data());
        copy_out(network.amplitudes(), amplitudes_.mutable_data());
        copy_out(network.cosine_sums(), cosine_sums_.mutable_data());
        copy_out(network.sine_sums(), sine_sums_.mutable_data());
        has_sums_ =
            with_sums && !network.cosine_sums().empty() && finite(network.cosine_sums()) && finite(network.sine_sums());
        step_count_ = network.step_count();
        time_ = network.time();
        presentation_count_ = network.presentation_count();
    }

    py::dict dict() const {
        py::dict state;
        state["phases"] = phases_;
        state["frequencies"] = frequencies_;
        state["amplitudes"] = amplitudes_;
        state["step_count"] = step_count_;
        state["time"] = time_;
        state["initial_phases"] = initial_phases_;
        state["presentation_count"] = presentation_count_;
        state["cosine_sums"] = has_sums_ ? py::object(cosine_sums_) : py::none();
        state["sine_sums"] = has_sums_ ? py::object(sine_sums_) : py::none();
        return state;
    }

private:
    static bool finite(span<const double> values) {
        return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
    }

    py::array_t<double> phases_, frequencies_, initial_phases_, cosine_sums_, sine_sums_;
    py::array_t<Real> amplitudes_;
    std::int64_t step_count_ = 0, presentation_count_ = 0;
    double time_ = 0;
    bool has_sums_ = false;
};

}  // namespace resonance::python
