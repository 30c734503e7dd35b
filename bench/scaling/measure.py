"""Time all lines at every n."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from resonance_native.bench.interleaved import Contestant, Ratio, take_turns

from .lines import Run, runs

SECONDS = 3.0  # of laps of a line at one n, if the fewest take no longer
FEWEST, MOST = 3, 7  # laps
LAP = 0.01  # [s] at least, in as many calls
REST, WARM_UP = 0.05, 0.01  # [s]


@dataclass(frozen=True)
class Times:
    """Seconds a step of one line at one n."""

    key: str
    n: int
    seconds: Ratio


def measure(sizes: Sequence[int], progress: Callable[[float, str], object]) -> list[Times]:
    """Time them, each size on its own; at a size lines take turns."""
    found = []
    for position, n in enumerate(sizes):
        progress(position / len(sizes), f"n = {n:,}")
        entries = runs(n)
        contestants = {key: _contestant(run) for key, run in entries.items()}
        laps = take_turns(contestants, MOST, rest=REST, warm_up=WARM_UP)
        for key, run in entries.items():
            low, median, high = np.nanquantile(laps.seconds[key] / run.steps, [0.25, 0.5, 0.75])
            found.append(Times(key, n, Ratio(float(median), float(low), float(high))))
        del entries, contestants
        gc.collect()  # these networks go before larger ones come
    return found


def _contestant(run: Run) -> Contestant:
    """Call it twice: once to take memory, and once to know how many laps fit. They begin at the initial state."""
    run.call()
    if run.restart:
        run.restart()
    begun = time.perf_counter()
    run.call()
    seconds = time.perf_counter() - begun
    # A run from the initial state can't be repeated without going back to it.
    calls = 1 if run.restart else max(1, round(LAP / seconds))
    turns = int(np.clip(SECONDS / (calls * seconds), FEWEST, MOST))
    return Contestant(run.call, calls=calls, turns=turns, restart=run.restart, expected=seconds)
