#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cmath>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "gil.hpp"
#include "interrupt.hpp"
#include "memory.hpp"
#include "resonance/attention.hpp"
#include "resonance/threads.hpp"

namespace resonance::python {
namespace {

using Sizes = std::vector<py::ssize_t>;

//! An argument: its name, and how many of its last axes are not leading ones.
struct Operand {
    const char* name;
    py::array given;
    py::ssize_t own_axes;
    py::array array = given;  //!< what the core reads: given, or a copy that it can read

    py::ssize_t leading() const { return array.ndim() - own_axes; }
    py::ssize_t size(py::ssize_t from_last) const { return array.shape(array.ndim() - from_last); }
    std::string said() const { return std::string(name) + " has shape " + shape_of(array); }
};

Operand operand(py::handle object, const char* name, py::ssize_t own_axes, const char* wanted) {
    Operand made{name, real_array(object, name), own_axes};
    if (made.array.ndim() < own_axes)
        throw py::value_error(std::string(name) + " must have shape " + wanted + ", got shape " + shape_of(made.array));
    return made;
}

Operand mask_operand(py::handle object) {
    Operand made = operand(object, "key_mask", 1, "(..., Lk)");
    if (made.array.dtype().kind() != 'b')
        throw py::type_error("key_mask must be an array of bool, True for visible keys, got dtype " +
                             py::str(made.array.dtype()).cast<std::string>());
    return made;
}

void require_equal(const Operand& a, py::ssize_t a_axis, const Operand& b, py::ssize_t b_axis, const char* what) {
    if (a.size(a_axis) == b.size(b_axis)) return;
    throw py::value_error(std::string(a.name) + " must have as many " + what + " as " + b.name + ", " +
                          std::to_string(b.size(b_axis)) + ", got shape " + shape_of(a.array));
}

//! Whether the core can read the array where it lies: native, aligned, the last axis contiguous.
template <class Element>
bool readable(const py::array& array) {
    if (!py::isinstance<py::array_t<Element>>(array)) return false;
    if ((array.flags() & py::detail::npy_api::NPY_ARRAY_ALIGNED_) == 0) return false;
    const py::ssize_t last = array.ndim() - 1;
    return array.shape(last) <= 1 || array.strides(last) == static_cast<py::ssize_t>(sizeof(Element));
}

template <class Element>
void make_readable(Operand& operand) {
    if (!readable<Element>(operand.array)) operand.array = converted<Element>(operand.array);
}

//! The leading axes of all operands, broadcast by NumPy's rules.
Sizes broadcast(const std::vector<const Operand*>& operands) {
    Sizes shape;
    for (const Operand* operand : operands)
        if (static_cast<std::size_t>(operand->leading()) > shape.size())
            shape.insert(shape.begin(), static_cast<std::size_t>(operand->leading()) - shape.size(), 1);
    for (const Operand* operand : operands)
        for (py::ssize_t axis = 0; axis < operand->leading(); ++axis) {
            py::ssize_t& length = shape[shape.size() - static_cast<std::size_t>(operand->leading() - axis)];
            const py::ssize_t own = operand->array.shape(axis);
            if (own == 1 || own == length) continue;
            if (length != 1) {
                std::string all;
                for (const Operand* each : operands) all += (all.empty() ? "" : ", ") + each->said();
                throw py::value_error("leading axes must broadcast, got: " + all);
            }
            length = own;
        }
    return shape;
}

//! Where the part of an operand begins that belongs to one index into the leading axes.
template <class Element>
Element* part(const Operand& operand, const Sizes& index) {
    const auto* begin = static_cast<const char*>(operand.array.data());
    const std::size_t skipped = index.size() - static_cast<std::size_t>(operand.leading());
    for (py::ssize_t axis = 0; axis < operand.leading(); ++axis)
        if (operand.array.shape(axis) != 1)
            begin += index[skipped + static_cast<std::size_t>(axis)] * operand.array.strides(axis);
    return const_cast<Element*>(reinterpret_cast<const Element*>(begin));
}

//! All that a call reads, and what it writes.
struct Arguments {
    Operand q, k, v, phase_q, phase_k, key_mask;
    bool masked;
    AttentionSettings settings;
    int threads;

