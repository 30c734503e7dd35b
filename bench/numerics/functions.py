"""The elementary functions, at every point that points.py names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

import resonance_native as rn
from resonance_native import _core

from . import points
from .exact import TWO_PI, Errors, Exact, evaluate, in_ulp, split, summarize

DTYPES = ("float64", "float32")
# One measurement: kernel, dtype, instruction set, errors.
Row = tuple[str, str, str, Errors]
KEPT = 200  # of the candidates, those that long double finds worst


def measure(count: int) -> Iterator[Row]:
    """All elementary functions in all dtypes on all instruction sets; ``count`` random points a range.

    Of twenty times as many more, those that are worst by long double are measured as well.
    """
    hunted = hunt(points.angles(20 * count), (np.cos, np.sin), _angles)
    yield from _measure_angles(np.concatenate([points.angles(count), hunted]), "")
    yield from _measure_angles(points.huge_angles(count // 4), ", |x| > 100")
    hunted = hunt(points.tangents(20 * count), (np.tanh,), _tangents)
    yield from _measure_tangents(np.concatenate([points.tangents(count), hunted]))
    hunted = hunt(points.logarithms(20 * count), (np.log,), lambda x, _: [_core.natural_logarithms(x)])
    yield from _measure_logarithms(np.concatenate([points.logarithms(count), hunted]))
    for dtype in DTYPES:
        hunted = hunt(points.powers(20 * count, dtype), (np.exp2,), lambda x, _: [_core.powers_of_two(x)])
        yield from _measure_powers(np.concatenate([points.powers(count, dtype), hunted]), dtype)
    yield from _noise(count)


def each_isa() -> Iterator[str]:
    """Every instruction set of this machine, in use."""
    for name in rn.available_isas():
        with rn.use_isa(name):
            yield name


def hunt(
    candidates: NDArray[Any], functions: Sequence[Any], compute: Callable[[NDArray[Any], bool], Sequence[NDArray[Any]]]
) -> NDArray[Any]:
    """Candidates with the largest errors by long double, on any instruction set; none where that is no wider."""
    if np.finfo(np.longdouble).eps > 1e-18:
        return candidates[:0]
    exact = [function(candidates.astype(np.longdouble)) for function in functions]
    found = []
    for _ in each_isa():
        for got, wanted in zip(compute(candidates, False), exact, strict=True):
            nearest = np.abs(wanted).astype(got.dtype)
            errors = np.abs(got - wanted) / np.maximum(np.spacing(nearest), np.finfo(got.dtype).tiny)
            found.append(candidates[np.argpartition(errors, -KEPT)[-KEPT:]])
    return np.unique(np.concatenate(found))


def _angles(x: NDArray[np.float64], float32: bool) -> Sequence[NDArray[Any]]:
    return _core.cosines_and_sines(x, float32)


def _tangents(x: NDArray[np.float64], float32: bool) -> Sequence[NDArray[Any]]:
    return [_core.hyperbolic_tangents(x, float32)]


def _measure_angles(x: NDArray[np.float64], what: str) -> Iterator[Row]:
    cosines, sines = evaluate(mpmath.cos, x), evaluate(mpmath.sin, x)
    for isa in each_isa():
        for dtype in DTYPES:
            got = _angles(x, dtype == "float32")
            for name, values, wanted in (("cos", got[0], cosines), ("sin", got[1], sines)):
                yield name + what, dtype, isa, summarize(in_ulp(values, wanted), x)


def _measure_tangents(x: NDArray[np.float64]) -> Iterator[Row]:
    wanted = evaluate(mpmath.tanh, x)
    for isa in each_isa():
        for dtype in DTYPES:
            yield "tanh", dtype, isa, summarize(in_ulp(_tangents(x, dtype == "float32")[0], wanted), x)


def _measure_logarithms(x: NDArray[np.float64]) -> Iterator[Row]:
    wanted = evaluate(mpmath.log, x)
    for isa in each_isa():
        yield "ln of the noise", "float64", isa, summarize(in_ulp(_core.natural_logarithms(x), wanted), x)


def _measure_powers(x: NDArray[Any], dtype: str) -> Iterator[Row]:
    wanted = evaluate(lambda exponent: mpmath.power(2, exponent), x)
    for isa in each_isa():
        yield "2^x of attention", dtype, isa, summarize(in_ulp(_core.powers_of_two(x), wanted), x)


def _noise(count: int) -> Iterator[Row]:
    """Error over the radius √(−2 ln u): where the cosine is near 0, the angle's own rounding is all that is left."""
    seed, step = 12345678901234567890, 7
    wanted, radius = _exact_noise(seed, step, count)
    unit = np.spacing(1.0) * np.maximum(np.repeat(radius, 2), 1e-9)
    for isa in each_isa():
        got = _core.standard_normals(seed, step, count)
        error = np.abs((got - wanted.high) - wanted.low) / unit
        yield "phase noise", "float64", isa, summarize(error, np.arange(count, dtype=float))


def _exact_noise(seed: int, step: int, count: int) -> tuple[Exact, NDArray[np.float64]]:
    """Numbers of nodes 0 to count − 1, and the radius of each pair, from the words that NumPy's Philox gives."""
    words = np.random.Philox(key=seed, counter=step << 64).random_raw(count).tolist()
    normals: list[Any] = []
    radii = []
    scale = mpmath.mpf(2) ** -53
    for of_radius, of_angle in zip(words[0::2], words[1::2], strict=True):
        radius = mpmath.sqrt(-2 * mpmath.log(((of_radius >> 11) + 1) * scale))
        angle = TWO_PI * (of_angle >> 11) * scale
        normals += [radius * mpmath.cos(angle), radius * mpmath.sin(angle)]
        radii.append(float(radius))
    return split(normals), np.array(radii)
