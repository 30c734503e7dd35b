"""What a network is and holds: hyperparameters, the state of its nodes and weights, pins."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core, initial
from .dense_store import DenseStore
from .entraining import Encoder
from .hyperparameters import HYPERPARAMETERS
from .moments import change
from .regimes import Regime, ResonanceWarning, advice, regime_of
from .sparse_store import SparseStore
from .validation import finite_number, node_indices, non_negative_number, positive_number, whole_number
from .weight_store import WeightStore


def _hyperparameter(name: str) -> property:
    def get(self: NetworkState) -> float:
        return self._core.hyperparameter(name)

    def set_(self: NetworkState, value: float) -> None:
        self._core.set_hyperparameter(name, value)

    return property(get, set_, doc=HYPERPARAMETERS[name])


class NetworkState:
    """The part of a :class:`ResonanceNetwork` that is looked at and set between its steps."""

    learning_rate = _hyperparameter("learning_rate")
    decay = _hyperparameter("decay")
    gain = _hyperparameter("gain")
    coupling = _hyperparameter("coupling")
    phase_lag = _hyperparameter("phase_lag")
    learning_lag = _hyperparameter("learning_lag")
    noise_std = _hyperparameter("noise_std")
    amplitude_floor = _hyperparameter("amplitude_floor")

    _dtype: np.dtype[Any]
    _store: WeightStore = DenseStore()
    _encoder: Encoder | None
    _base_freq: float
    _freq_std: float
    _tolerance: float | None
    _warned: bool
    _warned_of_rank = True  # there is none to warn of

    def _adopt_core(self, n_nodes: int) -> None:
        self._take_core(self._store.core(n_nodes, self._dtype))

    def _take_core(self, core: _core.Network) -> None:
        self._core = core
        # Bound once: to bind it at every step would take memory each time.
        self._update = self._core.update
        # Views of the core's memory: they stay current, so they are made once.
        self._phases, self._frequencies = self._core.phases(), self._core.frequencies()
        self._amplitudes, self._weights = self._core.amplitudes(), self._store.view(self._core)
        self._pinned, self._initial_phases = self._core.pinned(), self._core.initial_phases()

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self._phases)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of weights and amplitudes."""
        return self._dtype

    @property
    def storage(self) -> str:
        """How weights are kept."""
        return self._store.name

    @property
    def base_freq(self) -> float:
        """Mean natural frequency [Hz] that :meth:`reset` draws from. Finite."""
        return self._base_freq

    @base_freq.setter
    def base_freq(self, value: float) -> None:
        self._base_freq = finite_number("base_freq", value)

    @property
    def freq_std(self) -> float:
        """Standard deviation [Hz] of the natural frequencies that :meth:`reset` draws from. ≥ 0."""
        return self._freq_std

    @freq_std.setter
    def freq_std(self, value: float) -> None:
        self._freq_std = non_negative_number("freq_std", value)

    @property
    def weight_std(self) -> float | None:
        """Standard deviation [1] of the weights that :meth:`reset` draws from. ≥ 0; None sets 0.01.

        On a graph None stays: :meth:`reset` then sets the weights that the graph came with.
        """
        return self._weight_std

    @weight_std.setter
    def weight_std(self, value: float | None) -> None:
        if value is None:
            value = self._store.default_weight_std
        if value is None:
            self._weight_std: float | None = None
            return
        number = non_negative_number("weight_std", value)
        if number > initial.largest_weight_std(self._dtype):
            raise ValueError(f"weight_std must keep weights within the range of {self._dtype.name}, got {value!r}")
        self._weight_std = number

    @property
    def tolerance(self) -> float | None:
        """Largest change of a weight, relative to max|W|, by what a run cuts off. > 0; None is the default."""
        return self._tolerance

    @tolerance.setter
    def tolerance(self, value: float | None) -> None:
        tolerance = None if value is None else positive_number("tolerance", value)
        with change(self._core):
            self._core.set_tolerance(tolerance)
            self._tolerance = tolerance

    @property
    def threads(self) -> int:
        """Threads that the next step will use; set an int, or None to leave the choice to the library."""
        return self._core.threads

    @threads.setter
    def threads(self, value: int | None) -> None:
        self._core.set_threads(value)

    # The state

    @property
    def step_count(self) -> int:
        """Steps done since the initial state."""
        return self._core.step_count

    @property
    def time(self) -> float:
        """Sum of the time steps done since the initial state [s]."""
        return self._core.time

    @property
    def phases(self) -> NDArray[np.float64]:
        """φ [rad], (n,), in [0, 2π): a read-only view, current after every call. Setting copies in."""
        return self._phases

    @phases.setter
    def phases(self, values: ArrayLike) -> None:
        self._core.set_phases(values)

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Natural frequencies [Hz], (n,): a read-only view, current after every call. Setting copies in."""
        return self._frequencies

    @frequencies.setter
    def frequencies(self, values: ArrayLike) -> None:
        self._core.set_frequencies(values)

    @property
    def amplitudes(self) -> NDArray[Any]:
        """Amplitudes [1], (n,): a read-only view, current after every call. Setting copies in.

        Pinned nodes take what is set too, and return to their pinned amplitudes with the next step.
        """
        return self._amplitudes

    @amplitudes.setter
    def amplitudes(self, values: ArrayLike) -> None:
        self._core.set_amplitudes(values)

    @property
    def weights(self) -> Any:
        """Weights [1], (n, n): a read-only view, current after every call. Setting copies in.

        ``weights[i, j]`` acts on i from j. Rows are padded: the view is C-ordered, not C-contiguous. In a callback of
        a run it may be a copy, which is of that moment.

        With storage "factored" it is an operator of this moment, :class:`FactoredWeights`, which never changes: ``@``,
        ``rows``, ``block``, ``diagonal``, ``to_dense``, and ``error_bound``, which no weight is off by more than, given
        the amplitudes that the network had. It may be set to what :meth:`from_state` takes.
        On a graph: a ``scipy.sparse.csr_array`` of this moment, with columns ascending and an entry for each edge,
        whose data are read-only. A sparse or dense matrix can be set that is 0 where no edge is; edges that are
        missing from it become 0.
        """
        return self._store.weights(self._core, self._weights)

    @weights.setter
    def weights(self, values: Any) -> None:
        self._store.set_weights(self._core, values)

    @property
    def noise_seed(self) -> int:
        """What the phase noise is drawn from, 64 bits: networks with different ones have independent noise.

        The noise of node i in a step is a function of this, the step count before it and i (Philox), so it has the same
        bits for any number of threads, whether steps are taken alone or in a run, and from a saved state.
        """
        return self._core.noise_seed

    @noise_seed.setter
    def noise_seed(self, value: int) -> None:
        seed = whole_number("noise_seed", value, at_least=0, at_most=None)
        if seed >= 2**64:
            raise ValueError(f"noise_seed must be below 2**64, got {seed}")
        self._core.set_noise_seed(seed)

    @property
    def pinned(self) -> NDArray[np.bool_]:
        """Mask of the nodes whose amplitude is pinned, (n,): a copy."""
        return self._pinned.copy()

    @property
    def initial_phases(self) -> NDArray[np.float64]:
        """φ⁰ [rad], (n,): the phases that the network was built or last reset with, where presentations start."""
        return self._initial_phases

    @property
    def presentation_count(self) -> int:
        """Rows that :meth:`entrain` has presented since the initial state."""
        return self._core.presentation_count

    @property
    def encoder(self) -> Encoder | None:
        """What turns rows of data into phase offsets; None where data has one column a node."""
        return self._encoder

    def order_parameter(self) -> complex:
        """Mean of exp(iφ): its modulus is 1 where all phases are equal, near 0 where they are spread."""
        return complex(np.exp(1j * self._phases).mean())

    def regime(self) -> Regime:
        """Whether the network still computes.

        Returns
        -------
        {"alive", "saturated", "silent"}
            "saturated" where every free (not pinned) |a| ≥ 0.999, "silent" where every free |a| < 0.001,
            else "alive". The initial amplitudes, all 1, count as alive until the first step.
        """
        if self.step_count == 0 and bool(np.all(self._amplitudes == 1)):
            return "alive"
        return regime_of(self._amplitudes, self._pinned)

    def _warn_once(self, stacklevel: int) -> None:
        if not self._warned_of_rank:
            self._warn_of_rank(stacklevel + 1)
        if self._warned:
            return
        regime = self.regime()
        if regime != "alive":
            self._warned = True
            text = advice(regime, self.n_nodes, self.step_count)
            warnings.warn(text, ResonanceWarning, stacklevel=stacklevel)

    def _warn_of_rank(self, stacklevel: int) -> None:
        text = self._store.advice(self._core)
        if text is not None:
            self._warned_of_rank = True
            warnings.warn(text, ResonanceWarning, stacklevel=stacklevel)

    def pin(self, nodes: Any, amplitudes: ArrayLike | None = None, *, phases: ArrayLike | None = None) -> None:
        """Hold nodes, at once and through every step, until :meth:`unpin`.

        Parameters
        ----------
        nodes : int, slice, array_like of int, or mask (n,)
            Which nodes.
        amplitudes : float or array_like, (k,), optional
            Amplitudes [1] to hold, for the k selected nodes. None holds the present ones.
        phases : float or array_like, (k,), optional
            Phases [rad] to hold as well: neither frequency, input nor coupling moves them. None leaves
            phases as free, or as pinned, as they were.

        Raises
        ------
        TypeError, ValueError, IndexError
            If an argument is of the wrong kind, shape or range; nothing is pinned then.
        """
        where = node_indices(nodes, self.n_nodes)
        turned = None if phases is None else _for_each(where, phases, "phases")
        if amplitudes is not None:
            self._core.pin(where, _for_each(where, amplitudes, "amplitudes"), turned)
            return
        with change(self._core):
            self._core.pin(where, self._amplitudes[where], turned)

    def unpin(self, nodes: Any = None) -> None:
        """Let the amplitudes and phases of nodes go again.

        Parameters
        ----------
        nodes : int, slice, array_like of int, or mask (n,), optional
            Which nodes; None is all.
        """
        self._core.unpin(node_indices(slice(None) if nodes is None else nodes, self.n_nodes))

    def __repr__(self) -> str:
        edges = f"n_edges={self._store.n_edges}, " if isinstance(self._store, SparseStore) else ""
        return (
            f"{type(self).__name__}(n_nodes={self.n_nodes}, {edges}dtype={self._dtype.name!r}, "
            f"storage={self.storage!r}, step_count={self.step_count}, regime={self.regime()!r})"
        )


def _for_each(where: NDArray[np.int64], values: ArrayLike, name: str) -> NDArray[Any]:
    """A number as one value for each node; arrays as they are, for the core to check, but never the core's own."""
    array = _core.real_array(values, name)
    return np.broadcast_to(array, where.shape) if array.ndim == 0 else array.copy()
