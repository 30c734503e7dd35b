#include "arguments.hpp"

#include <cmath>

namespace resonance::python {
namespace {

std::string type_name(py::handle object) { return py::type::of(object).attr("__name__").cast<std::string>(); }

std::string dtype_name(const py::array& array) { return py::str(array.dtype()).cast<std::string>(); }

bool is_real(const py::array& array) {
    const char kind = array.dtype().kind();
    return kind == 'b' || kind == 'i' || kind == 'u' || kind == 'f';
}

std::string index_text(const py::object& index) {
    std::string text;
    for (const py::handle axis : index) text += (text.empty() ? "" : ", ") + py::str(axis).cast<std::string>();
    return "[" + text + "]";
}

}  // namespace

std::string shown(py::handle object) {
    auto text = py::repr(object).cast<std::string>();
    for (char& c : text)
        if (c == '\n') c = ' ';
    return text.size() > 60 ? text.substr(0, 57) + "..." : text;
}

std::string shape_of(const py::array& array) { return py::repr(array.attr("shape")).cast<std::string>(); }

double real_number(py::handle object, const char* name) {
    if (PyFloat_CheckExact(object.ptr())) return PyFloat_AS_DOUBLE(object.ptr());
    const bool has_axes = py::isinstance<py::array>(object) && py::reinterpret_borrow<py::array>(object).ndim() != 0;
    const bool is_text = PyUnicode_Check(object.ptr()) || PyBytes_Check(object.ptr());
    if (!has_axes && !is_text && !py::isinstance<py::array>(object) && PyNumber_Check(object.ptr()) &&
        !PyComplex_Check(object.ptr())) {
        const double value = PyFloat_AsDouble(object.ptr());
        if (value != -1.0 || PyErr_Occurred() == nullptr) return value;
        const bool too_large = PyErr_ExceptionMatches(PyExc_OverflowError) != 0;
        PyErr_Clear();
        if (too_large)
            throw py::value_error(std::string(name) + " must be within the range of float64, got " + shown(object));
    } else if (py::isinstance<py::array>(object) && !has_axes && is_real(py::reinterpret_borrow<py::array>(object))) {
        return object.attr("item")().cast<double>();
    }
    throw py::type_error(std::string(name) + " must be a real number, got " + shown(object) + " of type " +
                         type_name(object));
}

double time_step(py::handle object) {
    const double dt = real_number(object, "dt");
    if (!(std::isfinite(dt) && dt > 0)) throw py::value_error("dt must be finite and > 0 [s], got " + shown(object));
    return dt;
}

py::array real_array(py::handle object, const char* name) {
    py::array array;
    if (py::isinstance<py::array>(object)) {
        array = py::reinterpret_borrow<py::array>(object);
    } else {
        PyObject* made = py::detail::npy_api::get().PyArray_FromAny_(object.ptr(), nullptr, 0, 0, 0, nullptr);
        if (made == nullptr) {
            // Ragged lists are ValueErrors of NumPy's own, but they don't name the argument.
            PyErr_Clear();
            throw py::value_error(std::string(name) + " must be an array of real numbers, got " + shown(object));
        }
        array = py::reinterpret_steal<py::array>(made);
    }
    if (!is_real(array))
        throw py::type_error(std::string(name) + " must be an array of real numbers, got " +
                             (py::isinstance<py::array>(object)
                                  ? "dtype " + dtype_name(array)
                                  : shown(object) + " (dtype " + dtype_name(array) + ")"));
    return array;
}

void require_shape(const py::array& array, const char* name, std::initializer_list<py::ssize_t> wanted) {
    bool same = array.ndim() == static_cast<py::ssize_t>(wanted.size());
    py::ssize_t axis = 0;
    for (const py::ssize_t length : wanted) same = same && array.shape(axis++) == length;
    if (same) return;
    py::tuple shape(wanted.size());
    axis = 0;
    for (const py::ssize_t length : wanted) shape[static_cast<std::size_t>(axis++)] = length;
    throw py::value_error(std::string(name) + " must have shape " + py::repr(shape).cast<std::string>() +
                          ", got shape " + shape_of(array));
}

void require_finite(const py::array& array, const char* name) {
    const py::module_ numpy = py::module_::import("numpy");
    const py::object wrong = numpy.attr("argwhere")(numpy.attr("logical_not")(numpy.attr("isfinite")(array)));
    if (py::len(wrong) == 0) return;
    const py::object index = wrong.attr("__getitem__")(0).attr("tolist")();
    const py::object value = array.attr("__getitem__")(py::tuple(index));
    throw py::value_error(std::string(name) + " must be finite, got " + py::str(value).cast<std::string>() + " at " +
                          index_text(index));
}

template <class Real>
py::array_t<Real, py::array::c_style | py::array::forcecast> converted(const py::array& array) {
    using Converted = py::array_t<Real, py::array::c_style | py::array::forcecast>;
    if (array.dtype().kind() != 'f' || array.itemsize() <= static_cast<py::ssize_t>(sizeof(Real)))
        return Converted(array);
    // NumPy would warn of overflow; the caller says it better.
    const py::object ignore = py::module_::import("numpy").attr("errstate")(py::arg("over") = "ignore");
    ignore.attr("__enter__")();
    auto result = Converted(array);
    ignore.attr("__exit__")(py::none(), py::none(), py::none());
    return result;
}

template py::array_t<float, py::array::c_style | py::array::forcecast> converted<float>(const py::array&);
template py::array_t<double, py::array::c_style | py::array::forcecast> converted<double>(const py::array&);

void raise_not_finite(const py::array& array, const char* name) {
    require_finite(array, name);
    throw py::value_error(std::string(name) + " must be within the range of the dtype that is computed in");
}

Vector finite_vector(py::handle object, const char* name, py::ssize_t n) {
    const py::array array = real_array(object, name);
    require_shape(array, name, {n});
    Vector vector = converted<double>(array);
    for (py::ssize_t i = 0; i < n; ++i)
        if (!std::isfinite(vector.data()[i])) raise_not_finite(array, name);
    return vector;
}

bool is_float32(const py::array& array) { return array.dtype().is(py::dtype::of<float>()); }

py::array in_place_array(py::handle object, const char* name) {
    const std::string wanted = std::string(name) +
                               " is changed in place and must be a C-contiguous, writeable NumPy "
                               "array of native float32 or float64, got ";
    if (!py::isinstance<py::array>(object)) throw py::type_error(wanted + "a " + type_name(object));
    auto array = py::reinterpret_borrow<py::array>(object);
    if (!py::isinstance<py::array_t<float>>(object) && !py::isinstance<py::array_t<double>>(object))
        throw py::type_error(wanted + "dtype " + array.dtype().attr("str").cast<std::string>() + " (" +
                             dtype_name(array) + ")");
    constexpr int aligned = py::detail::npy_api::NPY_ARRAY_ALIGNED_;
    if ((array.flags() & py::array::c_style) == 0) throw py::type_error(wanted + "one that is not contiguous");
    if ((array.flags() & aligned) == 0) throw py::type_error(wanted + "one that is not aligned");
    if (!array.writeable()) throw py::type_error(wanted + "a read-only one");
    return array;
}

std::int64_t integer(py::handle object, const char* name) {
    if (!PyBool_Check(object.ptr()) && PyIndex_Check(object.ptr())) {
        const auto index = py::reinterpret_steal<py::object>(PyNumber_Index(object.ptr()));
        if (index) {
            const long long value = PyLong_AsLongLong(index.ptr());
            if (value != -1 || PyErr_Occurred() == nullptr) return value;
        }
        PyErr_Clear();
    }
    throw py::type_error(std::string(name) + " must be an integer, got " + shown(object));
}

int thread_count(py::handle object) {
    if (object.is_none()) return 0;
    const std::int64_t count = integer(object, "threads");
    if (count < 1 || count > 1024)
        throw py::value_error("threads must be None or from 1 to 1024, got " + shown(object));
    return static_cast<int>(count);
}

bool truth(py::handle object, const char* name) {
    if (object.ptr() == Py_True) return true;
    if (object.ptr() == Py_False) return false;
    if (const auto type = type_name(object); type == "bool" || type == "bool_")  // NumPy's, from 2 on and before
        return object.cast<bool>();
    throw py::type_error(std::string(name) + " must be True or False, got " + shown(object));
}

void raise(Status status) {
    switch (status) {
        case Status::out_of_memory:
            PyErr_SetString(PyExc_MemoryError, "the system has no room for the arrays that this needs");
            throw py::error_already_set();
        case Status::diverged:
            PyErr_SetString(PyExc_FloatingPointError,
                            "the weights, or what they drive through the coupling, have grown beyond the range of "
                            "their dtype; reset the network, and lower learning_rate, coupling or pinned amplitudes, "
                            "or set decay below 1");
            throw py::error_already_set();
        default: throw py::value_error(to_string(status));
    }
}

}  // namespace resonance::python
