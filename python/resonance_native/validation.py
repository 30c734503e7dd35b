"""Checks of what the Python layer takes itself; the core checks the rest."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core


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
    return number


def node_count(value: Any) -> int:
    """``value`` as a number of nodes, or an error."""
    return whole_number("n_nodes", value, at_least=1)


def node_indices(nodes: Any, n_nodes: int) -> NDArray[np.int64]:
    """What ``nodes`` selects among ``n_nodes``: an int, a slice, indices or a boolean mask."""
    wanted = f"nodes must be an int, a slice, indices or a mask of {n_nodes} nodes"
    if not isinstance(nodes, slice):
        try:
            nodes = np.asarray(nodes)
        except ValueError:  # a ragged list
            raise ValueError(f"{wanted}, got {nodes!r}") from None
        if nodes.size == 0 and nodes.ndim == 1 and nodes.dtype.kind == "f":
            nodes = nodes.astype(np.int64)  # np.asarray([]) is an array of floats
        if nodes.dtype.kind not in "biu":
            raise TypeError(f"{wanted}, got dtype {nodes.dtype}")
        if nodes.ndim > 1 or (nodes.dtype.kind == "b" and nodes.shape != (n_nodes,)):
            raise ValueError(f"{wanted}, got shape {nodes.shape}")
    try:
        selected = np.arange(n_nodes)[nodes]
    except IndexError:
        raise IndexError(f"{wanted}, got {nodes!r}") from None
    return np.atleast_1d(selected).astype(np.int64)


def whole_number(name: str, value: Any, *, at_least: int) -> int:
    """``value`` as an integer of at least ``at_least``, or an error that names it."""
    if isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None
    if number < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {number}")
    return number


def truth(name: str, value: Any) -> bool:
    """``value`` as a bool, or an error that names it."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)
