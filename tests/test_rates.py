"""learning_rates: learning that does not depend on the time step."""

from __future__ import annotations

import math

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import resonance_native as rn


@hypothesis.given(
    time_constant=st.floats(1e-3, 1e6), ratio=st.floats(1e-9, 100), strength=st.floats(-100, 100, allow_subnormal=False)
)
def test_formula(time_constant: float, ratio: float, strength: float) -> None:
    dt = ratio * time_constant
    rates = rn.learning_rates(time_constant, dt, strength)
    assert set(rates) == {"learning_rate", "decay"}
    decay = math.exp(-dt / time_constant)
    assert rates["decay"] == pytest.approx(decay, rel=1e-14)
    # (1 − γ)/γ loses digits where γ is near 1; e^x − 1 doesn't.
    assert rates["learning_rate"] == pytest.approx(strength * math.expm1(dt / time_constant), rel=1e-12, abs=1e-300)


def test_slow_learning_keeps_its_digits() -> None:
    rates = rn.learning_rates(1e9, 1e-6)
    assert rates["learning_rate"] == pytest.approx(1e-15, rel=1e-12)
    assert 0 < 1 - rates["decay"] < 3e-15


def test_coherent_nodes_settle_at_the_strength() -> None:
    net = rn.ResonanceNetwork.from_state(
        [1.0, 1.0], [2.0, 2.0], [1.0, 1.0], np.zeros((2, 2)), **rn.learning_rates(0.1, 0.01, strength=0.7)
    )
    net.pin(slice(None), 1.0)
    net.run(0.0, 500, 0.01)
    assert np.abs(net.weights - 0.7).max() < 1e-14


def test_half_the_time_step_is_the_same_learning() -> None:
    results = []
    for dt in (0.01, 0.005):
        net = rn.ResonanceNetwork(8, seed=0, **rn.learning_rates(0.5, dt))
        net.frequencies = np.ones(8)  # phase differences stay, so nothing else depends on dt
        net.pin(slice(None), 1.0)
        net.run(0.0, round(2 / dt), dt)
        results.append(net.weights.copy())
    assert np.abs(results[0] - results[1]).max() < 1e-12 * np.abs(results[0]).max()
