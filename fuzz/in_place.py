"""Arrays that a call is to write to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Hostile, hostile
from .draws import Draws


def in_place(draws: Draws, shape: Sequence[int], own: Sequence[NDArray[Any]] = ()) -> Hostile:
    """Mostly an array that can be written to in place, of about that shape; and a copy of it."""
    if draws.one_in(4):
        return hostile(draws, shape, own)
    with np.errstate(over="ignore"):
        array = np.full(tuple(shape), draws.number(), draws.choice(("f8", "f4")))
    return Hostile(array, array.copy())


def is_in_place(value: Any) -> bool:
    """Whether a kernel must take it: C-contiguous, aligned, writeable, of native float32 or float64."""
    return (
        isinstance(value, np.ndarray)
        and value.dtype in (np.dtype(np.float32), np.dtype(np.float64))
        and value.dtype.isnative
        and value.flags.c_contiguous
        and value.flags.aligned
        and value.flags.writeable
    )
