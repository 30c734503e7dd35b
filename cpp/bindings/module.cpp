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

PYBIND11_MODULE(_core_of_main, module, pybind11::mod_gil_not_used()) {
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

//! What Python looks for. In a sub-interpreter pybind11 would wait for a GIL that it has, before it gets to the module.
extern "C" PYBIND11_EXPORT PyObject* PyInit__core() {
    if (PyInterpreterState_Get() == PyInterpreterState_Main()) return PyInit__core_of_main();
    PyErr_SetString(PyExc_ImportError,
                    "resonance_native can't be used in a sub-interpreter: import it in the main one, or use processes");
    return nullptr;
}
