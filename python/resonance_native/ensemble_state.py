"""What an ensemble is and holds: hyperparameters and the state of all networks, as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core, initial
from .dense_store import DenseStore
from .hyperparameters import HYPERPARAMETERS
from .memory import gib, require_memory
from .moments import change
from .regimes import regimes_of
from .validation import finite_number, node_indices, non_negative_number

CORES: dict[str, type[_core.Ensemble]] = {"float32": _core.EnsembleFloat32, "float64": _core.EnsembleFloat64}


def _hyperparameter(name: str) -> Any:
    def get(self: EnsembleState) -> NDArray[np.float64]:
        return _read_only(self._core.hyperparameters(name))

    def set_(self: EnsembleState, values: ArrayLike) -> None:
        self._core.set_hyperparameters(name, self._for_each(name, values))

    doc = f"{HYPERPARAMETERS[name]} One for each network, (B,), read-only; set a number or (B,)."
    return property(get, set_, doc=doc)


class EnsembleState:
    """The part of a :class:`ResonanceEnsemble` that is looked at and set between its steps."""

    learning_rate = _hyperparameter("learning_rate")
    decay = _hyperparameter("decay")
    gain = _hyperparameter("gain")
    coupling = _hyperparameter("coupling")
    phase_lag = _hyperparameter("phase_lag")
    learning_lag = _hyperparameter("learning_lag")
    noise_std = _hyperparameter("noise_std")
    amplitude_floor = _hyperparameter("amplitude_floor")

    _dtype: np.dtype[Any]
    _kept: dict[str, list[Any]]

    def _adopt_core(self, n_networks: int, n_nodes: int) -> None:
        core = CORES[self._dtype.name]
        values = n_networks * n_nodes**2
        way_out = "use fewer networks at a time, or fewer nodes"
        if self._dtype == np.float64:
            way_out = f'dtype="float32" takes {gib(4 * values)}, or {way_out}'
        what = f"an ensemble of {n_networks} networks with n_nodes = {n_nodes} in {self._dtype.name}"
        require_memory(self._dtype.itemsize * values, what, way_out)
        require_memory(core.storage_size(n_networks, n_nodes), what, way_out)
        self._core = core(n_networks, n_nodes)
        self._phases, self._frequencies = self._core.phases(), self._core.frequencies()
        self._amplitudes, self._weights = self._core.amplitudes(), self._core.weights()
        self._pinned = self._core.pinned()

    @property
    def n_networks(self) -> int:
        """Number of networks B."""
        return len(self._phases)

    @property
    def n_nodes(self) -> int:
        """Number of nodes n of each."""
        return int(self._phases.shape[1])

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of weights and amplitudes."""
        return self._dtype

    @property
    def storage(self) -> str:
        """How weights are kept."""
        return "dense"

    @property
    def base_freq(self) -> NDArray[np.float64]:
        """Mean natural frequencies [Hz] that :meth:`reset` draws from, (B,), read-only; set a number or (B,)."""
        return _read_only(np.array(self._kept["_base_freq"]))

    @base_freq.setter
    def base_freq(self, values: ArrayLike) -> None:
        self._keep("base_freq", [finite_number("base_freq", value) for value in self._for_each("base_freq", values)])

    @property
    def freq_std(self) -> NDArray[np.float64]:
        """Standard deviations [Hz] of the frequencies that are drawn, (B,), read-only; set a number or (B,). ≥ 0."""
        return _read_only(np.array(self._kept["_freq_std"]))

    @freq_std.setter
    def freq_std(self, values: ArrayLike) -> None:
        self._keep("freq_std", [non_negative_number("freq_std", value) for value in self._for_each("freq_std", values)])

    @property
    def weight_std(self) -> NDArray[np.float64]:
        """Standard deviations [1] of the weights that are drawn, (B,), read-only; set a number, (B,) or None."""
        return _read_only(np.array(self._kept["_weight_std"]))

    @weight_std.setter
    def weight_std(self, values: ArrayLike | None) -> None:
        wanted = self._for_each("weight_std", DenseStore.default_weight_std if values is None else values)
        numbers = [non_negative_number("weight_std", value) for value in wanted]
        if max(numbers) > initial.largest_weight_std(self._dtype):
            raise ValueError(
                f"weight_std must keep weights within the range of {self._dtype.name}, got {max(numbers)!r}"
            )
        self._keep("weight_std", numbers)

    @property
    def threads(self) -> int:
        """Threads that the next step will use; set an int, or None to leave the choice to the library."""
        return self._core.threads

    @threads.setter
    def threads(self, value: int | None) -> None:
        self._core.set_threads(value)

    @property
    def step_count(self) -> int:
        """Steps that every network has done since its initial state: the fewest, where networks went on alone."""
        return int(self._core.step_counts().min())

    @property
    def time(self) -> float:
        """Sum of these steps' time steps [s]."""
        return float(self._core.times()[self._core.step_counts().argmin()])

    @property
    def phases(self) -> NDArray[np.float64]:
        """φ [rad], (B, n), in [0, 2π): a read-only view, current after every call. Setting copies in, broadcast."""
        return self._phases

    @phases.setter
    def phases(self, values: ArrayLike) -> None:
        self._core.set_phases(self._broadcast("phases", values, self._phases.shape))

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Natural frequencies [Hz], (B, n): a read-only view. Setting copies in, broadcast."""
        return self._frequencies

    @frequencies.setter
    def frequencies(self, values: ArrayLike) -> None:
        self._core.set_frequencies(self._broadcast("frequencies", values, self._frequencies.shape))

    @property
    def amplitudes(self) -> NDArray[Any]:
        """Amplitudes [1], (B, n): a read-only view, current after every call. Setting copies in, broadcast."""
        return self._amplitudes

    @amplitudes.setter
    def amplitudes(self, values: ArrayLike) -> None:
        self._core.set_amplitudes(self._broadcast("amplitudes", values, self._amplitudes.shape))

    @property
    def weights(self) -> NDArray[Any]:
        """Weights [1], (B, n, n): a read-only view. ``weights[b, i, j]`` acts on i from j. Setting copies in, broadcast."""  # noqa: E501
        return self._weights

    @weights.setter
    def weights(self, values: ArrayLike) -> None:
        array = _core.real_array(values, "weights")
        wide = self._broadcast("weights", array, self._weights.shape)
        within = np.abs(array) <= np.finfo(self._dtype).max  # false for NaN
        if not within.all():
            raise ValueError(
                f"weights must be finite and within the range of {self._dtype.name}, got {array[~within].flat[0]!r}"
            )
        self._core.set_weights(wide)

    @property
    def pinned(self) -> NDArray[np.bool_]:
        """Mask of the nodes whose amplitude is pinned, (B, n): a copy."""
        return self._pinned.copy()

    def order_parameter(self) -> NDArray[np.complex128]:
        """Mean of exp(iφ) over the nodes of each network, (B,)."""
        means: NDArray[np.complex128] = np.exp(1j * self._phases).mean(axis=1)
        return means

    def regime(self) -> NDArray[np.str_]:
        """Whether each network still computes, (B,): "alive", "saturated" or "silent", as :meth:`ResonanceNetwork.regime`."""  # noqa: E501
        regimes = regimes_of(self._amplitudes, self._pinned)
        untouched = (self._core.step_counts() == 0) & (self._amplitudes == 1).all(axis=1)
        regimes[untouched] = "alive"
        return regimes

    def pin(self, nodes: Any, amplitudes: ArrayLike | None = None, *, phases: ArrayLike | None = None) -> None:
        """Hold nodes in every network, at once and through every step, until :meth:`unpin`.

        Parameters
        ----------
        nodes : int, slice, array_like of int, or mask (n,)
            Which nodes, the same in all networks.
        amplitudes : float or array_like, (k,) or (B, k), optional
            Amplitudes [1] to hold, for the k selected nodes. None holds the present ones.
        phases : float or array_like, (k,) or (B, k), optional
            Phases [rad] to hold as well. None leaves phases as free, or as pinned, as they were.

        Raises
        ------
        TypeError, ValueError, IndexError
            If an argument is of the wrong kind, shape or range; nothing is pinned then.
        """
        where = node_indices(nodes, self.n_nodes)
        shape = (self.n_networks, len(where))
        # Copies: what views of the networks' own arrays show would change while it is read.
        turned = None if phases is None else self._broadcast("phases", phases, shape).copy()
        if amplitudes is not None:
            self._core.pin(where, self._broadcast("amplitudes", amplitudes, shape).copy(), turned)
            return
        with change(self._core.network(0)):  # the lock is of all
            self._core.pin(where, self._amplitudes[:, where], turned)

    def unpin(self, nodes: Any = None) -> None:
        """Let the amplitudes and phases of nodes go again, in every network.

        Parameters
        ----------
        nodes : int, slice, array_like of int, or mask (n,), optional
            Which nodes; None is all.
        """
        self._core.unpin(node_indices(slice(None) if nodes is None else nodes, self.n_nodes))

    def _for_each(self, name: str, values: ArrayLike) -> NDArray[Any]:
        """A number as one for each network; of arrays, (B,)."""
        array = _core.real_array(values, name)
        if array.ndim == 0:
            return np.broadcast_to(array, self.n_networks)
        if array.shape != (self.n_networks,):
            raise ValueError(f"{name} must be a number or have shape ({self.n_networks},), got shape {array.shape}")
        return array

    def _broadcast(self, name: str, values: ArrayLike, shape: tuple[int, ...]) -> NDArray[Any]:
        array = _core.real_array(values, name)
        try:
            return np.broadcast_to(array, shape)
        except ValueError:
            raise ValueError(f"{name} must broadcast to shape {shape}, got shape {array.shape}") from None

    def _keep(self, name: str, values: list[Any]) -> None:
        self._kept[f"_{name}"] = values


def _read_only(values: NDArray[Any]) -> NDArray[Any]:
    """The array made read-only: to set an element of a copy would change nothing."""
    values.flags.writeable = False
    return values
