"""An independent witness: with held input and pinned amplitudes the weights are a geometric series.

Phases advance by ω_i dt a step, ω = 2πf + x, so that Δ_ij = φ_i − φ_j was Δ_ij − k (ω_i − ω_j) dt k steps ago. What was
added then has decayed k + 1 times::

    W_ij(T) = γ^T W_ij(0) + Σ_{k<T} γ^{k+1} η a_i a_j cos(Δ_ij − k (ω_i − ω_j) dt − β)
            = γ^T W_ij(0) + Re[η γ a_i a_j e^{i(Δ_ij − β)} (1 − z^T) / (1 − z)],    z = γ e^{−i (ω_i − ω_j) dt}
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import resonance_native as rn

NETWORKS = pytest.mark.parametrize(
    ("network", "tolerance"),
    [
        (lambda *state, **keywords: rn.reference.ResonanceNetwork.from_state(*state, **keywords), 1e-12),
        (lambda *state, **keywords: rn.ResonanceNetwork.from_state(*state, **keywords), 1e-12),
        (lambda *state, **keywords: rn.ResonanceNetwork.from_state(*state, dtype="float32", **keywords), 1e-5),
    ],
    ids=["reference", "float64", "float32"],
)
DT = 0.02


def state(n: int) -> tuple[np.ndarray, ...]:
    """Phases, frequencies, amplitudes, weights, inputs."""
    rng = np.random.default_rng(n)
    return (
        rng.uniform(0, 2 * np.pi, n),
        rng.normal(1, 0.3, n),
        rng.uniform(-1, 1, n),
        rng.normal(0, 0.5, (n, n)),
        rng.normal(0, 4, n),
    )


def closed_form(net: Any, omega: np.ndarray, amplitudes: np.ndarray, steps: int | None) -> np.ndarray:
    """The series of `steps` steps (None: of all), from the present phases; without the first weights."""
    delta = net.phases[:, None] - net.phases[None, :]
    ratio = net.decay * np.exp(-1j * (omega[:, None] - omega[None, :]) * DT)
    series = (1 - (0 if steps is None else ratio**steps)) / (1 - ratio)
    grown = net.learning_rate * net.decay * np.outer(amplitudes, amplitudes)
    return (grown * np.exp(1j * (delta - net.learning_lag)) * series).real


@NETWORKS
@pytest.mark.parametrize("n", [1, 3, 20])
def test_weights_settle(network: Any, tolerance: float, n: int) -> None:
    phases, frequencies, _, weights, inputs = state(n)
    net = network(phases, frequencies, np.ones(n), weights, learning_rate=0.3, decay=0.9)
    net.pin(slice(None), 1.0)
    net.run(inputs, 600, DT)  # 0.9^600 is 3e-28
    wanted = closed_form(net, 2 * np.pi * frequencies + inputs, np.ones(n), None)
    assert np.abs(net.weights - wanted).max() <= tolerance * np.abs(wanted).max()


@NETWORKS
@pytest.mark.parametrize("learning_lag", [0.0, 0.9])
@pytest.mark.parametrize("steps", [1, 2, 7, 150])
def test_weights_on_their_way(network: Any, tolerance: float, learning_lag: float, steps: int) -> None:
    n = 9
    phases, frequencies, amplitudes, weights, inputs = state(n)
    amplitudes = amplitudes.astype("float32").astype(float)
    net = network(
        phases, frequencies, np.ones(n), weights, learning_rate=-0.2, decay=0.97, learning_lag=learning_lag, gain=2.0
    )
    net.pin(slice(None), amplitudes)
    net.run(inputs, steps, DT)
    wanted = closed_form(net, 2 * np.pi * frequencies + inputs, amplitudes, steps) + 0.97**steps * weights
    assert np.abs(net.weights - wanted).max() <= tolerance * np.abs(wanted).max()


@NETWORKS
def test_order_of_the_indices(network: Any, tolerance: float) -> None:
    """With a lag the weights are not symmetric: the leader learns from the follower with the opposite sign."""
    net = network([0.5, 0.0], [1.0, 1.0], np.ones(2), np.zeros((2, 2)), learning_rate=1.0, decay=0.5, learning_lag=0.5)
    net.pin(slice(None), 1.0)
    net.update()
    wanted = 0.5 * np.cos(np.array([[-0.5, 0.0], [-1.0, -0.5]]))
    assert np.abs(net.weights - wanted).max() <= tolerance
