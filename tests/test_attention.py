"""rn.phase_attention: against the reference, what the formula promises, bits, and memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from scripts import output_of

import resonance_native as rn
from resonance_native import reference

BOUNDS = {"float64": 1e-12, "float32": 1e-5}
# A scale wrong by so much, relatively, is to exceed the bound tenfold: else a comparison would prove little.
SCALE_ERRORS = {"float64": 1e-9, "float32": 1e-2}
COLUMNS = (1, 3, 8, 64, 80)
TILE = 96  # keys that the kernel takes in at once
every_isa = pytest.mark.usefixtures("isa")
causal_or_not = pytest.mark.parametrize("causal", [False, True])


def draw(
    n_queries: int, n_keys: int, d: int, dv: int, *, leading: tuple[int, ...] = (), dtype: str = "float64"
) -> list[np.ndarray]:
    """Standard normal q, k and v, and phases of a whole turn."""
    rng = np.random.default_rng([n_queries, n_keys, d, dv])
    normal = [rng.standard_normal((*leading, *own)) for own in ((n_queries, d), (n_keys, d), (n_keys, dv))]
    phases = [rng.uniform(0, 2 * np.pi, (*leading, n)) for n in (n_queries, n_keys)]
    return [array.astype(dtype) for array in normal + phases]


def largest_error(got: np.ndarray, wanted: np.ndarray) -> float:
    assert got.shape == wanted.shape
    return float(np.abs(got - wanted).max(initial=0))


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
@pytest.mark.parametrize("score", [1e3, 1e4, 1e8])
def test_one_score_so_far_above_the_others_that_it_is_all_there_is(score: float, dtype: str) -> None:
    n = 130
    order = np.random.default_rng(0).permutation(n)
    k = np.eye(n, dtype=dtype)
    q = (np.array(score, dtype) * k)[order]
    v = draw(n, n, 1, 5, dtype=dtype)[2]
    zeros = np.zeros(n)
    assert np.array_equal(rn.phase_attention(q, k, v, zeros, zeros), v[order])
    # With opposite phases that key is the one that counts for nothing.
    opposite = rn.phase_attention(q, k, v, zeros + np.pi, zeros)
    others = (v.astype(float).sum(axis=0) - v[order]) / (n - 1)
    assert largest_error(opposite, others) <= BOUNDS[dtype]


@every_isa
@causal_or_not
@pytest.mark.parametrize("constant", [0.0, 3.0, -700.0])
def test_equal_scores_give_means(constant: float, causal: bool, dtype: str) -> None:
    v = draw(200, 200, 1, 7, dtype=dtype)[2]
    q, k, zeros = np.full((200, 1), constant, dtype), np.ones((200, 1), dtype), np.zeros(200)
    means = np.cumsum(v, axis=0, dtype=float) / np.arange(1, 201)[:, None]
    wanted = means if causal else np.broadcast_to(means[-1], means.shape)
    assert largest_error(rn.phase_attention(q, k, v, zeros, zeros, causal=causal), wanted) <= BOUNDS[dtype]


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


def _apart(array: np.ndarray, pad: int = 3) -> np.ndarray:
    """Rows that are contiguous, with something between them."""
    wider = np.full((*array.shape[:-1], array.shape[-1] + pad), np.nan, array.dtype)
    wider[..., : array.shape[-1]] = array
    return wider[..., : array.shape[-1]]


def _unaligned(array: np.ndarray) -> np.ndarray:
    shifted = np.zeros(array.nbytes + 1, np.uint8)[1:].view(array.dtype).reshape(array.shape)
    shifted[...] = array
    return shifted


def _heads_inside(array: np.ndarray) -> np.ndarray:
    """(..., H, L, d) lies as (..., L, H, d) does."""
    return array if array.ndim < 3 else array.swapaxes(-2, -3).copy().swapaxes(-2, -3)


LAYOUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "contiguous": np.ascontiguousarray,
    "Fortran order": np.asfortranarray,
    "every second column": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "columns reversed": lambda a: a[..., ::-1].copy()[..., ::-1],
    "rows apart": _apart,
    "all axes reversed": lambda a: np.flip(np.flip(a).copy()),
    "first axis reversed": lambda a: a[::-1].copy()[::-1],
    "heads inside": _heads_inside,
    "not aligned": _unaligned,
}


@every_isa
@pytest.mark.parametrize("layout", LAYOUTS)
def test_bits_do_not_depend_on_the_layout(layout: str, dtype: str) -> None:
    arrays = draw(37, 100, 5, 3, leading=(2, 3), dtype=dtype)
    key_mask = np.random.default_rng(0).random((2, 3, 100)) < 0.7
    wanted = rn.phase_attention(*arrays, key_mask=key_mask)
    laid = [LAYOUTS[layout](array) for array in arrays]
    assert all(np.array_equal(a, b) for a, b in zip(laid, arrays, strict=True))
    mask = key_mask if layout in ("rows apart", "not aligned") else LAYOUTS[layout](key_mask)
    assert rn.phase_attention(*laid, key_mask=mask).tobytes() == wanted.tobytes()
    out = np.full(wanted.shape, 7, dtype)
    assert rn.phase_attention(*laid, key_mask=mask, out=out) is out
    assert out.tobytes() == wanted.tobytes()


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


def ordinary_attention(q: Any, k: Any, v: Any) -> np.ndarray:
    scores = q @ k.swapaxes(-1, -2)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return (weights / weights.sum(axis=-1, keepdims=True)) @ v


@every_isa
def test_it_is_ordinary_attention_on_twice_the_columns() -> None:
    q, k, v, phase_q, phase_k = draw(70, 200, 8, 5, leading=(2,))

    def turned(x: np.ndarray, phases: np.ndarray) -> np.ndarray:
        return np.concatenate([x * np.cos(phases)[..., None], x * np.sin(phases)[..., None]], axis=-1)

    wanted = ordinary_attention(turned(q, phase_q), turned(k, phase_k), v)
    got = rn.phase_attention(q, k, v, phase_q, phase_k)
    assert largest_error(got, wanted) <= BOUNDS["float64"]
    without_sines = ordinary_attention(q * np.cos(phase_q)[..., None], k * np.cos(phase_k)[..., None], v)
    assert largest_error(got, without_sines) > 0.1


@every_isa
@pytest.mark.parametrize("phase", [0.0, 2.2, -50.0, 1e6])
def test_equal_phases_give_ordinary_attention(phase: float) -> None:
    q, k, v, _, _ = draw(70, 200, 8, 5)
    got = rn.phase_attention(q, k, v, np.full(70, phase), np.full(200, phase))
    assert largest_error(got, ordinary_attention(q, k, v)) <= BOUNDS["float64"]
    opposite = rn.phase_attention(q, k, v, np.full(70, phase + np.pi), np.full(200, phase))
    # At 10⁶ a phase plus π has lost ten digits of π.
    assert largest_error(opposite, ordinary_attention(-q, k, v)) <= (1e-9 if phase > 100 else BOUNDS["float64"])


@every_isa
@pytest.mark.parametrize("turn", [0.7, -31.25, 2 * math.pi])
def test_phases_turned_together_change_nothing(turn: float) -> None:
    q, k, v, phase_q, phase_k = draw(70, 200, 8, 5)
    still = rn.phase_attention(q, k, v, phase_q, phase_k)
    assert largest_error(rn.phase_attention(q, k, v, phase_q + turn, phase_k + turn), still) <= BOUNDS["float64"]
    assert largest_error(rn.phase_attention(q, k, v, phase_q + 0.7, phase_k), still) > 0.1


@every_isa
def test_keys_may_stand_in_any_order(dtype: str) -> None:
    q, k, v, phase_q, phase_k = draw(70, 200, 8, 5, dtype=dtype)
    key_mask = np.random.default_rng(0).random(200) < 0.6
    order = np.random.default_rng(1).permutation(200)
    here = rn.phase_attention(q, k, v, phase_q, phase_k, scale=8**-0.5, key_mask=key_mask)
    shuffled = k[order], v[order], phase_q, phase_k[order]
    there = rn.phase_attention(q, *shuffled, scale=8**-0.5, key_mask=key_mask[order])
    assert largest_error(here, there) <= BOUNDS[dtype]
    assert largest_error(here, rn.phase_attention(q, *shuffled, scale=8**-0.5, key_mask=key_mask)) > 0.1


@every_isa
@causal_or_not
@pytest.mark.parametrize("scale", [0.1, 1.0, 30.0])
def test_outputs_lie_between_the_values_that_are_seen(scale: float, causal: bool, dtype: str) -> None:
    q, k, v, phase_q, phase_k = draw(150, 200, 8, 5, dtype=dtype)
    key_mask = np.random.default_rng(0).random(200) < 0.6
    out = rn.phase_attention(q, k, v, phase_q, phase_k, scale=scale, causal=causal, key_mask=key_mask)
    slack = 8 * np.finfo(dtype).eps * np.abs(v).max()
    for i in range(150):
        seen = v[: i + 51][key_mask[: i + 51]] if causal else v[key_mask]
        assert np.all(out[i] >= seen.min(axis=0) - slack)
        assert np.all(out[i] <= seen.max(axis=0) + slack)


@every_isa
def test_values_near_the_end_of_the_range(dtype: str) -> None:
    """What lies between values that dtype holds, dtype holds."""
    q, k, _, phase_q, phase_k = draw(40, 200, 8, 1, dtype=dtype)
    for fraction in (0.001, 0.5):
        v = np.full((200, 3), fraction * np.finfo(dtype).max, dtype)
        out = rn.phase_attention(q, k, v, phase_q, phase_k)
        np.testing.assert_allclose(out, v[:40], rtol=32 * float(np.finfo(dtype).eps))


@every_isa
def test_a_column_near_the_end_of_the_range_leaves_the_others_as_they_are(dtype: str) -> None:
    """Sums of the first column go beyond the range from the 700th key on; the second is tiny."""
    n, tiny = 1000, float(np.finfo(dtype).tiny)
    q, phases = np.zeros((n, 64), dtype), np.zeros(n)
    v = np.stack([np.full(n, np.finfo(dtype).max / 700, dtype), np.full(n, 1000 / 3 * tiny, dtype)], axis=1)
    results = []
    for threads in (1, 2, 8):
        rn.set_num_threads(threads)
        results.append(rn.phase_attention(q, q, v, phases, phases, causal=True))
        np.testing.assert_allclose(results[-1], v, rtol=BOUNDS[dtype])
    assert len({result.tobytes() for result in results}) == 1
    few = rn.phase_attention(q[:9], q[:9], v[:9], phases[:9], phases[:9], causal=True)
    assert few.tobytes() == results[0][:9].tobytes()


@every_isa
@causal_or_not
@pytest.mark.parametrize(("leading", "length", "d"), [((), 1100, 8), ((3,), 600, 5), ((40,), 70, 64)])
def test_any_number_of_threads(leading: tuple[int, ...], length: int, d: int, causal: bool, dtype: str) -> None:
    """Each of the cases is more than one thread does by itself."""
    arrays = draw(length, length, d, 3, leading=leading, dtype=dtype)
    assert math.prod(leading) * length**2 * (d + 3) > 2e6
    key_mask = np.random.default_rng(0).random(length) < 0.8
    results = []
    for threads in (1, 2, 3, 8, 2):
        rn.set_num_threads(threads)
        results.append(rn.phase_attention(*arrays, causal=causal, key_mask=key_mask).tobytes())
    assert len(set(results)) == 1


@every_isa
@causal_or_not
def test_a_head_has_the_same_bits_alone_and_in_a_batch(causal: bool, dtype: str) -> None:
    arrays = draw(130, 200, 8, 5, leading=(2, 3), dtype=dtype)
    key_mask = np.random.default_rng(0).random((2, 3, 200)) < 0.8
    batch = rn.phase_attention(*arrays, causal=causal, key_mask=key_mask)
    for head in np.ndindex(2, 3):
        alone = rn.phase_attention(*(array[head] for array in arrays), causal=causal, key_mask=key_mask[head])
        assert alone.tobytes() == batch[head].tobytes()


@every_isa
@causal_or_not
def test_a_query_has_the_same_bits_whatever_stands_beside_it(causal: bool, dtype: str) -> None:
    """Any number of the first or last queries, and each by itself: the kernel never mixes lanes.

    Causal queries are aligned with the last key, so the first m see what they saw where the keys that only the
    others saw are left out.
    """
    n_queries, n_keys = 300, 350
    q, k, v, phase_q, phase_k = draw(n_queries, n_keys, 8, 5, dtype=dtype)
    whole = rn.phase_attention(q, k, v, phase_q, phase_k, causal=causal)
    for m in (*range(1, 66), 127, 128, 129, 256, 257):
        n = n_keys - n_queries + m if causal else n_keys
        first = rn.phase_attention(q[:m], k[:n], v[:n], phase_q[:m], phase_k[:n], causal=causal)
        assert first.tobytes() == whole[:m].tobytes()
        last = rn.phase_attention(q[-m:], k, v, phase_q[-m:], phase_k, causal=causal)
        assert last.tobytes() == whole[-m:].tobytes()
    if not causal:
        order = np.random.default_rng(0).permutation(n_queries)
        shuffled = rn.phase_attention(q[order], k, v, phase_q[order], phase_k)
        assert shuffled.tobytes() == whole[order].tobytes()


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
