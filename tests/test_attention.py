"""rn.phase_attention against the reference; and that its scores are never in memory."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from attention_cases import BOUNDS, LAYOUTS, causal_or_not, draw, every_isa, largest_error
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from scripts import output_of

import resonance_native as rn
from resonance_native import reference

# A scale wrong by so much, relatively, is to exceed the bound tenfold: else a comparison would prove little.
SCALE_ERRORS = {"float64": 1e-9, "float32": 1e-2}
COLUMNS = (1, 3, 8, 64, 80)
TILE = 96  # keys that the kernel takes in at once


def assert_parity(arrays: list[np.ndarray], *, telling: bool = True, **keywords: Any) -> None:
    """Within the bound; ``telling`` says that there is enough to see a slightly wrong scale."""
    dtype = arrays[0].dtype.name
    wanted = reference.phase_attention(*arrays, **keywords)
    if telling:
        scale = float(keywords.get("scale", 1.0)) * (1 + SCALE_ERRORS[dtype])
        wrong = reference.phase_attention(*arrays, **{**keywords, "scale": scale})
        assert largest_error(wrong, wanted) > 10 * BOUNDS[dtype]
    got = rn.phase_attention(*arrays, **keywords)
    assert got.dtype == dtype
    assert largest_error(got, wanted) <= BOUNDS[dtype]


@every_isa
@causal_or_not
@pytest.mark.parametrize("n_queries", range(1, 66))
def test_every_length(n_queries: int, causal: bool, dtype: str) -> None:
    """All remainders of groups of queries and of blocks of keys, columns and values, masked and not."""
    for which, d in enumerate(COLUMNS):
        dv = COLUMNS[(which + n_queries) % len(COLUMNS)]
        n_keys = (n_queries, n_queries + 13, 70 - n_queries, n_queries + TILE, 2 * n_queries)[which]
        arrays = draw(n_queries, n_keys, d, dv, dtype=dtype)
        some = np.random.default_rng(n_keys).random(n_keys) < 0.7
        scales = (d**-0.5, 1.0) if dtype == "float64" else (d**-0.5,)
        for scale in scales:
            for key_mask in (None, some):
                telling = n_queries * dv >= 64 and n_keys >= 16
                assert_parity(arrays, telling=telling, scale=scale, causal=causal, key_mask=key_mask)


@every_isa
@causal_or_not
@pytest.mark.parametrize(("n_queries", "n_keys"), [(1000, 1000), (1000, 333), (333, 1000)])
def test_long(n_queries: int, n_keys: int, causal: bool, dtype: str) -> None:
    assert_parity(draw(n_queries, n_keys, 64, 64, dtype=dtype), scale=1 / 8, causal=causal)


def test_very_long(dtype: str) -> None:
    key_mask = np.random.default_rng(0).random(4096) < 0.9
    assert_parity(draw(4096, 4096, 64, 8, dtype=dtype), scale=1 / 8, causal=True, key_mask=key_mask)


def three_lines(q: Any, k: Any, v: Any, phase_q: Any, phase_k: Any) -> np.ndarray:
    """What one writes in NumPy, in the dtype of its arguments."""
    scores = (q @ k.swapaxes(-1, -2)) * np.cos(phase_q[..., :, None] - phase_k[..., None, :])
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return (weights / weights.sum(axis=-1, keepdims=True)) @ v


@every_isa
@pytest.mark.parametrize(("length", "d"), [(65, 64), (300, 8), (300, 80), (1000, 64)])
def test_float32_without_a_scale(length: int, d: int) -> None:
    """Scores of ±30 lose digits in any order: twice as many as in NumPy are too many."""
    arrays = draw(length, length, d, 64, leading=(2,), dtype="float32")
    wanted = reference.phase_attention(*arrays)
    usual = three_lines(*arrays)
    assert usual.dtype == np.float32
    assert largest_error(rn.phase_attention(*arrays), wanted) <= 2 * largest_error(usual, wanted)


N_KEYS = 300
KEYS = np.arange(N_KEYS)
MASKS: dict[str, np.ndarray] = {
    "all visible": KEYS >= 0,
    "all hidden": KEYS < 0,
    "first only": KEYS == 0,
    "last only": KEYS == N_KEYS - 1,
    "first hidden": KEYS >= TILE + 30,
    "last hidden": KEYS < TILE + 30,
    "a block hidden": (KEYS < 20) | (KEYS >= 20 + 2 * TILE),
    "a whole tile hidden": (KEYS < TILE) | (KEYS >= 2 * TILE),
    "every third": KEYS % 3 == 0,
    "random": np.random.default_rng(0).random(N_KEYS) < 0.5,
}
masks = pytest.mark.parametrize("mask", MASKS)


@every_isa
@causal_or_not
@masks
@pytest.mark.parametrize("n_queries", [70, N_KEYS, 370])
def test_masks(n_queries: int, mask: str, causal: bool, dtype: str) -> None:
    arrays = draw(n_queries, N_KEYS, 8, 3, dtype=dtype)
    key_mask = MASKS[mask]
    telling = np.count_nonzero(key_mask) > 1
    assert_parity(arrays, telling=telling, scale=8**-0.5, causal=causal, key_mask=key_mask)

    visible = np.broadcast_to(key_mask, (n_queries, N_KEYS))
    if causal:
        visible = visible & (np.arange(n_queries)[:, None] + N_KEYS - n_queries >= KEYS)
    blind = ~visible.any(axis=1)
    out = rn.phase_attention(*arrays, causal=causal, key_mask=key_mask, out=np.full((n_queries, 3), 7, dtype))
    assert np.all(out[blind] == 0)
    assert np.all(out[~blind] != 0)


@every_isa
@masks
def test_what_is_hidden_is_left_out(mask: str, dtype: str) -> None:
    """It is never read, so a NaN may stand there; and without the hidden keys the bits are the same."""
    q, k, v, phase_q, phase_k = draw(40, N_KEYS, 8, 3, dtype=dtype)
    visible = MASKS[mask]
    wanted = rn.phase_attention(q, k[visible], v[visible], phase_q, phase_k[visible])
    for hidden in (0.0, math.nan, math.inf, -math.inf):
        for array in (k, v, phase_k):
            array[~visible] = hidden
        got = rn.phase_attention(q, k, v, phase_q, phase_k, key_mask=visible)
        assert got.tobytes() == wanted.tobytes()


@every_isa
@pytest.mark.parametrize("order", [1, -1])
def test_maxima_that_rise_and_fall_from_key_to_key(order: int, dtype: str) -> None:
    _, _, v, phase_q, phase_k = draw(9, 500, 1, 3, dtype=dtype)
    q, k = np.linspace(0.5, 2, 9, dtype=dtype)[:, None], np.linspace(-9, 9, 500, dtype=dtype)[::order, None]
    for phases in ((phase_q, phase_k), (0 * phase_q, 0 * phase_k)):
        assert_parity([q, k, v, *phases], telling=dtype == "float64")


@every_isa
@pytest.mark.parametrize("keys_at_once", [1, N_KEYS])
def test_huge_scores(keys_at_once: int, dtype: str) -> None:
    """Products and coherences are exact, so what is lost is lost where scores are multiplied by log2 e."""
    rng = np.random.default_rng(0)
    q, k = (20.0 * rng.integers(-3, 4, (n, 16)) for n in (40, keys_at_once))
    phase_q, phase_k = (np.pi * rng.integers(0, 2, n) for n in (40, keys_at_once))
    v = rng.standard_normal((keys_at_once, 3))
    largest = np.abs(q @ k.T).max()
    assert keys_at_once == 1 or largest > 1e4
    for sign in (1.0, -1.0):
        got = rn.phase_attention(q.astype(dtype), k.astype(dtype), v.astype(dtype), phase_q, phase_k, scale=sign)
        wanted = reference.phase_attention(q, k, v.astype(dtype), phase_q, phase_k, scale=sign)
        assert largest_error(got, wanted) <= 8 * np.finfo(dtype).eps * largest


@every_isa
@pytest.mark.parametrize("scale", [0, -1, 0.3, -2.5, np.float32(0.5), 1e-30])
def test_scales(scale: float, dtype: str) -> None:
    arrays = draw(33, 130, 3, 8, dtype=dtype)
    assert_parity(arrays, telling=abs(scale) > 0.1, scale=scale)
    negated = [-arrays[0], *arrays[1:]]
    assert np.array_equal(rn.phase_attention(*arrays, scale=scale), rn.phase_attention(*negated, scale=-scale))


def test_scale_is_1_as_published() -> None:
    arrays = draw(5, 6, 8, 3)
    assert np.array_equal(rn.phase_attention(*arrays), rn.phase_attention(*arrays, scale=1.0))
    assert largest_error(rn.phase_attention(*arrays), reference.phase_attention(*arrays)) <= 1e-14


@every_isa
@pytest.mark.parametrize("largest", [6, 99, 101, 10**6, 10**12])
def test_large_phases(largest: int, dtype: str) -> None:
    """Multiples of 1/64, so that NumPy's differences of them are exact. They are float64 whatever the dtype is."""
    rng = np.random.default_rng(largest)
    arrays = draw(70, 200, 8, 3, dtype=dtype)
    arrays[3:] = [rng.integers(-64 * largest, 64 * largest + 1, n) / 64 for n in (70, 200)]
    assert_parity(arrays, scale=8**-0.5)
    # One of them alone leaves the range of the fast path.
    small = [rng.integers(-64, 65, n) / 64 for n in (70, 200)]
    small[0][33], small[1][130] = largest, -largest
    assert_parity([*arrays[:3], *small], scale=8**-0.5)


