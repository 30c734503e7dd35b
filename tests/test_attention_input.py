"""What rn.phase_attention takes and refuses; signals, threads and forks in a call; rn.ResonanceTransformer."""

from __future__ import annotations

import math
import os
import pickle
import textwrap
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import pytest
from scripts import output_of

import resonance_native as rn
from resonance_native import memory, reference

PATIENCE = 120  # seconds until a hang is called one
NAMES = ("q", "k", "v", "phase_q", "phase_k")
NAN, INF = math.nan, math.inf


def good(dtype: str = "float64") -> dict[str, np.ndarray]:
    """Two heads of 4 queries and 5 keys. All numbers are integers, of which every dtype holds these."""
    rng = np.random.default_rng(0)
    shapes = {"q": (2, 4, 3), "k": (2, 5, 3), "v": (2, 5, 2), "phase_q": (2, 4), "phase_k": (2, 5)}
    return {name: rng.integers(0, 4, shape).astype(dtype) for name, shape in shapes.items()}


def names(argument: str) -> str:
    """A pattern of messages that name the argument, and not only another whose name it is part of."""
    return rf"(?<![A-Za-z_]){argument}(?![A-Za-z_])"


class Wrong(NamedTuple):
    """A value of one kind, made of a right one, and the error that fits it."""

    make: Callable[[np.ndarray], Any]
    error: type[Exception]


def with_last(value: Any, dtype: Any = None) -> Callable[[np.ndarray], np.ndarray]:
    def make(array: np.ndarray) -> np.ndarray:
        changed = array.astype(dtype or array.dtype)
        changed.flat[-1] = value
        return changed

    return make


ARRAYS: dict[str, Wrong] = {
    "None": Wrong(lambda _: None, TypeError),
    "a word": Wrong(lambda _: "x", TypeError),
    "a dict": Wrong(lambda _: {}, TypeError),
    "complex": Wrong(lambda a: a.astype(complex), TypeError),
    "complex64": Wrong(lambda a: a.astype("c8"), TypeError),
    "complex list": Wrong(lambda a: a.astype(complex).tolist(), TypeError),
    "object": Wrong(lambda a: a.astype(object), TypeError),
    "text": Wrong(lambda a: a.astype(str), TypeError),
    "text list": Wrong(lambda a: a.astype(str).tolist(), TypeError),
    "dates": Wrong(lambda a: a.astype("M8[s]"), TypeError),
    "ragged": Wrong(lambda _: [[1.0], [1.0, 2.0]], ValueError),
    "nan": Wrong(with_last(NAN), ValueError),
    "inf": Wrong(with_last(INF), ValueError),
    "-inf": Wrong(with_last(-INF), ValueError),
    "first nan": Wrong(lambda a: with_last(NAN)(a[::-1])[::-1], ValueError),
    "float16 inf": Wrong(with_last(INF, "f2"), ValueError),
    "byte-swapped nan": Wrong(with_last(NAN, ">f8"), ValueError),
    "nan in a list": Wrong(lambda a: with_last(NAN)(a).tolist(), ValueError),
    "no axis": Wrong(lambda _: 1.0, ValueError),
    "one row or phase more": Wrong(lambda a: np.concatenate([a, a[:, :1]], axis=1), ValueError),
    "one row or phase less": Wrong(lambda a: a[:, :-1], ValueError),
    "no rows or phases": Wrong(lambda a: a[:, :0], ValueError),
    "three heads": Wrong(lambda a: np.concatenate([a, a[:1]]), ValueError),
    "no heads": Wrong(lambda a: np.zeros((3, 0, *a.shape[1:])), ValueError),
}
if np.finfo(np.longdouble).max > np.finfo(float).max:
    ARRAYS["beyond float64"] = Wrong(with_last(np.finfo(np.longdouble).max, np.longdouble), ValueError)
COLUMNS: dict[str, Wrong] = {
    "one column more": Wrong(lambda a: np.concatenate([a, a[..., :1]], axis=-1), ValueError),
    "one column less": Wrong(lambda a: a[..., :-1], ValueError),
    "no columns": Wrong(lambda a: a[..., :0], ValueError),
    "one axis": Wrong(lambda a: a[0, 0], ValueError),
}
WRONG_ARRAYS: dict[str, tuple[str, Wrong]] = {
    **{f"{name}, {what}": (name, wrong) for name in NAMES for what, wrong in ARRAYS.items()},
    **{f"{name}, {what}": (name, wrong) for name in ("q", "k") for what, wrong in COLUMNS.items()},
    "v, one axis": ("v", COLUMNS["one axis"]),
    "phase_q, a column": ("phase_q", Wrong(lambda a: a[..., None], ValueError)),
    "phase_k, a column": ("phase_k", Wrong(lambda a: a[..., None], ValueError)),
}


