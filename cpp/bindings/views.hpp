//! The core's memory as NumPy arrays.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <utility>
#include <vector>

#include "resonance/span.hpp"

namespace resonance::python {

namespace py = pybind11;

//! A read-only array over memory that `owner` keeps alive.
template <class T>
py::array view(py::handle owner, const T* data, std::vector<py::ssize_t> shape, std::vector<py::ssize_t> strides) {
    py::array array(py::dtype::of<T>(), std::move(shape), std::move(strides), data, owner);
    py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
    return array;
}

template <class T>
py::array view(py::handle owner, span<const T> values) {
    return view(owner, values.data(), {static_cast<py::ssize_t>(values.size())}, {sizeof(T)});
}

}  // namespace resonance::python
