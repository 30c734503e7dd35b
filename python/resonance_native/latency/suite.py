"""Measure all numbers of nodes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from .laps import LAP, Subject, take_laps
from .machine import describe
from .program import program, run_program
from .results import Network, Results

PERIOD = 1e-3  # of the loop [s]
CONTESTANTS = 3  # whose laps take turns


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Parameters
    ----------
    nodes
        Numbers of nodes.
    seconds
        Of the loop, for each.
    dtype
        "float64" or "float32", of the weights.
    coupling
        κ [rad/s].
    turns
        Laps back to back of C++, Python and NumPy.
    """

    nodes: Sequence[int]
    seconds: float
    dtype: str
    coupling: float
    turns: int


def measure(plan: Plan, progress: Callable[[float, str], object] = lambda _share, _what: None) -> Results:
    """Measure everything.

    Parameters
    ----------
    plan
        What.
    progress
        Called with the share that is done and with what comes next.
    """
    program()
    results = Results(describe(), {**asdict(plan), "nodes": list(plan.nodes), "period_us": round(1e6 * PERIOD)})
    for position, n in enumerate(plan.nodes):
        clock = _Clock(plan, position, progress)
        subject = Subject(n, plan.dtype, plan.coupling, PERIOD)
        clock.doing(f"n = {n}, loop")
        found = run_program([*subject.arguments(), "--seconds", repr(plan.seconds)], clock)
        clock.doing(f"n = {n}, in turns with NumPy")
        laps = take_laps(subject, plan.turns, clock)
        results.program = found["machine"]
        results.networks += [Network(each, laps) for each in found["networks"]]
    progress(1.0, "done")
    return results


class _Clock:
    """The share of all that is likely done, by the time that one number of nodes has had."""

    def __init__(self, plan: Plan, position: int, progress: Callable[[float, str], object]) -> None:
        self._begun, self._expected = time.monotonic(), plan.seconds + CONTESTANTS * plan.turns * LAP + 1
        self._position, self._count, self._progress, self._what = position, len(plan.nodes), progress, ""

    def doing(self, what: str) -> None:
        self._what = what
        self()

    def __call__(self) -> None:
        share = min(1.0, (time.monotonic() - self._begun) / self._expected)
        self._progress((self._position + share) / self._count, self._what)
