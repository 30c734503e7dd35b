"""Initial weights that a user gives for factored storage."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import _core
from .factored_weights import FactoredWeights
from .memory import require_memory
from .weight_parts import WeightParts


def as_low_rank(values: Any, n: int, dtype: DTypeLike) -> WeightParts:
    """The parts of initial weights, in ``dtype``: finite, and the network's own or read-only.

    Parameters
    ----------
    values
        A tuple or list of two arrays A and B, (n, k) or (n,) each, for W = A Bᵀ; other factored weights of n nodes; or
        weights (n, n), which become the base. Two rows of two numbers, as lists or tuples, are weights (2, 2).
    n
        Number of nodes.
    dtype
        float32 or float64.

    Raises
    ------
    TypeError, ValueError
        If the values don't fit, aren't real or aren't finite.
    MemoryError
        If the parts would not fit, before they are allocated.
    """
    dtype = np.dtype(dtype)
    if isinstance(values, FactoredWeights):
        return _of_factored(values, n, dtype)
    if isinstance(values, tuple | list) and len(values) == 2 and not _is_two_rows(values, n):
        return _of_pair(values, n, dtype)
    return _of_dense(values, n, dtype)


def _is_two_rows(values: Any, n: int) -> bool:
    """Whether two nodes' weights are written out, rather than two arrays given."""
    return n == 2 and all(
        isinstance(row, tuple | list) and len(row) == 2 and all(np.isscalar(number) for number in row) for row in values
    )


def _of_pair(values: Any, n: int, dtype: np.dtype[Any]) -> WeightParts:
    """Columns a_k and b_k of A and B are a pair whose core [[0, 1], [0, 0]] makes a_k b_kᵀ of it."""
    left, right = (_columns(value, f"weights[{side}]", n) for side, value in enumerate(values))
    pairs = left.shape[1]
    if right.shape[1] != pairs:
        raise ValueError(f"weights must be (A, B) with as many columns each, got {pairs} and {right.shape[1]}")
    what = f"weights as two arrays ({n}, {pairs}) in {dtype}"
    require_memory(dtype.itemsize * 2 * pairs * n, what, "give fewer columns")
    factors = np.empty((2 * pairs, n), dtype)
    copy_finite(left.T, factors[0::2], "weights[0]")
    copy_finite(right.T, factors[1::2], "weights[1]")
    cores = np.zeros((pairs, 2, 2))
    cores[:, 0, 1] = 1.0
    return WeightParts(factors, cores, None, 0.0, 0.0)


def _columns(values: Any, name: str, n: int) -> NDArray[Any]:
    array = _core.real_array(values, name)
    if array.ndim not in (1, 2) or len(array) != n:
        raise ValueError(f"{name} must have shape ({n}, k) or ({n},), got {array.shape}")
    return array.reshape(n, -1) if array.ndim == 1 else array


def _of_factored(weights: FactoredWeights, n: int, dtype: np.dtype[Any]) -> WeightParts:
    if len(weights) != n:
        raise ValueError(f"weights must be those of {n} nodes, got factored weights of {len(weights)}")
    parts = weights.parts
    base = None if parts.base is None else _of_dtype(parts.base, dtype)
    if not np.isfinite(parts.cores).all():
        raise ValueError("weights must be finite, got NaN or infinity in their cores")
    return parts._replace(factors=_of_dtype(parts.factors, dtype), base=base)


def _of_dtype(array: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """A finite array in ``dtype``: itself where it can be."""
    if array.dtype == dtype:
        _require_finite(array, "weights")
        return array
    require_memory(dtype.itemsize * array.size, f"factored weights in {dtype}", f"keep them in {array.dtype}")
    made = np.empty(array.shape, dtype)
    copy_finite(array, made, "weights")
    return made


def _of_dense(values: Any, n: int, dtype: np.dtype[Any]) -> WeightParts:
    array = _core.real_array(values, "weights")
    if array.shape != (n, n):
        wanted = f"have shape ({n}, {n}), or be a pair (A, B) of arrays ({n}, k), for weights A Bᵀ"
        raise ValueError(f"weights must {wanted}, got shape {array.shape}")
    require_memory(dtype.itemsize * n**2, f"weights ({n}, {n}) in {dtype}", "a pair (A, B) of arrays stands for A Bᵀ")
    base = np.empty((n, n), dtype)
    copy_finite(array, base, "weights")
    return WeightParts(np.empty((0, n), dtype), np.empty((0, 2, 2)), base, 1.0, 0.0)


def copy_finite(source: NDArray[Any], target: NDArray[Any], name: str) -> None:
    """Copy numbers that are finite and stay so in the target's dtype, or raise an error that names them."""
    with np.errstate(over="ignore"):  # told below
        target[...] = source
    if not _is_finite(target):
        _require_finite(source, name)
        raise ValueError(f"{name} must be within the range of {target.dtype}, got up to {np.abs(source).max():.3g}")


def _require_finite(array: NDArray[Any], name: str) -> None:
    if not _is_finite(array):
        raise ValueError(f"{name} must be finite, got NaN or infinity in it")


def _is_finite(array: NDArray[Any]) -> bool:
    """Row by row: masks of a large array's size would take much memory."""
    return all(np.isfinite(row).all() for row in array)
