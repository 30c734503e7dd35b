#include <pybind11/pybind11.h>

#include "arguments.hpp"

namespace resonance::python {
void bind_attention(pybind11::module_& module);
void bind_elementary(pybind11::module_& module);
void bind_ensemble(pybind11::module_& module);
void bind_kernels(pybind11::module_& module);
void bind_network(pybind11::module_& module);
void bind_runtime(pybind11::module_& module);
}  // namespace resonance::python

PYBIND11_MODULE(_core, module, pybind11::mod_gil_not_used()) {
    module.doc() = "The C++ core of resonance_native. Private: use the package.";
    module.def("real_number", &resonance::python::real_number, pybind11::arg("value"), pybind11::arg("name"));
    module.def("real_array", &resonance::python::real_array, pybind11::arg("values"), pybind11::arg("name"));
    resonance::python::bind_runtime(module);
    resonance::python::bind_kernels(module);
    resonance::python::bind_elementary(module);
    resonance::python::bind_network(module);
    resonance::python::bind_ensemble(module);
    resonance::python::bind_attention(module);
}