def assert_refused(arguments: dict[str, Any], name: str, error: type[Exception]) -> None:
    """With a new result, and with an array for it, which stays as it is."""
    with pytest.raises(error, match=names(name)):
        rn.phase_attention(**arguments)
    for dtype in ("float64", "float32"):
        out = np.full((2, 4, 2), 7, dtype)
        with pytest.raises(error, match=names(name)):
            rn.phase_attention(**arguments, out=out)
        assert np.all(out == 7)


@pytest.mark.parametrize(("name", "wrong"), WRONG_ARRAYS.values(), ids=WRONG_ARRAYS)
def test_errors_name_the_array_and_nothing_is_written(name: str, wrong: Wrong, dtype: str) -> None:
    arguments: dict[str, Any] = good(dtype)
    assert rn.phase_attention(**arguments).shape == (2, 4, 2)
    arguments[name] = wrong.make(arguments[name])
    assert_refused(arguments, name, wrong.error)


OTHERS: list[tuple[str, Any, type[Exception]]] = [
    *(("scale", value, ValueError) for value in (NAN, INF, -INF, np.float32(NAN), np.array(INF), 10**400)),
    *(("scale", value, TypeError) for value in (None, "1", b"1", 1j, np.complex64(1), [1.0], np.array([1.0]), {})),
    *(("scale", value, TypeError) for value in (np.array(1, object), np.timedelta64(1, "s"))),
    *(("causal", value, TypeError) for value in (None, 0, 1, 1.0, "yes", [True], np.int64(1), np.array([True, False]))),
    *(("key_mask", value, TypeError) for value in ([1, 0, 1, 1, 0], np.ones(5, "u1"), np.ones(5), [1.0] * 5)),
    *(("key_mask", value, TypeError) for value in (np.ones(5, complex), np.ones(5, object), ["a"] * 5, "x", {})),
    *(("key_mask", value, ValueError) for value in ([True] * 4, [True] * 6, [[True]] * 5, True, [[True], [True] * 2])),
    *(
        ("key_mask", value, ValueError)
        for value in (np.ones((3, 5), bool), np.ones((0, 5), bool), np.ones((2, 0), bool))
    ),
]


@pytest.mark.parametrize(("name", "value", "error"), OTHERS, ids=[f"{n}-{v!r}" for n, v, _ in OTHERS])
def test_errors_name_the_setting_and_nothing_is_written(name: str, value: Any, error: type[Exception]) -> None:
    assert_refused({**good(), name: value}, name, error)


def test_messages_say_what_came_and_what_was_wanted() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"q": np.ones(3)}, r"q must have shape \(\.\.\., Lq, d\), got shape \(3,\)"),
        ({"k": np.ones((5, 4))}, r"k .*columns as q, 3, got shape \(5, 4\)"),
        ({"v": np.ones((6, 2))}, r"v .*rows as k, 5, got shape \(6, 2\)"),
        ({"phase_k": np.ones(6)}, r"phase_k .*phases as k, 5, got shape \(6,\)"),
        ({"key_mask": np.ones(6, bool)}, r"key_mask .*keys as k, 5, got shape \(6,\)"),
        ({"key_mask": np.ones(5, int)}, r"key_mask must be an array of bool, True for visible keys, got dtype int64"),
        ({"v": with_last(NAN)(good()["v"])}, r"v must be finite, got nan at \[1, 4, 1\]"),
        ({"phase_q": with_last(-INF)(good()["phase_q"])}, r"phase_q must be finite, got -inf at \[1, 3\]"),
        ({"q": np.ones((3, 4, 3))}, r"broadcast, got: q has shape \(3, 4, 3\), k has shape \(2, 5, 3\)"),
        ({"scale": NAN}, "scale must be finite, got nan"),
        ({"causal": 1}, "causal must be True or False, got 1"),
    ]
    for change, message in cases:
        with pytest.raises((TypeError, ValueError), match=message):
            rn.phase_attention(**{**good(), **change})


def test_arguments_after_the_phases_are_keywords() -> None:
    with pytest.raises(TypeError, match="positional"):
        rn.phase_attention(*good().values(), 1.0)  # type: ignore[misc]


def test_what_is_hidden_in_one_head_alone_is_read_in_the_others() -> None:
    """The first head hides the key that is not finite; the second doesn't, once it has the same keys."""
    for name in ("k", "v", "phase_k"):
        arguments = good()
        wanted = rn.phase_attention(**{**arguments, "key_mask": [[True] * 4 + [False], [True] * 5]})
        arguments[name][0, -1] = NAN
        got = rn.phase_attention(**arguments, key_mask=[[True] * 4 + [False], [True] * 5])
        assert np.array_equal(got, wanted)
        for changes in (
            {"key_mask": [[True] * 5, [True] * 4 + [False]]},
            {"key_mask": [[True] * 4 + [False], [True] * 5], name: arguments[name][:1]},
        ):
            assert_refused({**arguments, **changes}, name, ValueError)


