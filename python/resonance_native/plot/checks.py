"""Checks of what is to be drawn: finite arrays of the right shape, or an error that names them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from resonance_native import _core

Array = NDArray[np.float64]


def finite_array(name: str, values: Any, wanted: str, ndim: int | tuple[int, ...]) -> Array:
    """``values`` as float64 of so many dimensions, none of them empty; ``wanted`` says the shape in the error."""
    array = np.asarray(_core.real_array(values, name), np.float64)
    if array.ndim not in np.atleast_1d(ndim) or array.size == 0:
        raise ValueError(f"{name} must have shape {wanted}, got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got NaN or infinity in it")
    return array


def one_a_node(name: str, values: Any, n_nodes: int) -> Array:
    """``values`` as a finite array of shape (n,)."""
    array = finite_array(name, values, f"({n_nodes},)", 1)
    if len(array) != n_nodes:
        raise ValueError(f"{name} must have shape ({n_nodes},), one value a node, got {array.shape}")
    return array


def sample_times(time: Any, samples: int) -> tuple[Array, str]:
    """Times that rise [s] and the axis' label; without ``time`` the numbers of the samples."""
    if time is None:
        return np.arange(samples, dtype=np.float64), "sample"
    times = finite_array("time", time, f"({samples},)", 1)
    if len(times) != samples:
        raise ValueError(f"time must have shape ({samples},), one value a sample, got {times.shape}")
    if not (np.diff(times) > 0).all():
        raise ValueError("time must rise from sample to sample, got times that stay or fall")
    return times, "time [s]"


def square_matrix(name: str, values: Any) -> Array:
    """``values`` as a finite square matrix."""
    matrix = finite_array(name, values, "(n, n)", 2)
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"{name} must have shape (n, n), got {matrix.shape}")
    return matrix


def group_numbers(name: str, labels: Any, n_nodes: int) -> tuple[NDArray[np.intp], list[Any]]:
    """Group of each node as a number from 0 on, and the labels that the numbers stand for, sorted."""
    array = np.asarray(labels)
    if array.shape != (n_nodes,):
        raise ValueError(f"{name} must have shape ({n_nodes},), one label a node, got {array.shape}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got NaN or infinity in it")
    found, numbers = np.unique(array, return_inverse=True)
    return numbers.reshape(-1), found.tolist()
