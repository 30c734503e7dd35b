#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "network_handle.hpp"
#include "views.hpp"

namespace resonance::python {
namespace {

template <class Real>
void bind(py::module_& module, const char* name) {
    using H = NetworkHandle<Real>;
    const auto network = [](py::handle self) -> const Network<Real>& { return self.cast<const H&>().network(); };
    // The plain metaclass: pybind11's own serves static properties, and there are none.
    py::class_<H>(module, name, py::metaclass(reinterpret_cast<PyObject*>(&PyType_Type)))
        .def(py::init(&H::dense), py::arg("n_nodes"))
        .def_static("factored", &H::factored, py::arg("n_nodes"), py::arg("max_rank"))
        .def_static(
            "factored_bytes",
            [](py::ssize_t n, py::ssize_t max_rank, std::optional<py::ssize_t> row_count) {
                return Network<Real>::factored_bytes(n, max_rank, row_count.value_or(n));
            },
            py::arg("n_nodes"), py::arg("max_rank"), py::arg("row_count") = py::none())
        .def("factors", &H::factors)
        .def("set_factors", &H::set_factors, py::arg("factors"))
        .def("check_factors", &H::check_factors, py::arg("factors"))
        .def("weight_error_bound", [](H& self) { return self.weight_error().bound(); })
        .def("weight_error",
             [](H& self) {
                 const WeightError error = self.weight_error();
                 return py::make_tuple(error.discarded, error.rounding, error.base, error.growth);
             })
        .def_property_readonly("rank", [](const H& self) { return self.network().rank(); })
        .def_property_readonly("compressed_rank", [](const H& self) { return self.network().compressed_rank(); })
        .def_property_readonly("max_rank", [](const H& self) { return self.network().max_rank(); })
        .def_static("shard", &H::shard, py::arg("n_nodes"), py::arg("first"), py::arg("last"), py::arg("ranks"),
                    py::arg("max_rank") = py::none())
        .def_static("from_graph", &H::from_graph, py::arg("row_starts"), py::arg("columns"), py::arg("order"))
        .def("set_edge_weights", &H::set_edge_weights, py::arg("weights"))
        .def("copy_edge_weights", &H::copy_edge_weights, py::arg("first"), py::arg("out").noconvert())
        .def("update", &H::update, py::arg("input_signal"), py::arg("dt"), py::arg("learn"))
        .def("run", &H::run, py::arg("inputs"), py::arg("steps"), py::arg("dt"), py::arg("hold"), py::arg("learn"),
             py::arg("name"))
        .def("watched_run", &H::watched_run, py::arg("inputs"), py::arg("steps"), py::arg("dt"), py::arg("hold"),
             py::arg("learn"), py::arg("recording"), py::arg("callbacks"), py::arg("skip"))
        .def("check_run", &H::check_run, py::arg("inputs"), py::arg("steps"), py::arg("dt"), py::arg("hold"),
             py::arg("learn"))
        .def("moment_weights", &H::moment_weights)
        .def("entrain", &H::entrain, py::arg("offsets"), py::arg("fading_factor"))
        .def("entrain_encoded", &H::entrain_encoded, py::arg("rows"), py::arg("projection"), py::arg("shift"),
             py::arg("fading_factor"))
        .def(
            "set_phases",
            [](H& self, py::handle values) { self.set_vector("phases", &Network<Real>::set_phases, values); },
            py::arg("phases"))
        .def(
            "set_frequencies",
            [](H& self, py::handle values) { self.set_vector("frequencies", &Network<Real>::set_frequencies, values); },
            py::arg("frequencies"))
        .def(
            "set_amplitudes",
            [](H& self, py::handle values) { self.set_vector("amplitudes", &Network<Real>::set_amplitudes, values); },
            py::arg("amplitudes"))
        .def(
            "set_initial_phases",
            [](H& self, py::handle values) {
                self.set_vector("initial_phases", &Network<Real>::set_initial_phases, values);
            },
            py::arg("initial_phases"))
        .def("set_presentation_count", &H::set_presentation_count, py::arg("presentation_count"))
        .def("set_weights", &H::set_weights, py::arg("weights"))
        .def("set_weight_rows", &H::set_weight_rows, py::arg("first"), py::arg("rows"))
        .def("set_noise_seed", &H::set_noise_seed, py::arg("noise_seed"))
        .def("set_sums", &H::set_sums, py::arg("cosine_sums"), py::arg("sine_sums"))
        .def("set_clock", &H::set_clock, py::arg("step_count"), py::arg("time"))
        .def("hyperparameter", &H::hyperparameter, py::arg("name"))
        .def("set_hyperparameter", &H::set_hyperparameter, py::arg("name"), py::arg("value"))
        .def("set_threads", &H::set_threads, py::arg("threads"))
        .def("set_tolerance", &H::set_tolerance, py::arg("tolerance"))
        .def("pin", &H::pin, py::arg("nodes"), py::arg("amplitudes"), py::arg("phases"))
        .def("unpin", &H::unpin, py::arg("nodes"))
        .def("assign", &H::assign, py::arg("other"))
        .def("hold", &H::hold)
        .def("hold_to_change", &H::hold_to_change)
        .def("let_go", &H::let_go)
        .def("pins", &H::pins)
        .def("pinned",
             [network](py::handle self) {
                 const auto pins = network(self).amplitude_pins();
                 return view(self, reinterpret_cast<const bool*>(pins.data()), {static_cast<py::ssize_t>(pins.size())},
                             {1});
             })
        .def("vectors", &H::vectors)
        .def("copy_weight_rows", &H::copy_weight_rows, py::arg("first"), py::arg("out"))
        .def_property_readonly("threads", [](const H& self) { return self.network().threads(); })
        .def_property_readonly("threads_setting", [](const H& self) { return self.network().threads_setting(); })
        .def_property_readonly("step_count", [](const H& self) { return self.network().step_count(); })
        .def_property_readonly("noise_seed", [](const H& self) { return self.network().noise_seed(); })
        .def_property_readonly("time", [](const H& self) { return self.network().time(); })
        .def_property_readonly("presentation_count", [](const H& self) { return self.network().presentation_count(); })
        .def("initial_phases", [network](py::handle self) { return view(self, network(self).initial_phases()); })
        .def("phases", [network](py::handle self) { return view(self, network(self).phases()); })
        .def("frequencies", [network](py::handle self) { return view(self, network(self).frequencies()); })
        .def("amplitudes", [network](py::handle self) { return view(self, network(self).amplitudes()); })
        .def("weights", [network](py::handle self) {
            const Network<Real>& net = network(self);
            const py::ssize_t n = net.n_nodes(), item = sizeof(Real);
            return view(self, net.weights(), {net.row_count(), n},
                        {static_cast<py::ssize_t>(net.weight_stride()) * item, item});
        });
}

}  // namespace

void bind_network(py::module_& module) {
    bind<float>(module, "NetworkFloat32");
    bind<double>(module, "NetworkFloat64");
    module.def("hyperparameter_names", [] {
        py::tuple names(hyperparameter_rules().size());
        for (std::size_t k = 0; k < names.size(); ++k) names[k] = hyperparameter_rules()[k].name;
        return names;
    });
    module.def("note_fork", [] { fork_generation.fetch_add(1); });
}

}  // namespace resonance::python