@pytest.mark.parametrize("name", ["q", "k", "v"])
def test_values_beyond_float32_are_errors_that_name_the_argument(name: str) -> None:
    arguments = good()
    arguments[name] = with_last(1e300)(arguments[name])
    out = np.full((2, 4, 2), 7, "f4")
    with pytest.raises(ValueError, match=names(name) + ".*range"):
        rn.phase_attention(**arguments, out=out)
    assert np.all(out == 7)
    assert np.isfinite(rn.phase_attention(**arguments, scale=1e-300)).all()  # float64 holds them


def test_phases_are_float64_whatever_is_computed_in(dtype: str) -> None:
    """Near 10⁶ float32 knows no difference below 0.06, and 10³⁰⁰ is beyond it."""
    arguments = good(dtype)
    for name in ("phase_q", "phase_k"):
        arguments[name] = 1e6 + good()[name] / 64
    got, wanted = rn.phase_attention(**arguments), reference.phase_attention(**arguments)
    assert got.dtype == dtype
    assert np.abs(got - wanted).max() <= (1e-5 if dtype == "float32" else 1e-12)
    alike = {**arguments, "phase_q": np.zeros((2, 4)), "phase_k": np.zeros((2, 5))}
    assert np.abs(got - rn.phase_attention(**alike)).max() > 1e-4
    huge = {**arguments, "phase_q": np.full((2, 4), 1e300), "phase_k": np.full((2, 5), 1e300)}
    assert np.abs(rn.phase_attention(**huge) - rn.phase_attention(**alike)).max() <= 1e-5


def _read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def _unaligned(array: np.ndarray) -> np.ndarray:
    shifted = np.zeros(array.nbytes + 1, np.uint8)[1:].view(array.dtype).reshape(array.shape)
    shifted[...] = array
    return shifted


def _column_of_records(array: np.ndarray) -> np.ndarray:
    records = np.zeros(array.shape, [("flag", "i1"), ("x", array.dtype)])
    records["x"] = array
    return records["x"]


FORMS: dict[str, Callable[[np.ndarray], Any]] = {
    "list": lambda a: a.tolist(),
    "tuple of arrays": tuple,
    "float32": lambda a: a.astype("f4"),
    "half": lambda a: a.astype("f2"),
    "longdouble": lambda a: a.astype(np.longdouble),
    "integers": lambda a: a.astype(int),
    "bytes": lambda a: a.astype("u1"),
    "byte-swapped": lambda a: a.astype(">f8" if np.little_endian else "<f8"),
    "byte-swapped float32": lambda a: a.astype(">f4" if np.little_endian else "<f4"),
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "rows strided": lambda a: np.repeat(a, 2, axis=1)[:, ::2],
    "reversed": lambda a: a[..., ::-1].copy()[..., ::-1],
    "rows reversed": lambda a: a[:, ::-1].copy()[:, ::-1],
    "Fortran order": np.asfortranarray,
    "heads inside": lambda a: np.ascontiguousarray(a.swapaxes(0, 1)).swapaxes(0, 1),
    "read-only": lambda a: np.frombuffer(a.tobytes()).reshape(a.shape),
    "not aligned": _unaligned,
    "column of records": _column_of_records,
    "unpickled": lambda a: pickle.loads(pickle.dumps(a)),
    "matrix of heads": lambda a: [list(head) for head in a],
}


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("form", FORMS)
def test_inputs_may_be_any_real_array_like(form: str, dtype: str) -> None:
    wanted = rn.phase_attention(**good(), out=np.full((2, 4, 2), 7, dtype))
    for name in NAMES:
        arguments: dict[str, Any] = good()
        arguments[name] = FORMS[form](arguments[name])
        got = rn.phase_attention(**arguments, out=np.full((2, 4, 2), 7, dtype))
        assert got.tobytes() == wanted.tobytes(), name
    alike = {name: FORMS[form](array) for name, array in good().items()}
    got = rn.phase_attention(**alike, out=np.full((2, 4, 2), 7, dtype))
    assert got.tobytes() == wanted.tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_rows_and_heads_may_be_repeated_without_a_copy(name: str, dtype: str) -> None:
    """Strides of 0, of axes that are leading ones and of rows."""
    for axis in (0, 1):
        arguments = good(dtype)
        array = arguments[name]
        repeated = np.broadcast_to(array.take([0], axis=axis), array.shape)
        wanted = rn.phase_attention(**{**arguments, name: repeated.copy()})
        assert rn.phase_attention(**{**arguments, name: repeated}).tobytes() == wanted.tobytes()


MASK_FORMS: dict[str, Callable[[np.ndarray], Any]] = {
    "list": lambda a: a.tolist(),
    "list of NumPy's": lambda a: [list(head) for head in a],
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "reversed": lambda a: a[..., ::-1].copy()[..., ::-1],
    "Fortran order": np.asfortranarray,
    "read-only": lambda a: _read_only(a.copy()),
    "column of records": _column_of_records,
}


