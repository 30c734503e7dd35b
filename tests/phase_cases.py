"""Phases to analyse, in blocks and whole; and their mean phasor, spelled out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from resonance_native.analysis import phasors

TURN = 2 * np.pi
SIZES = [(1, 1), (2, 1), (1, 2), (2, 3), (5, 7), (17, 33), (40, 65)]
sizes = pytest.mark.parametrize(("samples", "nodes"), SIZES)
seeds = st.integers(0, 2**32 - 1)


def random_phases(*shape: int, seed: int = 0, dtype: str = "f8") -> np.ndarray:
    return np.random.default_rng(seed).uniform(-10, 10, shape).astype(dtype)


def rotating(frequencies: Any, samples: int, dt: float) -> np.ndarray:
    """Wrapped phases of nodes that turn steadily, from random beginnings."""
    start = random_phases(len(frequencies), seed=1)
    return (start + TURN * np.arange(samples)[:, None] * dt * np.asarray(frequencies)) % TURN


@st.composite
def trajectories(draw: st.DrawFn, at_least: int = 1) -> np.ndarray:
    shape = draw(st.integers(at_least, 12)), draw(st.integers(1, 9))
    spread = draw(st.sampled_from([0.1, 1.0, 10.0, 1e6]))
    return spread * np.random.default_rng(draw(seeds)).standard_normal(shape)


def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a few samples, of one for many nodes, so that short trajectories take several."""
    monkeypatch.setattr(phasors, "BLOCK", 20)


in_blocks = pytest.mark.usefixtures("_small_blocks")


def mean_phasor(phases: np.ndarray, order: int = 1) -> complex:
    return sum(complex(np.cos(order * x), np.sin(order * x)) for x in phases.tolist()) / len(phases)
