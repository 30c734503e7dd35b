"""How many laps fit into the time that there is."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence

FEWEST_TURNS = 3  # that still have a spread


def allot(costs: Mapping[str, float], seconds: float, turns: int, wanted: Collection[str] = ()) -> dict[str, int]:
    """Share time among contestants, in laps.

    Where even the fewest turns don't fit, the most expensive contestants are left out. The others get
    as many turns as they can have at equal shares of time, the cheapest first.

    Parameters
    ----------
    costs
        Seconds of a lap of each, all that goes with it included.
    seconds
        That there are for all.
    turns
        The most that anyone gets.
    wanted
        Who is left out last.

    Returns
    -------
    dict
        Turns of those that take part.
    """
    fewest = min(FEWEST_TURNS, turns)
    by_cost = sorted(costs, key=lambda name: (name not in wanted, costs[name]))
    while by_cost and fewest * sum(costs[name] for name in by_cost) > seconds:
        by_cost.pop()
    left = seconds - fewest * sum(costs[name] for name in by_cost)
    allotted = {}
    for position, name in enumerate(by_cost):
        share = left / (len(by_cost) - position)
        more = turns - fewest if share >= (turns - fewest) * costs[name] else int(share / costs[name])
        allotted[name] = fewest + more
        left -= more * costs[name]
    return allotted


class Clock:
    """Time of a whole run, shared among its cells.

    Parameters
    ----------
    weights
        Of all cells, in their order: their shares of the time.
    cell_seconds
        The most that a cell gets.
    seconds
        The most that all get; None is no limit.
    """

    def __init__(self, weights: Sequence[float], cell_seconds: float, seconds: float | None) -> None:
        self._weights, self._cell_seconds = list(weights), cell_seconds
        self._end = None if seconds is None else time.monotonic() + seconds

    def next_cell(self) -> float:
        """Seconds for the next cell, a share of those that are left: what one spares, the next ones have."""
        share = self._weights[0] / sum(self._weights)
        del self._weights[0]
        if self._end is None:
            return self._cell_seconds
        return min(self._cell_seconds, share * max(0.0, self._end - time.monotonic()))

    def exclude(self, seconds: float) -> None:
        """Give back time that does not count."""
        if self._end is not None:
            self._end += seconds
