"""rn.phase_attention with ``out``: what it decides, what it must be, and what it may share memory with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from array_forms import read_only, unaligned
from attention_arguments import NAN, UNPICKLED, WITH_METADATA, good, names, with_last

import resonance_native as rn


def test_out_decides_what_is_computed_in(dtype: str) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape) for shape in ((7, 5), (9, 5), (9, 3), (7,), (9,))]
    for given in ("f4", "f8"):
        inputs = [array.astype(given) for array in arrays]
        out = np.full((7, 3), 7, dtype)
        assert rn.phase_attention(*inputs, out=out) is out
        in_dtype = [array.astype(dtype) for array in inputs[:3]] + inputs[3:]
        assert out.tobytes() == rn.phase_attention(*in_dtype).tobytes()


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
    "read-only": (lambda a: read_only(a.copy()), TypeError),
    "not aligned": (unaligned, TypeError),
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
