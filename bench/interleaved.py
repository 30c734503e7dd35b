"""Timing that survives a noisy machine: contestants take turns, and ratios are taken within a turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WARM_UP = 0.03  # [s]


@dataclass(frozen=True)
class Ratio:
    """Median and quartiles of a ratio over the turns of one run."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.low:.3g} to {self.high:.3g})"


class Laps:
    """Seconds of every contestant in every turn."""

    def __init__(self, seconds: Mapping[str, list[float]]) -> None:
        self.seconds: dict[str, NDArray[np.float64]] = {name: np.array(laps) for name, laps in seconds.items()}

    def median(self, name: str) -> float:
        """Median time [s] of one contestant."""
        return float(np.median(self.seconds[name]))

    def ratio(self, slow: str, fast: str) -> Ratio:
        """How many times as long ``slow`` took as ``fast``."""
        low, median, high = np.quantile(self.seconds[slow] / self.seconds[fast], [0.25, 0.5, 0.75])
        return Ratio(float(median), float(low), float(high))


def take_turns(contestants: Mapping[str, Callable[[], object]], turns: int, calls: int = 1, rest: float = 0.0) -> Laps:
    """Time all contestants, one after the other, ``turns`` times.

    Parameters
    ----------
    contestants
        What to call.
    turns
        Number of laps of each; one more goes before them, uncounted.
    calls
        Calls in a lap, for what is too short to be timed alone.
    rest
        Seconds of sleep before each lap, and then calls uncounted for a while: where contestants have
        thread pools of their own, those of the last one spin for some time and would take the next
        one's cores, whose own threads then have to be woken and spread over the cores again.

    Returns
    -------
    Laps
        Seconds for one call.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(turns + 1):
        for name, contestant in contestants.items():
            if rest > 0:
                time.sleep(rest)
                warm = time.perf_counter() + WARM_UP
                while time.perf_counter() < warm:
                    contestant()
            begun = time.perf_counter()
            for _ in range(calls):
                contestant()
            if turn > 0:
                seconds[name].append((time.perf_counter() - begun) / calls)
    return Laps(seconds)
