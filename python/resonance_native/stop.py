"""Conditions that end a run. They are looked at in C++, between its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .callbacks import Callback
from .validation import finite_number, non_negative_number, whole_number

if TYPE_CHECKING:
    from .network import ResonanceNetwork

__all__ = ["when_order_above", "when_settled"]


class _Condition(Callback):
    def __init__(self, kind: str, bound: float, every: int, text: str) -> None:
        self._specification = (kind, bound, every)
        self._text = text

    def specify(self, net: ResonanceNetwork) -> tuple[Any, ...]:  # noqa: ARG002
        return self._specification

    def __repr__(self) -> str:
        return self._text


def when_order_above(threshold: float, *, every: int = 1) -> Callback:
    """Stop a run where the phases have come together: |mean of exp(iφ)| > threshold.

    Parameters
    ----------
    threshold : float
        Modulus of the order parameter [1], in [0, 1).
    every : int
        Steps from one look to the next, ≥ 1.

    Returns
    -------
    Callback
        For ``net.run(..., callback=...)``.

    Examples
    --------
    >>> import numpy as np
    >>> import resonance_native as rn
    >>> net = rn.ResonanceNetwork(100, coupling=2.0, seed=0)
    >>> net.weights = np.full((100, 100), 0.01)
    >>> net.run(0.0, 10_000, learn=False, callback=rn.stop.when_order_above(0.9))
    >>> net.step_count < 10_000
    True
    """
    bound = finite_number("threshold", threshold)
    if not 0 <= bound < 1:
        raise ValueError(f"threshold must be in [0, 1), got {threshold!r}")
    steps = whole_number("every", every, at_least=1)
    return _Condition("order_above", bound, steps, f"stop.when_order_above({bound!r}, every={steps})")


def when_settled(tol: float, *, every: int = 100) -> Callback:
    """Stop a run that goes nowhere any more.

    That is where, since the last look, no amplitude has changed by more than ``tol``, nor has the modulus of the
    order parameter. Phases themselves never rest, nor do the weights between nodes of different frequencies.

    Parameters
    ----------
    tol : float
        Largest change [1], ≥ 0.
    every : int
        Steps from one look to the next, ≥ 1. Over too few, what is slow seems to rest.

    Returns
    -------
    Callback
        For ``net.run(..., callback=...)``.
    """
    bound = non_negative_number("tol", tol)
    steps = whole_number("every", every, at_least=1)
    return _Condition("settled", bound, steps, f"stop.when_settled({bound!r}, every={steps})")
