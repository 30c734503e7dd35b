"""Nodes that an index selects, as NumPy's indexing does along one axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def selected_nodes(name: str, index: Any, n_nodes: int) -> tuple[NDArray[np.intp], bool]:
    """Numbers ≥ 0 of the nodes that ``index`` selects, and whether it is a single integer.

    Takes an integer, a slice, integers (negative ones count from the end) or a mask; takes no memory for nodes that
    are not selected.

    Raises
    ------
    IndexError
        Where NumPy would, with the argument's name.
    """
    wanted = f"{name} must be an integer, a slice, integers or a mask of {n_nodes} nodes"
    if isinstance(index, slice):
        try:
            return np.arange(*index.indices(n_nodes)), False
        except TypeError:
            raise TypeError(f"{wanted}, got {index!r}") from None
    try:
        array = np.asarray(index)
    except ValueError:  # a ragged list
        raise IndexError(f"{wanted}, got {index!r}") from None
    if array.shape == (0,) and array.dtype.kind == "f":
        array = array.astype(np.intp)  # np.asarray([]) is an array of floats
    if array.dtype.kind not in "biu":
        raise IndexError(f"{wanted}, got {array.dtype} of shape {array.shape}")
    if array.dtype.kind == "b":
        if array.shape != (n_nodes,):
            raise IndexError(f"{name} must be a mask of shape ({n_nodes},), got shape {array.shape}")
        return np.flatnonzero(array), False
    if array.ndim > 1:
        raise IndexError(f"{name} must have one dimension, got shape {array.shape}")
    return _from_the_front(name, np.atleast_1d(array), n_nodes), array.ndim == 0


def _from_the_front(name: str, numbers: NDArray[Any], n_nodes: int) -> NDArray[np.intp]:
    """Integers that may count from the end, as numbers from 0 to n − 1."""
    if numbers.size:
        for number in (int(numbers.min()), int(numbers.max())):
            if not -n_nodes <= number < n_nodes:
                raise IndexError(f"{name} must be within {-n_nodes} and {n_nodes - 1}, got {number}")
    numbers = numbers.astype(np.intp)
    return np.where(numbers < 0, numbers + n_nodes, numbers)