EMPTY = {
    "no queries": ((), 0, 5, 3, 2),
    "no keys": ((), 4, 0, 3, 2),
    "no columns": ((), 4, 5, 0, 2),
    "no value columns": ((), 4, 5, 3, 0),
    "no heads": ((2, 0), 4, 5, 3, 2),
    "heads without queries": ((2,), 0, 5, 3, 2),
    "heads without keys": ((2,), 40, 0, 3, 2),
    "heads without columns": ((2,), 40, 100, 0, 2),
    "nothing": ((0,), 0, 0, 0, 0),
}


@every_isa
@causal_or_not
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("case", EMPTY)
def test_sizes_of_nothing(case: str, masked: bool, causal: bool, dtype: str) -> None:
    leading, n_queries, n_keys, d, dv = EMPTY[case]
    arrays = draw(n_queries, n_keys, d, dv, leading=leading, dtype=dtype)
    keywords = {"causal": causal, "key_mask": np.arange(n_keys) % 2 == 0 if masked else None}
    assert_parity(arrays, telling=False, **keywords)
    out = np.full((*leading, n_queries, dv), 7, dtype)
    assert rn.phase_attention(*arrays, **keywords, out=out) is out
    assert largest_error(out, reference.phase_attention(*arrays, **keywords)) <= BOUNDS[dtype]
    assert n_keys > 0 or not out.any()


