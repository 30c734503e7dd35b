"""Large factored networks against dense ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases import FLOOR, GAIN, PINNED, RELEASED, Case, build
from factored_cases import factored, weights_of_steps

import resonance_native as rn

# Some networks end saturated or silent, and say so.
pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")

LARGE = {
    "pinned": (PINNED, 0.0, False),
    "floor": (FLOOR, 0.0, False),
    "released": (RELEASED, 0.0, False),
    "gain": (GAIN, 0.0, False),
    "lagged": (FLOOR, 0.6, False),
    "changing sign": (PINNED, 0.0, True),
    "lagged, changing sign": (PINNED, -0.7, True),
}


@pytest.mark.parametrize("regime", LARGE)
def test_large_networks_equal_dense_ones(regime: str) -> None:
    """3,000 steps of 1,500 nodes. The error bound is held to what the network's own steps add up to."""
    case, lag, flips = LARGE[regime]
    n, steps, pieces = 1500, 3000, 10
    keywords = {"weight_std": 0.0, "learning_lag": lag, "threads": 1}
    dense, net, wrong = (
        build(rn.ResonanceNetwork, case, n, storage=storage, **keywords)
        for storage in ("dense", "factored", "factored")
    )
    recorder, recordings, rates = rn.Recorder(1, variables=("phases", "amplitudes")), [], []
    for start in range(0, steps, steps // pieces):
        rate = -0.01 if flips and len(recordings) % 2 else 0.01
        x = np.random.default_rng(start // 1500).normal(0, 1, n)
        for each in (dense, net, wrong):
            if _event_from(case, start):
                _event_from(case, start)(each)
            each.learning_rate = 1.01 * rate if each is wrong else rate
            recording = each.run(x, steps // pieces, record=recorder if each is net else None)
            if each is net:
                recordings.append(recording)
        rates += [rate] * (steps // pieces)
    weights, scale = net.weights.to_dense(), np.abs(dense.weights).max()
    assert np.abs(weights - dense.weights).max() <= min(1e-11 * scale, net.weights.error_bound)
    assert np.abs(wrong.weights.to_dense() - dense.weights).max() > 1e-10 * scale
    phases = np.concatenate([recording.phases[1:] for recording in recordings])
    amplitudes = np.concatenate([recording.amplitudes[:-1] for recording in recordings])
    exact = weights_of_steps(phases, amplitudes, rates, net.decay, lag)
    assert np.abs(weights - exact).max() <= net.weights.error_bound <= 64e-12 * scale


def _event_from(case: Case, start: int) -> Any:
    """What happens between this step and the next piece of the run."""
    return next((event for step, event in case.events.items() if start <= step < start + 300), None)


@pytest.mark.parametrize("keywords", [{}, {"coupling": 1e-6, "noise_std": 0.3}], ids=["plain", "coupled and noisy"])
def test_the_bits_of_very_large_networks_are_those_of_any_number_of_threads(keywords: dict[str, Any]) -> None:
    """From 65,536 nodes on, a thread sums 16 chunks of nodes."""
    n, results = 2**16 + 1, []
    for threads in (1, 2, 3):
        net = factored(n, max_rank=40, threads=threads, dtype="float32", **keywords)
        net.pin([0, 5000, n - 1], 0.5)
        net.run(np.linspace(-1, 1, n), 20)
        net.update(0.3)
        results.append(bits_without_weights(net))
    assert results[0] == results[1] == results[2]


def bits_without_weights(net: rn.ResonanceNetwork) -> list[bytes]:
    """These would be n × n: their factors instead."""
    parts = net.weights.parts
    return [array.tobytes() for array in (net.phases, net.amplitudes, parts.factors, parts.cores)]


@pytest.mark.parametrize("n", [2**16 - 1, 2**16, 2**16 + 1])
def test_sums_over_many_nodes(n: int) -> None:
    """Where spans of nodes become longer, dot products stay what they are: pinned networks are known in full."""
    net = factored(n, amplitude_floor=0.0, max_rank=40, gain=1 / n)
    net.update(0.0)
    differences = net.phases[:7, None] - net.phases
    growth = 0.99 * 0.01 * np.cos(differences)
    np.testing.assert_allclose(net.weights.rows(slice(0, 7)), growth, atol=1e-17)
    np.testing.assert_allclose(net.amplitudes[:7], np.tanh((growth * np.cos(differences)).sum(axis=1) / n), rtol=1e-12)
