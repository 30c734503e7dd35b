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


@dataclass(frozen=True)
class Contestant:
    """What takes turns with others, where a plain call does not say enough.

    Parameters
    ----------
    call
        What to time.
    calls
        Calls in a lap; None takes the number of all.
    turns
        Laps that it takes, spread over the turns; None takes every turn.
    restart
        Called before each lap, uncounted.
    own_threads
        Whether it has a thread pool of its own, whose threads may still spin when it is done.
    expected
        Seconds for a call, where it has been called before: then its first lap counts, and where that is
        ten times the warm-up, laps need none.
    """

    call: Callable[[], object]
    calls: int | None = None
    turns: int | None = None
    restart: Callable[[], object] | None = None
    own_threads: bool = True
    expected: float | None = None


class Laps:
    """Seconds of every contestant in every turn; NaN where it sat a turn out."""

    def __init__(self, seconds: Mapping[str, list[float]]) -> None:
        self.seconds: dict[str, NDArray[np.float64]] = {name: np.array(laps) for name, laps in seconds.items()}

    def median(self, name: str) -> float:
        """Median time [s] of one contestant."""
        return float(np.nanmedian(self.seconds[name]))

    def spread(self, name: str) -> Ratio:
        """Median and quartiles of the time [s] of one contestant."""
        return _spread(self.seconds[name])

    def ratio(self, slow: str, fast: str) -> Ratio:
        """How many times as long ``slow`` took as ``fast``, over the turns that both took."""
        return _spread(self.seconds[slow] / self.seconds[fast])


def _spread(values: NDArray[np.float64]) -> Ratio:
    low, median, high = np.nanquantile(values, [0.25, 0.5, 0.75])
    return Ratio(float(median), float(low), float(high))


def take_turns(
    contestants: Mapping[str, Contestant | Callable[[], object]],
    turns: int,
    calls: int = 1,
    rest: float = 0.0,
    warm_up: float | None = None,
    progress: Callable[[str], object] | None = None,
) -> Laps:
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
        Seconds of sleep before a lap that follows one of a contestant with a thread pool of its own:
        its threads spin for some time and would take the next one's cores.
    warm_up
        Seconds of uncounted calls before each lap: after a rest, threads have to be woken and spread
        over the cores again, and caches hold what the others left. None is 0.03 where there is a rest,
        else 0.
    progress
        Called with a contestant's name before each of its laps.

    Returns
    -------
    Laps
        Seconds for one call.
    """
    if warm_up is None:
        warm_up = WARM_UP if rest > 0 else 0.0
    field = {name: c if isinstance(c, Contestant) else Contestant(c) for name, c in contestants.items()}
    ranks = _ranks(turns)
    seconds: dict[str, list[float]] = {name: [] for name in field}
    tired = rest > 0
    for turn in range(-1, turns):
        for name, contestant in field.items():
            if turn < 0 and contestant.expected is not None:
                continue
            if turn >= 0 and contestant.turns is not None and ranks[turn] >= contestant.turns:
                seconds[name].append(np.nan)
                continue
            if progress is not None:
                progress(name)
            if tired:
                time.sleep(rest)
            lap = _lap(contestant, contestant.calls or calls, warm_up)
            if turn >= 0:
                seconds[name].append(lap)
            tired = rest > 0 and contestant.own_threads
    return Laps(seconds)


def _ranks(turns: int) -> NDArray[np.intp]:
    """An order of the turns whose first k are spread over all, for every k: who takes fewer shares turns with all."""
    golden = (np.sqrt(5) - 1) / 2
    ranks = np.empty(turns, dtype=np.intp)
    ranks[np.argsort(np.arange(turns) * golden % 1, kind="stable")] = np.arange(turns)
    return ranks


def _lap(contestant: Contestant, calls: int, warm_up: float) -> float:
    """Seconds for one call."""
    call = contestant.call
    if (contestant.expected or 0.0) < 10 * warm_up:
        warm = time.perf_counter() + warm_up
        while time.perf_counter() < warm:
            call()
    if contestant.restart is not None:
        contestant.restart()
    begun = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - begun) / calls
