"""Without coupling, native phases have the bits of the reference's."""

from __future__ import annotations

from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import resonance_native as rn

TURN = 2 * np.pi


def pair(phases: Any, frequencies: Any, **keywords: Any) -> tuple[rn.ResonanceNetwork, rn.reference.ResonanceNetwork]:
    n = len(phases)
    state = (phases, frequencies, np.ones(n), np.zeros((n, n)))
    return (
        rn.ResonanceNetwork.from_state(*state, **keywords),
        rn.reference.ResonanceNetwork.from_state(*state, **keywords),
    )


def assert_same_phases(native: rn.ResonanceNetwork, reference: rn.reference.ResonanceNetwork) -> None:
    # Bytes, so that the sign of a zero counts.
    assert native.phases.tobytes() == np.asarray(reference.phases, float).tobytes()
    assert np.all(native.phases >= 0)
    assert np.all(native.phases < TURN)


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("dt", [1e-9, 1e-4, 0.01, 1 / 3, 1.0, 60.0, 1e6, 1e12])
@pytest.mark.parametrize("size", [0.0, 1.0, -1.0, 1e4, -1e9, 1e200])
@pytest.mark.parametrize("n", [1, 8, 33])
def test_same_bits(n: int, size: float, dt: float, dtype: str) -> None:
    rng = np.random.default_rng(n)
    native, reference = pair(rng.uniform(0, TURN, n), rng.normal(0, 2, n), dtype=dtype)
    rows = rng.normal(0, 1, (30, n)) * size
    native.run(rows, dt=dt)
    reference.run(rows, dt=dt)
    assert_same_phases(native, reference)
    native.update(size, dt)
    reference.update(size, dt)
    assert_same_phases(native, reference)


@pytest.mark.parametrize("turns", [1.0, -1.0, 2.0, -3.0, 1000.0, 2.0**40])
def test_whole_turns_end_at_zero(turns: float) -> None:
    """Frequency 1 and dt 1 make 2π exactly, and powers of two of it."""
    native, reference = pair([0.0] * 3, [turns, turns, -turns])
    native.update(0.0, 1.0)
    reference.update(0.0, 1.0)
    assert_same_phases(native, reference)
    if float(turns).is_integer() and np.log2(abs(turns)).is_integer():
        assert np.array_equal(native.phases, np.zeros(3))


@pytest.mark.parametrize("step", [-1e-17, -5e-324, -4e-16, 1e-300, TURN, -TURN, np.nextafter(TURN, 0), -2 * TURN])
def test_edges_of_the_circle(step: float) -> None:
    edges = [0.0, 5e-324, 1e-16, np.pi, np.nextafter(TURN, 0)]
    native, reference = pair(edges, np.zeros(5))
    native.update(step, 1.0)
    reference.update(step, 1.0)
    assert_same_phases(native, reference)


def test_set_phases_are_wrapped_alike() -> None:
    values = [0.0, -0.0, TURN, -TURN, -1e-17, 7.0, -7.0, 1e6, -1e6, 1e300, -1e300, 5e-324, -5e-324]
    native, reference = pair(values, np.zeros(len(values)))
    assert_same_phases(native, reference)
    native.phases = values
    assert_same_phases(native, reference)
    native.pin(slice(None), 1.0, phases=values[::-1])
    reference.pin(slice(None), 1.0, phases=values[::-1])
    assert_same_phases(native, reference)


def test_pinned_phases_stay_and_the_others_keep_their_bits() -> None:
    rng = np.random.default_rng(1)
    native, reference = pair(rng.uniform(0, TURN, 9), rng.normal(1, 1, 9))
    for net in (native, reference):
        net.pin([0, 4], 0.5, phases=[-3.0, 100.0])
        net.run(np.linspace(-3, 3, 9), 40)
    assert_same_phases(native, reference)
    assert native.phases[0] == -3.0 + TURN
    for net in (native, reference):
        net.unpin(4)
        net.run(1.5, 3)
    assert_same_phases(native, reference)


def test_bits_are_back_when_coupling_ends() -> None:
    rng = np.random.default_rng(1)
    native = rn.ResonanceNetwork(9, seed=1, coupling=0.5)
    native.run(rng.normal(0, 1, 9), 10)
    native.coupling = 0.0
    state = (native.phases, native.frequencies, native.amplitudes, native.weights)
    reference = rn.reference.ResonanceNetwork.from_state(*state)
    native.run(0.7, 20)
    reference.run(0.7, 20)
    assert_same_phases(native, reference)


numbers = st.floats(-1e100, 1e100)
any_phases = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("isa", rn.available_isas())
@hypothesis.settings(max_examples=200)
@hypothesis.given(
    nodes=st.lists(st.tuples(any_phases, numbers, numbers), min_size=1, max_size=20),
    dt=st.floats(min_value=1e-300, max_value=1e100, exclude_min=True),
    steps=st.integers(1, 4),
)
def test_same_bits_for_any_values(isa: str, nodes: list[tuple[float, float, float]], dt: float, steps: int) -> None:
    phases, frequencies, inputs = (np.array(column) for column in zip(*nodes, strict=True))
    native, reference = pair(phases, frequencies)
    with rn.use_isa(isa):
        for _ in range(steps):
            native.update(inputs, dt)
            reference.update(inputs, dt)
            assert_same_phases(native, reference)
