#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "ensemble_handle.hpp"
#include "views.hpp"

namespace resonance::python {
namespace {

//! The same array of all networks: that of the first, and the distance to the next.
template <class Real, class T>
py::array views(py::handle self, const T* first, std::ptrdiff_t row_stride = 0) {
    const Ensemble<Real>& ensemble = self.cast<const EnsembleHandle<Real>&>().ensemble();
    const py::ssize_t count = ensemble.n_networks(), n = ensemble.n_nodes(), item = sizeof(T);
    const py::ssize_t distance = ensemble.network_stride();
    if (row_stride == 0) return view(self, first, {count, n}, {distance, item});
    return view(self, first, {count, n, n}, {distance, row_stride * item, item});
}

template <class Real>
void bind(py::module_& module, const char* name) {
    using E = EnsembleHandle<Real>;
    const auto first = [](py::handle self) -> const Network<Real>& { return self.cast<const E&>().ensemble()[0]; };
    py::class_<E>(module, name, py::metaclass(reinterpret_cast<PyObject*>(&PyType_Type)))
        .def(py::init<std::int64_t, std::int64_t>(), py::arg("n_networks"), py::arg("n_nodes"))
        .def_static("storage_size", &E::storage_size, py::arg("n_networks"), py::arg("n_nodes"))
        .def("network", &E::network, py::arg("index"))
        .def("run", &E::run, py::arg("inputs"), py::arg("steps"), py::arg("dt"), py::arg("hold"), py::arg("learn"),
             py::arg("name"), py::arg("progress"), py::arg("recording"))
        .def("check_run", &E::check_run, py::arg("inputs"), py::arg("steps"), py::arg("dt"), py::arg("hold"),
             py::arg("learn"))
        .def_property_readonly("segment_steps", &E::segment_steps)
        .def(
            "set_phases",
            [](E& self, const py::array& values) { self.set_vectors("phases", &Network<Real>::set_phases, values); },
            py::arg("phases"))
        .def(
            "set_frequencies",
            [](E& self, const py::array& values) {
                self.set_vectors("frequencies", &Network<Real>::set_frequencies, values);
            },
            py::arg("frequencies"))
        .def(
            "set_amplitudes",
            [](E& self, const py::array& values) {
                self.set_vectors("amplitudes", &Network<Real>::set_amplitudes, values);
            },
            py::arg("amplitudes"))
        .def("set_weights", &E::set_weights, py::arg("weights"))
        .def("hyperparameters", &E::hyperparameters, py::arg("name"))
        .def("set_hyperparameters", &E::set_hyperparameters, py::arg("name"), py::arg("values"))
        .def("set_threads", &E::set_threads, py::arg("threads"))
        .def("pin", &E::pin, py::arg("nodes"), py::arg("amplitudes"), py::arg("phases"))
        .def("unpin", &E::unpin, py::arg("nodes"))
        .def("assign", &E::assign, py::arg("other"))
        .def("diverged", &E::diverged)
        .def("step_counts", &E::step_counts)
        .def("times", &E::times)
        .def_property_readonly("threads", [](const E& self) { return self.ensemble().threads(); })
        .def_property_readonly("threads_setting", [](const E& self) { return self.ensemble().threads_setting(); })
        .def("phases", [first](py::handle self) { return views<Real>(self, first(self).phases().data()); })
        .def("frequencies", [first](py::handle self) { return views<Real>(self, first(self).frequencies().data()); })
        .def("amplitudes", [first](py::handle self) { return views<Real>(self, first(self).amplitudes().data()); })
        .def("weights",
             [first](py::handle self) { return views<Real>(self, first(self).weights(), first(self).weight_stride()); })
        .def("pinned", [first](py::handle self) {
            return views<Real>(self, reinterpret_cast<const bool*>(first(self).amplitude_pins().data()));
        });
}

}  // namespace

void bind_ensemble(py::module_& module) {
    bind<float>(module, "EnsembleFloat32");
    bind<double>(module, "EnsembleFloat64");
}

}  // namespace resonance::python
