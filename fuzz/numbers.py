"""Numbers of every type, and what is none, beside what they mean."""

from __future__ import annotations

import decimal
import fractions
from collections.abc import Callable
from typing import Any

import numpy as np

from .arrays import NO_ARRAYS, REFUSED, Hostile, Subclass
from .draws import INTEGERS, Draws

_TYPES: tuple[Callable[[float], Any], ...] = (
    float,
    np.float64,
    np.float32,
    np.float16,
    np.longdouble,
    np.array,
    lambda number: np.array(number, ">f8"),
    lambda number: np.array(number).view(Subclass),
    decimal.Decimal,
    lambda number: fractions.Fraction(number) if np.isfinite(number) else number,
    lambda number: int(number) if np.isfinite(number) else number,
    lambda number: np.int8(number % 100) if np.isfinite(number) else number,
    lambda number: number > 0,
    lambda number: np.bool_(number > 0),
)
_NO_NUMBERS: tuple[Callable[[float], Any], ...] = (
    lambda number: np.array([number]),
    lambda number: [number],
    str,
    complex,
    np.complex64,
    lambda number: np.array(number, object),
    lambda number: np.timedelta64(int(number > 0), "s"),
)


def hostile_number(draws: Draws) -> Hostile:
    """A real number of some type and its float; or, without one, what is none."""
    kind = draws.below(24)
    if kind == 23:
        return Hostile(draws.choice([value for value in NO_ARRAYS if value is not None]), REFUSED)
    with np.errstate(all="ignore"):
        if kind == 22:
            return Hostile(draws.choice(_NO_NUMBERS)(draws.number()), REFUSED)
        value = draws.choice(_TYPES)(draws.number())
        return Hostile(value, float(value))


def hostile_integer(draws: Draws, *usual: Any) -> Any:
    """One of ``usual``, mostly; or what is no integer, or none that is in range."""
    if draws.below(8) < 7:
        return draws.choice(usual)
    beyond = [number for number in INTEGERS if number < 0 or number >= 2**63]
    return draws.choice((*beyond, 2.0, True, np.bool_(True), "2", None, 2j, [2], np.array([2]), np.array(2.0)))


def hostile_truth(draws: Draws, usual: bool = True) -> Any:
    """True or False of a type that is allowed; or, rarely, something else."""
    if draws.below(16) < 15:
        return draws.choice((usual, True, False, np.bool_(True)))
    return draws.choice((1, 0, "no", None, np.array(True), np.array([True, False])))