@pytest.mark.parametrize("form", MASK_FORMS)
def test_forms_of_masks(form: str, dtype: str) -> None:
    mask = np.array([[True, False, True, True, False], [False, False, False, True, True]])
    arguments = good(dtype)
    wanted = [
        rn.phase_attention(*(arguments[name][head] for name in NAMES), key_mask=mask[head].copy()) for head in (0, 1)
    ]
    assert np.array_equal(rn.phase_attention(**arguments, key_mask=MASK_FORMS[form](mask)), wanted)
    for repeated in (np.broadcast_to(mask[0], (2, 5)), mask[:1], mask[0]):
        assert np.array_equal(rn.phase_attention(**arguments, key_mask=repeated)[0], wanted[0])


@pytest.mark.parametrize("causal", [True, np.True_, False, np.False_])
def test_truth_may_be_numpy_s(causal: Any) -> None:
    assert np.array_equal(
        rn.phase_attention(**good(), causal=causal), rn.phase_attention(**good(), causal=bool(causal))
    )


@pytest.mark.parametrize("scale", [2, np.int8(2), np.float32(2), np.float16(2), np.array(2.0), True + 1])
def test_scale_may_be_any_real_number(scale: Any) -> None:
    assert np.array_equal(rn.phase_attention(**good(), scale=scale), rn.phase_attention(**good(), scale=2.0))


def test_nothing_that_is_read_is_written(dtype: str) -> None:
    arguments, before = good(dtype), good(dtype)
    mask = np.array([True, False, True, True, False])
    arguments = {name: _read_only(array) for name, array in arguments.items()}
    rn.phase_attention(**arguments, key_mask=_read_only(mask), causal=True)
    assert all(np.array_equal(arguments[name], before[name]) for name in NAMES)
    assert mask.tolist() == [True, False, True, True, False]


@pytest.mark.parametrize("narrow", ["", "q", "q k", "k v", "q v", "phase_q phase_k", "q k v", "q k v phase_q phase_k"])
def test_dtype_of_new_results(narrow: str) -> None:
    """float32 where q, k and v are; phases have no say."""
    arguments = {name: array.astype("f4" if name in narrow.split() else "f8") for name, array in good().items()}
    wanted = "float32" if {"q", "k", "v"} <= set(narrow.split()) else "float64"
    assert rn.phase_attention(**arguments).dtype == wanted
    for others in ("f2", "i4", "f8"):
        mixed = {name: array if name in narrow.split() else array.astype(others) for name, array in arguments.items()}
        assert rn.phase_attention(**mixed).dtype == wanted


def test_out_decides_what_is_computed_in(dtype: str) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape) for shape in ((7, 5), (9, 5), (9, 3), (7,), (9,))]
    for given in ("f4", "f8"):
        inputs = [array.astype(given) for array in arrays]
        out = np.full((7, 3), 7, dtype)
        assert rn.phase_attention(*inputs, out=out) is out
        in_dtype = [array.astype(dtype) for array in inputs[:3]] + inputs[3:]
        assert out.tobytes() == rn.phase_attention(*in_dtype).tobytes()


UNPICKLED = pickle.loads(pickle.dumps(np.dtype("float32")))  # equal to float32, but another object
WITH_METADATA = np.dtype("float32", metadata={"unit": "V"})


@pytest.mark.parametrize("float32", [UNPICKLED, WITH_METADATA], ids=["unpickled", "with metadata"])
def test_float32_may_be_another_object_of_the_same_dtype(float32: np.dtype[Any]) -> None:
    """As that of an array that came from another process is."""
    arguments = {name: array.view(float32) for name, array in good("float32").items()}
    assert rn.phase_attention(**arguments).dtype == "float32"
    wanted = rn.phase_attention(**good("float32"))
    assert rn.phase_attention(**arguments).tobytes() == wanted.tobytes()


@pytest.mark.parametrize("float32", [UNPICKLED, WITH_METADATA], ids=["unpickled", "with metadata"])
def test_nothing_is_written_behind_out(float32: np.dtype[Any]) -> None:
    buffer = np.full(64, 7, "f4")
    out = buffer[:16].reshape(2, 4, 2).view(float32)
    assert rn.phase_attention(**good("float32"), out=out) is out
    assert np.all(buffer[16:] == 7)
    assert np.array_equal(out, rn.phase_attention(**good("float32")))


