"""How far runs end from the reference, or from NumPy's rank-2 steps where that would take hours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import resonance_native as rn
from resonance_native.baselines import rank_two_step
from resonance_native.bench.cases import DT, Case, Gain, Setting, Start

from .figure import Figure


def measure_error(n: int, steps: int, gain: Gain, *, by_reference: bool) -> list[Figure]:
    """One run against so many steps in NumPy, from the same state with the same held input."""
    case = Case(Setting(n, "float64", 1, gain), Start(n))
    state = (case.phases, case.frequencies, np.ones(n), case.weights)
    net = rn.ResonanceNetwork.from_state(*state, gain=case.gain)
    wanted = rn.reference.ResonanceNetwork.from_state(*state, gain=case.gain)
    step: Callable[..., Any] = rn.reference.ResonanceNetwork.update if by_reference else rank_two_step
    for _ in range(steps):
        step(wanted, case.held, DT)
    net.run(case.held, steps, DT)
    scale = np.abs(wanted.weights).max()
    error = max(np.abs(net.weights - wanted.weights).max() / scale, np.abs(net.amplitudes - wanted.amplitudes).max())
    name = f"error of a run against {'the reference' if by_reference else 'NumPy rank-2'}, n = {n}, {steps:,} steps"
    title = f"{name}, {'gain 30/n' if gain == 'living' else 'defaults'}"
    print(f"{title}: {error:.1e}", flush=True)
    return [Figure(title, "≤ 1e-12", f"{error:.1e}", bool(error <= 1e-12))]
