//! The arrays that Python gives a run to record into.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>
#include <vector>

#include "arguments.hpp"
#include "resonance/recorder.hpp"

namespace resonance::python {

//! A dict of what to record and of NumPy arrays, which it keeps alive: RecordingSession.core of the Python package.
template <class Real>
class RecordingArrays {
public:
    //! Of a network of n nodes, or of `networks` such networks, whose samples lie side by side.
    RecordingArrays(py::dict recording, py::ssize_t n, py::ssize_t networks = 0)
        : dict_(std::move(recording)), networks_(networks), k_(n) {
        has_taker_ = !dict_["full"].is_none();
        Recording<Real>& r = recording_;
        r.start = py::cast<std::int64_t>(dict_["start"]);
        r.every = py::cast<std::int64_t>(dict_["every"]);
        r.stride = networks > 0 ? networks : 1;
        if (const py::object nodes = dict_["nodes"]; !nodes.is_none()) {
            nodes_ = py::cast<py::array_t<std::int64_t, py::array::c_style>>(nodes);
            k_ = nodes_.size();
            r.nodes = {nodes_.data(), static_cast<std::size_t>(k_)};
            for (const std::int64_t node : r.nodes)
                if (node < 0 || node >= n) throw py::index_error("nodes must be below n_nodes");
        }
        const auto capacity = py::cast<py::ssize_t>(dict_["capacity"]);
        r.capacity = capacity;
        r.step_counts = array<std::int64_t>("step", {capacity});
        r.times = array<double>("time", {capacity});
        r.order_parameter = array<std::complex<double>>("order_parameter", sample_shape(capacity, 0));
        r.phases = array<double>("phases", sample_shape(capacity, 1));
        r.amplitudes = array<Real>("amplitudes", sample_shape(capacity, 1));
        r.resonance = array<double>("resonance", sample_shape(capacity, 1));
        r.weights_every = py::cast<std::int64_t>(dict_["weights_every"]);
        if (r.weights_every > 0) {
            const auto weights_capacity = py::cast<py::ssize_t>(dict_["weights_capacity"]);
            r.weights_capacity = weights_capacity;
            r.weights_step_counts = array<std::int64_t>("weights_step", {weights_capacity});
            r.weights_times = array<double>("weights_time", {weights_capacity});
            r.weights = array<Real>("weights", sample_shape(weights_capacity, 2));
        }
    }

    //! Where a network alone records to.
    const Recording<Real>& recording() const { return recording_; }

    //! The same for network `index` of several, without the clocks, which are of all.
    Recording<Real> recording_of(py::ssize_t index) const {
        Recording<Real> r = recording_;
        const auto move = [](auto*& pointer, py::ssize_t by) {
            if (pointer != nullptr) pointer += by;
        };
        move(r.order_parameter, index);
        move(r.phases, index * k_);
        move(r.amplitudes, index * k_);
        move(r.resonance, index * k_);
        move(r.weights, index * k_ * k_);
        r.step_counts = r.weights_step_counts = nullptr;
        r.times = r.weights_times = nullptr;
        return r;
    }

    //! Whether somebody takes what a full array holds. Also without the GIL.
    bool has_taker() const { return has_taker_; }
    //! Hands the arrays of a series on. With the GIL.
    void hand_on(bool is_weights) const { dict_["full"](is_weights ? "weights" : "samples"); }

private:
    std::vector<py::ssize_t> sample_shape(py::ssize_t capacity, int axes) const {
        std::vector<py::ssize_t> shape{capacity};
        if (networks_ > 0) shape.push_back(networks_);
        shape.insert(shape.end(), static_cast<std::size_t>(axes), k_);
        return shape;
    }

    //! The memory of an array; null for None.
    template <class T>
    T* array(const char* name, const std::vector<py::ssize_t>& shape) const {
        const py::object object = dict_[name];
        if (object.is_none()) return nullptr;
        if (!py::isinstance<py::array_t<T, py::array::c_style>>(object))
            throw py::type_error(std::string(name) + " must be a C-contiguous array of the recording's dtype");
        auto values = py::reinterpret_borrow<py::array_t<T, py::array::c_style>>(object);
        require_shape(values, name, shape);
        return values.mutable_data();
    }

    py::dict dict_;
    py::ssize_t networks_, k_;
    bool has_taker_ = false;
    py::array_t<std::int64_t, py::array::c_style> nodes_;
    Recording<Real> recording_;
};

}  // namespace resonance::python
