"""Selections of nodes of every kind."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import LAYOUTS, NO_ARRAYS, REFUSED, Hostile, itself
from .draws import INTEGERS, Draws
from .numbers import hostile_integer


def hostile_nodes(draws: Draws, n_nodes: int) -> Hostile:
    """What selects nodes, or should not, and the same as a list."""
    kind = draws.below(8)
    if kind == 0:
        return _meant(hostile_integer(draws, 0, n_nodes - 1, -1, n_nodes, np.int8(0), np.uint64(0), np.array(0)))
    if kind == 1:
        ends = (None, 0, 1, -1, n_nodes, 2**70, -(2**70), np.int64(1))
        chosen = slice(draws.choice(ends), draws.choice(ends), draws.choice((None, 1, 2, -1, 2**70)))
        return Hostile(chosen, np.arange(n_nodes)[chosen])
    if kind == 2:
        return Hostile(draws.choice((slice("a"), slice(1.0), slice(None, None, 0), *NO_ARRAYS[1:])), REFUSED)
    if kind == 3:
        return _meant(draws.choice(LAYOUTS)(np.array([draws.below(2) == 1 for _ in range(n_nodes)])))
    indices = [draws.below(2 * n_nodes) - n_nodes for _ in range(draws.below(6))]
    if draws.one_in(8):
        indices.append(draws.choice(INTEGERS[:-3]))
    array = np.array(indices, np.int64).astype(draws.choice(("i8", "i4", "u8", "i1", ">i8", "f8", "O")))
    return _meant(draws.choice((draws.choice(LAYOUTS)(array), array.tolist())))


def _meant(value: Any) -> Hostile:
    """Integers, or a mask, as a contiguous copy; None may stand for all."""
    if value is None:
        return itself(None)
    try:
        array = np.array(value, order="C", subok=False)
    except (ValueError, TypeError, OverflowError):
        return Hostile(value, REFUSED)
    if array.size == 0 and array.dtype.kind == "f":
        array = array.astype(np.int64)
    if array.dtype.kind not in "biu" or (array.dtype.kind == "b" and array.ndim == 0):
        return Hostile(value, REFUSED)
    return Hostile(value, array.astype(bool if array.dtype.kind == "b" else array.dtype.newbyteorder("=")))
