"""Phasors of whole patterns, for memories."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import NotFittedError

from .. import entraining

# Fields far below this modulus are none: what rounding leaves where no link acts.
_NO_FIELD = 1e-12


def require_stored(memory: Any) -> None:
    """A NotFittedError, as scikit-learn has it, for a memory in which nothing is stored."""
    if not hasattr(memory, "patterns_"):
        raise NotFittedError(f"this {type(memory).__name__} holds nothing yet: call store first")


def finite_rows(values: ArrayLike, name: str, columns: int | None) -> NDArray[np.float64]:
    """``values`` as rows (N, d) of finite numbers."""
    rows = entraining.rows_of(values, name, columns)
    entraining.require_finite(rows, name, missing=False)
    return rows.astype(np.float64)


def checked_weights(values: ArrayLike, n_nodes: int, dtype: type) -> NDArray[Any]:
    """A copy of ``values`` as weights (n, n)."""
    weights = np.asarray(values)
    wanted = "fiuc" if dtype is complex else "fiu"
    if weights.dtype.kind not in wanted:
        raise TypeError(f"weights must be {'numbers' if dtype is complex else 'real numbers'}, got {weights.dtype}")
    if weights.shape != (n_nodes, n_nodes):
        raise ValueError(f"weights must have shape ({n_nodes}, {n_nodes}), got shape {weights.shape}")
    if not np.isfinite(weights).all():
        raise ValueError("weights must be finite, got NaN or infinity")
    return np.array(weights, dtype)


def on_unit_circle(phases: NDArray[Any]) -> NDArray[np.complex128]:
    """exp(i·phases)."""
    return np.asarray(np.exp(1j * phases))


def as_phasors(values: ArrayLike, name: str, n_nodes: int) -> NDArray[np.complex128]:
    """``values`` as phasors, (n,) or (N, n): complex numbers as they are, real numbers as phases [rad]."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiuc":
        raise TypeError(f"{name} must be phasors (complex) or phases (real), got dtype {array.dtype}")
    if array.ndim not in (1, 2) or array.shape[-1] != n_nodes:
        raise ValueError(f"{name} must have shape ({n_nodes},) or (N, {n_nodes}), got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got NaN or infinity")
    return array.astype(complex) if array.dtype.kind == "c" else on_unit_circle(array)


def normalised(field: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Each entry divided by its modulus; 0 where there is none."""
    return np.asarray(field / np.maximum(np.abs(field), _NO_FIELD))


def overlaps(patterns: NDArray[np.complex128], z: NDArray[np.complex128]) -> NDArray[np.float64]:
    """|zᴴ p|/n with each pattern p (P, n): (P,) for z (n,), (N, P) for z (N, n)."""
    return np.asarray(np.abs(z @ patterns.conj().T) / patterns.shape[1])


def nearest_pattern(overlap: NDArray[np.float64]) -> NDArray[np.intp]:
    """Index of the largest overlap, or −1 where there is none."""
    return np.asarray(np.where(overlap.max(axis=-1) > 0, overlap.argmax(axis=-1), -1))
