"""The model's parts on arrays of your own.

Matrices are (n, n), vectors (n,), phases in radians (any finite value). What is changed in place, and
``out``, must be a C-contiguous, writeable NumPy array of native float32 or float64, and is never
copied: anything else is a TypeError. Everything else may be any real array-like. A wrong shape, a NaN
or an infinity is a ValueError, found before anything is changed. The GIL is released meanwhile.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from .memory import require_memory

__all__ = ["coherence", "fused_step", "hebbian_update", "resonance"]


def coherence(phases: ArrayLike, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
    """Coherence of all pairs of nodes, cos(φ_i − φ_j).

    Parameters
    ----------
    phases : array_like, (n,)
        Phases [rad].
    out : ndarray, (n, n), optional
        Where to write the result.

    Returns
    -------
    ndarray, (n, n)
        ``out``, or a new array: float32 for float32 phases, else float64.

    Raises
    ------
    MemoryError
        If a new array would not fit in memory, before it is allocated.
    """
    phases = _core.real_array(phases, "phases")
    if out is None and phases.ndim == 1:
        size = (4 if phases.dtype == np.float32 else 8) * phases.size**2
        require_memory(size, f"the coherence of {phases.size} phases", "use fewer phases, or float32")
    return _core.coherence(phases, out)


def hebbian_update(
    weights: NDArray[Any],
    phases: ArrayLike,
    amplitudes: ArrayLike,
    *,
    learning_rate: float = 0.01,
    decay: float = 0.99,
    learning_lag: float = 0.0,
) -> None:
    """Grow and decay the weights in place: W ← decay·(W + η cos(φ_i − φ_j − β) a_i a_j).

    Parameters
    ----------
    weights : ndarray, (n, n)
        W, changed in place. ``weights[i, j]`` acts on i from j.
    phases : array_like, (n,)
        φ [rad].
    amplitudes : array_like, (n,)
        a.
    learning_rate : float
        η, finite.
    decay : float
        In [0, 1].
    learning_lag : float
        β [rad], finite.

    Notes
    -----
    Weights that grow beyond the range of their dtype become infinite, as in NumPy.
    """
    _core.hebbian_update(weights, phases, amplitudes, learning_rate, decay, learning_lag)


def resonance(weights: ArrayLike, phases: ArrayLike, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
    """Resonance of every node, Σ_j W_ij cos(φ_i − φ_j).

    Parameters
    ----------
    weights : array_like, (n, n)
        W.
    phases : array_like, (n,)
        φ [rad].
    out : ndarray, (n,), optional
        Where to write the result; its dtype is the one computed in.

    Returns
    -------
    ndarray, (n,)
        ``out``, or a new array: float32 for float32 weights, else float64.
    """
    return _core.resonance(weights, phases, out)


def fused_step(
    weights: NDArray[Any],
    phases: ArrayLike,
    amplitudes: NDArray[Any],
    *,
    learning_rate: float = 0.01,
    decay: float = 0.99,
    gain: float = 1.0,
    learning_lag: float = 0.0,
) -> None:
    """``hebbian_update``, then a ← tanh(gain · resonance of the new W), in one pass over W.

    Parameters
    ----------
    weights : ndarray, (n, n)
        W, changed in place.
    phases : array_like, (n,)
        φ [rad].
    amplitudes : ndarray, (n,)
        a, changed in place; of the dtype of ``weights``, and not part of it.
    learning_rate, decay, learning_lag : float
        As in :func:`hebbian_update`.
    gain : float
        Finite.

    Raises
    ------
    FloatingPointError
        If the weights grow beyond the range of their dtype.
    """
    _core.fused_step(weights, phases, amplitudes, learning_rate, decay, gain, learning_lag)
