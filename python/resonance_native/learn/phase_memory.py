"""Phase patterns that hold themselves by coupling."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from ..network import ResonanceNetwork
from ..validation import finite_number, positive_number, whole_number
from .phasors import as_phasors, checked_weights, nearest_pattern, on_unit_circle, overlaps, require_stored

QUARTER_TURN = np.pi / 2  # [rad] between the two nodes of an oscillator


class PhaseMemory(BaseEstimator):
    """Phase patterns that a network's weights hold together, against natural frequencies that differ.

    Storing patterns of phasors x_p = exp(iξ_p) adds to complex weights, and recall lets the oscillators run, coupled
    through them, with the weights frozen::

        C ← C + Σ_p x_p x_pᴴ / n              dφ_i/dt = 2π f_i + κ Im(z̄_i Σ_j C_ij z_j),  z = exp(iφ)

    This is a phasor associative memory [1]_ in continuous time. A pattern is kept up to a common turn of all phases.
    Without coupling, frequencies of standard deviation s [Hz] undo it within about 1/(2πs).

    It is a :class:`resonance_native.ResonanceNetwork` with two nodes for each oscillator, the second a quarter turn
    ahead of the first. Entrained on such pairs, real weights have the cosine and the sine of every phase difference,
    and that is what a complex weight is: between the first nodes i and j of two pairs, W_ij = Re C_ij, and between i
    and the second node of the other, Im C_ij. Coupled through these, pairs stay a quarter turn apart, and their first
    nodes obey the equation above.

    Parameters
    ----------
    n_nodes : int
        Number of oscillators n.

    Attributes
    ----------
    patterns_ : ndarray of complex, (P, n)
        Phasors of all patterns stored.
    network_ : ResonanceNetwork
        The network of 2n nodes: first those in phase, then those a quarter turn ahead. It is entrained on the patterns,
        so its weights are their mean: n/P times those of the equation.

    Notes
    -----
    Real weights of n nodes alone keep the cosines of phase differences, and take a pattern and its mirror image for
    one: they hold about half as many patterns.

    References
    ----------
    .. [1] A. J. Noest, "Discrete-state phasor neural networks", Phys. Rev. A 38 (1988).

    Examples
    --------
    >>> import numpy as np
    >>> from resonance_native.learn import PhaseMemory
    >>> rng = np.random.default_rng(0)
    >>> patterns = rng.uniform(0, 2 * np.pi, (3, 100))
    >>> memory = PhaseMemory(100).store(patterns)
    >>> z = memory.recall(patterns[1], 5.0, frequencies=rng.normal(0, 0.1, 100))
    >>> int(memory.decode(z))
    1
    """

    patterns_: NDArray[np.complex128]
    network_: ResonanceNetwork

    def __init__(self, n_nodes: int = 100) -> None:
        self.n_nodes = n_nodes

    def store(self, patterns: ArrayLike) -> Self:
        """Add patterns to the weights. Patterns stored before stay.

        Parameters
        ----------
        patterns : array_like, (n,) or (P, n)
            Phases ξ [rad]; or phasors (complex), of which the phases alone count.

        Returns
        -------
        PhaseMemory
            The memory itself.

        Raises
        ------
        TypeError, ValueError
            If the patterns are of the wrong kind or shape, or not finite; nothing is stored then.
        """
        known = hasattr(self, "patterns_")
        n = self._size() if known else whole_number("n_nodes", self.n_nodes, at_least=1)
        phases = np.atleast_2d(np.angle(as_phasors(patterns, "patterns", n)))
        if not known:
            both, nothing = np.repeat([0.0, QUARTER_TURN], n), np.zeros((2 * n, 2 * n))
            self.network_ = ResonanceNetwork.from_state(both, np.zeros(2 * n), np.ones(2 * n), nothing)
            self.network_.pin(slice(None))  # amplitudes have no part in a recall
            self.patterns_ = np.zeros((0, n), complex)
        self.network_.entrain(np.hstack([phases, phases]))
        self.patterns_ = np.concatenate([self.patterns_, on_unit_circle(phases)])
        return self

    def recall(
        self,
        cue: ArrayLike,
        duration: float = 50.0,
        dt: float = 0.01,
        *,
        coupling: float = 3.0,
        frequencies: ArrayLike = 0.0,
    ) -> NDArray[np.complex128]:
        """Let the oscillators run from a cue.

        Calling it again with what it returned goes on.

        Parameters
        ----------
        cue : array_like, (n,)
            Phases [rad] to start from; or phasors (complex), of which the phases alone count.
        duration : float
            For how long [s], > 0: the nearest whole number of steps, and at least one.
        dt : float
            Time step [s] of Euler's method, > 0; dt·κ·Σ_j|W_ij| should be below 1.
        coupling : float
            κ [rad/s].
        frequencies : float or array_like, (n,)
            Natural frequencies f [Hz].

        Returns
        -------
        ndarray of complex, (n,)
            Phasors at the end.

        Raises
        ------
        NotFittedError
            Before :meth:`store`.
        TypeError, ValueError
            If an argument is of the wrong kind, shape or range.
        """
        require_stored(self)
        n = self._size()
        start = as_phasors(cue, "cue", n)
        if start.ndim != 1:
            raise ValueError(f"cue must have shape ({n},), got shape {start.shape}")
        step = positive_number("dt", dt)
        steps = max(1, round(positive_number("duration", duration) / step))
        kappa = finite_number("coupling", coupling)
        natural = self._checked(frequencies)
        phases = np.angle(start)
        net = self.network_.copy()
        net.phases = np.concatenate([phases, phases + QUARTER_TURN])
        net.frequencies = np.tile(np.broadcast_to(natural, n), 2)
        net.coupling = kappa * len(self.patterns_) / n
        net.run(0.0, steps, step, learn=False)
        return on_unit_circle(net.phases[:n])

    def overlap(self, z: ArrayLike) -> NDArray[np.float64]:
        """How much phasors are like each pattern, up to a common turn of all phases.

        Parameters
        ----------
        z : array_like, (n,) or (N, n)
            Phasors (complex); real numbers are taken for phases [rad].

        Returns
        -------
        ndarray, (P,) or (N, P)
            |zᴴ x_p|/n, in [0, 1] for |z| = 1; of phases without relation about 1/√n.

        Raises
        ------
        NotFittedError
            Before :meth:`store`.
        TypeError, ValueError
            If ``z`` is of the wrong kind or shape, or not finite.
        """
        require_stored(self)
        return overlaps(self.patterns_, as_phasors(z, "z", self._size()))

    def decode(self, z: ArrayLike) -> NDArray[np.intp]:
        """The patterns with the largest overlap.

        Parameters
        ----------
        z : array_like, (n,) or (N, n)
            Phasors, as in :meth:`overlap`.

        Returns
        -------
        ndarray of int, () or (N,)
            Indices of patterns in the order of storing; −1 where all nodes are silent.
        """
        return nearest_pattern(self.overlap(z))

    @property
    def weights(self) -> NDArray[np.complex128]:
        """C [1], (n, n), complex and read-only; ``weights[i, j]`` acts on i from j. Setting copies in."""
        require_stored(self)
        n = self._size()
        mean = self.network_.weights
        weights: NDArray[np.complex128] = (mean[:n, :n] + 1j * mean[:n, n:]) * (len(self.patterns_) / n)
        weights.flags.writeable = False
        return weights

    @weights.setter
    def weights(self, values: ArrayLike) -> None:
        require_stored(self)
        n = self._size()
        mean = checked_weights(values, n, complex) * (n / len(self.patterns_))
        self.network_.weights = np.block([[mean.real, mean.imag], [-mean.imag, mean.real]])

    def _size(self) -> int:
        """Number of oscillators of what is stored, whatever ``n_nodes`` says now."""
        return int(self.patterns_.shape[1])

    def _checked(self, frequencies: ArrayLike) -> NDArray[np.float64]:
        values, n = np.asarray(frequencies), self._size()
        if values.dtype.kind not in "fiu":
            raise TypeError(f"frequencies must be real numbers, got dtype {values.dtype}")
        if values.shape not in ((), (n,)):
            raise ValueError(f"frequencies must be a number or have shape ({n},), got shape {values.shape}")
        if not np.isfinite(values).all():
            raise ValueError("frequencies must be finite, got NaN or infinity")
        return values.astype(np.float64)
