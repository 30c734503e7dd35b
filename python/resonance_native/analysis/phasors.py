"""exp(iφ), a block of samples at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 2**20  # phases; their phasors take 16 MiB


def phasors(phases: NDArray[Any], order: int = 1) -> NDArray[np.complex128]:
    """exp(i·order·φ), taken in float64 whatever the dtype of the phases."""
    angles = np.multiply(phases, order, dtype=np.float64, casting="same_kind")
    result = np.empty(angles.shape, np.complex128)
    np.cos(angles, out=result.real)
    np.sin(angles, out=result.imag)
    return result


def row_blocks(rows: NDArray[Any]) -> Iterator[slice]:
    """Slices that cut ``rows`` (T, n) into blocks of about ``BLOCK`` phases, of at least one row."""
    height = max(1, BLOCK // rows.shape[1])
    return (slice(first, first + height) for first in range(0, len(rows), height))
