"""The native steps: one at a time, and runs of many."""

from __future__ import annotations

import time
from functools import partial
from typing import Literal

import numpy as np

import resonance_native as rn

from .cases import ROWS, Case
from .contenders import Contender, State

RUNS = (ROWS, 256, 128, 64)  # steps of a run: the longest that keeps a call
RUN_SECONDS = 1.0  # within this
PILOT, COUPLED_PILOT = 64, 16  # steps that tell: without coupling fewer would not show what many share


class NativeTrial:
    """Steps of :class:`resonance_native.ResonanceNetwork`.

    Parameters
    ----------
    case
        What to measure.
    kind
        "update", "held" (a run with one input) or "rows" (a run with a new input at every step).
    coupling
        κ [rad/s], to be divided by n.
    """

    def __init__(self, case: Case, *, kind: Literal["update", "held", "rows"], coupling: float = 0.0) -> None:
        self._net = rn.ResonanceNetwork.from_state(
            case.phases, case.frequencies, np.ones(case.n), case.weights,
            learning_rate=case.learning_rate, decay=case.decay, gain=case.gain, coupling=coupling / case.n,
            dtype=case.dtype,
        )  # fmt: skip
        self._case, self._kind = case, kind
        self._pilot = COUPLED_PILOT if coupling else PILOT
        self.steps = 1 if kind == "update" else self._longest_run()
        self._rows = case.rows[: self.steps]

    def _longest_run(self) -> int:
        """Steps of a run, by the time that fewer take: they share less, so this errs to the short side."""
        self.steps, self._rows = self._pilot, self._case.rows[: self._pilot]
        begun = time.perf_counter()
        self.advance()
        seconds = (time.perf_counter() - begun) / self.steps
        return next((steps for steps in RUNS if steps * seconds <= RUN_SECONDS), RUNS[-1])

    def advance(self) -> None:
        """One step, or a run of them."""
        if self._kind == "update":
            self._net.update(self._case.held, self._case.dt)
        elif self._kind == "held":
            self._net.run(self._case.held, self.steps, self._case.dt)
        else:
            self._net.run(self._rows, dt=self._case.dt)

    def restart(self) -> None:
        """Go back to the start."""
        self._net.weights, self._net.phases = self._case.weights, self._case.phases
        self._net.amplitudes = np.ones(self._case.n)

    def state(self) -> State:
        """Views of the network."""
        return State(self._net.phases, self._net.amplitudes, self._net.weights)


# A step of its own takes one pass over W, that reads and writes. Blocks share one among 32 steps, and a run with a
# held input reads W once and writes it at the end: docs/engines.md. Small networks take steps of their own in runs
# too, but the picture shows large ones.
BLOCK = 32
NATIVE = (
    Contender("native-update", "native update", "native", partial(NativeTrial, kind="update"), 2.0),
    Contender("native-run", "native run, held input", "native", partial(NativeTrial, kind="held"), 3 / ROWS, RUNS[-1]),
    Contender(
        "native-run-rows", "native run, new inputs", "native",
        partial(NativeTrial, kind="rows"), 2 / BLOCK, RUNS[-1],
    ),
    Contender(
        "native-run-coupled", "native run, coupled", "native",
        partial(NativeTrial, kind="held", coupling=1.0), 2.0, RUNS[-1],
    ),
)  # fmt: skip
