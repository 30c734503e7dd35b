"""Arguments at which functions are measured: those that a network meets, and hard ones.

``count`` is the number of random points of each range; hard points come on top.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
REDUCED = 100.0  # |x| up to which sin and cos are the library's own


def angles(count: int) -> Points:
    """|x| ≤ 100: phases in [0, 2π), differences of them, and the neighbourhood of multiples of π/2."""
    rng = np.random.default_rng(1)
    multiples = np.arange(-63, 64) * (np.pi / 2)
    near = _neighbours(multiples, 24)
    tiny = 10.0 ** rng.uniform(-320, 0, count // 4) * rng.choice([-1, 1], count // 4)
    return _within(
        np.concatenate(
            [rng.uniform(0, 2 * np.pi, count), rng.uniform(-REDUCED, REDUCED, count), near, tiny, [0.0, REDUCED]]
        ),
        REDUCED,
    )


def huge_angles(count: int) -> Points:
    """|x| > 100, to the end of the range, with the doubles that lie next to a multiple of π/2."""
    rng = np.random.default_rng(2)
    wide = rng.choice([-1, 1], count) * 10.0 ** rng.uniform(2.0001, 308, count)
    medium = rng.uniform(REDUCED, 1e6, count) + 1e-3
    multiples = np.arange(64, 600) * (np.pi / 2)
    # 6381956970095103 · 2^797 is the double that comes nearest to a multiple of π/2.
    return np.concatenate([wide, medium, _neighbours(multiples, 4), [6381956970095103.0 * 2.0**797, 1e22]])


def tangents(count: int) -> Points:
    """Arguments of tanh: around 0, where it bends, where it saturates, and tiny ones."""
    rng = np.random.default_rng(3)
    tiny = 10.0 ** rng.uniform(-320, 0, count // 2) * rng.choice([-1, 1], count // 2)
    steps = _neighbours(np.arange(1, 58) * (np.log(2) / 4), 12)  # where the multiple of ln 2 changes
    ends = _neighbours(np.array([20.0, 19.061547, 18.7]), 12)
    return np.concatenate(
        [rng.uniform(-1, 1, count), rng.uniform(-22, 22, count), tiny, steps, ends, [0.0, 5e-324, 1e300, -1e300]]
    )


def logarithms(count: int) -> Points:
    """(0, 1], as the noise draws it: uniform to 53 bits, near 1, small, and where the power of two changes."""
    rng = np.random.default_rng(4)
    uniform = (rng.integers(0, 2**53, count) + 1) * 2.0**-53
    small = np.maximum(2.0 ** rng.uniform(-53, 0, count), 2.0**-53)
    below = 1 - np.arange(0, 200) * 2.0**-53
    changes = _neighbours(np.sqrt(0.5) * 2.0 ** -np.arange(0.0, 52), 12)
    return np.concatenate([uniform, small, below, changes, [2.0**-53]])


def powers(count: int, dtype: str) -> NDArray[np.floating]:
    """X ≤ 0 with a normal 2^x: near 0, everywhere, and where the integer part changes."""
    rng = np.random.default_rng(5)
    lowest = -126.0 if dtype == "float32" else -1022.0
    halves = (-np.arange(0.5, 120) - 0.0).astype(dtype)
    near = np.concatenate(
        [halves, np.nextafter(halves, np.array(0, dtype)), np.nextafter(halves, np.array(-1e9, dtype))]
    )
    random = np.concatenate(
        [rng.uniform(-1, 0, count), rng.uniform(lowest, 0, count), -(10.0 ** rng.uniform(-37, 0, count // 4))]
    )
    return np.concatenate([random.astype(dtype), near, np.array([0.0, lowest], dtype)])


def _neighbours(values: Points, steps: int) -> Points:
    """The values, and so many doubles on either side of each."""
    offsets = np.arange(-steps, steps + 1)
    return np.asarray((values[:, None] + offsets * np.spacing(values[:, None])).ravel())


def _within(values: Points, limit: float) -> Points:
    return values[np.abs(values) <= limit]
