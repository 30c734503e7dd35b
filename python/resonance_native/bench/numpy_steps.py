"""NumPy's three ways of writing the step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from resonance_native.baselines import blocked_steps, published_step, rank_two_step

from .cases import Case
from .contenders import Contender, State, Trial

BLOCK = 64  # steps that share two passes over W


class NumpyTrial:
    """Steps of :mod:`resonance_native.baselines` on arrays of the case's dtype."""

    def __init__(self, case: Case, advance: Callable[[Any, Any, float], None], rows: int | None) -> None:
        self.learning_rate, self.decay, self.gain, self._dt = case.learning_rate, case.decay, case.gain, case.dt
        self.frequencies = case.frequencies.astype(case.dtype)
        self.weights = np.empty_like(case.weights)
        held = case.held.astype(case.dtype)
        self._input = held if rows is None else np.broadcast_to(held, (rows, case.n))
        self._advance, self._case = advance, case
        self.steps = 1 if rows is None else rows
        self.restart()

    def restart(self) -> None:
        """Go back to the start."""
        self.weights[...] = self._case.weights
        self.phases = self._case.phases.astype(self._case.dtype)
        self.amplitudes = np.ones(self._case.n, self._case.dtype)

    def advance(self) -> None:
        """One step, or a block of them."""
        self._advance(self, self._input, self._dt)

    def state(self) -> State:
        """The arrays themselves."""
        return State(self.phases, self.amplitudes, self.weights)


def _numpy(advance: Callable[[Any, Any, float], None], rows: int | None = None) -> Callable[[Case], Trial]:
    return lambda case: NumpyTrial(case, advance, rows)


# Elements of n × n arrays that are read or written, per weight. The published step forms the differences (1), their
# cosines (2), η times them (2), an outer product (1), the product of the two (3), adds (3), decays (2), weighs
# coherence by W (3) and sums (1). Rank two forms a product (1), adds (3), decays (2) and multiplies with cosines and
# sines (1); a block multiplies (1), decays (2) and for each half of the growth forms a product (1) and adds (3).
NUMPY = (
    Contender("numpy-published", "NumPy as published", "NumPy", _numpy(published_step), 18.0, temporaries=4),
    Contender("numpy-rank2", "NumPy rank-2", "NumPy", _numpy(rank_two_step), 7.0, temporaries=1, own_threads=True),
    Contender(
        "numpy-blocked", f"NumPy blocked, {BLOCK} steps", "NumPy", _numpy(blocked_steps, BLOCK), 11.0 / BLOCK,
        fewest_steps=BLOCK, temporaries=1, own_threads=True,
    ),
)  # fmt: skip
