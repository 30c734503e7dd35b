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

//! Clears Python's error if it is of `kind`, and tells whether it was.
bool clear_error(PyObject* kind) {
    if (PyErr_ExceptionMatches(kind) == 0) return false;
    PyErr_Clear();
    return true;
}

//! Clears the errors by which an object says that it is not a number; any other (an interrupt, say) goes on.
void clear_expected_error() {
    if (PyErr_Occurred() != nullptr && !clear_error(PyExc_TypeError) && !clear_error(PyExc_ValueError))
        throw py::error_already_set();
}

std::string index_text(const py::object& index) {
    std::string text;
    for (const py::handle axis : index) text += (text.empty() ? "" : ", ") + py::str(axis).cast<std::string>();
    return "[" + text + "]";
}

//! Raises ValueError for the first NaN or infinity in `array`.
void raise_first_not_finite(const py::array& array, const char* name) {
    const py::module_ numpy = py::module_::import("numpy");
    const py::object wrong = numpy.attr("argwhere")(numpy.attr("logical_not")(numpy.attr("isfinite")(array)));
    if (py::len(wrong) == 0) return;
    const py::object index = wrong.attr("__getitem__")(0).attr("tolist")();
    const py::object value = array.attr("__getitem__")(py::tuple(index));
    throw py::value_error(std::string(name) + " must be finite, got " + py::str(value).cast<std::string>() + " at " +
                          index_text(index));
}

void require_shape(const py::array& array, const char* name, const py::ssize_t* wanted, std::size_t axes) {
    const auto same = [&] {
        for (std::size_t axis = 0; axis < axes; ++axis)
            if (array.shape(static_cast<py::ssize_t>(axis)) != wanted[axis]) return false;
        return true;
    };
    if (array.ndim() == static_cast<py::ssize_t>(axes) && same()) return;
    py::tuple shape(axes);
    for (std::size_t axis = 0; axis < axes; ++axis) shape[axis] = wanted[axis];
    throw py::value_error(std::string(name) + " must have shape " + py::repr(shape).cast<std::string>() +
                          ", got shape " + shape_of(array));
}

}  // namespace

std::string shown(py::handle object) {
    auto text = py::repr(object).cast<std::string>();
    for (char& c : text)
        if (c == '\n') c = ' ';
    if (text.size() <= 60) return text;
    std::size_t end = 57;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
    return text.substr(0, end) + "...";
}

std::string shape_of(const py::array& array) { return py::repr(array.attr("shape")).cast<std::string>(); }

double real_number(py::handle object, const char* name) {
    if (PyFloat_Check(object.ptr())) return PyFloat_AS_DOUBLE(object.ptr());
    if (py::hasattr(object, "dtype")) {
        // NumPy's scalars and arrays: its complex ones would pass for numbers, with a warning.
        const auto array = py::array::ensure(object);
        if (array && array.ndim() == 0 && is_real(array)) return array.attr("item")().cast<double>();
    } else if (PyNumber_Check(object.ptr()) && !PyComplex_Check(object.ptr())) {
        const double value = PyFloat_AsDouble(object.ptr());
        if (value != -1.0 || PyErr_Occurred() == nullptr) return value;
        if (clear_error(PyExc_OverflowError))
            throw py::value_error(std::string(name) + " must be within the range of float64, got " + shown(object));
        clear_expected_error();
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
    const auto& numpy = py::detail::npy_api::get();
    if (Py_TYPE(object.ptr()) == numpy.PyArray_Type_) {
        array = py::reinterpret_borrow<py::array>(object);
    } else {
        // A subclass may index and multiply in ways of its own: what is computed with is a plain view of it.
        constexpr int plain = py::detail::npy_api::NPY_ARRAY_ENSUREARRAY_;
        PyObject* made = numpy.PyArray_FromAny_(object.ptr(), nullptr, 0, 0, plain, nullptr);
        if (made == nullptr) {
            clear_expected_error();  // ragged lists are ValueErrors of NumPy's own, but they don't name the argument
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
    require_shape(array, name, wanted.begin(), wanted.size());
}

void require_shape(const py::array& array, const char* name, const std::vector<py::ssize_t>& wanted) {
    require_shape(array, name, wanted.data(), wanted.size());
}

template <class Real>
Plain<Real> converted(const py::array& array) {
    if (array.dtype().kind() != 'f' || array.itemsize() <= static_cast<py::ssize_t>(sizeof(Real)))
        return Plain<Real>(array);
    // NumPy would warn of overflow; the caller says it better.
    const py::object ignore = py::module_::import("numpy").attr("errstate")(py::arg("over") = "ignore");
    ignore.attr("__enter__")();
    auto result = Plain<Real>(array);
    ignore.attr("__exit__")(py::none(), py::none(), py::none());
    return result;
}

template Plain<float> converted<float>(const py::array&);
template Plain<double> converted<double>(const py::array&);
template Plain<bool> converted<bool>(const py::array&);

void raise_not_finite(const py::array& array, const char* name) {
    raise_first_not_finite(array, name);
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

// Not by identity: the dtype of an array that came from another process is an object of its own.
bool is_float32(const py::array& array) { return py::isinstance<py::array_t<float>>(array); }

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
            if (clear_error(PyExc_OverflowError))
                throw py::value_error(std::string(name) + " must be within the range of int64, got " + shown(object));
        }
        clear_expected_error();
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

const HyperparameterRule& hyperparameter_rule(const std::string& name) {
    for (const HyperparameterRule& candidate : hyperparameter_rules())
        if (name == candidate.name) return candidate;
    throw py::key_error(name);
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
        case Status::exchange_failed:
            if (PyErr_Occurred() == nullptr) PyErr_SetString(PyExc_RuntimeError, to_string(status));
            throw py::error_already_set();
        case Status::rank_exceeded:
            PyErr_SetString(
                PyExc_RuntimeError,
                "within the tolerance, the factored weights have a rank beyond max_rank; the network stands "
                "where the next step would need more: the inputs are too irregular for factors of that "
                "size. Allow a larger max_rank or tolerance, forget sooner (a smaller decay), or use "
                "storage=\"dense\"");
            throw py::error_already_set();
        default: throw py::value_error(to_string(status));
    }
}

}  // namespace resonance::python