UNFIT_OUTPUTS: dict[str, tuple[Callable[[np.ndarray], Any], type[Exception]]] = {
    "list": (lambda a: a.tolist(), TypeError),
    "float16": (lambda a: a.astype("f2"), TypeError),
    "integers": (lambda a: a.astype(int), TypeError),
    "bool": (lambda a: a.astype(bool), TypeError),
    "object": (lambda a: a.astype(object), TypeError),
    "complex": (lambda a: a.astype(complex), TypeError),
    "byte-swapped": (lambda a: a.astype(a.dtype.newbyteorder()), TypeError),
    "strided": (lambda a: np.repeat(a, 2, axis=-1)[..., ::2], TypeError),
    "reversed": (lambda a: a[::-1], TypeError),
    "Fortran order": (np.asfortranarray, TypeError),
    "heads inside": (lambda a: np.ascontiguousarray(a.swapaxes(0, 1)).swapaxes(0, 1), TypeError),
    "read-only": (lambda a: _read_only(a.copy()), TypeError),
    "not aligned": (_unaligned, TypeError),
    "broadcast": (lambda a: np.broadcast_to(a[:1], a.shape), TypeError),
    "flat": (lambda a: a.ravel().copy(), ValueError),
    "without its leading axis": (lambda a: a[0].copy(), ValueError),
    "another leading axis": (lambda a: a[None].copy(), ValueError),
    "a row more": (lambda a: np.concatenate([a, a[:, :1]], axis=1), ValueError),
    "a row less": (lambda a: a[:, :-1].copy(), ValueError),
    "columns of q": (lambda a: np.repeat(a[..., :1], 3, axis=-1), ValueError),
    "one head, to be broadcast": (lambda a: a[:1].copy(), ValueError),
    "transposed": (lambda a: np.ascontiguousarray(a.swapaxes(1, 2)), ValueError),
}
if np.dtype(np.longdouble).itemsize > 8:
    UNFIT_OUTPUTS["longdouble"] = (lambda a: a.astype(np.longdouble), TypeError)


@pytest.mark.parametrize("form", UNFIT_OUTPUTS)
def test_outputs_that_are_refused_are_unchanged(form: str, dtype: str) -> None:
    make, error = UNFIT_OUTPUTS[form]
    out = make(np.full((2, 4, 2), 7, dtype))
    before = np.array(out)
    with pytest.raises(error, match=names("out")):
        rn.phase_attention(**good(), out=out)
    assert np.array_equal(np.array(out), before)


L = 530  # more queries than are attended at once, so that outputs stand in memory before the last inputs are read


def square(dtype: str, rows: int = L) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((rows, L)).astype(dtype)


