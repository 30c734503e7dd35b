"""The strongest modes of weights: eigenvectors, from SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackNoConvergence, eigsh

# Above this many nodes Lanczos' method takes a tenth of the time of the dense one; below, neither takes long.
_DENSE_UP_TO = 2000


def top_modes(weights: NDArray[Any], count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Eigenvectors of the symmetric part of ``weights`` with the largest eigenvalues, which come first.

    Signs are fixed: the entry of largest modulus is positive.

    Parameters
    ----------
    weights : ndarray, (n, n)
        W [1].
    count : int
        How many, 1 to n.

    Returns
    -------
    strengths : ndarray, (count,)
        Eigenvalues.
    modes : ndarray, (n, count)
        Eigenvectors of length 1, as columns.
    """
    n = len(weights)
    symmetric = (weights + weights.T) / 2
    if n > _DENSE_UP_TO and count <= n // 20:
        try:
            # The start is fixed, so that the same weights have the same modes.
            start = np.random.default_rng(0).standard_normal(n).astype(symmetric.dtype)
            return _in_order(*eigsh(symmetric, k=count, which="LA", v0=start))
        except ArpackNoConvergence:
            pass
    wanted = (n - count, n - 1)
    return _in_order(*eigh(symmetric.astype(np.float64), subset_by_index=wanted, overwrite_a=True))


def _in_order(strengths: NDArray[Any], modes: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    order = np.argsort(-strengths, kind="stable")
    modes = modes[:, order].astype(np.float64)
    largest = np.abs(modes).argmax(axis=0)
    modes *= np.where(modes[largest, np.arange(modes.shape[1])] < 0, -1.0, 1.0)
    return strengths[order].astype(np.float64), modes
