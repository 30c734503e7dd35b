"""Learning rates that do not depend on the time step."""

from __future__ import annotations

import math

from .validation import finite_number, positive_number

_LARGEST_RATE = 700.0  # of dt / time_constant: e to that is within the range of float64


def learning_rates(time_constant: float, dt: float, strength: float = 1.0) -> dict[str, float]:
    """Learning rate and decay for a memory of ``time_constant`` seconds.

    The weights of two nodes that stay in phase with amplitude 1 settle at ``strength``, and an old
    connection fades by a factor e in ``time_constant``, whatever the time step is.

    Parameters
    ----------
    time_constant : float
        Memory of the weights [s], > 0.
    dt : float
        Time step [s], > 0.
    strength : float
        Weight [1] at which perfectly coherent nodes settle.

    Returns
    -------
    dict
        ``{"learning_rate": strength·(1 − γ)/γ, "decay": γ}`` with γ = exp(−dt/time_constant), to be
        passed to :class:`ResonanceNetwork` as keywords.

    Raises
    ------
    ValueError
        If ``time_constant`` is more than 700 times as short as ``dt``, or a number is out of range.

    Examples
    --------
    >>> import resonance_native as rn
    >>> rates = rn.learning_rates(time_constant=3.0, dt=0.001)
    >>> round(rates["decay"], 6)
    0.999667
    """
    time_constant = positive_number("time_constant", time_constant)
    dt = positive_number("dt", dt)
    strength = finite_number("strength", strength)
    rate = dt / time_constant
    if rate > _LARGEST_RATE:
        raise ValueError(f"time_constant must not be so short against dt = {dt!r}, got {time_constant!r}")
    # (1 − γ)/γ = e^rate − 1, without the cancellation for slow learning.
    learning_rate = strength * math.expm1(rate)
    if not math.isfinite(learning_rate):
        raise ValueError(f"strength must not be so large against dt / time_constant, got {strength!r}")
    return {"learning_rate": learning_rate, "decay": math.exp(-rate)}
