"""One update in C++, from Python and in plain NumPy, in turns: what slows the machine for a while slows all."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

import resonance_native as rn
from resonance_native import reference
from resonance_native.bench.cases import ROWS, Case, Setting, Start
from resonance_native.bench.interleaved import Laps

from .program import run_program

LAP = 0.05  # [s], more where the fewest calls take longer
FEWEST_CALLS, MOST_CALLS = 5, 20000  # in a lap
WARM_UP = 3  # uncounted calls before each lap in Python; the program has its own


@dataclass(frozen=True)
class Subject:
    """What is updated.

    Parameters
    ----------
    n
        Number of nodes.
    dtype
        "float64" or "float32", of the native weights; the reference is float64 always.
    coupling
        κ [rad/s].
    dt
        Time step [s].
    """

    n: int
    dtype: str
    coupling: float
    dt: float

    def arguments(self) -> list[str]:
        """The same for the program's command line."""
        period = str(round(1e6 * self.dt))
        named = {"nodes": str(self.n), "dtype": self.dtype, "coupling": repr(self.coupling), "period-us": period}
        return [word for name, value in named.items() for word in (f"--{name}", value)]


def take_laps(subject: Subject, turns: int, waiting: Callable[[], object] = lambda: None) -> Laps:
    """Time all three, back to back, on one thread, without any right that an ordinary process lacks.

    Parameters
    ----------
    subject
        What to update.
    turns
        Laps of each.
    waiting
        Called before each lap.

    Returns
    -------
    Laps
        Medians [s] of the updates of each lap: "cpp", "python" and "numpy".
    """
    native, plain, rows = networks(subject)
    contestants: dict[str, Callable[[], float]] = {
        "cpp": _Program(subject).lap,
        "python": _Stepper(native, rows, subject.dt).lap,
        "numpy": _Stepper(plain, rows, subject.dt).lap,
    }
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(turns):
        for name, lap in contestants.items():
            waiting()
            seconds[name].append(lap())
    return Laps(seconds)


def networks(subject: Subject) -> tuple[rn.ResonanceNetwork, reference.ResonanceNetwork, NDArray[np.float64]]:
    """The native network and the reference in one state, at the program's gain, and rows of input [rad/s]."""
    case = Case(Setting(subject.n, subject.dtype, 1, "living"), Start(subject.n))
    state = case.phases, case.frequencies, np.ones(case.n), case.weights
    keywords: dict[str, Any] = {"gain": case.gain, "coupling": subject.coupling}
    native = rn.ResonanceNetwork.from_state(*state, **keywords, dtype=case.dtype, threads=1)
    return native, reference.ResonanceNetwork.from_state(*state, **keywords), case.rows


class _Program:
    """The C++ program without its loop."""

    def __init__(self, subject: Subject) -> None:
        self._arguments = [*subject.arguments(), "--seconds", "0", "--ordinary"]
        self._calls = _calls(self._median(FEWEST_CALLS))

    def lap(self) -> float:
        return self._median(self._calls)

    def _median(self, calls: int) -> float:
        (network,) = run_program([*self._arguments, "--back-to-back", str(calls)])["networks"]
        return 1e-9 * float(network["back_to_back"]["p50_ns"])


class _Stepper:
    """A network in Python, native or not, whose input changes with every step."""

    def __init__(self, net: Any, rows: Any, dt: float) -> None:
        self._net, self._rows, self._dt = net, rows, dt
        self._calls = _calls(self._median(FEWEST_CALLS))

    def lap(self) -> float:
        self._median(WARM_UP)
        return self._median(self._calls)

    def _median(self, calls: int) -> float:
        update, dt, times = self._net.update, self._dt, []
        for k in range(calls):
            row = self._rows[k % ROWS]
            begun = time.perf_counter_ns()
            update(row, dt)
            times.append(time.perf_counter_ns() - begun)
        return 1e-9 * median(times)


def _calls(seconds: float) -> int:
    """How many calls of so many seconds make a lap."""
    return min(max(FEWEST_CALLS, round(LAP / max(seconds, 1e-9))), MOST_CALLS)
