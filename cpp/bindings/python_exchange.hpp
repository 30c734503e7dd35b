//! Ranks that exchange through Python.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <utility>

#include "resonance/exchange.hpp"

namespace resonance::python {

namespace py = pybind11;

//! Calls methods of an object, `gather(values)` and `sum(values)`, which change an array of numbers in place. An
//! exception of theirs stays the interpreter's, for whoever finds Status::exchange_failed.
class PythonExchange {
public:
    PythonExchange(const py::object& ranks, py::ssize_t n)
        : gather_(ranks.attr("gather")), sum_(ranks.attr("sum")), n_(n) {}

    Exchange exchange() noexcept {
        Exchange made;
        made.gather = [](void* self, void* values, std::size_t bytes) noexcept {
            auto* exchange = static_cast<PythonExchange*>(self);
            return exchange->call(exchange->gather_, values, exchange->n_, bytes);
        };
        made.sum = [](void* self, void* values, std::size_t count, std::size_t bytes) noexcept {
            auto* exchange = static_cast<PythonExchange*>(self);
            return exchange->call(exchange->sum_, values, static_cast<py::ssize_t>(count), bytes);
        };
        made.context = this;
        return made;
    }

private:
    bool call(const py::object& function, void* values, py::ssize_t count, std::size_t bytes) const noexcept {
        const py::gil_scoped_acquire with_gil;
        if (PyErr_Occurred() != nullptr) return false;  // it has failed before
        try {
            const auto dtype = bytes == sizeof(float) ? py::dtype::of<float>() : py::dtype::of<double>();
            function(py::array(dtype, {count}, {static_cast<py::ssize_t>(bytes)}, values, py::none()));
            return true;
        } catch (py::error_already_set& error) {
            error.restore();
        } catch (...) {
            PyErr_SetString(PyExc_RuntimeError, "the exchange between ranks has failed");
        }
        return false;
    }

    py::object gather_, sum_;
    py::ssize_t n_;
};

}  // namespace resonance::python
