#include "run_inputs.hpp"

#include <string>

namespace resonance::python {
namespace {

constexpr const char* kEncodeHint = " (net.encode makes such patterns of rows of data)";

}  // namespace

std::int64_t held_steps(py::handle steps, py::handle hold, const char* name, const HeldInputs& held) {
    if (steps.is_none())
        throw py::value_error("steps must be given where " + std::string(name) + " is " + held.what + ", got None");
    if (integer(hold, "hold") != 1)
        throw py::value_error("hold is for inputs of shape " + std::string(held.shape_of_rows) +
                              "; others are held for `steps` steps, got hold=" + shown(hold));
    const std::int64_t count = integer(steps, "steps");
    if (count < 0) throw py::value_error("steps must be at least 0, got " + shown(steps));
    return count;
}

std::int64_t steps_per_row(const py::array& array, std::int64_t rows, py::handle steps, py::handle hold) {
    const std::int64_t each = integer(hold, "hold");
    if (each < 1) throw py::value_error("hold must be at least 1, got " + shown(hold));
    if (rows > 0 && each > (std::int64_t{1} << 62) / rows)
        throw py::value_error("hold is too large, got " + shown(hold));
    if (!steps.is_none() && integer(steps, "steps") != rows * each)
        throw py::value_error("steps must be None or T * hold = " + std::to_string(rows * each) +
                              " for inputs of shape " + shape_of(array) + ", got " + shown(steps));
    return each;
}

Inputs inputs_of(const py::array& array, py::ssize_t n, py::handle steps, py::handle hold, const char* name) {
    Inputs inputs;
    inputs.per_node = array.ndim() > 0;
    if (array.ndim() < 2) {
        if (inputs.per_node) require_input_shape(array, n, name);
        inputs.hold = held_steps(steps, hold, name, {"a number or one row", "(T, n)"});
        return inputs;
    }
    if (array.ndim() != 2 || array.shape(1) != n)
        throw py::value_error(std::string(name) + " must be a number or have shape (" + std::to_string(n) +
                              ",) or (T, " + std::to_string(n) + "), got shape " + shape_of(array) + kEncodeHint);
    inputs.rows = array.shape(0);
    inputs.hold = steps_per_row(array, inputs.rows, steps, hold);
    return inputs;
}

void require_input_shape(const py::array& array, py::ssize_t n, const char* name) {
    if (array.ndim() != 1 || array.shape(0) != n)
        throw py::value_error(std::string(name) + " must be a number or have shape (" + std::to_string(n) +
                              ",), got shape " + shape_of(array) + kEncodeHint);
}

void raise_unless_advanced(Status status, const char* name) {
    if (status == Status::phase_overflow)
        throw py::value_error(std::string(name) +
                              ", coupling, noise_std and dt must keep the phases within the range of float64");
    raise_unless_ok(status);
}

}  // namespace resonance::python
