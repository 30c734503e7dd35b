"""Sequences of rows, recalled from their parts."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from ..validation import truth, whole_number
from .encoder import PhaseEncoder, Scale
from .phasors import (
    as_phasors,
    checked_weights,
    finite_rows,
    nearest_pattern,
    normalised,
    on_unit_circle,
    overlaps,
    require_stored,
)


class SequenceMemory(BaseEstimator):
    """Rows in an order, kept in directed weights that lead from each row to the next.

    A row x_t has phasors z_t = exp(i(φ⁰ + Ωx_t)). Storing adds to real weights, and recall follows them::

        W¹ ← W¹ + Re Σ_t z_{t+1} z_tᴴ / n           z ← W¹z / |W¹z|, node by node

    This is Hebb's rule with a lag of one step, as in Hopfield's network for sequences [1]_ [2]_, with phasors in place
    of signs. The narrow bandwidth makes phasors of different rows nearly orthogonal, which is what lets Hebbian weights
    keep them apart; real weights cost a half of the capacity of complex ones.

    Parameters
    ----------
    n_nodes : int
        Number of nodes n.
    bandwidth : float
        Width of the kernel of the random features [median distance of the rows stored first]; see
        :class:`PhaseEncoder`.
    scale : {"feature", "global"} or None
        How columns are scaled; see :class:`PhaseEncoder`.
    random_state : int, RandomState instance or None
        What to draw φ⁰ and Ω from.

    Attributes
    ----------
    patterns_ : ndarray of complex, (L, n)
        Phasors of all rows stored, in order.
    encoder_ : PhaseEncoder
        Fitted on the sequence that was stored first.
    initial_phases_ : ndarray, (n,)
        φ⁰ [rad], uniform in [0, 2π).

    Notes
    -----
    To see what damage does, set :attr:`weights`: ``memory.weights = memory.weights * keep`` with a mask ``keep`` (n, n)
    deletes links, and with ``np.outer(alive, alive)`` nodes. A node without links falls silent (z = 0).

    References
    ----------
    .. [1] J. J. Hopfield, "Neural networks and physical systems with emergent collective computational abilities",
       PNAS 79 (1982).
    .. [2] H. Sompolinsky and I. Kanter, "Temporal association in asymmetric neural networks", Phys. Rev. Lett. 57
       (1986).

    Examples
    --------
    >>> import numpy as np
    >>> from resonance_native.learn import SequenceMemory
    >>> rows = np.random.default_rng(0).normal(size=(10, 64))
    >>> memory = SequenceMemory(random_state=0).store(rows)
    >>> memory.decode(memory.recall(rows[0], 12))
    array([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2])
    """

    patterns_: NDArray[np.complex128]
    _weights: NDArray[np.float64]

    def __init__(
        self, n_nodes: int = 1000, *, bandwidth: float = 0.1, scale: Scale | None = "global", random_state: Any = None
    ) -> None:
        self.n_nodes = n_nodes
        self.bandwidth = bandwidth
        self.scale = scale
        self.random_state = random_state

    def store(self, sequence: ArrayLike, cyclic: bool = True) -> Self:
        """Add a sequence to the weights. Sequences stored before stay.

        Parameters
        ----------
        sequence : array_like, (L, d)
            Rows in their order, L ≥ 2, finite.
        cyclic : bool
            Whether the last row leads to the first. Otherwise what is recalled after the last means nothing.

        Returns
        -------
        SequenceMemory
            The memory itself.

        Raises
        ------
        TypeError, ValueError
            If a parameter or the rows are of the wrong kind, shape or range; nothing is stored then.
        """
        closed = truth("cyclic", cyclic)
        known = self.encoder_.n_features_in_ if hasattr(self, "patterns_") else None
        rows = finite_rows(sequence, "sequence", known)
        if len(rows) < 2:
            raise ValueError(f"sequence must have at least 2 rows, got {len(rows)}")
        if known is None:
            self._begin(rows)
        z = self._presented(rows)
        after, before = (np.roll(z, -1, axis=0), z) if closed else (z[1:], z[:-1])
        self._weights += (after.real.T @ before.real + after.imag.T @ before.imag) / len(self._weights)
        self.patterns_ = np.concatenate([self.patterns_, z])
        return self

    def recall(self, cue: ArrayLike, steps: int) -> NDArray[np.complex128]:
        """What follows on a cue.

        Parameters
        ----------
        cue : array_like, (d,) or (n,) of complex
            A row; or phasors, 0 where a node is silent.
        steps : int
            How many, ≥ 1.

        Returns
        -------
        ndarray of complex, (steps, n)
            Phasors after each step.

        Raises
        ------
        NotFittedError
            Before :meth:`store`.
        TypeError, ValueError
            If an argument is of the wrong kind, shape or range.
        """
        require_stored(self)
        z = self._cue(cue)
        states = np.empty((whole_number("steps", steps, at_least=1), len(z)), complex)
        for t in range(len(states)):
            z = normalised(self._field(z))
            states[t] = z
        return states

    def decode(self, z: ArrayLike) -> NDArray[np.intp]:
        """The stored rows nearest in phase: of largest |zᴴz_t|, which a turn of all phases leaves as it is.

        Parameters
        ----------
        z : array_like of complex, (n,) or (N, n)
            Phasors.

        Returns
        -------
        ndarray of int, () or (N,)
            Indices of rows in the order of storing; −1 where all nodes are silent.

        Raises
        ------
        NotFittedError
            Before :meth:`store`.
        TypeError, ValueError
            If ``z`` is of the wrong kind or shape, or not finite.
        """
        require_stored(self)
        return nearest_pattern(overlaps(self.patterns_, self._phasors(z, "z")))

    @property
    def weights(self) -> NDArray[np.float64]:
        """W¹ [1], (n, n): a read-only view; ``weights[i, j]`` acts on i from j. Setting copies in."""
        require_stored(self)
        view = self._weights.view()
        view.flags.writeable = False
        return view

    @weights.setter
    def weights(self, values: ArrayLike) -> None:
        require_stored(self)
        self._weights = checked_weights(values, len(self._weights), float)

    def _begin(self, rows: NDArray[np.float64]) -> None:
        n = whole_number("n_nodes", self.n_nodes, at_least=1)
        rng = check_random_state(self.random_state)
        seed = int(rng.randint(2**31 - 1))
        self.encoder_ = PhaseEncoder(n, bandwidth=self.bandwidth, scale=self.scale, random_state=seed).fit(rows)
        self.initial_phases_ = rng.uniform(0, 2 * np.pi, n)
        self._weights = np.zeros((n, n))
        self.patterns_ = np.zeros((0, n), complex)

    def _presented(self, rows: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Phasors of rows, (N, n)."""
        return on_unit_circle(self.initial_phases_ + np.asarray(self.encoder_.transform(rows)))

    def _field(self, z: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """W¹z, without a complex copy of the weights."""
        parts = self._weights @ np.column_stack([z.real, z.imag])
        return np.asarray(parts[:, 0] + 1j * parts[:, 1])

    def _phasors(self, values: ArrayLike, name: str) -> NDArray[np.complex128]:
        if np.asarray(values).dtype.kind != "c":
            raise TypeError(f"{name} must be phasors (complex), got dtype {np.asarray(values).dtype}")
        return as_phasors(values, name, len(self._weights))

    def _cue(self, cue: ArrayLike) -> NDArray[np.complex128]:
        values, columns = np.asarray(cue), self.encoder_.n_features_in_
        if values.ndim != 1:
            raise ValueError(
                f"cue must be a row of shape ({columns},) or phasors of shape ({len(self._weights)},), "
                f"got shape {values.shape}"
            )
        if values.dtype.kind == "c":
            return self._phasors(values, "cue")
        if values.shape != (columns,):
            raise ValueError(f"cue must have shape ({columns},) where it is a row, got shape {values.shape}")
        return np.asarray(self._presented(finite_rows(values[None, :], "cue", columns))[0])
