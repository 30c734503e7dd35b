"""Clusters of rows, in the modes of a network."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from sklearn.base import ClusterMixin
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances_argmin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ..network import ResonanceNetwork
from ..validation import whole_number
from .base import ReadOut
from .blas import few_threads, one_thread
from .encoder import Scale
from .presenting import Parts


class ResonanceClusterer(ClusterMixin, ReadOut):
    """k-means, as scikit-learn has it, on the coordinates of :class:`~resonance_native.learn.ResonanceEmbedding`.

    What the network adds is the embedding alone: phases bound the influence of outliers, and modes leave out what few
    rows share. A cluster is kept as the mean of its rows' phasors, one complex number for each node; its centre among
    the coordinates is linear in them, so it stays where the modes change.

    Parameters
    ----------
    n_clusters : int
        Number of clusters k.
    n_modes : int, optional
        Number of modes. None is 2·n_clusters, or n_nodes where that is less: the mean phasor m of a cluster adds
        Re m mᴴ to real weights, which has rank 2.
    n_init : int
        How many times k-means starts, from different rows, to keep the best.
    n_nodes, bandwidth, scale, phase_scale, fading_factor, dtype, random_state, network : optional
        As in :class:`ResonanceEmbedding`. ``random_state`` serves k-means as well.

    Attributes
    ----------
    labels_ : ndarray of int, (N,)
        Cluster of each row of the last ``fit`` or ``partial_fit``.
    cluster_phasors_ : ndarray of complex, (k, n)
        Mean phasor of each cluster's rows. Its modulus at a node is 1 where all phases are equal.
    cluster_counts_ : ndarray, (k,)
        How many rows are in each of these means; with a fading factor old rows count for less.
    cluster_centers_ : ndarray, (k, 2·modes)
        [Vᵀ Re m, Vᵀ Im m] of these means m.
    modes_, strengths_, network_, encoder_, n_features_in_
        As in :class:`ResonanceEmbedding`.

    Notes
    -----
    ``partial_fit`` entrains the network on its rows, finds the modes anew, takes each row to the nearest centre and
    moves the means, as MiniBatchKMeans [1]_ does. The first rows start it as ``fit`` does.

    References
    ----------
    .. [1] D. Sculley, "Web-scale k-means clustering", WWW 2010.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from resonance_native.learn import ResonanceClusterer
    >>> ResonanceClusterer(3, random_state=0).fit_predict(load_iris().data).shape
    (150,)
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        n_modes: int | None = None,
        n_init: int = 3,
        n_nodes: int | None = None,
        bandwidth: float | None = 0.35,
        scale: Scale | None = "feature",
        phase_scale: float = 1.0,
        fading_factor: float | None = None,
        dtype: DTypeLike = "float64",
        random_state: Any = None,
        network: ResonanceNetwork | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_modes = n_modes
        self.n_init = n_init
        self.n_nodes = n_nodes
        self.bandwidth = bandwidth
        self.scale = scale
        self.phase_scale = phase_scale
        self.fading_factor = fading_factor
        self.dtype = dtype
        self.random_state = random_state
        self.network = network

    def fit(self, X: ArrayLike, y: Any = None) -> Self:  # noqa: ARG002
        """Entrain a network on rows, or read the one that was given, and cluster the rows in its modes.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows, at least ``n_clusters``.
        y : object
            Not used.

        Returns
        -------
        ResonanceClusterer
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            If a parameter or the rows are of the wrong kind, shape or range.
        """
        whole_number("n_clusters", self.n_clusters, at_least=1)
        whole_number("n_init", self.n_init, at_least=1)
        rows = self._rows(X, reset=True)
        if len(rows) < self.n_clusters:
            raise ValueError(f"X must have at least n_clusters = {self.n_clusters} rows, got n_samples={len(rows)}")
        self._begin(rows)
        self._read_modes(self._mode_count())
        parts = self._repeatable_parts(rows)
        embedded = self._embedded(rows, parts)
        # The network's seeds come first from an integer random_state; another draw must not repeat them.
        seed = check_random_state(self.random_state).randint(2**31 - 1, size=3)[2]
        with one_thread():
            start = KMeans(self.n_clusters, n_init=self.n_init, random_state=seed).fit(embedded).labels_
        self.cluster_phasors_ = np.zeros((self.n_clusters, self.network_.n_nodes), complex)
        self.cluster_counts_ = np.zeros(self.n_clusters)
        self._average(parts, start)
        self.labels_ = self._nearest(embedded)
        return self

    def partial_fit(self, X: ArrayLike, y: Any = None) -> Self:  # noqa: ARG002
        """Go on with more rows.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows; at first at least ``n_clusters``.
        y : object
            Not used.

        Returns
        -------
        ResonanceClusterer
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            If a parameter or the rows are of the wrong kind, shape or range.
        """
        if not hasattr(self, "labels_"):
            return self.fit(X)
        rows = self._rows(X, reset=False)
        self._continue(rows)
        self._read_modes(self._mode_count())
        self._project()
        parts = self._repeatable_parts(rows)
        self.labels_ = self._nearest(self._embedded(rows, parts))
        if self.fading_factor is not None:
            self.cluster_counts_ *= self.fading_factor ** len(rows)
        self._average(parts, self.labels_)
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.intp]:
        """The cluster of each row: that of the nearest centre.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows.

        Returns
        -------
        ndarray of int, (N,)
            Clusters, 0 to n_clusters − 1.

        Raises
        ------
        NotFittedError
            Before :meth:`fit`.
        ValueError
            If the rows are of the wrong kind, shape or range.
        """
        check_is_fitted(self, "labels_")
        return self._nearest(self._embedded(self._rows(X, reset=False)))

    def _mode_count(self) -> int:
        n_nodes = self.network_.n_nodes
        if self.n_modes is None:
            return min(2 * self.n_clusters, n_nodes)
        if whole_number("n_modes", self.n_modes, at_least=1) > n_nodes:
            raise ValueError(f"n_modes must be at most the number of nodes, {n_nodes}, got {self.n_modes}")
        return self.n_modes

    def _average(self, parts: Parts, labels: NDArray[Any]) -> None:
        """Take the rows into the mean phasors of the clusters that they are labelled with."""
        member = np.eye(len(self.cluster_counts_), dtype=self.network_.dtype)[labels]
        sums = np.zeros_like(self.cluster_phasors_)
        with few_threads(self.network_.n_nodes):
            for block, cosines, sines in parts:
                sums.real += member[block].T @ cosines
                sums.imag += member[block].T @ sines
        counts = np.bincount(labels, minlength=len(self.cluster_counts_))
        self.cluster_counts_ += counts
        shares = np.maximum(self.cluster_counts_, 1)[:, None]
        self.cluster_phasors_ += (sums - counts[:, None] * self.cluster_phasors_) / shares
        self._project()

    def _project(self) -> None:
        phasors = self.cluster_phasors_
        with few_threads(self.network_.n_nodes):
            self.cluster_centers_ = np.hstack([phasors.real @ self.modes_, phasors.imag @ self.modes_])

    def _nearest(self, embedded: NDArray[Any]) -> NDArray[np.intp]:
        # k-means leaves clusters empty where rows have fewer different values.
        used = np.flatnonzero(self.cluster_phasors_.any(axis=1))
        centres = self.cluster_centers_[used].astype(embedded.dtype)
        with one_thread():
            return np.asarray(used[pairwise_distances_argmin(embedded, centres)])
