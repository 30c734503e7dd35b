"""Labels, from mean phasors."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ..entraining import blocks
from .encoder import PhaseEncoder, Scale
from .presenting import phasor_parts


class ResonanceClassifier(ClassifierMixin, BaseEstimator):
    """The class whose mean phasors are nearest, over the inputs that are there.

    Each class c keeps the mean m_c of its rows' phasors z = exp(iΩx), for each node over the rows in which it is not
    silent. A row's class is that with the least mean of |z − m_c|² over its visible nodes. With one node per column
    that is a nearest centroid classifier on the unit circle, and a missing value (NaN) is left out rather than filled
    in; with random features it is one in the space of random Fourier features [1]_. Learning is counting: one pass,
    in any order, without a loss.

    φ⁰ has no part in it: distances between phasors don't depend on it. To delete nodes, set their columns of
    ``class_phasors_`` to 0: every class then misses such a node by the same distance, 1.

    Parameters
    ----------
    n_nodes : int, optional
        None is one node per column, and takes missing values. An int is so many random features, at ``bandwidth``.
    bandwidth : float
        Width of the kernel of random features [median distance of rows]; see :class:`PhaseEncoder`.
    scale : {"feature", "global"} or None
        How columns are scaled; see :class:`PhaseEncoder`.
    phase_scale : float
        Factor on the phases [rad].
    random_state : int, RandomState instance or None
        What to draw Ω from.

    Attributes
    ----------
    classes_ : ndarray, (k,)
        Labels.
    class_phasors_ : ndarray of complex, (k, n)
        Mean phasor of each class at each node; 0 where it was never visible.
    class_counts_ : ndarray, (k, n)
        Over how many rows that mean is.
    encoder_ : PhaseEncoder
        What turns rows into phases.
    n_features_in_ : int
        Number of columns d.

    References
    ----------
    .. [1] A. Rahimi and B. Recht, "Random features for large-scale kernel machines", NeurIPS 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from resonance_native.learn import ResonanceClassifier
    >>> rows, labels = load_iris(return_X_y=True)
    >>> ResonanceClassifier().fit(rows, labels).predict([[5.1, np.nan, 1.4, 0.2]])
    array([0])
    """

    def __init__(
        self,
        *,
        n_nodes: int | None = None,
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

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Average the phasors of each class.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows; NaN is a missing value where each column has a node of its own.
        y : array_like, (N,)
            Labels.

        Returns
        -------
        ResonanceClassifier
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            If a parameter, the rows or the labels are of the wrong kind, shape or range.
        """
        return self._begin(*self._rows_and_labels(X, y, reset=True), None)

    def partial_fit(self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None) -> Self:
        """Go on with more rows. The encoder stays as the first rows made it.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows, as in :meth:`fit`.
        y : array_like, (N,)
            Labels.
        classes : array_like, (k,), optional
            All labels that will come. Only the first call takes it; None is the labels in its ``y``.

        Returns
        -------
        ResonanceClassifier
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            If a parameter, the rows or the labels are of the wrong kind, shape or range, or if a label is not among
            the classes.
        """
        if not hasattr(self, "class_phasors_"):
            return self._begin(*self._rows_and_labels(X, y, reset=True), classes)
        if classes is not None and not np.array_equal(np.unique(np.asarray(classes)), self.classes_):
            raise ValueError(f"classes must be None or as in the first call, {self.classes_}, got {classes!r}")
        self._average(*self._rows_and_labels(X, y, reset=False))
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Nearness of rows to the classes.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows, as in :meth:`fit`.

        Returns
        -------
        ndarray, (N, k), or (N,) for two classes
            −mean of |z − m_c|² over the row's visible nodes, in [−4, 0]; −∞ for a class of which no row was seen, and
            0 for a row of which nothing is visible. Of two classes the second's minus the first's, as scikit-learn
            has it.

        Raises
        ------
        NotFittedError
            Before :meth:`fit`.
        ValueError
            If the rows are of the wrong kind, shape or range.
        """
        nearness = self._nearness(X)
        return nearness[:, 1] - nearness[:, 0] if len(self.classes_) == 2 else nearness

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Labels of rows.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows, as in :meth:`fit`.

        Returns
        -------
        ndarray, (N,)
            The nearest class of each row.

        Raises
        ------
        NotFittedError
            Before :meth:`fit`.
        ValueError
            If the rows are of the wrong kind, shape or range.
        """
        nearest = self._nearness(X).argmax(axis=1)
        return np.asarray(self.classes_[nearest])

    def _rows_and_labels(self, X: ArrayLike, y: ArrayLike, reset: bool) -> tuple[NDArray[Any], NDArray[Any]]:
        rows, labels = validate_data(
            self, X, y, reset=reset, dtype=(np.float64, np.float32), ensure_all_finite=self._finite()
        )
        check_classification_targets(labels)
        return np.asarray(rows), np.asarray(labels)

    def _finite(self) -> Any:
        return "allow-nan" if self.n_nodes is None else True

    def _begin(self, rows: NDArray[Any], labels: NDArray[Any], classes: ArrayLike | None) -> Self:
        known = np.unique(labels if classes is None else np.asarray(classes))
        _require_known(labels, known)
        self.encoder_ = PhaseEncoder(
            self.n_nodes,
            bandwidth=None if self.n_nodes is None else self.bandwidth,
            scale=self.scale,
            phase_scale=self.phase_scale,
            random_state=self.random_state,
        ).fit(rows)
        n_nodes = rows.shape[1] if self.n_nodes is None else self.n_nodes
        self.classes_ = known
        self.class_phasors_ = np.zeros((len(known), n_nodes), complex)
        self.class_counts_ = np.zeros((len(known), n_nodes))
        self._average(rows, labels)
        return self

    def _average(self, rows: NDArray[Any], labels: NDArray[Any]) -> None:
        _require_known(labels, self.classes_)
        member = np.eye(len(self.classes_))[np.searchsorted(self.classes_, labels)]
        sums, counts = np.zeros_like(self.class_phasors_), np.zeros_like(self.class_counts_)
        for block, cosines, sines, visible in self._parts(rows):
            sums.real += member[block].T @ cosines
            sums.imag += member[block].T @ sines
            counts += member[block].T @ visible
        self.class_counts_ += counts
        self.class_phasors_ += (sums - counts * self.class_phasors_) / np.maximum(self.class_counts_, 1)

    def _nearness(self, X: ArrayLike) -> NDArray[np.float64]:
        """−mean of |z − m|² over visible nodes, (N, k)."""
        check_is_fitted(self, "class_phasors_")
        rows = validate_data(self, X, reset=False, dtype=(np.float64, np.float32), ensure_all_finite=self._finite())
        real, imaginary = self.class_phasors_.real.T, self.class_phasors_.imag.T
        moduli = (real**2 + imaginary**2).astype(np.float64)
        nearness = np.empty((len(rows), len(self.classes_)))
        for block, cosines, sines, visible in self._parts(np.asarray(rows)):
            number = visible.sum(axis=1, keepdims=True)
            distances = number + visible @ moduli - 2 * (cosines @ real + sines @ imaginary)
            nearness[block] = -distances / np.maximum(number, 1)
        nearness[:, ~self.class_counts_.any(axis=1)] = -np.inf
        return nearness

    def _parts(self, rows: NDArray[Any]) -> Any:
        """Of the rows' phasors real part, imaginary part and modulus (1, or 0 where silent), block by block."""
        n_nodes = self.class_phasors_.shape[1]
        for block in blocks(len(rows), n_nodes):
            offsets = np.asarray(self.encoder_.transform(rows[block]))
            yield block, *phasor_parts(offsets, np.zeros(n_nodes)), (~np.isnan(offsets)).astype(float)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.n_nodes is None
        return tags


def _require_known(labels: NDArray[Any], known: NDArray[Any]) -> None:
    unknown = np.setdiff1d(labels, known)
    if unknown.size:
        raise ValueError(f"y must have labels among the classes {known}, got {unknown}")
