"""Pins: which nodes they hold, at which amplitudes and phases, and until when."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from networks import lively

import resonance_native as rn


@pytest.mark.parametrize(
    ("nodes", "selected"),
    [
        (0, [0]),
        (-1, [5]),
        (np.int32(2), [2]),
        (np.array(2), [2]),
        (slice(None), [0, 1, 2, 3, 4, 5]),
        (slice(1, 5, 2), [1, 3]),
        (slice(None, None, -2), [5, 3, 1]),
        (slice(4, 2), []),
        ([3, 1], [3, 1]),
        ((0, -2), [0, 4]),
        (range(2, 4), [2, 3]),
        (np.array([1, 2], np.uint8), [1, 2]),
        ([], []),
        ([False, True, False, False, True, False], [1, 4]),
        (np.zeros(6, bool), []),
    ],
)
def test_forms_of_nodes(nodes: Any, selected: list[int]) -> None:
    net = rn.ResonanceNetwork(6, seed=0)
    values = np.linspace(-0.9, 0.9, len(selected))
    net.pin(nodes, values if np.ndim(nodes) or isinstance(nodes, slice) else float(values[0]))
    wanted = np.ones(6)
    wanted[selected] = values
    assert np.array_equal(net.amplitudes, wanted)  # at once
    assert np.array_equal(np.flatnonzero(net.pinned), sorted(selected))
    net.run(0.5, 10)
    assert np.array_equal(net.amplitudes[selected], values)  # and after every step
    free = np.setdiff1d(np.arange(6), selected)
    assert np.all(net.amplitudes[free] != 1)
    net.unpin(nodes)
    assert not net.pinned.any()
    net.run(0.5, 10)
    assert not np.any(np.isin(net.amplitudes, values))


def test_pinned_is_a_copy() -> None:
    net = rn.ResonanceNetwork(3, seed=0)
    mask = net.pinned
    assert mask.dtype == bool
    mask[:] = True
    assert not net.pinned.any()
    net.pin(1)
    assert net.pinned.tolist() == [False, True, False]


def test_pin_without_amplitudes_holds_the_present_ones(dtype: str) -> None:
    net = lively(5, dtype=dtype)
    held = net.amplitudes[1:4].copy()
    net.pin(slice(1, 4))
    net.run(1.0, 20)
    assert np.array_equal(net.amplitudes[1:4], held)


def test_pinned_amplitudes_may_be_above_one_and_below_the_floor() -> None:
    net = rn.ResonanceNetwork(3, amplitude_floor=0.5, seed=0)
    net.pin([0, 1], [3.0, -0.2])
    net.run(1.0, 5)
    assert net.amplitudes[0] == 3.0
    assert net.amplitudes[1] == -0.2
    assert net.amplitudes[2] >= 0.5


def test_phase_pins_hold_against_everything() -> None:
    net = rn.ResonanceNetwork(4, coupling=3.0, gain=8.0, seed=0)
    net.pin([0, 2], phases=[1.0, -1.0])
    held = np.array([1.0, 2 * np.pi - 1])
    assert np.array_equal(net.phases[[0, 2]], held)  # at once
    free = net.phases[[1, 3]].copy()
    net.run(5.0, 20)
    assert np.array_equal(net.phases[[0, 2]], held)
    assert np.all(net.phases[[1, 3]] != free)
    net.pin(0, 0.3)  # amplitude alone: the phase stays pinned
    net.run(5.0, 3)
    assert net.phases[0] == 1.0
    net.unpin(0)
    net.run(5.0, 3)
    assert net.phases[0] != 1.0
    assert net.phases[2] == held[1]


def test_pinning_again_moves_the_pin() -> None:
    net = rn.ResonanceNetwork(3, seed=0)
    net.pin(0, 0.5, phases=1.0)
    net.pin(0, -0.5, phases=2.0)
    net.run(1.0, 3)
    assert net.amplitudes[0] == -0.5
    assert net.phases[0] == 2.0
