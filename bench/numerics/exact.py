"""Exact values from mpmath, and how far a result lies from them.

An exact value is kept as the unevaluated sum of two doubles, high + low: 106 bits, which is 53 more than any error
that is measured here needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

DIGITS = 50
mpmath.mp.dps = DIGITS
TWO_PI = 2 * mpmath.mp.pi


@dataclass(frozen=True)
class Exact:
    """Exact values as high + low."""

    high: NDArray[np.float64]
    low: NDArray[np.float64]

    def scaled(self, exponent: int) -> Exact:
        """The values times 2^exponent."""
        return Exact(np.ldexp(self.high, exponent), np.ldexp(self.low, exponent))


@dataclass(frozen=True)
class Errors:
    """What was found for one kernel, dtype and instruction set: errors in ulp, or in another unit that is named."""

    largest: float
    mean: float
    where: str  # the argument of the largest
    points: int


def split(values: Iterable[Any]) -> Exact:
    """Numbers of mpmath as high + low."""
    pairs = [(high := float(value), float(value - high)) for value in values]
    array = np.array(pairs, float).reshape(-1, 2)
    return Exact(array[:, 0], array[:, 1])


def evaluate(function: Callable[[Any], Any], points: NDArray[Any]) -> Exact:
    """The function of mpmath at finite points."""
    return split(function(mpmath.mpf(x)) for x in points.tolist())


def spacing(values: NDArray[np.float64], dtype: Any) -> NDArray[np.float64]:
    """The distance of neighbouring numbers of ``dtype`` at the values: one ulp."""
    return np.abs(np.spacing(np.abs(values).astype(dtype))).astype(np.float64)


def difference(got: NDArray[Any], wanted: Exact) -> NDArray[np.float64]:
    """Got − wanted. Close numbers are subtracted without rounding, so what is lost is below 2^-100 of the value."""
    return np.asarray((got.astype(np.float64) - wanted.high) - wanted.low)


def in_ulp(got: NDArray[Any], wanted: Exact) -> NDArray[np.float64]:
    """|got − wanted| in ulp of the dtype of ``got`` at the exact value."""
    # In a range in which neither low nor a difference is subnormal.
    lift = np.where(np.abs(wanted.high) < 1e-200, 200, 0)
    lifted = Exact(np.ldexp(wanted.high, lift), np.ldexp(wanted.low, lift))
    high = np.ldexp(got.astype(np.float64), lift)
    return np.abs((high - lifted.high) - lifted.low) / np.ldexp(spacing(wanted.high, got.dtype), lift)


def summarize(errors: NDArray[np.float64], points: NDArray[Any] | None = None) -> Errors:
    """Largest and mean error, and the point of the largest."""
    worst = int(np.argmax(errors))
    where = "" if points is None else shown(points.ravel()[worst % points.size])
    return Errors(float(errors.max()), float(errors.mean()), where, int(errors.size))


def shown(x: Any) -> str:
    """A number so that it can be read back: 17 digits, or 9 of a float32."""
    return f"{x:.9g}" if isinstance(x, np.float32) else f"{float(x):.17g}"
