"""How well a network knows a row."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from sklearn.base import OutlierMixin
from sklearn.utils.validation import check_is_fitted

from ..network import ResonanceNetwork
from ..validation import finite_number, positive_number, whole_number
from .base import ReadOut
from .encoder import Scale

# contamination="auto": the share of rows like those learned that is called novel, and how many standard deviations
# above what random phases score a row has to be to be called known.
_NOVEL_SHARE = 0.05
_ABOVE_CHANCE = 2.0
# Rows that a threshold is taken from after partial_fit.
_ROWS_KEPT = 1000


class ResonanceNovelty(OutlierMixin, ReadOut):
    """Rows unlike those that a network was entrained on, by their resonance zᴴWz/n².

    With phasors z of random features and W the mean of Re z'z'ᴴ over the rows x' learned,

        zᴴWz/n² = mean of (|zᴴz'|² + |zᵀz'|²)/(2n²)  →  ½ · mean of k(x, x')²,   k(x, x') = exp(−‖x − x'‖²/(2σ²)),

    as n grows: half a Parzen density estimate [1]_ of random Fourier features [2]_, whose kernel k² is a Gaussian of
    width σ/√2. What is far from all rows scores about 1/n, with fluctuations of the same size: the more nodes, the
    fainter a density can be told from none.

    Parameters
    ----------
    n_nodes : int
        Number of random features n.
    bandwidth : float
        σ [median distance of rows]; see :class:`PhaseEncoder`.
    scale : {"feature", "global"} or None
        How columns are scaled; see :class:`PhaseEncoder`.
    phase_scale : float
        Factor on the phases [rad].
    contamination : "auto" or float
        Where the threshold lies. "auto" calls about 5 % of new rows novel if they are like those learned: it is the
        5 % quantile of what the rows learned score with their own part left out. But it is never below what random
        phases score, plus two standard deviations: a row is called known for a reason. A float in (0, 0.5] is the
        share of the learned rows that ``predict`` calls novel, as elsewhere in scikit-learn; as these know
        themselves, more of new rows are called novel than that.
    fading_factor : float, optional
        λ of :meth:`resonance_native.ResonanceNetwork.entrain`. None is the mean of all rows.
    dtype : dtype_like
        float32 or float64, of the network.
    random_state : int, RandomState instance or None
        What to draw φ⁰ and Ω from.
    network : ResonanceNetwork, optional
        A network that was entrained before, with random features. ``fit`` then reads it and teaches it nothing;
        its rows, which set the threshold, are taken for such as the network did not learn. Of the other parameters
        ``contamination`` alone has a part in it.

    Attributes
    ----------
    offset_ : float
        Threshold on ``score_samples``.
    network_ : ResonanceNetwork
        The network, or a copy of the one given.
    encoder_ : PhaseEncoder
        What turns rows into phase offsets.
    n_features_in_ : int
        Number of columns d.

    Notes
    -----
    The term zᵀz' is what real weights can't tell from zᴴz'. Random φ⁰ make it of order 1/√n; with φ⁰ = 0 it would be
    k(x, −x'), and −x as well known as x.

    After ``partial_fit`` the threshold is that of the last 1000 rows learned.

    References
    ----------
    .. [1] E. Parzen, "On estimation of a probability density function and mode", Ann. Math. Statist. 33 (1962).
    .. [2] A. Rahimi and B. Recht, "Random features for large-scale kernel machines", NeurIPS 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from resonance_native.learn import ResonanceNovelty
    >>> rows = np.random.default_rng(0).normal(size=(300, 3))
    >>> ResonanceNovelty(500, random_state=0).fit(rows).predict([[0, 0, 0], [9, 9, 9]])
    array([ 1, -1])
    """

    def __init__(
        self,
        n_nodes: int = 1000,
        *,
        bandwidth: float = 0.35,
        scale: Scale | None = "feature",
        phase_scale: float = 1.0,
        contamination: float | Literal["auto"] = "auto",
        fading_factor: float | None = None,
        dtype: DTypeLike = "float64",
        random_state: Any = None,
        network: ResonanceNetwork | None = None,
    ) -> None:
        self.n_nodes = n_nodes
        self.bandwidth = bandwidth
        self.scale = scale
        self.phase_scale = phase_scale
        self.contamination = contamination
        self.fading_factor = fading_factor
        self.dtype = dtype
        self.random_state = random_state
        self.network = network

    def fit(self, X: ArrayLike, y: Any = None) -> Self:  # noqa: ARG002
        """Entrain a network on rows, or read the one that was given, and set the threshold.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows, finite.
        y : object
            Not used.

        Returns
        -------
        ResonanceNovelty
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            If a parameter or the rows are of the wrong kind, shape or range.
        """
        self._check_parameters()
        rows = self._rows(X, reset=True)
        self._begin(rows)
        self._set_threshold(rows)
        self._recent = rows[-_ROWS_KEPT:].copy()
        return self

    def partial_fit(self, X: ArrayLike, y: Any = None) -> Self:  # noqa: ARG002
        """Go on with more rows. The encoder stays as the first rows made it.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows, finite.
        y : object
            Not used.

        Returns
        -------
        ResonanceNovelty
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            If a parameter or the rows are of the wrong kind, shape or range.
        """
        if not hasattr(self, "offset_"):
            return self.fit(X)
        self._check_parameters()
        rows = self._rows(X, reset=False)
        self._continue(rows)
        self._recent = np.concatenate([self._recent, rows])[-_ROWS_KEPT:]
        self._set_threshold(self._recent)
        return self

    def score_samples(self, X: ArrayLike) -> NDArray[np.float64]:
        """Resonance of rows: high where the network knows what is like them.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows, finite.

        Returns
        -------
        ndarray, (N,)
            zᴴWz/n² [1].

        Raises
        ------
        NotFittedError
            Before :meth:`fit`.
        ValueError
            If the rows are of the wrong kind, shape or range.
        """
        check_is_fitted(self, "offset_")
        return self._scores(self._rows(X, reset=False))[0]

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Resonance of rows above the threshold: negative where they are novel.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows, finite.

        Returns
        -------
        ndarray, (N,)
            ``score_samples(X) − offset_``.
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Whether rows are known.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows, finite.

        Returns
        -------
        ndarray of int, (N,)
            1 where a row is known, −1 where it is novel.
        """
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def _takes_missing(self) -> bool:
        return False

    def _check_parameters(self) -> None:
        if self.network is None:
            whole_number("n_nodes", self.n_nodes, at_least=1)
            positive_number("bandwidth", self.bandwidth)
        if isinstance(self.contamination, str):
            if self.contamination != "auto":
                raise ValueError(f'contamination must be "auto" or in (0, 0.5], got {self.contamination!r}')
        elif not 0 < finite_number("contamination", self.contamination) <= 0.5:
            raise ValueError(f'contamination must be "auto" or in (0, 0.5], got {self.contamination!r}')

    def _scores(self, rows: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """zᴴWz/n² of rows, and what a row would add to it if W were its own Re z zᴴ."""
        weights, square = self.network_.weights, float(self.network_.n_nodes) ** 2
        scores, own = np.empty(len(rows)), np.empty(len(rows))
        for block, cosines, sines in self._parts(rows):
            scores[block] = np.einsum("ij,ij->i", cosines @ weights, cosines)
            scores[block] += np.einsum("ij,ij->i", sines @ weights, sines)
            cc, ss = (np.einsum("ij,ij->i", part, part) for part in (cosines, sines))
            own[block] = cc**2 + ss**2 + 2 * np.einsum("ij,ij->i", cosines, sines) ** 2
        return scores / square, own / square

    def _set_threshold(self, learned: NDArray[Any]) -> None:
        """``offset_``, from rows of which the own network learned the last one last."""
        scores, own = self._scores(learned)
        if self.contamination != "auto":
            self.offset_ = float(np.percentile(scores, 100 * self.contamination))
            return
        if self.network is None:
            share = self._shares(len(learned))
            left = 1 - share
            scores = np.where(left > 0, (scores - share * own) / np.where(left > 0, left, 1), scores)
        self.offset_ = max(float(np.quantile(scores, _NOVEL_SHARE)), self._above_chance())

    def _above_chance(self) -> float:
        """Mean plus standard deviations of the scores of independent random phases.

        zᴴWz = Σ_ij W_ij cos(φ_i − φ_j) has the mean tr W; the other terms are uncorrelated, and their variances add
        up to Σ_{i≠j} W_ij².
        """
        weights, n = self.network_.weights, self.network_.n_nodes
        diagonal = weights.diagonal().astype(np.float64)
        spread = max(float(np.einsum("ij,ij->", weights, weights)) - float(diagonal @ diagonal), 0.0)
        return float(diagonal.sum() + _ABOVE_CHANCE * np.sqrt(spread)) / n**2

    def _shares(self, count: int) -> NDArray[np.float64]:
        """What part of W each of the last ``count`` rows is."""
        if self.fading_factor is None:
            return np.full(count, 1 / self.network_.presentation_count)
        factor = self.fading_factor
        return np.asarray((1 - factor) * factor ** np.arange(count - 1, -1, -1, dtype=float))
