"""The NumPy steps, and attention, that demo and benchmarks put beside the native ones are the model too."""

import numpy as np
import pytest

from resonance_native import reference
from resonance_native.baselines import (
    blocked_steps,
    phase_attention,
    phase_attention_in_place,
    published_step,
    rank_two_step,
)

DT = 0.02


def network(n: int) -> reference.ResonanceNetwork:
    return reference.ResonanceNetwork(n, gain=8 / n, decay=0.97, weight_std=0.1, seed=3)


def assert_equal(net: reference.ResonanceNetwork, expected: reference.ResonanceNetwork) -> None:
    np.testing.assert_allclose(net.weights, expected.weights, rtol=0, atol=1e-14)
    np.testing.assert_allclose(net.amplitudes, expected.amplitudes, rtol=0, atol=1e-14)
    np.testing.assert_allclose(net.phases, expected.phases, rtol=0, atol=1e-12)


@pytest.mark.parametrize("step", [published_step, rank_two_step])
@pytest.mark.parametrize("n", [1, 7, 64])
def test_step_by_step(step, n):
    net, expected = network(n), network(n)
    for x in np.random.default_rng(0).standard_normal((20, n)):
        step(net, x, DT)
        expected.update(x, DT)
    assert_equal(net, expected)


@pytest.mark.parametrize("steps", [1, 2, 33])
@pytest.mark.parametrize("n", [1, 7, 64])
def test_blocked(steps, n):
    net, expected = network(n), network(n)
    inputs = np.random.default_rng(0).standard_normal((steps, n))
    for _ in range(2):  # a block begins where the last one ended
        blocked_steps(net, inputs, DT)
        expected.run(inputs, dt=DT)
    assert_equal(net, expected)


@pytest.mark.parametrize("attention", [phase_attention, phase_attention_in_place])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_attention(attention, dtype):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((2, rows, columns)).astype(dtype) for rows, columns in ((5, 4), (7, 4), (7, 3))]
    arrays += [rng.uniform(-4, 4, (2, rows)).astype(dtype) for rows in (5, 7)]
    before = [array.copy() for array in arrays]
    out = attention(*arrays, scale=0.7)
    assert out.dtype == dtype
    atol = 1e-14 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(out, reference.phase_attention(*arrays, scale=0.7), rtol=0, atol=atol)
    for array, old in zip(arrays, before, strict=True):
        assert np.array_equal(array, old)
