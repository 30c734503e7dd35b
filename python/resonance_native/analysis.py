"""What the phases and weights of oscillators tell: order, frequencies, locking, clusters, metastability, rank.

Functions of arrays: of a :class:`resonance_native.Recording`'s, of a network's, or of any others. Phases are in rad,
any real values, with nodes along the last axis; trajectories have time along the first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from .validation import whole_number

__all__ = [
    "chimera_index",
    "effective_rank",
    "local_order_parameter",
    "locked_clusters",
    "mean_frequency",
    "metastability",
    "order_parameter",
    "phase_locking_matrix",
]

_NUMBERS_AT_A_TIME = 2**22  # of a trajectory, so that what is made of it stays small beside it


def order_parameter(phases: ArrayLike, *, groups: ArrayLike | None = None, order: int = 1) -> Any:
    """Mean of exp(i·m·φ) over all nodes, or over those of each group.

    Parameters
    ----------
    phases : array_like, (..., n)
        φ [rad].
    groups : array_like of int or str, (n,), optional
        The group of each node.
    order : int
        m ≥ 1. With m = 2, two clusters in opposite phase have modulus 1 [2]_.

    Returns
    -------
    complex or ndarray, (...) or (..., G)
        r·exp(iψ): r is 1 where all phases are equal, near 0 where they are spread [1]_. Groups are in the order of
        ``numpy.unique(groups)``.

    References
    ----------
    .. [1] Y. Kuramoto, "Self-entrainment of a population of coupled non-linear oscillators", 1975.
    .. [2] H. Daido, "Order function and macroscopic mutual entrainment in uniformly coupled limit-cycle oscillators",
       Progress of Theoretical Physics 88, 1992.

    Examples
    --------
    >>> import numpy as np
    >>> from resonance_native.analysis import order_parameter
    >>> np.round(order_parameter([0.0, 0.0, np.pi, np.pi], groups=["a", "a", "b", "b"]), 12)
    array([ 1.+0.j, -1.+0.j])
    """
    m = whole_number("order", order, at_least=1)
    phi = _phases(phases, at_least=1)
    if groups is None:
        mean = np.exp(1j * m * phi).mean(axis=-1)
        return complex(mean) if mean.ndim == 0 else mean
    members, _ = _members(groups, phi.shape[-1])
    return np.exp(1j * m * phi) @ (members / members.sum(axis=0))


def local_order_parameter(phases: ArrayLike, adjacency: ArrayLike) -> NDArray[np.float64]:
    """How coherent the neighbours of each node are: |Σ_j |A_ij| exp(iφ_j)| / Σ_j |A_ij|.

    Parameters
    ----------
    phases : array_like, (..., n)
        φ [rad].
    adjacency : array_like, (n, n)
        A, such as weights: A[i, j] acts on i from j, and counts by its magnitude.

    Returns
    -------
    ndarray, (..., n)
        In [0, 1]; 0 for a node without neighbours.

    References
    ----------
    .. [1] J. G. Restrepo, E. Ott, B. R. Hunt, "Onset of synchronization in large networks of coupled oscillators",
       Physical Review E 71, 036151, 2005, where the sum is not divided.
    """
    phi = _phases(phases, at_least=1)
    strengths = np.abs(_square(adjacency, "adjacency", phi.shape[-1]))
    total = strengths.sum(axis=1)
    sums = np.abs(np.exp(1j * phi) @ strengths.T)
    return np.asarray(np.divide(sums, total, out=np.zeros_like(sums), where=total > 0))


def mean_frequency(phases: ArrayLike, time: ArrayLike) -> NDArray[np.float64]:
    """Mean frequency of each node over a trajectory [Hz], from the turns between its first and last sample.

    Parameters
    ----------
    phases : array_like, (T, n)
        φ [rad], T ≥ 2. From one sample to the next a phase is taken to move by less than half a turn: what moves
        further seems slower.
    time : float or array_like, (T,)
        Time between two samples, or the time of each [s], increasing.

    Returns
    -------
    ndarray, (n,)
        Where a phase diffuses, the way between its ends is all that tells of its frequency, and a fit to all samples
        would be less exact.
    """
    phi = _phases(phases, ndim=2, at_least=2)
    seconds = _core.real_array(time, "time").astype(np.float64)
    if seconds.ndim == 0:
        span = float(seconds) * (len(phi) - 1)
    elif seconds.shape == (len(phi),):
        span = float(seconds[-1] - seconds[0]) if np.all(np.diff(seconds) > 0) else 0.0
    else:
        raise ValueError(f"time must be a number or have shape ({len(phi)},), got shape {seconds.shape}")
    if not (span > 0 and np.isfinite(span)):
        raise ValueError("time must increase from sample to sample, and be finite")
    turned = np.zeros(phi.shape[1])
    for block in _blocks(len(phi) - 1, phi.shape[1]):
        ways = np.diff(phi[block.start : block.stop + 1], axis=0)
        turned += ((ways + np.pi) % (2 * np.pi) - np.pi).sum(axis=0)
    return turned / (2 * np.pi * span)


def phase_locking_matrix(phases: ArrayLike) -> NDArray[np.float64]:
    """How constant the difference of each two phases is: |mean over time of exp(i(φ_i − φ_j))|.

    Parameters
    ----------
    phases : array_like, (T, n)
        φ [rad].

    Returns
    -------
    ndarray, (n, n)
        Symmetric, 1 on the diagonal and where two phases are locked, near 0 where they drift freely (1/√T for
        independent samples).

    References
    ----------
    .. [1] J.-P. Lachaux, E. Rodriguez, J. Martinerie, F. J. Varela, "Measuring phase synchrony in brain signals",
       Human Brain Mapping 8, 1999.
    """
    phi = _phases(phases, ndim=2, at_least=1)
    sums = np.zeros((phi.shape[1], phi.shape[1]), dtype=complex)
    for block in _blocks(*phi.shape):
        phasors = np.exp(1j * phi[block])
        sums += phasors.T @ phasors.conj()
    locking = np.abs(sums) / len(phi)
    np.fill_diagonal(locking, 1.0)
    return np.minimum(locking, 1.0)


def locked_clusters(locking: ArrayLike, threshold: float = 0.95) -> NDArray[np.int64]:
    """Clusters of nodes that are locked to one another, directly or through others. Needs SciPy.

    Parameters
    ----------
    locking : array_like, (n, n)
        Symmetric, as :func:`phase_locking_matrix` returns it.
    threshold : float
        Least locking [1] of two nodes that belong together, in (0, 1].

    Returns
    -------
    ndarray of int, (n,)
        The cluster of each node, 0 for the largest; of equal ones the one with the first node comes first. A node that
        is locked to none is a cluster of its own.

    Notes
    -----
    These are the connected components of the thresholded matrix. A node that is locked to two groups in turn joins
    them, as it does in the dynamics.
    """
    try:
        from scipy.sparse.csgraph import connected_components
    except ImportError:
        raise ImportError('locked_clusters needs SciPy; try: pip install "resonance-native[sim]"') from None
    matrix = _square(locking, "locking", None)
    if not np.allclose(matrix, matrix.T, rtol=0, atol=1e-6):
        raise ValueError("locking must be symmetric, as phase_locking_matrix returns it")
    least = _core.real_number(threshold, "threshold")
    if not 0 < least <= 1:
        raise ValueError(f"threshold must be in (0, 1], got {threshold!r}")
    _, labels = connected_components(matrix >= least, directed=False)
    _, first, inverse, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return rank[inverse]


def metastability(phases: ArrayLike, *, groups: ArrayLike | None = None) -> float:
    """How much the order of groups comes and goes: the variance over time of |r|, averaged over the groups.

    Parameters
    ----------
    phases : array_like, (T, n)
        φ [rad], T ≥ 2.
    groups : array_like, (n,), optional
        The group of each node. None is one group of all.

    Returns
    -------
    float
        Shanahan's λ [1]_: 0 for groups whose order never changes.

    References
    ----------
    .. [1] M. Shanahan, "Metastable chimera states in community-structured oscillator networks", Chaos 20, 013108, 2010.
    """
    phi = _phases(phases, ndim=2, at_least=2)
    order = np.abs(order_parameter(phi, groups=np.zeros(phi.shape[1]) if groups is None else groups))
    return float(order.var(axis=0, ddof=1).mean())


def chimera_index(phases: ArrayLike, groups: ArrayLike) -> float:
    """How unequally groups are ordered: the variance of |r| over the groups, averaged over time.

    Parameters
    ----------
    phases : array_like, (T, n)
        φ [rad].
    groups : array_like, (n,)
        The group of each node, of at least two groups.

    Returns
    -------
    float
        Shanahan's χ (see :func:`metastability`): 0 where all groups are equally ordered; for G groups at most
        G / (4 (G − 1)), where half of them are in order and half not at all.
    """
    order = np.abs(order_parameter(_phases(phases, ndim=2, at_least=1), groups=groups))
    if order.shape[1] < 2:
        raise ValueError("groups must name at least two groups, got one")
    return float(order.var(axis=1, ddof=1).mean())


def effective_rank(weights: ArrayLike) -> Any:
    """How many directions a matrix has that count: exp(−Σ p ln p) with p the singular values divided by their sum.

    Parameters
    ----------
    weights : array_like, (..., m, n)
        W.

    Returns
    -------
    float or ndarray, (...)
        From 1, for a matrix of rank one, to min(m, n), where all singular values are equal; 0 for zeros alone.

    References
    ----------
    .. [1] O. Roy, M. Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007.
    """
    matrix = _finite(weights, "weights")
    if matrix.ndim < 2 or 0 in matrix.shape[-2:]:
        raise ValueError(f"weights must have shape (..., m, n) with m, n ≥ 1, got shape {matrix.shape}")
    values = np.linalg.svd(matrix, compute_uv=False)
    total = values.sum(axis=-1, keepdims=True)
    p = np.divide(values, total, out=np.zeros_like(values), where=total > 0)
    entropy = -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=-1)
    rank = np.where(total[..., 0] > 0, np.exp(entropy), 0.0)
    return float(rank) if rank.ndim == 0 else rank


def _finite(values: ArrayLike, name: str) -> NDArray[np.float64]:
    array = _core.real_array(values, name).astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got a NaN or an infinity")
    return array


def _phases(phases: ArrayLike, *, ndim: int | None = None, at_least: int) -> NDArray[np.float64]:
    """Phases with nodes along the last axis, or a trajectory (T, n) with T ≥ ``at_least``."""
    phi = _finite(phases, "phases")
    if ndim is None and (phi.ndim == 0 or phi.shape[-1] < at_least):
        raise ValueError(f"phases must have shape (..., n) with n ≥ {at_least}, got shape {phi.shape}")
    if ndim is not None and (phi.ndim != ndim or len(phi) < at_least or phi.shape[-1] == 0):
        raise ValueError(f"phases must have shape (T, n) with T ≥ {at_least} and n ≥ 1, got shape {phi.shape}")
    return phi


def _square(values: ArrayLike, name: str, n: int | None) -> NDArray[np.float64]:
    matrix = _finite(values, name)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or n not in (None, len(matrix)) or matrix.size == 0:
        wanted = "(n, n) with n ≥ 1" if n is None else f"({n}, {n})"
        raise ValueError(f"{name} must have shape {wanted}, got shape {matrix.shape}")
    return matrix


def _members(groups: ArrayLike, n: int) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Which nodes belong to which group, (n, G), and the groups' names."""
    labels = np.asarray(groups)
    if labels.shape != (n,):
        raise ValueError(f"groups must have shape ({n},), one for each node, got shape {labels.shape}")
    names, index = np.unique(labels, return_inverse=True)
    return (index[:, None] == np.arange(len(names))).astype(np.float64), names


def _blocks(rows: int, width: int) -> list[slice]:
    step = max(1, _NUMBERS_AT_A_TIME // width)
    return [slice(first, min(first + step, rows)) for first in range(0, rows, step)]
