//! Ranks that exchange through Python.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <utility>

#include "gil.hpp"
#include "resonance/exchange.hpp"

namespace resonance::python {

namespace py = pybind11;

//! Calls methods of an object, which change an array in place: `gather(values)` with the bytes of each node, (n,
//! bytes), and `sum(values)` with numbers. An exception of theirs stays the interpreter's, for whoever finds
//! Status::exchange_failed. `rank` and `size` tell which one this is, and of how many.
class PythonExchange {
public:
    PythonExchange(const py::object& ranks, py::ssize_t n)
        : gather_(ranks.attr("gather")),
          sum_(ranks.attr("sum")),
          n_(n),
          rank_(ranks.attr("rank").cast<std::ptrdiff_t>()),
          ranks_(ranks.attr("size").cast<std::ptrdiff_t>()) {}

    Exchange exchange() noexcept {
        Exchange made;
        made.gather = [](void* self, void* values, std::size_t bytes) noexcept {
            const auto* exchange = static_cast<PythonExchange*>(self);
            const auto width = static_cast<py::ssize_t>(bytes);
            return call(exchange->gather_, [&] {
                return py::array(py::dtype::of<unsigned char>(), {exchange->n_, width}, {width, py::ssize_t{1}}, values,
                                 py::none());
            });
        };
        made.sum = [](void* self, void* values, std::size_t count, std::size_t bytes) noexcept {
            return call(static_cast<PythonExchange*>(self)->sum_, [&] {
                const auto dtype = bytes == sizeof(float) ? py::dtype::of<float>() : py::dtype::of<double>();
                return py::array(dtype, {static_cast<py::ssize_t>(count)}, {static_cast<py::ssize_t>(bytes)}, values,
                                 py::none());
            });
        };
        made.context = this;
        made.rank = rank_;
        made.ranks = ranks_;
        return made;
    }

private:
    template <class Array>
    static bool call(const py::object& function, const Array& array) noexcept {
        const WithGil with_gil;
        if (PyErr_Occurred() != nullptr) return false;  // it has failed before
        try {
            function(array());
            return true;
        } catch (py::error_already_set& error) {
            error.restore();
        } catch (...) {
            if (is_interpreter_ending()) wait_for_the_end();
            PyErr_SetString(PyExc_RuntimeError, "the exchange between ranks has failed");
        }
        return false;
    }

    py::object gather_, sum_;
    py::ssize_t n_;
    std::ptrdiff_t rank_, ranks_;
};

}  // namespace resonance::python
