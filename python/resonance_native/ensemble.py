"""Many networks that are advanced together."""

from __future__ import annotations

import copy
import operator
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from . import _core, initial
from .dense_store import DenseStore
from .ensemble_network import KEPT, EnsembleNetwork
from .ensemble_state import EnsembleState
from .hyperparameters import checked_dtype
from .moments import change, moment
from .progress import bar as progress_bar
from .regimes import ResonanceWarning
from .running import begin
from .validation import node_count, positive_number, truth, whole_number
from .weight_store import WeightsInMemory

if TYPE_CHECKING:
    from .recorder import Recorder
    from .recording import Recording


class ResonanceEnsemble(EnsembleState):
    """B networks of n nodes, advanced together by threads across networks.

    Every network is a :class:`ResonanceNetwork` in full, ``ensemble[i]``, with hyperparameters and a seed of its
    own. Arrays of all networks are views (B, n) or (B, n, n) of one block of memory.

    Parameters
    ----------
    n_networks : int
        Number of networks B, ≥ 1.
    n_nodes : int
        Nodes n of each, ≥ 1.
    base_freq, freq_std, weight_std, learning_rate, decay, gain, coupling, phase_lag, learning_lag, noise_std, amplitude_floor
        As in :class:`ResonanceNetwork`: a number for all networks, or one for each, (B,).
    dtype, storage, tolerance
        As in :class:`ResonanceNetwork`, of all networks.
    seed : optional
        None, an int or a ``numpy.random.SeedSequence``: network i has the i-th of its B spawned children. Or a
        sequence of B seeds, one for each network, as :class:`ResonanceNetwork` takes them.
    threads : int, optional
        Threads among which the networks are shared. None is :func:`get_num_threads` where a call has work enough.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.
    MemoryError
        If the networks would not fit in memory, before they are allocated.

    Notes
    -----
    A network has the bits that a :class:`ResonanceNetwork` has after the same calls, for any number of threads. Only
    runs of large networks differ in rounding: steps go in segments of some 5·10⁸ weight updates over all networks
    (multiples of 32 steps, at least 32, from n = 512 on at least 512), after each of which Ctrl-C finds all networks
    at the same step. Where steps go by blocks, from n ≈ 100 on, a run of several segments ends within rounding of
    the single network's.

    Examples
    --------
    >>> import numpy as np
    >>> import resonance_native as rn
    >>> ensemble = rn.ResonanceEnsemble(3, 20, gain=[0.5, 1.0, 2.0], seed=0)
    >>> ensemble.run(0.0, steps=10)
    >>> ensemble.amplitudes.shape
    (3, 20)
    >>> bool(np.all(ensemble[1].phases == ensemble.phases[1]))
    True
    """  # noqa: E501

    def __init__(
        self,
        n_networks: int,
        n_nodes: int = 100,
        base_freq: ArrayLike = 1.0,
        *,
        freq_std: ArrayLike = 0.1,
        weight_std: ArrayLike | None = None,
        learning_rate: ArrayLike = 0.01,
        decay: ArrayLike = 0.99,
        gain: ArrayLike = 1.0,
        coupling: ArrayLike = 0.0,
        phase_lag: ArrayLike = 0.0,
        learning_lag: ArrayLike = 0.0,
        noise_std: ArrayLike = 0.0,
        amplitude_floor: ArrayLike = 0.0,
        dtype: DTypeLike = "float64",
        storage: str = "dense",
        tolerance: float | None = None,
        seed: Any = None,
        threads: int | None = None,
    ) -> None:
        self._dtype = checked_dtype(dtype)
        if storage != DenseStore.name:
            raise ValueError(f'storage must be "dense" for an ensemble, got {storage!r}')
        count, nodes = whole_number("n_networks", n_networks, at_least=1, at_most=None), node_count(n_nodes)
        self._adopt_core(count, nodes)
        seeds = _seeds(seed, count)  # after memory was found for so many networks
        self._kept: dict[str, list[Any]] = {name: [None] * count for name in KEPT}
        self._warned = False
        self._core.set_threads(threads)
        self.learning_rate = learning_rate
        self.decay = decay
        self.gain = gain
        self.coupling = coupling
        self.phase_lag = phase_lag
        self.learning_lag = learning_lag
        self.noise_std = noise_std
        self.amplitude_floor = amplitude_floor
        self.base_freq = base_freq
        self.freq_std = freq_std
        self.weight_std = weight_std
        self.tolerance = tolerance
        self._draw(seeds)

    def _draw(self, seeds: Sequence[Any]) -> None:
        """The initial state of every network, as it draws it itself."""
        generators = [initial.generator(seed) for seed in seeds]  # an error of the last changes nothing of the first
        for network, seed, rng in zip(self, seeds, generators, strict=True):
            network._draw(rng)
            network._seed = seed
            network._warned = False

    @property
    def tolerance(self) -> float | None:
        """Largest change of a weight, relative to max|W|, by what a run cuts off; of network 0. Setting sets all."""
        value: float | None = self._kept["_tolerance"][0]
        return value

    @tolerance.setter
    def tolerance(self, value: float | None) -> None:
        number = None if value is None else positive_number("tolerance", value)
        for network in self:
            network.tolerance = number

    def __len__(self) -> int:
        return self.n_networks

    def __getitem__(self, index: int) -> EnsembleNetwork:
        """One network as a :class:`ResonanceNetwork`: a view, with the ensemble's memory and lock."""
        try:
            place = operator.index(index)
        except TypeError:
            raise TypeError(f"the index of a network must be an int, got {index!r}") from None
        if not -self.n_networks <= place < self.n_networks:
            raise IndexError(f"the index of a network must be in [-{self.n_networks}, {self.n_networks}), got {place}")
        return EnsembleNetwork(self, place % self.n_networks)

    def __iter__(self) -> Iterator[EnsembleNetwork]:
        return (self[index] for index in range(self.n_networks))

    # Advancing it

    def update(self, input_signal: ArrayLike = 0.0, dt: float = 0.01, *, learn: bool = True) -> None:
        """Advance every network by one step.

        Parameters
        ----------
        input_signal : float or array_like, (n,) or (B, n)
            x [rad/s], for all networks or one row for each.
        dt : float
            Time step [s], > 0.
        learn : bool
            False keeps the weights as they are.

        Raises
        ------
        TypeError, ValueError
            If an argument is of the wrong kind, shape or range; the ensemble is then as before.
        FloatingPointError
            If weights grow beyond the range of their dtype; it names the networks.
        """
        signal = _core.real_array(input_signal, "input_signal")
        if signal.ndim > 2:
            raise ValueError(
                f"input_signal must be a number or have shape ({self.n_nodes},) or ({self.n_networks}, "
                f"{self.n_nodes}), got shape {signal.shape}"
            )
        self._core.run(signal, 1, dt, 1, learn, "input_signal", None, None)

    def run(
        self,
        inputs: ArrayLike = 0.0,
        steps: int | None = None,
        dt: float = 0.01,
        *,
        hold: int = 1,
        learn: bool = True,
        record: Recorder | None = None,
        progress: bool = False,
    ) -> Recording | None:
        """Advance every network by many steps.

        Ctrl-C stops it between two segments, with all networks at the same step; a run that records then returns what
        it has recorded, any other raises KeyboardInterrupt.

        Parameters
        ----------
        inputs : float or array_like, (n,), (B, n) or (B, T, n)
            x [rad/s]. A number, a row for all networks or one row for each is held for ``steps`` steps; of
            (B, T, n) each row is held for ``hold`` steps. What ``numpy.broadcast_to`` made is not copied.
        steps : int, optional
            Number of steps ≥ 0. Needed for held inputs; for (B, T, n) None or T·hold.
        dt : float
            Time step [s], > 0.
        hold : int
            Steps for which each row is held, ≥ 1.
        learn : bool
            False keeps the weights as they are.
        record : Recorder, optional
            What to record, and how often.
        progress : bool
            Whether to show a progress bar (needs tqdm).

        Returns
        -------
        Recording or None
            What was recorded, with an axis for the networks behind that of time; None without ``record``.

        Warns
        -----
        ResonanceWarning
            Once for an ensemble, when networks end a run saturated or silent.

        Raises
        ------
        TypeError, ValueError
            If an argument is of the wrong kind, shape or range; the ensemble is then as before.
        FloatingPointError
            If weights grow beyond the range of their dtype. It names the networks; all others have gone on to the
            end of a segment.
        """
        with_bar = truth("progress", progress)
        array = _core.real_array(inputs, "inputs")
        total = self._core.check_run(array, steps, dt, hold, learn)
        shape = {"networks": self.n_networks, "segment": self._core.segment_steps}
        session = None if record is None else begin(record, self.n_nodes, self._dtype, total, dt, **shape)
        arrays = None if session is None else session.core
        ended = False
        try:
            with progress_bar(with_bar, self.n_networks * total, unit="steps", what=f"{len(self)} networks") as bar:
                move = None if bar is None else lambda done: bar.update(self.n_networks * done - bar.n)
                done = self._core.run(array, steps, dt, hold, learn, "inputs", move, arrays)
                if move is not None:
                    move(done)
            ended = True
        except KeyboardInterrupt:
            if session is None:
                raise
        finally:
            recording = None if session is None else session.finish(interrupted=not ended)
        self._warn_once()
        return recording

    def _warn_once(self) -> None:
        if self._warned:
            return
        regimes = self.regime()
        counts = {regime: int((regimes == regime).sum()) for regime in ("saturated", "silent")}
        if any(counts.values()):
            self._warned = True
            text = " and ".join(f"{count} are {regime}" for regime, count in counts.items() if count)
            warnings.warn(
                f"of {self.n_networks} networks {text} (see regime()), and no longer tell inputs apart; "
                "ResonanceNetwork tells how to keep one alive",
                ResonanceWarning,
                stacklevel=3,
            )

    # Setting it

    def reset(self, seed: Any = None) -> None:
        """Return every network to an initial state: no pins, step count and time 0; hyperparameters stay.

        Parameters
        ----------
        seed : optional
            As in the constructor. None repeats the draws that the networks were built or last reset with.
        """
        seeds = list(self._kept["_seed"]) if seed is None else _seeds(seed, self.n_networks)
        for each in seeds:
            initial.generator(copy.deepcopy(each))
        with change(self[0]._core):  # the lock is of all
            for network, each in zip(self, seeds, strict=True):
                network.reset(each)
        self._warned = False

    # Copying it

    def copy(self) -> Self:
        """Return an independent copy, which goes on with the same bits."""
        return copy.deepcopy(self)

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        ensemble = type(self).__new__(type(self))
        memo[id(self)] = ensemble
        with moment(self[0]._core):  # the lock is of all
            vars(ensemble).update(copy.deepcopy(self._attributes(), memo))
            ensemble._adopt_core(self.n_networks, self.n_nodes)
            ensemble._core.assign(self._core)
        return ensemble

    def _attributes(self) -> dict[str, Any]:
        """What the core does not hold."""
        return {"_dtype": self._dtype, "_kept": self._kept, "_warned": self._warned}

    def __getstate__(self) -> dict[str, Any]:
        with moment(self[0]._core):  # the lock is of all
            networks = [network.__getstate__() for network in self]
            attributes = copy.deepcopy(self._attributes())
        for saved in networks:
            del saved["attributes"]  # the ensemble keeps them
        threads = self._core.threads_setting
        return {"attributes": attributes, "n_nodes": self.n_nodes, "threads": threads, "networks": networks}

    def __setstate__(self, saved: dict[str, Any]) -> None:
        vars(self).update(saved["attributes"])
        self._adopt_core(len(saved["networks"]), saved["n_nodes"])
        self._core.set_threads(saved["threads"] or None)
        for network, state in zip(self, saved["networks"], strict=True):
            network._restore(state, WeightsInMemory(state["weights"]))

    def __repr__(self) -> str:
        regimes = dict(zip(*np.unique_counts(self.regime()), strict=True))
        text = ", ".join(f"{regime}: {count}" for regime, count in regimes.items())
        return (
            f"{type(self).__name__}(n_networks={self.n_networks}, n_nodes={self.n_nodes}, dtype={self._dtype.name!r}, "
            f"storage={self.storage!r}, step_count={self.step_count}, regime={{{text}}})"
        )


def _seeds(seed: Any, count: int) -> list[Any]:
    """One seed for each network."""
    if isinstance(seed, Sequence | np.ndarray) and not isinstance(seed, str | bytes):
        if len(seed) != count:
            raise ValueError(f"seed must be one seed, or a sequence of {count}, one a network; got {len(seed)}")
        return [initial.replayable(each) for each in seed]
    if isinstance(seed, np.random.SeedSequence):
        root = copy.deepcopy(seed)  # to spawn children changes it
    elif seed is None or (isinstance(seed, int | np.integer) and not isinstance(seed, bool)):
        if seed is not None and seed < 0:
            raise ValueError(f"seed must be ≥ 0, got {seed!r}")
        root = np.random.SeedSequence(seed if seed is None else int(seed))
    else:
        raise TypeError(f"seed must be None, an int, a SeedSequence or a sequence of {count} seeds, got {seed!r}")
    return list(root.spawn(count))