def _shared(buffer: np.ndarray) -> dict[str, tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Arguments that lie in one buffer (L + 8, L), and the rows of it that they leave for ``out``."""
    out, before, behind, rest = buffer[4:-4], buffer[:-8], buffer[8:], {"phase_q": np.ones(L), "phase_k": np.zeros(L)}
    apart = {name: square("float64") + i for i, name in enumerate(("q", "k", "v"))}
    return {
        "q": (out, {**apart, **rest, "q": out}),
        "k": (out, {**apart, **rest, "k": out}),
        "v": (out, {**apart, **rest, "v": out}),
        "q, k and v": (out, {**rest, "q": out, "k": out, "v": out}),
        "q before": (out, {**apart, **rest, "q": before}),
        "q behind": (out, {**apart, **rest, "q": behind}),
        "k before": (out, {**apart, **rest, "k": before}),
        "k behind": (out, {**apart, **rest, "k": behind}),
        "v before": (out, {**apart, **rest, "v": before}),
        "v behind": (out, {**apart, **rest, "v": behind}),
        "q reversed": (out, {**apart, **rest, "q": out[::-1]}),
        "k reversed": (out, {**apart, **rest, "k": out[::-1]}),
        "v reversed": (out, {**apart, **rest, "v": out[::-1]}),
        "q transposed": (out, {**apart, **rest, "q": out.T}),
        "k transposed": (out, {**apart, **rest, "k": out.T}),
        "v transposed": (out, {**apart, **rest, "v": out.T}),
        "one row of v": (out, {**apart, **rest, "v": np.broadcast_to(out[-3], (L, L))}),
        "phase_q, a row": (out, {**apart, **rest, "phase_q": out[-2]}),
        "phase_k, a row": (out, {**apart, **rest, "phase_k": out[-1]}),
        "phase_q, a column": (out, {**apart, **rest, "phase_q": out[:, 5]}),
        "phase_k, a column": (out, {**apart, **rest, "phase_k": out[:, 0]}),
        "key_mask": (out, {**apart, **rest, "key_mask": out.view("u1").ravel()[-L:].view(bool)}),
        "all": (out, {"q": before, "k": behind, "v": out, "phase_q": out[0], "phase_k": buffer[-1]}),
    }


@pytest.mark.parametrize("case", _shared(square("float64", L + 8)))
def test_out_may_share_memory_with_what_is_read(case: str, dtype: str) -> None:
    buffer = square(dtype, L + 8)
    out, arguments = _shared(buffer)[case]
    if case == "key_mask":
        arguments["key_mask"][...] = np.arange(L) % 3 != 0
    assert any(np.shares_memory(out, argument) for argument in arguments.values())
    copies = {name: argument.copy() for name, argument in arguments.items()}
    around = buffer[:4].copy(), buffer[-4:].copy()
    wanted = rn.phase_attention(**copies, out=np.full((L, L), 7, dtype))
    assert rn.phase_attention(**arguments, out=out) is out
    assert out.tobytes() == wanted.tobytes()
    assert np.array_equal(buffer[:4], around[0])
    assert np.array_equal(buffer[-4:], around[1])


def test_out_may_share_memory_with_a_head_that_others_read_later(dtype: str) -> None:
    """Values of the first head serve all heads; the first head's output stands in their place."""
    rng = np.random.default_rng(0)
    q, k, out = (rng.standard_normal((3, 50, 8)).astype(dtype) for _ in range(3))
    phases = np.zeros(50)
    wanted = rn.phase_attention(q, k, out[0].copy(), phases, phases)
    rn.phase_attention(q, k, out[0], phases, phases, out=out)
    assert out.tobytes() == wanted.tobytes()


def test_a_refused_call_leaves_shared_memory_as_it_is(dtype: str) -> None:
    q = with_last(NAN)(square(dtype))
    before = q.copy()
    with pytest.raises(ValueError, match=names("q")):
        rn.phase_attention(q, q, q, np.zeros(L), np.zeros(L), out=q)
    assert q.tobytes() == before.tobytes()


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("keys", [1, 7, 200])
def test_scores_beyond_the_range_are_an_error_that_names_the_dtype(keys: int, sign: int, dtype: str) -> None:
    huge = np.sqrt(np.finfo(dtype).max)
    q, k = np.full((50, 4), huge, dtype), np.full((keys, 4), sign * huge, dtype)
    v, phase_q, phase_k = np.ones((keys, 3), dtype), np.zeros(50), np.zeros(keys)
    with pytest.raises(FloatingPointError, match=rf"scores.*range of {dtype}"):
        rn.phase_attention(q, k, v, phase_q, phase_k)
    with pytest.raises(FloatingPointError, match=dtype):
        rn.phase_attention(q, k, v, phase_q, phase_k, out=np.full((50, 3), 7, dtype))
    with pytest.raises(FloatingPointError, match=dtype):
        rn.phase_attention(q / huge, k / huge, v, phase_q, phase_k, scale=np.finfo(float).max)
    assert np.array_equal(rn.phase_attention(q, k / huge, v, phase_q, phase_k, scale=1e-3), np.ones((50, 3)))
    k[...] = 0  # and now it fits
    assert np.array_equal(rn.phase_attention(q, k, v, phase_q, phase_k), np.ones((50, 3)))


def test_results_that_would_not_fit_are_refused(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    wide = np.broadcast_to(np.zeros((), dtype), (10**6, 3))
    with pytest.raises(MemoryError, match=r"\(1000000, 1000000, 3\).*GiB.*float32"):
        rn.phase_attention(wide, wide[:5], wide[:5], np.zeros((10**6, 1)), np.zeros(5))
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**20)
    q, k, phases = np.zeros((1000, 2), dtype), np.zeros((3, 2), dtype), np.zeros((64, 3))
    with pytest.raises(MemoryError, match=r"\(64, 1000, 5\).*GiB"):
        rn.phase_attention(q, k, np.zeros((3, 5), dtype), np.zeros(1000), phases)
    out = np.full((64, 1000, 5), 7, dtype)
    assert rn.phase_attention(q, k, np.zeros((3, 5), dtype), np.zeros(1000), phases, out=out) is out
    assert rn.phase_attention(q[:9], k, np.zeros((3, 5), dtype), np.zeros(9), phases).shape == (64, 9, 5)


def test_repeated_heads_count_once_in_what_is_there(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    """Queries that are broadcast take no memory; the result of as many bytes does."""
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**20)
    q = np.broadcast_to(np.zeros((1000, 5), dtype), (64, 1000, 5))
    k, phases = np.zeros((3, 5), dtype), np.zeros(1000)
    with pytest.raises(MemoryError, match=r"\(64, 1000, 5\).*GiB"):
        rn.phase_attention(q, k, k, phases, phases[:3])


# A call that would take many minutes: ten thousand heads that share their queries, keys and values.
START = """
import os, signal, sys, threading, time
import numpy as np
import resonance_native as rn

LENGTH, HEADS = 2048, 10_000
rng = np.random.default_rng(0)
q, k, v = (rng.standard_normal((LENGTH, d)).astype("f4") for d in (64, 64, 1))
phases = rng.uniform(0, 6, LENGTH)
out = np.full((HEADS, LENGTH, 1), 7, "f4")


def attend():
    return rn.phase_attention(np.broadcast_to(q, (HEADS, LENGTH, 64)), k, v, phases, phases, scale=1 / 8, out=out)


def later(seconds, call):
    '''Call it from another thread, once the attention is under way.'''
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()

"""

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@POSIX
@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_stops_a_long_call(threads: int) -> None:
    code = f"""
rn.set_num_threads({threads})
sent = []
later(0.2, lambda: (sent.append(time.perf_counter()), os.kill(os.getpid(), signal.SIGINT)))
try:
    attend()
except KeyboardInterrupt:
    took = time.perf_counter() - sent[0]
    # 0.2 s are promised; a busy machine gets more.
    assert took < 5, took
    head = rn.phase_attention(q, k, v, phases, phases, scale=1 / 8)
    written = np.any(out != 7, axis=(1, 2))
    assert 0 < written.sum() < HEADS
    assert np.array_equal(out[0], head)  # what is written is right, and later calls compute
    print("stopped")
"""
    assert output_of(START + code) == "stopped"


# One head whose first 512 queries take 10¹² multiply-adds, many seconds: a piece of the work is no measure of time.
WIDE = """
import os, signal, threading, time
import numpy as np
import resonance_native as rn

rn.set_num_threads(1)
n_keys = 1_000_000
k = np.broadcast_to(np.zeros(512, "f4"), (n_keys, 512))
q, phase_q, phase_k = np.zeros((1024, 512), "f4"), np.zeros(1024), np.zeros(n_keys)
sent = []
timer = threading.Timer(0.5, lambda: (sent.append(time.perf_counter()), os.kill(os.getpid(), signal.SIGINT)))
timer.start()
try:
    rn.phase_attention(q, k, k, phase_q, phase_k)
except KeyboardInterrupt:
    took = time.perf_counter() - sent[0]
    assert took < 5, took
    print("stopped")
"""


@POSIX
def test_ctrl_c_stops_a_call_with_very_many_keys() -> None:
    assert output_of(WIDE) == "stopped"


@POSIX
def test_a_handler_s_own_error_ends_the_call_and_handlers_may_attend() -> None:
    code = """
seen = []


def handler(signum, frame):
    seen.append(rn.phase_attention(q[:5], k, v, phases[:5], phases).shape)
    if len(seen) == 2:
        raise OSError("the handler's own")


signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
try:
    attend()
except OSError as error:
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(error, seen)
"""
    assert output_of(START + code) == "the handler's own [(5, 1), (5, 1)]"


@POSIX
@pytest.mark.parametrize("threads", [1, 2])
def test_a_handler_that_needs_more_memory_does_not_take_it_from_the_call_it_interrupts(threads: int) -> None:
    code = f"""
rn.set_num_threads({threads})
few = np.full((300, LENGTH, 1), 7, "f4")
wide = rng.standard_normal((300, 700)).astype("f4")
wanted = rn.phase_attention(q, k, v, phases, phases)
seen = []
signal.signal(signal.SIGALRM, lambda *_: seen.append(
    rn.phase_attention(wide, wide, wide, phases[:300], phases[:300])))
signal.setitimer(signal.ITIMER_REAL, 0.1)
rn.phase_attention(np.broadcast_to(q, (300, LENGTH, 64)), k, v, phases, phases, out=few)
again = rn.phase_attention(wide, wide, wide, phases[:300], phases[:300])
print(np.array_equal(seen[0], again), np.all(few == wanted))
"""
    # What is freed goes back to the system, where the GNU library is: to use it still would be an end.
    assert output_of(START + code, environment={"MALLOC_MMAP_THRESHOLD_": "65536"}) == "True True"


@POSIX
def test_a_call_in_another_thread_is_left_alone() -> None:
    """Signals are the main thread's; its Ctrl-C ends its own wait."""
    code = """
few = np.full((60, LENGTH, 1), 7, "f4")
worker = threading.Thread(
    target=lambda: rn.phase_attention(np.broadcast_to(q, (60, LENGTH, 64)), k, v, phases, phases, out=few)
)
worker.start()
later(0.05, lambda: os.kill(os.getpid(), signal.SIGINT))
try:
    time.sleep(60)
except KeyboardInterrupt:
    worker.join()
    print(np.array_equal(few[0], few[-1]), np.all(few != 7))
"""
    assert output_of(START + code) == "True True"


@pytest.mark.parametrize("threads", [1, 2])
def test_python_threads_at_the_same_time(threads: int, dtype: str) -> None:
    rng = np.random.default_rng(0)
    q, phases = rng.standard_normal((3, 500, 16)).astype(dtype), rng.uniform(0, 6, (3, 500))
    rn.set_num_threads(threads)
    wanted = [rn.phase_attention(q[i], q[0], q[1], phases[i], phases[2]).tobytes() for i in range(3)]
    start = threading.Barrier(3)

    def attend(i: int) -> bool:
        start.wait(PATIENCE)
        results = [rn.phase_attention(q[i], q[0], q[1], phases[i], phases[2]).tobytes() for _ in range(20)]
        return set(results) == {wanted[i]}

    with ThreadPoolExecutor(3) as pool:
        assert all(future.result(PATIENCE) for future in [pool.submit(attend, i) for i in range(3)])


FORK = """
import os, signal, threading, time, warnings
import numpy as np
import resonance_native as rn

warnings.filterwarnings("ignore", category=DeprecationWarning)  # of forks where there are threads
q, phases = np.random.default_rng(0).standard_normal((700, 32)), np.linspace(0, 6, 700)
rn.set_num_threads(2)


def attend(times=1):
    for _ in range(times):
        out = rn.phase_attention(q, q, q, phases, phases)
    return out.tobytes()


def same_in_child():
    '''Whether a forked child gets the bits that are got here; a hang is killed.'''
    here = attend()
    child = os.fork()
    if child == 0:
        os._exit(0 if attend() == here else 1)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid == child:
            return status == 0
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hung"

"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_computes_the_same_bits() -> None:
    """After a parallel call, and in the middle of one in another thread."""
    code = """
    print(same_in_child(), same_in_child())
    worker = threading.Thread(target=attend, args=(10**6,), daemon=True)
    worker.start()
    time.sleep(0.1)
    print(same_in_child(), same_in_child(), flush=True)
    os._exit(0)
    """
    assert output_of(FORK + textwrap.dedent(code)).split() == ["True"] * 4


def test_transformer_is_the_function(dtype: str) -> None:
    arguments = good(dtype)
    phases = arguments["phase_q"], arguments["phase_k"]
    transformer = rn.ResonanceTransformer(*phases)
    out = transformer.attention(arguments["q"], arguments["k"], arguments["v"])
    assert out.dtype == dtype
    assert out.tobytes() == rn.phase_attention(**arguments).tobytes()
    by_name = transformer.attention(Q=arguments["q"], K=arguments["k"], V=arguments["v"])
    assert by_name.tobytes() == out.tobytes()
    by_lists = rn.ResonanceTransformer(phase_q=phases[0].tolist(), phase_k=phases[1].tolist())
    assert np.array_equal(by_lists.attention(*(arguments[name] for name in ("q", "k", "v"))), out)


def test_transformer_copies_its_phases() -> None:
    arguments = good()
    wanted = rn.phase_attention(**arguments)
    transformer = rn.ResonanceTransformer(arguments["phase_q"], arguments["phase_k"])
    for name in ("phase_q", "phase_k"):
        arguments[name][...] += 1.5
    assert np.array_equal(transformer.attention(arguments["q"], arguments["k"], arguments["v"]), wanted)
    assert transformer.phase_q.dtype == transformer.phase_k.dtype == np.float64
    assert not np.shares_memory(transformer.phase_q, arguments["phase_q"])


def test_transformer_serves_any_number_of_heads() -> None:
    arguments = good()
    transformer = rn.ResonanceTransformer(arguments["phase_q"][0], arguments["phase_k"][0])
    out = transformer.attention(arguments["q"], arguments["k"], arguments["v"])
    alone = transformer.attention(arguments["q"][1], arguments["k"][1], arguments["v"][1])
    assert out.shape == (2, 4, 2)
    assert np.array_equal(out[1], alone)


@pytest.mark.parametrize("name", ["phase_q", "phase_k"])
def test_transformer_refuses_phases_when_it_is_made(name: str) -> None:
    phases = {"phase_q": [1.0, 2.0], "phase_k": [1.0, 2.0, 3.0]}
    wrong: list[tuple[Any, type[Exception]]] = [
        (1.0, ValueError),
        ([1.0, NAN], ValueError),
        ([[INF, 1.0]], ValueError),
        ([[1.0], [1.0, 2.0]], ValueError),
        (None, TypeError),
        (["a", "b"], TypeError),
        ([1j, 2j], TypeError),
        (np.ones(2, object), TypeError),
    ]
    for value, error in wrong:
        with pytest.raises(error, match=names(name)):
            rn.ResonanceTransformer(**{**phases, name: value})


@pytest.mark.parametrize(("name", "shape"), [("Q", (4, 4)), ("K", (5, 4)), ("V", (6, 2)), ("Q", (5, 3)), ("K", (4, 3))])
def test_transformer_refuses_what_does_not_fit_its_phases(name: str, shape: tuple[int, ...]) -> None:
    """The function's messages name its own arguments, which are the same letters."""
    arrays = {"Q": np.ones((4, 3)), "K": np.ones((5, 3)), "V": np.ones((5, 2))}
    transformer = rn.ResonanceTransformer(np.zeros(4), np.zeros(5))
    assert transformer.attention(**arrays).shape == (4, 2)
    with pytest.raises(ValueError, match=rf"(?i){names(name)}"):
        transformer.attention(**{**arrays, name: np.ones(shape)})
    with pytest.raises(ValueError, match=rf"(?i){names(name)}.*finite"):
        transformer.attention(**{**arrays, name: np.full(arrays[name].shape, NAN)})


@pytest.mark.parametrize(
    "wrong", [{"causal": 1}, {"scale": "1"}, {"scale": np.inf}, {"key_mask": [1, 1]}, {"q": [[1j]]}, {"phase_k": 0.0}]
)
def test_errors_by_the_hundred_leave_nothing_behind(wrong: dict[str, Any]) -> None:
    """What an error destroys twice would bring the interpreter down sooner or later."""
    arguments = {**good("float64"), **wrong}
    for _ in range(300):
        with pytest.raises((TypeError, ValueError)):
            rn.phase_attention(**arguments)
