"""How fast phases turn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..validation import positive_number
from .checks import finite_array, trajectory
from .phasors import row_blocks


def mean_frequency(phases: ArrayLike, time: ArrayLike | None = None, *, dt: float | None = None) -> NDArray[np.float64]:
    """Mean frequency of each node: turns between the first and the last sample, by the time between them.

        f_i = (θ_i(t_T) − θ_i(t_1)) / (2π (t_T − t_1))

    with θ the phases unwrapped: each step from a sample to the next is taken the short way round.

    Parameters
    ----------
    phases : array_like, (T, n)
        φ [rad] at T ≥ 2 samples, wrapped or not.
    time : array_like, (T,), optional
        Times of the samples [s], ascending.
    dt : float, optional
        Time between samples [s], > 0. Exactly one of ``time`` and ``dt`` is wanted.

    Returns
    -------
    ndarray of float64, (n,)
        f [Hz]; negative for a phase that runs backwards.

    Notes
    -----
    A node that turns by half a turn or more between two samples can't be told from a slower one: sample at intervals
    shorter than 1/(2|f|). Nothing in the phases shows that it happened.

    End to end, and not the slope of a least-squares line, because this is the time average of dθ/dt, the mean
    frequency of the literature on synchronisation: nodes whose phase difference keeps within b [rad] agree to within
    b / (2π (t_T − t_1)). With noise that drives the phases it is also the better estimate of the two (the
    variance of the line's slope is 6/5 of its variance).

    References
    ----------
    A. Pikovsky, M. Rosenblum, J. Kurths, Synchronization, Cambridge University Press (2001).
    """
    array = trajectory(phases, at_least=2)
    span = _span(time, dt, len(array))
    first, last = array[[0, -1]].astype(np.float64)
    with np.errstate(over="ignore"):  # told below
        frequencies: NDArray[np.float64] = ((last - first) / (2 * np.pi) - _jumps(array)) / span
    if not np.isfinite(frequencies).all():
        raise ValueError(f"time or dt must keep frequencies within the range of float64, got {span!r} s in all")
    return frequencies


def _jumps(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Whole turns by which wrapping makes each node's phase jump, summed over the samples: an exact count."""
    total = np.zeros(rows.shape[1])
    for block in row_blocks(rows):
        with_next = rows[block.start : block.stop + 1].astype(np.float64, copy=False)
        total += np.rint(np.diff(with_next, axis=0) / (2 * np.pi)).sum(axis=0)
    return total


def _span(time: ArrayLike | None, dt: float | None, samples: int) -> float:
    """Seconds from the first sample to the last."""
    if time is not None and dt is None:
        return _ascending_span(time, samples)
    if dt is not None and time is None:
        return positive_number("dt", dt) * (samples - 1)
    raise TypeError(f"either time or dt must be given, got {'neither' if time is None else 'both'}")


def _ascending_span(time: ArrayLike, samples: int) -> float:
    times = finite_array(time, "time")
    if times.shape != (samples,):
        raise ValueError(f"time must be ({samples},), one a sample of phases, got shape {times.shape}")
    if not (times[1:] > times[:-1]).all():
        raise ValueError("time must ascend from each sample to the next")
    return float(times[-1]) - float(times[0])
