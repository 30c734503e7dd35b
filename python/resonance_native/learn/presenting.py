"""Rows as phasors, as a network sees them in one presentation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A block of rows, and real and imaginary part of its phasors.
Part = tuple[slice, NDArray[Any], NDArray[Any]]

# As many phasors are kept rather than computed again.
_KEPT_PHASORS = 2**21


def phasor_parts(offsets: NDArray[Any], initial_phases: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Real and imaginary part of z = a∘exp(i(φ⁰ + offsets)), (N, n): a is 0 where an offset is NaN, else 1."""
    phases = offsets + initial_phases.astype(offsets.dtype)
    missing = np.isnan(phases)
    cosines, sines = np.cos(phases), np.sin(phases, out=phases)
    if missing.any():
        cosines[missing] = sines[missing] = 0
    return cosines, sines


class Parts:
    """Phasors of rows block by block, to iterate over more than once: computed once where they are few."""

    def __init__(self, compute: Callable[[], Iterable[Part]], rows: int, nodes: int) -> None:
        self._compute = compute
        self._kept = list(compute()) if rows * nodes <= _KEPT_PHASORS else None

    def __iter__(self) -> Iterator[Part]:
        return iter(self._compute() if self._kept is None else self._kept)