    std::vector<const Operand*> inputs() const {
        std::vector<const Operand*> all = {&q, &k, &v, &phase_q, &phase_k};
        if (masked) all.push_back(&key_mask);
        return all;
    }
};

template <class Real>
py::ssize_t row_stride(const Operand& operand) {
    return operand.array.strides(operand.array.ndim() - 2) / static_cast<py::ssize_t>(sizeof(Real));
}

template <class Real>
std::vector<AttentionHead<Real>> heads_of(const Arguments& a, const Operand& out, const Sizes& leading) {
    std::size_t count = 1;
    for (const py::ssize_t length : leading) count *= static_cast<std::size_t>(length);
    std::vector<AttentionHead<Real>> heads;
    heads.reserve(count);
    Sizes index(leading.size(), 0);
    for (std::size_t k = 0; k < count; ++k) {
        heads.push_back({part<const Real>(a.q, index), part<const Real>(a.k, index), part<const Real>(a.v, index),
                         part<const double>(a.phase_q, index), part<const double>(a.phase_k, index),
                         part<Real>(out, index), a.masked ? part<const unsigned char>(a.key_mask, index) : nullptr});
        for (std::size_t axis = leading.size(); axis-- > 0;) {
            if (++index[axis] < leading[axis]) break;
            index[axis] = 0;
        }
    }
    return heads;
}

//! The ValueError that names what is not finite. Hidden keys are not read, and so not looked at.
void raise_what_is_not_finite(const Arguments& a) {
    const py::module_ numpy = py::module_::import("numpy");
    const auto seen = [&](const Operand& operand, const py::array& array) {
        if (!a.masked || &operand == &a.q || &operand == &a.phase_q) return array;
        py::object mask = a.key_mask.array;
        if (operand.own_axes == 2) mask = numpy.attr("expand_dims")(mask, py::arg("axis") = -1);
        return py::array(numpy.attr("where")(mask, array, 0.0));
    };
    for (const Operand* operand : {&a.q, &a.k, &a.v, &a.phase_q, &a.phase_k})
        if (!numpy.attr("isfinite")(seen(*operand, operand->array)).attr("all")().cast<bool>())
            raise_not_finite(seen(*operand, operand->given), operand->name);
    raise(Status::non_finite);
}

template <class Real>
void compute(Arguments& a, const Operand& out, const Sizes& leading) {
    for (Operand* operand : {&a.q, &a.k, &a.v}) make_readable<Real>(*operand);
    for (Operand* operand : {&a.phase_q, &a.phase_k}) make_readable<double>(*operand);
    if (a.masked) make_readable<bool>(a.key_mask);
    const AttentionLayout layout{a.q.size(2),           a.k.size(2),           a.q.size(1),           a.v.size(1),
                                 row_stride<Real>(a.q), row_stride<Real>(a.k), row_stride<Real>(a.v), a.v.size(1)};
    const std::vector<AttentionHead<Real>> heads = heads_of<Real>(a, out, leading);

    Status status = Status::ok;
    SignalCheck signals;
    {
        const WithoutGil release;
        const std::size_t bytes =
            attention_workspace_size<Real>(layout.columns, layout.value_columns, num_threads(a.threads));
        // Kept for the next call of this thread, since fresh pages from the system can take longer than a small call;
        // and nobody else's meanwhile: a handler of signals may attend, too.
        thread_local std::unique_ptr<detail::Scratch> kept;
        std::unique_ptr<detail::Scratch> own = std::move(kept);
        if (own == nullptr) own.reset(new (std::nothrow) detail::Scratch);
        void* workspace = own == nullptr ? nullptr : own->reserve(bytes);
        status = workspace == nullptr ? Status::out_of_memory
                                      : phase_attention<Real>({heads.data(), heads.size()}, layout, a.settings,
                                                              {static_cast<std::byte*>(workspace), bytes}, a.threads,
                                                              signals.interrupt());
        kept = std::move(own);
    }
    if (status == Status::interrupted) throw py::error_already_set();
    if (status == Status::non_finite) raise_what_is_not_finite(a);
    if (status == Status::overflow) {
        PyErr_SetString(PyExc_FloatingPointError,
                        sizeof(Real) == sizeof(float)
                            ? "scores are beyond the range of float32; use float64, or smaller q, k or scale"
                            : "scores are beyond the range of float64; use smaller q, k or scale");
        throw py::error_already_set();
    }
    raise_unless_ok(status);
}

py::array phase_attention_of(py::handle q, py::handle k, py::handle v, py::handle phase_q, py::handle phase_k,
                             py::handle scale, py::handle causal, py::handle key_mask, py::handle out_object,
                             py::handle threads) {
    // What may throw comes first: GCC 12 destroys nested members twice where a later initialiser of an aggregate does.
    const AttentionSettings settings{real_number(scale, "scale"), truth(causal, "causal")};
    if (!std::isfinite(settings.scale)) throw py::value_error("scale must be finite, got " + shown(scale));
    const int most_threads = thread_count(threads);
    const Operand q_operand = operand(q, "q", 2, "(..., Lq, d)");
    const Operand k_operand = operand(k, "k", 2, "(..., Lk, d)");
    const Operand v_operand = operand(v, "v", 2, "(..., Lk, dv)");
    const Operand phase_q_operand = operand(phase_q, "phase_q", 1, "(..., Lq)");
    const Operand phase_k_operand = operand(phase_k, "phase_k", 1, "(..., Lk)");
    const Operand mask = key_mask.is_none() ? Operand{"key_mask", py::array(), 1} : mask_operand(key_mask);
    Arguments a{q_operand, k_operand,           v_operand, phase_q_operand, phase_k_operand,
                mask,      !key_mask.is_none(), settings,  most_threads};
    require_equal(a.k, 1, a.q, 1, "columns");
    require_equal(a.v, 2, a.k, 2, "rows");
    require_equal(a.phase_q, 1, a.q, 2, "phases");
    require_equal(a.phase_k, 1, a.k, 2, "phases");
    if (a.masked) require_equal(a.key_mask, 1, a.k, 2, "keys");
    const Sizes leading = broadcast(a.inputs());
    Sizes shape = leading;
    shape.push_back(a.q.size(2));
    shape.push_back(a.v.size(1));

    const bool float32 = out_object.is_none() ? is_float32(a.q.array) && is_float32(a.k.array) && is_float32(a.v.array)
                                              : is_float32(in_place_array(out_object, "out"));
    Operand out{"out", {}, 2};
    bool apart = out_object.is_none();
    if (!apart) {
        out.array = in_place_array(out_object, "out");
        require_shape(out.array, "out", shape);
        const py::object shares = py::module_::import("numpy").attr("may_share_memory");
        for (const Operand* input : a.inputs()) apart = apart || shares(input->array, out.array).cast<bool>();
    }
    if (apart) out.array = py::array(float32 ? py::dtype::of<float>() : py::dtype::of<double>(), shape);
    float32 ? compute<float>(a, out, leading) : compute<double>(a, out, leading);
    if (out_object.is_none()) return out.array;
    auto given = py::reinterpret_borrow<py::array>(out_object);
    if (apart) given[py::ellipsis()] = out.array;
    return given;
}

}  // namespace

void bind_attention(py::module_& module) {
    module.def("phase_attention", &phase_attention_of, py::arg("q"), py::arg("k"), py::arg("v"), py::arg("phase_q"),
               py::arg("phase_k"), py::arg("scale"), py::arg("causal"), py::arg("key_mask"), py::arg("out"),
               py::arg("threads"));
}

}  // namespace resonance::python
