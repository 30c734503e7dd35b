"""What rn.phase_attention takes, and what it refuses."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from array_forms import read_only, unaligned
from attention_arguments import INF, NAMES, NAN, UNPICKLED, WITH_METADATA, good, names, with_last

import resonance_native as rn
from resonance_native import memory, reference


class Wrong(NamedTuple):
    """A value of one kind, made of a right one, and the error that fits it."""

    make: Callable[[np.ndarray], Any]
    error: type[Exception]


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
    "not aligned": unaligned,
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
    "read-only": lambda a: read_only(a.copy()),
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
    arguments = {name: read_only(array) for name, array in arguments.items()}
    rn.phase_attention(**arguments, key_mask=read_only(mask), causal=True)
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


@pytest.mark.parametrize("float32", [UNPICKLED, WITH_METADATA], ids=["unpickled", "with metadata"])
def test_float32_may_be_another_object_of_the_same_dtype(float32: np.dtype[Any]) -> None:
    """As that of an array that came from another process is."""
    arguments = {name: array.view(float32) for name, array in good("float32").items()}
    assert rn.phase_attention(**arguments).dtype == "float32"
    wanted = rn.phase_attention(**good("float32"))
    assert rn.phase_attention(**arguments).tobytes() == wanted.tobytes()


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


@pytest.mark.parametrize(
    "wrong", [{"causal": 1}, {"scale": "1"}, {"scale": np.inf}, {"key_mask": [1, 1]}, {"q": [[1j]]}, {"phase_k": 0.0}]
)
def test_errors_by_the_hundred_leave_nothing_behind(wrong: dict[str, Any]) -> None:
    """What an error destroys twice would bring the interpreter down sooner or later."""
    arguments = {**good("float64"), **wrong}
    for _ in range(300):
        with pytest.raises((TypeError, ValueError)):
            rn.phase_attention(**arguments)
