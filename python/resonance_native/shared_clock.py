"""Callbacks by the clock where ranks share a network."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

# From one look at the clock to the next: a block of steps, behind which all ranks have everything anyway.
_STEPS = 32


def by_first_clock(comm: Any, seconds: float, call: Callable[[], bool | None]) -> tuple[Any, ...]:
    """What the core is told of a callback that comes by rank 0's clock, on all ranks after the same step.

    Parameters
    ----------
    comm : mpi4py.MPI.Intracomm
        The ranks.
    seconds
        Time from the end of one call to the next [s].
    call
        The callback.
    """
    due = time.monotonic() + seconds

    def look() -> bool | None:
        nonlocal due
        if not comm.bcast(time.monotonic() >= due):
            return None
        stops = call()
        due = time.monotonic() + seconds
        return stops

    return "every", _STEPS, look
