"""From rows of data to phase offsets."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data

from ..validation import positive_number, whole_number

Scale = Literal["feature", "global"]

# Rows of which columns' scales and the median distance are taken: errors are then about a hundredth, and rows in a file
# are read once only.
_ROWS_FOR_SCALES = 20_000
_ROWS_FOR_DISTANCES = 1000
# Values whose mean and deviation are taken at a time: what they need in between stays in a cache.
_VALUES_AT_A_TIME = 2**20
# |mean| of a column in standard deviations from which rounding of (Ω x − Ω mean) would show in float32.
_FAR_FROM_ZERO = 1e3


class PhaseEncoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Phase offsets of rows: ``phase_scale`` · Ω · scaled(x).

    With a bandwidth, these are random Fourier features [1]_ before the cosine: for phasors z(x) = exp(iΩx), the mean
    of conj(z(x))·z(y) over the nodes tends to the Gaussian kernel exp(−‖x − y‖²/(2σ²)) of the scaled rows, with an
    error of about 1/√n_nodes. σ is ``bandwidth`` times the rows' median distance, divided by ``phase_scale``. Without
    one, each column has a node of its own.

    Parameters
    ----------
    n_nodes : int or None
        Number of nodes n. None is one node per column, and needs ``bandwidth=None``.
    bandwidth : float or None
        Width of the kernel [median distance of two different rows], > 0: entries of Ω are drawn from
        N(0, 1/(bandwidth · median)²). None is one node per column: Ω is the identity, and ``n_nodes`` must be
        None or the number of columns. A missing value (NaN) then passes through, and makes a silent node.
    scale : {"feature", "global"} or None
        "feature" takes from each column its mean and divides by its standard deviation. "global" has one mean and one
        standard deviation for all columns, for columns of one unit, such as pixels. None leaves rows as they are.
    phase_scale : float
        Factor on all phases [rad], > 0. Of one node per column: radians for a standard deviation.
    random_state : int, RandomState instance or None
        What to draw Ω from, and the rows for scales and median distance.

    Attributes
    ----------
    projection_ : ndarray, (n_nodes, d)
        phase_scale · Ω, with the division by the columns' scales in it [rad per unit of x]. Of one node per column
        its diagonal, (d,).
    mean_, scale_ : ndarray, (d,)
        What is taken from the columns and what they are divided by; 0 and 1 where ``scale`` is None. A constant column
        has scale 1. Of more than 20,000 rows, so many random ones are looked at.
    median_distance_ : float
        Median distance of two different scaled rows, among at most 1000 random rows; 1 where all are equal.
        Only with a bandwidth.
    n_features_in_ : int
        Number of columns d.

    Notes
    -----
    ``transform`` is one matrix product and one addition: scaling is folded into them, but for data with a column
    further than 1000 standard deviations from 0, which are centred first. float32 rows give float32 phases.

    References
    ----------
    .. [1] A. Rahimi and B. Recht, "Random features for large-scale kernel machines", NeurIPS 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from resonance_native.learn import PhaseEncoder
    >>> rows = np.random.default_rng(0).normal(size=(100, 5))
    >>> PhaseEncoder(200, random_state=0).fit_transform(rows).shape
    (100, 200)
    """

    def __init__(
        self,
        n_nodes: int | None,
        *,
        bandwidth: float | None = 0.35,
        scale: Scale | None = "feature",
        phase_scale: float = 1.0,
        random_state: Any = None,
    ) -> None:
        self.n_nodes = n_nodes
        self.bandwidth = bandwidth
        self.scale = scale
        self.phase_scale = phase_scale
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: Any = None) -> Self:  # noqa: ARG002
        """Learn the columns' scales and the median distance, and draw Ω.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows, float32 or float64; finite, but for NaN where each column has a node of its own.
        y : object
            Not used.

        Returns
        -------
        PhaseEncoder
            The encoder itself.

        Raises
        ------
        TypeError, ValueError
            If a parameter or the rows are of the wrong kind, shape or range.
        """
        bandwidth = None if self.bandwidth is None else positive_number("bandwidth", self.bandwidth)
        phase_scale = positive_number("phase_scale", self.phase_scale)
        rows = self._rows(X, reset=True)
        n_nodes = self._node_count(rows.shape[1])
        rng = check_random_state(self.random_state)
        omega = None if bandwidth is None else rng.standard_normal((n_nodes, rows.shape[1]))
        order = rng.permutation(len(rows))
        mean, deviation = self._column_scales(rows, np.sort(order[:_ROWS_FOR_SCALES]))
        projection = phase_scale / deviation
        if bandwidth is not None and omega is not None:
            self.median_distance_ = _median_distance((rows[order[:_ROWS_FOR_DISTANCES]] - mean) / deviation)
            projection = omega * (projection / (bandwidth * self.median_distance_))
        self.mean_, self.scale_, self.projection_ = mean, deviation, projection
        self._far = bool(np.any(np.abs(mean) > _FAR_FROM_ZERO * deviation))
        self._n_features_out = n_nodes
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Phase offsets of rows.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows, as in :meth:`fit`.

        Returns
        -------
        ndarray, (N, n_nodes)
            Phase offsets [rad], in the rows' dtype.

        Raises
        ------
        NotFittedError
            Before :meth:`fit`.
        ValueError
            If the rows are of the wrong kind, shape or range.
        """
        check_is_fitted(self, "projection_")
        rows = self._rows(X, reset=False)
        one_to_one = self.projection_.ndim == 1
        projection, rest = self.projection_.astype(rows.dtype), self.mean_
        if one_to_one or self._far:
            # What rounding takes from the mean is made up for below.
            centre = self.mean_.astype(rows.dtype)
            rows, rest = rows - centre, self.mean_ - centre
        phases = np.asarray(rows * projection if one_to_one else rows @ projection.T)
        if rest.any():
            phases -= (self.projection_ * rest if one_to_one else self.projection_ @ rest).astype(rows.dtype)
        return phases

    def phase_map(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """What a network needs to encode rows itself, as part of its passes over the weights.

        Returns
        -------
        projection : ndarray, (n_nodes, d)
        shift : ndarray, (n_nodes,)
            ``transform(x)`` is ``projection @ x + shift`` [rad], within rounding. None where there is no such map: one
            node per column, columns very far from zero, or a subclass with a transform of its own.

        Raises
        ------
        NotFittedError
            Before :meth:`fit`.
        """
        check_is_fitted(self, "projection_")
        if self.projection_.ndim == 1 or self._far or type(self).transform is not PhaseEncoder.transform:
            return None
        return self.projection_, -(self.projection_ @ self.mean_)

    def _rows(self, X: ArrayLike, reset: bool) -> NDArray[Any]:
        finite: Any = "allow-nan" if self.bandwidth is None else True
        checked = validate_data(self, X, reset=reset, dtype=(np.float64, np.float32), ensure_all_finite=finite)
        return np.asarray(checked)

    def _node_count(self, columns: int) -> int:
        if self.n_nodes is None:
            if self.bandwidth is not None:
                raise ValueError(f"n_nodes must be an integer where bandwidth is not None, got {self.n_nodes!r}")
            return columns
        count = whole_number("n_nodes", self.n_nodes, at_least=1)
        if self.bandwidth is None and count != columns:
            raise ValueError(
                f"n_nodes must be None or the number of columns, {columns}, where bandwidth is None, got {count}"
            )
        return count

    def _column_scales(
        self, rows: NDArray[Any], chosen: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation to scale by, for each column, of the chosen rows."""
        columns = rows.shape[1]
        if self.scale is None:
            return np.zeros(columns), np.ones(columns)
        if self.scale not in ("feature", "global"):
            raise ValueError(f'scale must be "feature", "global" or None, got {self.scale!r}')
        scaler = StandardScaler()
        with np.errstate(invalid="ignore"):  # a column of which nothing was ever seen has no mean
            for block in gen_batches(len(chosen), max(1, _VALUES_AT_A_TIME // columns)):
                some = rows[chosen[block]]
                scaler.partial_fit(some if self.scale == "feature" else some.reshape(-1, 1))
        known = np.isfinite(scaler.mean_)
        mean = np.where(known, scaler.mean_, 0.0)
        deviation = np.where(known, scaler.scale_, 1.0)
        return np.broadcast_to(mean, columns).copy(), np.broadcast_to(deviation, columns).copy()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.bandwidth is None
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _median_distance(rows: NDArray[Any]) -> float:
    """Median distance of two rows that differ, or 1."""
    kinds = np.unique(rows, axis=0, return_inverse=True)[1].ravel()
    distances = euclidean_distances(rows.astype(np.float64, copy=False))[kinds[:, None] != kinds]
    median = float(np.median(distances)) if distances.size else 0.0
    return median if median > 0 else 1.0
