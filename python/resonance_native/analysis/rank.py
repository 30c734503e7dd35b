"""How many dimensions a matrix uses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checks import finite_array


def effective_rank(matrix: ArrayLike) -> np.float64 | NDArray[np.float64]:
    """Effective rank: the exponential of the entropy of the normalised singular values.

        exp(−Σ_k p_k ln p_k)      p_k = σ_k / Σ_l σ_l

    It is r for r equal singular values and zeros, and never above the rank.

    Parameters
    ----------
    matrix : array_like, (..., m, n)
        A matrix, such as ``net.weights``, or a stack of them, such as ``recording.weights``.

    Returns
    -------
    float, or ndarray of float64, (...)
        From 1 to min(m, n); 0 for a matrix of zeros.

    References
    ----------
    O. Roy, M. Vetterli, The effective rank: a measure of effective dimensionality, EUSIPCO (2007).
    """
    values = _singular_values(matrix)
    p = _shares(values)
    # 0 ln 0 is 0.
    entropy = -(p * np.log(p, out=np.zeros_like(p), where=p > 0)).sum(axis=-1)
    result: np.float64 | NDArray[np.float64] = np.where(values.any(axis=-1), np.exp(entropy), 0.0)[()]
    return result


def participation_ratio(matrix: ArrayLike) -> np.float64 | NDArray[np.float64]:
    """Participation ratio of the squared singular values.

        (Σ_k σ_k²)² / Σ_k σ_k⁴

    For centred data (samples, nodes) that is the participation ratio of their covariance's eigenvalues, the usual
    dimension of activity. It weighs large values more than :func:`effective_rank` does.

    Parameters
    ----------
    matrix : array_like, (..., m, n)
        A matrix, or a stack of them.

    Returns
    -------
    float, or ndarray of float64, (...)
        From 1 to min(m, n); 0 for a matrix of zeros.

    References
    ----------
    P. Gao, E. Trautmann, B. Yu, G. Santhanam, S. Ryu, K. Shenoy, S. Ganguli, A theory of multineuronal
    dimensionality, dynamics and measurement, bioRxiv 214262 (2017).
    """
    values = _singular_values(matrix)
    fourth = (_shares(values**2) ** 2).sum(axis=-1)
    result: np.float64 | NDArray[np.float64] = np.divide(1.0, fourth, out=np.zeros_like(fourth), where=fourth > 0)[()]
    return result


def _singular_values(matrix: ArrayLike) -> NDArray[np.float64]:
    """Singular values of each matrix, the largest entry brought to 1 so that no square over- or underflows."""
    array = finite_array(matrix, "matrix").astype(np.float64, copy=False)
    if array.ndim < 2 or 0 in array.shape[-2:]:
        raise ValueError(f"matrix must be (..., m, n) with m and n ≥ 1, got shape {array.shape}")
    largest = np.abs(array).max(axis=(-2, -1), keepdims=True)
    scaled = np.divide(array, largest, out=np.zeros_like(array), where=largest > 0)
    values: NDArray[np.float64] = np.linalg.svd(scaled, compute_uv=False)
    return values


def _shares(values: NDArray[Any]) -> NDArray[np.float64]:
    """``values`` (..., k) by their sum; zeros where that is 0."""
    total = values.sum(axis=-1, keepdims=True)
    shares: NDArray[np.float64] = np.divide(values, total, out=np.zeros_like(values), where=total > 0)
    return shares
