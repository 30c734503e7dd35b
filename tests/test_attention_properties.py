"""What holds of attention by itself: cases that are known exactly, what changes nothing, and the same bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from attention_cases import BOUNDS, LAYOUTS, causal_or_not, draw, every_isa, largest_error

import resonance_native as rn


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
