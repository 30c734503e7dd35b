//! Arrays whose axes may be broadcast: only what is distinct in them is read, checked and copied.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "arguments.hpp"

namespace resonance::python {

//! `array` with length 1 along each axis of stride 0.
inline py::array distinct(const py::array& array) {
    std::vector<py::ssize_t> shape(array.shape(), array.shape() + array.ndim());
    std::vector<py::ssize_t> strides(array.strides(), array.strides() + array.ndim());
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        if (strides[axis] == 0 && shape[axis] > 1) shape[axis] = 1;
    return py::array(array.dtype(), std::move(shape), std::move(strides), array.data(), array);
}

//! Values of an array as float64, read where they lie if that is possible.
class Strided {
public:
    //! `array` is shared with what changes during the call where `own` says so.
    Strided(const py::array& array, bool own) : given_(distinct(array)) {
        const py::ssize_t last = given_.ndim() - 1;
        const bool contiguous = last < 0 || given_.shape(last) <= 1 || given_.strides(last) == sizeof(double);
        constexpr int aligned = py::detail::npy_api::NPY_ARRAY_ALIGNED_;
        if (own || !contiguous || !py::isinstance<py::array_t<double>>(given_) || (given_.flags() & aligned) == 0)
            values_ = converted<double>(own ? py::array(given_.attr("copy")()) : given_);
        else
            values_ = given_;
    }

    const double* data() const { return static_cast<const double*>(values_.data()); }
    //! Values between two neighbours along an axis; 0 where all of them are one.
    std::ptrdiff_t stride(py::ssize_t axis) const {
        return values_.shape(axis) <= 1 ? 0 : values_.strides(axis) / static_cast<py::ssize_t>(sizeof(double));
    }
    [[noreturn]] void raise_not_finite(const char* name) const { python::raise_not_finite(given_, name); }

private:
    py::array given_, values_;
};

//! Rows of float64, one a network, that all fit into Real: of an array (networks, count), which may be broadcast.
template <class Real>
class NetworkRows {
public:
    NetworkRows(const py::array& array, const char* name)
        : values_(converted<double>(distinct(array))), count_(static_cast<std::size_t>(array.shape(1))) {
        if (values_.shape(1) != array.shape(1)) values_ = converted<double>(array);  // a row has to be whole
        const auto fits = [](double x) { return std::abs(x) <= std::numeric_limits<Real>::max(); };  // false for NaN
        for (py::ssize_t k = 0; k < values_.size(); ++k)
            if (!fits(values_.data()[k])) raise_not_finite(array, name);
    }

    span<const double> operator[](std::ptrdiff_t network) const {
        return {values_.data() + (values_.shape(0) == 1 ? 0 : network) * static_cast<std::ptrdiff_t>(count_), count_};
    }

private:
    Vector values_;
    std::size_t count_;
};

}  // namespace resonance::python
