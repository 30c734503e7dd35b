//! What networks take as inputs of a step or a run, as it comes from Python: all but the values.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>

#include "arguments.hpp"
#include "resonance/network.hpp"

namespace resonance::python {

//! How errors call the inputs that are held for a whole run, and the shape of those that come in rows.
struct HeldInputs {
    const char* what;
    const char* shape_of_rows;
};

//! The steps of a run whose input is held; raises what is wrong with them.
std::int64_t held_steps(py::handle steps, py::handle hold, const char* name, const HeldInputs& held);

//! For how many steps each of the rows in `array` is held; raises what is wrong with `steps` or `hold`.
std::int64_t steps_per_row(const py::array& array, std::int64_t rows, py::handle steps, py::handle hold);

//! The inputs of a run of a network of n nodes; raises what is wrong with shape, steps or hold.
Inputs inputs_of(const py::array& array, py::ssize_t n, py::handle steps, py::handle hold, const char* name);

//! Raises unless the status of a step or a run is ok. Inputs that are not finite are the caller's to name.
void raise_unless_advanced(Status status, const char* name);

//! Raises unless the array has shape (n,).
void require_input_shape(const py::array& array, py::ssize_t n, const char* name);

//! A vector of n values of that type, contiguous, aligned and in the machine's byte order.
template <class Source>
bool can_be_read_in_place(const py::array& array, py::ssize_t n) {
    return py::isinstance<py::array_t<Source, py::array::c_style>>(array) && array.ndim() == 1 && array.shape(0) == n &&
           (array.flags() & py::detail::npy_api::NPY_ARRAY_ALIGNED_) != 0;
}

}  // namespace resonance::python
