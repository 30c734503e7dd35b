"""Checks of arguments that several measures share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core


def finite_array(values: ArrayLike, name: str) -> NDArray[Any]:
    """``values`` as an array of finite real numbers, or an error that names it."""
    array = _core.real_array(values, name)
    if array.dtype.itemsize > 8:
        with np.errstate(over="ignore"):  # what is beyond float64 is told below
            array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got a NaN or an infinity")
    return array


def phase_array(phases: ArrayLike) -> NDArray[Any]:
    """Phases of at least one node along the last axis, in the dtype that came."""
    array = finite_array(phases, "phases")
    if array.ndim == 0 or array.shape[-1] == 0:
        raise ValueError(f"phases must be (..., n) with at least one node, got shape {array.shape}")
    return array


def trajectory(phases: ArrayLike, *, at_least: int) -> NDArray[Any]:
    """Phases (T, n) with T ≥ ``at_least``."""
    array = phase_array(phases)
    if array.ndim != 2 or len(array) < at_least:
        raise ValueError(f"phases must be (T, n) with T ≥ {at_least} samples, got shape {array.shape}")
    return array


def square_matrix(values: ArrayLike, name: str, n_nodes: int | None = None) -> NDArray[np.float64]:
    """A matrix (n, n) of finite numbers; n is ``n_nodes`` where that is given."""
    array = finite_array(values, name)
    wanted = "(n, n)" if n_nodes is None else f"({n_nodes}, {n_nodes})"
    if array.ndim != 2 or array.shape[0] != array.shape[1] or (n_nodes is not None and len(array) != n_nodes):
        raise ValueError(f"{name} must be {wanted}, got shape {array.shape}")
    return array.astype(np.float64, copy=False)


def group_labels(groups: ArrayLike, n_nodes: int) -> NDArray[Any]:
    """One label a node: integers, booleans or text."""
    wanted = f"groups must be {n_nodes} labels (integers, booleans or text), one a node"
    try:
        labels = np.asarray(groups)
    except ValueError:  # a ragged list
        raise ValueError(f"{wanted}, got {groups!r}") from None
    if labels.dtype.kind not in "biuUST":
        raise TypeError(f"{wanted}, got dtype {labels.dtype}")
    if labels.shape != (n_nodes,):
        raise ValueError(f"{wanted}, got shape {labels.shape}")
    return labels
