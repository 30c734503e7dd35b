"""Rows seen through the strongest modes of a network."""

from __future__ import annotations

from typing import Any, Self

from numpy.typing import ArrayLike, DTypeLike, NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ..network import ResonanceNetwork
from ..validation import whole_number
from .base import ReadOut
from .encoder import Scale


class ResonanceEmbedding(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ReadOut):
    """Coordinates of rows along the strongest modes of a network that was entrained on rows.

    A row x has phases φ = φ⁰ + Ωx and coordinates [Vᵀcosφ, Vᵀsinφ]; the columns of V are the eigenvectors of the
    symmetric part of W with the largest eigenvalues. As W is the mean of cosφ cosφᵀ + sinφ sinφᵀ, this is a principal
    component analysis, without centring, of phase features: with ``n_nodes`` set, of random Fourier features [1]_, and
    so an approximation of kernel principal components with a Gaussian kernel.

    Parameters
    ----------
    n_components : int
        Number of modes k; the embedding has 2·k columns. A group of rows of mean phasor m takes up to two modes, as
        Re m mᴴ has rank 2.
    n_nodes : int, optional
        None is one node per column, and takes missing values (NaN: the node is silent). An int is so many random
        features, at ``bandwidth``.
    bandwidth : float
        Width of the kernel of random features [median distance of rows]; see :class:`PhaseEncoder`.
    scale : {"feature", "global"} or None
        How columns are scaled; see :class:`PhaseEncoder`.
    phase_scale : float
        Factor on the phases [rad].
    fading_factor : float, optional
        λ of :meth:`resonance_native.ResonanceNetwork.entrain`. None is the mean of all rows.
    dtype : dtype_like
        float32 or float64, of the network.
    random_state : int, RandomState instance or None
        What to draw φ⁰ and Ω from.
    network : ResonanceNetwork, optional
        A network that was entrained before. ``fit`` then reads it, with its encoder, and teaches it nothing; the
        parameters from ``n_nodes`` to ``random_state`` have no part in it.

    Attributes
    ----------
    modes_ : ndarray, (n, k)
        V: modes as columns, the strongest first. The entry of largest modulus is positive.
    strengths_ : ndarray, (k,)
        Their eigenvalues [1]; all n eigenvalues add up to n, where no input is missing.
    network_ : ResonanceNetwork
        The network, or a copy of the one given.
    encoder_ : PhaseEncoder
        What turns rows into phase offsets; None where a given network has none.
    n_features_in_ : int
        Number of columns d.

    Notes
    -----
    φ⁰ is random because real weights can't tell z from its conjugate: with φ⁰ = 0, x and −x have the same cosines,
    sines of opposite sign, and the same part in W.

    References
    ----------
    .. [1] A. Rahimi and B. Recht, "Random features for large-scale kernel machines", NeurIPS 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from resonance_native.learn import ResonanceEmbedding
    >>> rows = np.random.default_rng(0).normal(size=(100, 5))
    >>> ResonanceEmbedding(2, random_state=0).fit_transform(rows).shape
    (100, 4)
    """

    def __init__(
        self,
        n_components: int = 2,
        *,
        n_nodes: int | None = None,
        bandwidth: float | None = 0.35,
        scale: Scale | None = "feature",
        phase_scale: float = 1.0,
        fading_factor: float | None = None,
        dtype: DTypeLike = "float64",
        random_state: Any = None,
        network: ResonanceNetwork | None = None,
    ) -> None:
        self.n_components = n_components
        self.n_nodes = n_nodes
        self.bandwidth = bandwidth
        self.scale = scale
        self.phase_scale = phase_scale
        self.fading_factor = fading_factor
        self.dtype = dtype
        self.random_state = random_state
        self.network = network

    def fit(self, X: ArrayLike, y: Any = None) -> Self:  # noqa: ARG002
        """Entrain a network on rows and find its modes; or find those of the network that was given.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows.
        y : object
            Not used.

        Returns
        -------
        ResonanceEmbedding
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            If a parameter or the rows are of the wrong kind, shape or range.
        """
        whole_number("n_components", self.n_components, at_least=1)
        self._begin(self._rows(X, reset=True))
        return self._read()

    def partial_fit(self, X: ArrayLike, y: Any = None) -> Self:  # noqa: ARG002
        """Go on with more rows, and find the modes anew. The encoder stays as the first rows made it.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows.
        y : object
            Not used.

        Returns
        -------
        ResonanceEmbedding
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            If a parameter or the rows are of the wrong kind, shape or range.
        """
        if not hasattr(self, "modes_"):
            return self.fit(X)
        whole_number("n_components", self.n_components, at_least=1)
        self._continue(self._rows(X, reset=False))
        return self._read()

    def _read(self) -> Self:
        if self.n_components > self.network_.n_nodes:
            raise ValueError(
                f"n_components must be at most the number of nodes, {self.network_.n_nodes} "
                f"(of {self.n_features_in_} features), got {self.n_components}"
            )
        self._read_modes(self.n_components)
        self._n_features_out = 2 * self.n_components
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Coordinates of rows along the modes.

        Parameters
        ----------
        X : array_like, (N, d)
            Rows.

        Returns
        -------
        ndarray, (N, 2·n_components)
            [Vᵀcosφ, Vᵀsinφ], in the rows' dtype.

        Raises
        ------
        NotFittedError
            Before :meth:`fit`.
        ValueError
            If the rows are of the wrong kind, shape or range.
        """
        check_is_fitted(self, "modes_")
        return self._embedded(self._rows(X, reset=False))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
