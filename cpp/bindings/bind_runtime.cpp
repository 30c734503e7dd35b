#include <pybind11/pybind11.h>

#include <cstdlib>
#include <string>

#include "arguments.hpp"
#include "resonance/isa.hpp"
#include "resonance/threads.hpp"
#include "resonance/version.hpp"

#define RESONANCE_TEXT_OF(x) #x
#define RESONANCE_TEXT(x) RESONANCE_TEXT_OF(x)

namespace resonance::python {
namespace {

py::tuple available_isas() {
    py::list names;
    for (const Isa candidate : all_isas)
        if (isa_available(candidate)) names.append(to_string(candidate));
    return py::tuple(names);
}

void choose_isa(const std::string& name) {
    for (const Isa candidate : all_isas)
        if (name == to_string(candidate) && set_isa(candidate) == Status::ok) return;
    throw py::value_error("isa must be one of " + py::repr(available_isas()).cast<std::string>() +
                          " on this machine, got '" + name + "'");
}

py::dict build() {
    py::dict facts;
#if defined(__clang__)
    facts["compiler"] = "clang " __clang_version__;
#elif defined(__GNUC__)
    facts["compiler"] = "gcc " __VERSION__;
#elif defined(_MSC_VER)
    facts["compiler"] = "msvc " RESONANCE_TEXT(_MSC_VER);
#else
    facts["compiler"] = "unknown";
#endif
    facts["build_type"] = RESONANCE_BUILD_TYPE;
#ifdef _OPENMP
    facts["openmp"] = _OPENMP;
#else
    facts["openmp"] = py::none();
#endif
    return facts;
}

}  // namespace

void bind_runtime(py::module_& module) {
    if (isa_environment_status() != Status::ok)
        throw py::import_error("RESONANCE_ISA must be one of " + py::repr(available_isas()).cast<std::string>() +
                               " on this machine, got '" + std::getenv("RESONANCE_ISA") + "'");
    module.attr("__version__") = RESONANCE_TEXT(RESONANCE_VERSION_MAJOR) "." RESONANCE_TEXT(
        RESONANCE_VERSION_MINOR) "." RESONANCE_TEXT(RESONANCE_VERSION_PATCH);
    module.def("isa", [] { return to_string(isa()); });
    module.def("available_isas", &available_isas);
    module.def("set_isa", &choose_isa, py::arg("name"));
    module.def("get_num_threads", [] { return num_threads(); });
    module.def(
        "set_num_threads", [](py::handle threads) { raise_unless_ok(set_num_threads(thread_count(threads))); },
        py::arg("threads"));
    module.def("release_threads", &release_threads);
    module.def("build", &build);
}

}  // namespace resonance::python