@st.composite
def problems(draw_from: st.DrawFn) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Leading axes that broadcast, in any layout; few keys, or more than a tile has."""
    leading = draw_from(mutually_broadcastable_shapes(num_shapes=6, max_dims=3, max_side=3)).input_shapes
    n_queries, d, dv = (draw_from(st.integers(1, 40)) for _ in range(3))
    n_keys = draw_from(st.one_of(st.integers(1, 40), st.integers(90, 210)))
    rng = np.random.default_rng(draw_from(st.integers(0, 2**32)))
    own = ((n_queries, d), (n_keys, d), (n_keys, dv), (n_queries,), (n_keys,))
    layouts = st.sampled_from(list(LAYOUTS.values()))
    arrays = [
        draw_from(layouts)(rng.normal(0, 1 if len(shape) == 2 else 3, (*lead, *shape)))
        for lead, shape in zip(leading[:5], own, strict=True)
    ]
    visible = draw_from(st.sampled_from([None, 0.0, 0.02, 0.5, 0.98]))
    keywords = {
        "scale": draw_from(st.floats(-2, 2)) * max(d, 1) ** -0.5,
        "causal": draw_from(st.booleans()),
        "key_mask": None if visible is None else draw_from(layouts)(rng.random((*leading[5], n_keys)) < visible),
    }
    return arrays, keywords


@pytest.mark.parametrize("isa", rn.available_isas())
@hypothesis.settings(max_examples=150)
@hypothesis.given(problems())
def test_any_shapes(isa: str, problem: tuple[list[np.ndarray], dict[str, Any]]) -> None:
    arrays, keywords = problem
    wanted = reference.phase_attention(*arrays, **keywords)
    with rn.use_isa(isa):
        got = rn.phase_attention(*arrays, **keywords)
        narrow = rn.phase_attention(*arrays, **keywords, out=np.full(wanted.shape, 7, "f4"))
    assert largest_error(got, wanted) <= BOUNDS["float64"]
    # The inputs are rounded to float32 first, which is what is left of most of the digits.
    assert largest_error(narrow, wanted) <= 10 * BOUNDS["float32"]


MEMORY = """
import re
from pathlib import Path
import numpy as np
import resonance_native as rn

def peak():
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])

rng = np.random.default_rng(0)
q, k, v = (rng.standard_normal((n, 64)).astype("{dtype}") for n in (256, 16384, 16384))
phase_q, phase_k = rng.uniform(0, 6, 256), rng.uniform(0, 6, 16384)
out = np.zeros((256, 64), "{dtype}")
rn.set_num_threads({threads})
few = slice(4)  # columns: code and threads are there before, the scratch of 64 columns is not
rn.phase_attention(q[:, few], k[:2000, few], v[:2000, few], phase_q, phase_k[:2000])
Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from what is there
before = peak()
if {matrix}:
    scores = q @ k.T
else:
    rn.phase_attention(q, k, v, phase_q, phase_k, out=out)
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="tells of its memory in another way")
@pytest.mark.parametrize("threads", [1, 2])
def test_the_scores_are_never_in_memory(threads: int, dtype: str) -> None:
    def kibibytes(matrix: bool) -> int:
        # What is freed goes back to the system, where the GNU library is: it would hide what is taken later.
        environment = {"MALLOC_MMAP_THRESHOLD_": "65536"}
        return int(output_of(MEMORY.format(dtype=dtype, threads=threads, matrix=matrix), environment=environment))

    assert kibibytes(matrix=True) >= 16384  # that it would be seen
    assert kibibytes(matrix=False) <= 1024 * threads
