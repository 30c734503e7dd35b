"""Attention through phase alignment: the hybrid of the Resonance Network and a transformer's attention."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from .memory import require_memory

__all__ = ["ResonanceTransformer", "phase_attention"]


def phase_attention(
    q: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    phase_q: ArrayLike,
    phase_k: ArrayLike,
    *,
    scale: float = 1.0,
    causal: bool = False,
    key_mask: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Attention whose scores are multiplied by the coherence of query and key: softmax(QKᵀ ∘ cos(φ_q − φ_k)) V.

    The scores, an Lq × Lk array, are never in memory: beside inputs and result a call takes less than 1 MiB a
    thread at d = 64. Results have the same bits for any number of threads.

    Parameters
    ----------
    q : array_like, (..., Lq, d)
        Queries.
    k : array_like, (..., Lk, d)
        Keys.
    v : array_like, (..., Lk, dv)
        Values. The leading axes of all arguments broadcast by NumPy's rules.
    phase_q : array_like, (..., Lq)
        Phases of the queries [rad], any finite value.
    phase_k : array_like, (..., Lk)
        Phases of the keys [rad].
    scale : float
        Of the scores, finite. 1 as published; transformers take 1/√d, as does
        :func:`resonance_native.torch.phase_attention`.
    causal : bool
        Whether query i sees only keys j ≤ i + Lk − Lq, so that the last query sees all keys. (PyTorch aligns
        ``is_causal`` with the first ones instead.)
    key_mask : array_like of bool, (..., Lk), optional
        True for visible keys. What is hidden is never read.
    out : ndarray, (..., Lq, dv), optional
        Where to write the result: C-contiguous and of native float32 or float64, in which all is computed then. It
        may share memory with the inputs.

    Returns
    -------
    ndarray, (..., Lq, dv)
        ``out``, or a new array: float32 where q, k and v are of native float32, else float64. A query that sees no key
        gets zeros.

    Raises
    ------
    ValueError, TypeError
        For a wrong shape or dtype, a NaN or an infinity, before ``out`` is written.
    FloatingPointError
        If scores are beyond the range of the dtype.
    MemoryError
        If a new result would not fit in memory, before it is allocated.

    Notes
    -----
    Float arrays of the dtype that is computed in are read where they lie as long as their last axis is contiguous,
    with any other strides, heads in the middle, say. Ctrl-C stops a long call, and leaves ``out`` partly written. The
    GIL is released meanwhile. The formula is that of the Resonance Network's article, ``scores = Q Kᵀ; scores *=
    cos(φ_q − φ_k); softmax(scores) @ V``; tiles with running maxima and sums follow Milakov and Gimelshein (2018) and
    Rabe and Staats (2021).
    """
    q, k, v = _core.real_array(q, "q"), _core.real_array(k, "k"), _core.real_array(v, "v")
    phase_q, phase_k = _core.real_array(phase_q, "phase_q"), _core.real_array(phase_k, "phase_k")
    if out is None:
        _require_memory(q, k, v, phase_q, phase_k)
    return _core.phase_attention(q, k, v, phase_q, phase_k, scale, causal, key_mask, out, None)


def _require_memory(q: Any, k: Any, v: Any, phase_q: Any, phase_k: Any) -> None:
    """Refuse a result that would not fit. What does not broadcast is left for the core to say."""
    if min(q.ndim, k.ndim, v.ndim) < 2:
        return
    try:
        leading = np.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2], phase_q.shape[:-1], phase_k.shape[:-1])
    except ValueError:
        return
    item = 4 if q.dtype == k.dtype == v.dtype == np.float32 else 8
    size = item * int(np.prod(leading, dtype=object)) * q.shape[-2] * v.shape[-1]
    if size > 2**20:  # to ask the system would take as long as a small call
        require_memory(size, f"the attention of shape {(*leading, q.shape[-2], v.shape[-1])}", "use float32, or loop")


class ResonanceTransformer:
    """Attention with given phases, as the article on the Resonance Network writes it.

    Parameters
    ----------
    phase_q : array_like, (..., Lq)
        Phases of the queries [rad].
    phase_k : array_like, (..., Lk)
        Phases of the keys [rad].
    """

    def __init__(self, phase_q: ArrayLike, phase_k: ArrayLike) -> None:
        self.phase_q, self.phase_k = _phases(phase_q, "phase_q"), _phases(phase_k, "phase_k")

    def attention(self, Q: ArrayLike, K: ArrayLike, V: ArrayLike) -> NDArray[Any]:  # noqa: N803 (the article's names)
        """``softmax(Q Kᵀ ∘ cos(φ_q − φ_k)) @ V``: :func:`phase_attention` at its defaults.

        Parameters
        ----------
        Q : array_like, (..., Lq, d)
            Queries.
        K : array_like, (..., Lk, d)
            Keys.
        V : array_like, (..., Lk, dv)
            Values.

        Returns
        -------
        ndarray, (..., Lq, dv)
        """
        return phase_attention(Q, K, V, self.phase_q, self.phase_k)


def _phases(phases: ArrayLike, name: str) -> NDArray[np.float64]:
    """A copy of phases (..., L), or an error that names them."""
    array: NDArray[np.float64] = np.array(_core.real_array(phases, name), np.float64)
    if array.ndim < 1:
        raise ValueError(f"{name} must have shape (..., L), got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    return array
