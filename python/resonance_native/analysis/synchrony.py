"""How coherent phases are: of all nodes, of groups, and around each node."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..validation import whole_number
from .checks import group_labels, phase_array, square_matrix, trajectory
from .phasors import phasors, row_blocks


def order_parameter(
    phases: ArrayLike, *, groups: ArrayLike | None = None, order: int = 1
) -> np.complex128 | NDArray[np.complex128]:
    """Order parameter of all nodes, or of each group: the mean of exp(imφ).

        r_m = (1/n) Σ_j exp(i m φ_j)

    Its modulus is 1 where the phases are equal and about 1/√n where they are random; its angle is their mean phase.

    Parameters
    ----------
    phases : array_like, (..., n)
        φ [rad].
    groups : array_like, (n,), optional
        The label of each node's group: integers, booleans or text. None: all nodes are one group.
    order : int
        m ≥ 1. Phases in m ≥ 2 equal clusters, spread evenly over the circle, have |r_m| = 1 and r_1 = 0.

    Returns
    -------
    complex, or ndarray of complex128, (...) or (..., number of groups)
        r_m [1]. With groups, column k belongs to ``numpy.unique(groups)[k]``: labels in ascending order.

    References
    ----------
    Y. Kuramoto, Chemical Oscillations, Waves, and Turbulence, Springer (1984). For m > 1: H. Daido, Order function
    and macroscopic mutual entrainment in uniformly coupled limit-cycle oscillators, Prog. Theor. Phys. 88 (1992).

    Examples
    --------
    >>> import numpy as np
    >>> from resonance_native import analysis
    >>> bool(np.isclose(abs(analysis.order_parameter([0.0, np.pi])), 0))
    True
    >>> bool(np.isclose(abs(analysis.order_parameter([0.0, np.pi], order=2)), 1))
    True
    """
    array = phase_array(phases)
    harmonic = whole_number("order", order, at_least=1)
    if array.size and not math.isfinite(harmonic * float(np.abs(array).max())):
        raise ValueError(f"order must keep order · phases within the range of float64, got {harmonic}")
    leading = array.shape[:-1]
    rows = array.reshape(-1, array.shape[-1])
    if groups is None:
        means = np.empty(len(rows), np.complex128)
        for block in row_blocks(rows):
            phasors(rows[block], harmonic).mean(axis=-1, out=means[block])
        result: np.complex128 | NDArray[np.complex128] = means.reshape(leading)[()]
        return result
    by_group = _group_means(rows, group_labels(groups, rows.shape[1]), harmonic)
    return by_group.reshape(*leading, by_group.shape[1])


def _group_means(rows: NDArray[Any], labels: NDArray[Any], order: int) -> NDArray[np.complex128]:
    """Mean phasor of each group in each row, groups in the order of their labels."""
    nodes = np.argsort(labels, kind="stable")
    _, first, size = np.unique(labels[nodes], return_index=True, return_counts=True)
    means = np.empty((len(rows), len(first)), np.complex128)
    for block in row_blocks(rows):
        np.add.reduceat(phasors(rows[block, nodes], order), first, axis=1, out=means[block])
    means /= size
    return means


def local_order_parameter(phases: ArrayLike, weights: ArrayLike) -> NDArray[np.float64]:
    """Coherence of what each node is connected to.

        r_i = |Σ_j W_ij exp(iφ_j)| / Σ_j |W_ij|

    For an adjacency matrix it is the order parameter of each node's neighbours. A node with all its neighbours in
    phase has 1, inside an incoherent region it is small: so it shows where in a network a chimera is coherent.

    Parameters
    ----------
    phases : array_like, (..., n)
        φ [rad].
    weights : array_like, (n, n)
        W [1], or an adjacency matrix. ``weights[i, j]`` acts on i from j. The diagonal counts like the rest.

    Returns
    -------
    ndarray of float64, (..., n)
        r_i in [0, 1]; NaN for a node that nothing acts on.

    Notes
    -----
    For weights that are not negative this is the published formula, at one instant instead of averaged over time. The
    sum of moduli below keeps it in [0, 1] for any weights: a neighbour in antiphase through a negative weight counts
    as coherent, as it pulls the same way.

    References
    ----------
    J. G. Restrepo, E. Ott, B. R. Hunt, Onset of synchronization in large networks of coupled oscillators,
    Phys. Rev. E 71, 036151 (2005).
    """
    array = phase_array(phases)
    n_nodes = array.shape[-1]
    matrix = square_matrix(weights, "weights", n_nodes)
    sources = _normalised_rows(matrix).T
    rows = array.reshape(-1, n_nodes)
    coherence = np.empty(rows.shape)
    for block in row_blocks(rows):
        angles = rows[block].astype(np.float64, copy=False)
        # Two real products: a complex one would be twice the work, on a complex copy of W.
        np.hypot(np.cos(angles) @ sources, np.sin(angles) @ sources, out=coherence[block])
    coherence[:, ~matrix.any(axis=1)] = np.nan
    result: NDArray[np.float64] = coherence.reshape(array.shape)
    return result


def _normalised_rows(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """``matrix`` with the moduli of each row summing to 1; rows of zeros stay."""
    # The largest entry first, so that no sum overflows.
    largest = np.abs(matrix).max(axis=1, keepdims=True)
    scaled: NDArray[np.float64] = np.divide(matrix, largest, out=np.zeros_like(matrix), where=largest > 0)
    total = np.abs(scaled).sum(axis=1, keepdims=True)
    np.divide(scaled, total, out=scaled, where=total > 0)
    return scaled


def metastability(phases: ArrayLike, *, groups: ArrayLike | None = None) -> float:
    """Variance of coherence over time, averaged over groups: λ.

        λ = mean over c of  1/(T − 1) · Σ_t (ρ_c(t) − mean over t of ρ_c)²      ρ_c = |r| of group c

    It is 0 for a network that stays as coherent as it is, and larger where groups synchronise and fall apart. A
    coherence spread uniformly over [0, 1] has 1/12.

    Parameters
    ----------
    phases : array_like, (T, n)
        φ [rad] at T ≥ 2 samples.
    groups : array_like, (n,), optional
        The label of each node's group. None: all nodes are one group.

    Returns
    -------
    float
        λ [1].

    Notes
    -----
    Some authors give the standard deviation of the global order parameter instead: its square is λ without groups.

    References
    ----------
    M. Shanahan, Metastable chimera states in community-structured oscillator networks, Chaos 20, 013108 (2010).
    """
    coherence = _coherence(phases, groups, at_least=2)
    return float(coherence.var(axis=0, ddof=1).mean())


def chimera_index(phases: ArrayLike, groups: ArrayLike) -> float:
    """Variance of coherence between groups, averaged over time: χ.

        χ = mean over t of  1/(M − 1) · Σ_c (ρ_c(t) − mean over c of ρ_c(t))²      ρ_c = |r| of group c

    It is 0 where all M groups are equally coherent, and large where some are coherent while others aren't: a chimera.

    Parameters
    ----------
    phases : array_like, (T, n)
        φ [rad] at T ≥ 1 samples.
    groups : array_like, (n,)
        The label of each node's group; M ≥ 2 different ones.

    Returns
    -------
    float
        χ [1].

    References
    ----------
    M. Shanahan, Metastable chimera states in community-structured oscillator networks, Chaos 20, 013108 (2010).
    """
    coherence = _coherence(phases, groups, at_least=1)
    if coherence.shape[1] < 2:
        raise ValueError(f"groups must hold at least 2 different labels, got {coherence.shape[1]}")
    return float(coherence.var(axis=1, ddof=1).mean())


def _coherence(phases: ArrayLike, groups: ArrayLike | None, *, at_least: int) -> NDArray[np.float64]:
    """|r| of each group (columns) at each sample of a trajectory."""
    array = trajectory(phases, at_least=at_least)
    return np.abs(order_parameter(array, groups=groups)).reshape(len(array), -1)
