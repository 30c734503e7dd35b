// The elementary functions of a step on arrays of the caller's, NaN and infinity included: for measuring their errors.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>

#include "arguments.hpp"
#include "kernels/kernels.hpp"

namespace resonance::python {
namespace {

template <class Real>
py::tuple cosines_and_sines_as(const Vector& phases) {
    py::array_t<Real> cosines(phases.size()), sines(phases.size());
    detail::kernels<Real>().cosines_and_sines(phases.data(), phases.size(), cosines.mutable_data(),
                                              sines.mutable_data());
    return py::make_tuple(cosines, sines);
}

py::tuple cosines_and_sines(const Vector& phases, bool float32) {
    return float32 ? cosines_and_sines_as<float>(phases) : cosines_and_sines_as<double>(phases);
}

template <class Real>
py::array hyperbolic_tangents_as(const Vector& x) {
    py::array_t<Real> out(x.size());
    detail::kernels<Real>().activate(x.data(), x.size(), 1.0, 0.0, out.mutable_data());
    return std::move(out);
}

py::array hyperbolic_tangents(const Vector& x, bool float32) {
    return float32 ? hyperbolic_tangents_as<float>(x) : hyperbolic_tangents_as<double>(x);
}

py::array_t<double> natural_logarithms(const Vector& x) {
    py::array_t<double> out(x.size());
    detail::kernels<double>().natural_logarithms(x.data(), x.size(), out.mutable_data());
    return out;
}

template <class Real>
py::array_t<Real> powers_of_two(const py::array_t<Real, py::array::c_style>& x) {
    py::array_t<Real> out(x.size());
    detail::kernels<Real>().powers_of_two(x.data(), x.size(), out.mutable_data());
    return out;
}

py::array_t<double> standard_normals(std::uint64_t noise_seed, std::uint64_t step, py::ssize_t n) {
    py::array_t<double> out(n);
    detail::kernels<double>().phase_noise(noise_seed, step, 0, n, 1.0, out.mutable_data());
    return out;
}

}  // namespace

void bind_elementary(py::module_& module) {
    module.def("cosines_and_sines", &cosines_and_sines, py::arg("phases"), py::arg("float32"));
    module.def("hyperbolic_tangents", &hyperbolic_tangents, py::arg("x"), py::arg("float32"));
    module.def("natural_logarithms", &natural_logarithms, py::arg("x"));
    module.def("powers_of_two", &powers_of_two<float>, py::arg("x").noconvert());
    module.def("powers_of_two", &powers_of_two<double>, py::arg("x").noconvert());
    module.def("standard_normals", &standard_normals, py::arg("noise_seed"), py::arg("step"), py::arg("n"));
}

}  // namespace resonance::python
