"""Checks of what the Python layer takes itself; the core checks the rest."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core

# What the core counts with.
_LARGEST = 2**63 - 1


def finite_number(name: str, value: Any) -> float:
    """``value`` as a finite float, or an error that names it."""
    number = _core.real_number(value, name)
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {value!r}")
    return number


def positive_number(name: str, value: Any) -> float:
    """``value`` as a finite float above 0, or an error that names it."""
    number = finite_number(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be > 0, got {value!r}")
    return number


def non_negative_number(name: str, value: Any) -> float:
    """``value`` as a finite float that is not negative, or an error that names it."""
    number = finite_number(name, value)
    if number < 0:
        raise ValueError(f"{name} must be ≥ 0, got {value!r}")
    return abs(number)  # −0.0 is 0.0 to us, but a negative deviation to NumPy


def node_count(value: Any) -> int:
    """``value`` as a number of nodes, or an error."""
    return whole_number("n_nodes", value, at_least=1, at_most=None)  # memory ends it


def node_indices(nodes: Any, n_nodes: int, name: str = "nodes") -> NDArray[np.int64]:
    """What ``nodes`` selects among ``n_nodes``: an int, a slice, indices or a boolean mask.

    Indices may count from the end. It takes no memory for nodes that are not selected.
    """
    wanted = f"{name} must be an int, a slice, indices or a mask of {n_nodes} nodes"
    if isinstance(nodes, slice):
        try:
            start, stop, step = nodes.indices(n_nodes)
        except (TypeError, ValueError) as error:  # no integers, or a step of 0
            raise type(error)(f"{wanted}, got {nodes!r}") from None
        return np.arange(start, stop, max(-n_nodes, min(step, n_nodes)))  # a step beyond int64 would make objects
    try:
        array = np.asarray(nodes)
    except ValueError:  # a ragged list
        raise ValueError(f"{wanted}, got {nodes!r}") from None
    if array.size == 0 and array.ndim == 1 and array.dtype.kind == "f":
        array = array.astype(np.int64)  # np.asarray([]) is an array of floats
    if array.dtype.kind not in "biu":
        raise TypeError(f"{wanted}, got dtype {array.dtype}")
    if array.ndim > 1 or (array.dtype.kind == "b" and array.shape != (n_nodes,)):
        raise ValueError(f"{wanted}, got shape {array.shape}")
    if array.dtype.kind == "b":
        return np.flatnonzero(array)
    indices = np.atleast_1d(array)
    if indices.size and not -n_nodes <= int(indices.min()) <= int(indices.max()) < n_nodes:
        raise IndexError(f"{wanted}, got {nodes!r}")
    indices = indices.astype(np.int64)
    return np.where(indices < 0, indices + n_nodes, indices)


def whole_number(name: str, value: Any, *, at_least: int, at_most: int | None = _LARGEST) -> int:
    """``value`` as an integer from ``at_least`` to ``at_most``, or an error that names it; None is without an end."""
    if isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None
    if number < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {number}")
    if at_most is not None and number > at_most:
        raise ValueError(f"{name} must be at most {at_most}, got a larger one")
    return number


def truth(name: str, value: Any) -> bool:
    """``value`` as a bool, or an error that names it."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def require_representable(name: str, array: NDArray[Any], dtype: np.dtype[Any]) -> None:
    """Raise ValueError unless all of an array's rows are finite in ``dtype``."""
    with np.errstate(over="ignore"):  # told here
        for row in array:
            if not np.isfinite(row.astype(dtype, copy=False)).all():
                raise ValueError(f"{name} must be finite in {dtype.name}, got NaN, infinity or too large a number")
