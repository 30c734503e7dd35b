//! From Python objects to what the core takes, with errors that name the argument, what came and what was wanted.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "resonance/hyperparameters.hpp"
#include "resonance/span.hpp"
#include "resonance/status.hpp"

namespace resonance::python {

namespace py = pybind11;

//! An array that can be read element by element: C-contiguous, aligned, of native Real.
template <class Real>
using Plain = py::array_t<Real, py::array::c_style | py::array::forcecast | py::detail::npy_api::NPY_ARRAY_ALIGNED_>;
using Vector = Plain<double>;

//! repr(object), shortened.
std::string shown(py::handle object);

//! "(3, 4)"
std::string shape_of(const py::array& array);

//! A real number: a Python or NumPy scalar, or an array without axes. May be NaN or infinite.
double real_number(py::handle object, const char* name);

//! A finite number above 0.
double time_step(py::handle object);

//! Any real array-like as an array of bool, int or float dtype.
py::array real_array(py::handle object, const char* name);

//! `array` as Plain<Real>, without a copy where it is that already. A value beyond the range of Real becomes an
//! infinity, for the caller to refuse.
template <class Real>
Plain<Real> converted(const py::array& array);

//! The values of an array that is C-contiguous, aligned and of native T.
template <class T>
span<const T> values_of(const py::array& array) {
    return {static_cast<const T*>(array.data()), static_cast<std::size_t>(array.size())};
}

//! A real array-like as C-contiguous float64 of shape (n,), all finite; copied only where it has to be.
Vector finite_vector(py::handle object, const char* name, py::ssize_t n);

//! The ValueError for an array that is not finite as Real: it shows the first NaN or infinity of `array` and its place,
//! or says that a value is beyond the dtype.
[[noreturn]] void raise_not_finite(const py::array& array, const char* name);

//! A float array that a kernel changes in place or writes to: a NumPy array of native float32 or float64,
//! C-contiguous, aligned and writeable. TypeError for anything else.
py::array in_place_array(py::handle object, const char* name);

//! Raises ValueError unless the shape of `array` is `wanted`.
void require_shape(const py::array& array, const char* name, std::initializer_list<py::ssize_t> wanted);
void require_shape(const py::array& array, const char* name, const std::vector<py::ssize_t>& wanted);

//! Whether array is of native float32.
bool is_float32(const py::array& array);

//! An integer, by __index__; not a bool.
std::int64_t integer(py::handle object, const char* name);

//! A number of threads: an integer from 1 to 1024, or None, which is 0 and leaves the choice to the library.
int thread_count(py::handle object);

//! True or False, also NumPy's.
bool truth(py::handle object, const char* name);

//! Which hyperparameter `name` is; KeyError for what is none.
const HyperparameterRule& hyperparameter_rule(const std::string& name);

//! The exception for a status that isn't ok.
[[noreturn]] void raise(Status status);
inline void raise_unless_ok(Status status) {
    if (status != Status::ok) raise(status);
}

}  // namespace resonance::python
