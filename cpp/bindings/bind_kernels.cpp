#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "arguments.hpp"
#include "array_kernels.hpp"
#include "gil.hpp"
#include "kernels/kernels.hpp"

namespace resonance::python {
namespace {

py::ssize_t matrix_side(const py::array& weights) {
    if (weights.ndim() != 2 || weights.shape(0) != weights.shape(1))
        throw py::value_error("weights must have shape (n, n), got shape " + shape_of(weights));
    return weights.shape(0);
}

bool overlap(const py::array& a, const py::array& b) {
    const auto* a_first = static_cast<const char*>(a.data());
    const auto* b_first = static_cast<const char*>(b.data());
    return a_first < b_first + b.nbytes() && b_first < a_first + a.nbytes();
}

//! The array to write to: `out` where given, else a new one.
py::array output(py::handle out, std::initializer_list<py::ssize_t> shape, bool float32) {
    if (out.is_none())
        return py::array(float32 ? py::dtype::of<float>() : py::dtype::of<double>(), std::vector<py::ssize_t>(shape));
    py::array array = in_place_array(out, "out");
    require_shape(array, "out", shape);
    return array;
}

template <class Real>
Real* data(py::array& array) {
    return static_cast<Real*>(array.mutable_data());
}

template <class Call>
void without_gil(const Call& call, const py::array& weights) {
    Status status = Status::ok;
    {
        const WithoutGil release;
        status = call();
    }
    if (status == Status::non_finite) raise_not_finite(weights, "weights");
    raise_unless_ok(status);
}

double finite(py::handle object, const char* name) {
    const double value = real_number(object, name);
    if (!(value - value == 0)) throw py::value_error(std::string(name) + " must be finite, got " + shown(object));
    return value;
}

double decay_factor(py::handle object) {
    const double decay = real_number(object, "decay");
    if (!(decay >= 0 && decay <= 1)) throw py::value_error("decay must be in [0, 1], got " + shown(object));
    return decay;
}

template <class Real>
void coherence_into(const Vector& phases, py::array& out) {
    without_gil([&] { return detail::coherence(phases.data(), phases.size(), data<Real>(out)); }, out);
}

py::array coherence(py::handle phases_object, py::handle out_object) {
    const py::array given = real_array(phases_object, "phases");
    if (given.ndim() != 1) throw py::value_error("phases must have shape (n,), got shape " + shape_of(given));
    const py::ssize_t n = given.shape(0);
    const Vector phases = finite_vector(given, "phases", n);
    py::array out = output(out_object, {n, n}, is_float32(given));
    is_float32(out) ? coherence_into<float>(phases, out) : coherence_into<double>(phases, out);
    return out;
}

template <class Real>
void resonance_into(const py::array& weights, const Vector& phases, py::array& out) {
    const auto matrix = converted<Real>(weights);
    without_gil([&] { return detail::resonance(matrix.data(), phases.data(), phases.size(), data<Real>(out)); },
                weights);
}

py::array resonance_of(py::handle weights_object, py::handle phases_object, py::handle out_object) {
    const py::array weights = real_array(weights_object, "weights");
    const py::ssize_t n = matrix_side(weights);
    const Vector phases = finite_vector(phases_object, "phases", n);
    py::array out = output(out_object, {n}, is_float32(weights));
    is_float32(out) ? resonance_into<float>(weights, phases, out) : resonance_into<double>(weights, phases, out);
    return out;
}

//! Amplitudes (n,), contiguous.
template <class Real>
void check_finite(const py::array& amplitudes) {
    const auto* values = static_cast<const Real*>(amplitudes.data());
    for (py::ssize_t i = 0; i < amplitudes.size(); ++i)
        if (!std::isfinite(values[i])) raise_not_finite(amplitudes, "amplitudes");
}

template <class Real>
void update_weights(py::array& weights, const Vector& phases, const Vector& amplitudes, double learning_rate,
                    double decay, double learning_lag) {
    const auto a = converted<Real>(amplitudes);
    check_finite<Real>(a);
    without_gil(
        [&] {
            return detail::hebbian_update(data<Real>(weights), phases.data(), a.data(), phases.size(), learning_rate,
                                          decay, learning_lag);
        },
        weights);
}

void hebbian_update(py::handle weights_object, py::handle phases_object, py::handle amplitudes_object,
                    py::handle learning_rate_object, py::handle decay_object, py::handle learning_lag_object) {
    py::array weights = in_place_array(weights_object, "weights");
    const py::ssize_t n = matrix_side(weights);
    const Vector phases = finite_vector(phases_object, "phases", n);
    const Vector amplitudes = finite_vector(amplitudes_object, "amplitudes", n);
    const double learning_rate = finite(learning_rate_object, "learning_rate"), decay = decay_factor(decay_object);
    const double learning_lag = finite(learning_lag_object, "learning_lag");
    const auto update = is_float32(weights) ? update_weights<float> : update_weights<double>;
    update(weights, phases, amplitudes, learning_rate, decay, learning_lag);
}

template <class Real>
void step(py::array& weights, const Vector& phases, py::array& amplitudes, double learning_rate, double decay,
          double gain, double learning_lag) {
    without_gil(
        [&] {
            return detail::fused_step(data<Real>(weights), phases.data(), data<Real>(amplitudes), phases.size(),
                                      learning_rate, decay, gain, learning_lag);
        },
        weights);
}

void fused_step(py::handle weights_object, py::handle phases_object, py::handle amplitudes_object,
                py::handle learning_rate_object, py::handle decay_object, py::handle gain_object,
                py::handle learning_lag_object) {
    py::array weights = in_place_array(weights_object, "weights");
    py::array amplitudes = in_place_array(amplitudes_object, "amplitudes");
    const py::ssize_t n = matrix_side(weights);
    require_shape(amplitudes, "amplitudes", {n});
    if (is_float32(weights) != is_float32(amplitudes))
        throw py::type_error("amplitudes must have the dtype of weights, " +
                             py::str(weights.dtype()).cast<std::string>() + ", got " +
                             py::str(amplitudes.dtype()).cast<std::string>());
    if (overlap(weights, amplitudes)) throw py::value_error("amplitudes must not share memory with weights");
    is_float32(amplitudes) ? check_finite<float>(amplitudes) : check_finite<double>(amplitudes);
    const Vector phases = finite_vector(phases_object, "phases", n);
    const double learning_rate = finite(learning_rate_object, "learning_rate"), decay = decay_factor(decay_object);
    const double gain = finite(gain_object, "gain"), learning_lag = finite(learning_lag_object, "learning_lag");
    const auto run = is_float32(weights) ? step<float> : step<double>;
    run(weights, phases, amplitudes, learning_rate, decay, gain, learning_lag);
}

//! array *= factor in one pass with `threads` threads: the yardstick of the benchmarks.
void scale(py::handle array_object, py::handle factor_object, int threads) {
    py::array array = in_place_array(array_object, "array");
    const double factor = finite(factor_object, "factor");
    void* values = array.mutable_data();
    const py::ssize_t count = array.size();
    const bool float32 = is_float32(array);  // asks Python
    const WithoutGil release;
    if (float32)
        detail::scale(static_cast<float*>(values), count, static_cast<float>(factor), threads);
    else
        detail::scale(static_cast<double*>(values), count, factor, threads);
}

//! The sum of the array in one pass with `threads` threads: the yardstick for a pass that only reads.
double total(py::handle array_object, int threads) {
    py::array array = in_place_array(array_object, "array");
    const void* values = array.data();
    const py::ssize_t count = array.size();
    const bool float32 = is_float32(array);  // asks Python
    const WithoutGil release;
    if (float32) return static_cast<double>(detail::total(static_cast<const float*>(values), count, threads));
    return detail::total(static_cast<const double*>(values), count, threads);
}

//! One pass over weights on edges with `threads` threads: the yardstick of the benchmarks. `columns` end in edges_ahead
//! zeros; `records`, (n, 4), may be None.
template <class Real>
Real edge_pass(py::array_t<Real, py::array::c_style>& weights, const py::array_t<std::int32_t>& columns,
               const std::optional<py::array_t<Real, py::array::c_style>>& records, double factor, int threads) {
    if (columns.size() != weights.size() + detail::kEdgesAhead)
        throw py::value_error("columns must have one number an edge, and edges_ahead zeros");
    Real* values = weights.mutable_data();
    const Real* sources = records ? records->data() : nullptr;
    const WithoutGil release;
    return detail::edge_pass(values, weights.size(), columns.data(), sources, static_cast<Real>(factor), threads);
}

//! `rounds` of multiply-add in registers on each of `threads` threads. Returns the floating-point operations done.
double multiply_add(py::ssize_t rounds, bool float32, int threads) {
    const WithoutGil release;
    return float32 ? detail::multiply_add<float>(rounds, threads) : detail::multiply_add<double>(rounds, threads);
}

}  // namespace

void bind_kernels(py::module_& module) {
    module.def("coherence", &coherence, py::arg("phases"), py::arg("out"));
    module.def("resonance", &resonance_of, py::arg("weights"), py::arg("phases"), py::arg("out"));
    module.def("hebbian_update", &hebbian_update, py::arg("weights"), py::arg("phases"), py::arg("amplitudes"),
               py::arg("learning_rate"), py::arg("decay"), py::arg("learning_lag"));
    module.def("fused_step", &fused_step, py::arg("weights"), py::arg("phases"), py::arg("amplitudes"),
               py::arg("learning_rate"), py::arg("decay"), py::arg("gain"), py::arg("learning_lag"));
    module.def("scale", &scale, py::arg("array"), py::arg("factor"), py::arg("threads"));
    module.def("total", &total, py::arg("array"), py::arg("threads"));
    module.def("edge_pass", &edge_pass<float>, py::arg("weights").noconvert(), py::arg("columns").noconvert(),
               py::arg("records"), py::arg("factor"), py::arg("threads"));
    module.def("edge_pass", &edge_pass<double>, py::arg("weights").noconvert(), py::arg("columns").noconvert(),
               py::arg("records"), py::arg("factor"), py::arg("threads"));
    module.attr("edges_ahead") = detail::kEdgesAhead;
    module.def("multiply_add", &multiply_add, py::arg("rounds"), py::arg("float32"), py::arg("threads"));
}

}  // namespace resonance::python
