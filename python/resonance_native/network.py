"""The network: defaults, documentation and composition over the C++ core."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from . import _core, entraining, initial
from .dense_store import DenseStore
from .entraining import Encoder
from .moments import moment
from .progress import bar as progress_bar
from .regimes import Regime, ResonanceWarning, advice, regime_of
from .running import begin, watched_run
from .sparse_store import SparseStore
from .validation import (
    finite_number,
    node_count,
    node_indices,
    non_negative_number,
    positive_number,
    truth,
    whole_number,
)
from .weight_store import SavedWeights, WeightsInMemory, WeightStore
from .weight_stores import STORES, store_for

if TYPE_CHECKING:
    from .callbacks import Callback
    from .recorder import Recorder
    from .recording import Recording
    from .recording_session import RecordingSession


def _core_hyperparameter(name: str, doc: str) -> property:
    """A hyperparameter that the core holds and checks."""

    def get(self: ResonanceNetwork) -> float:
        return self._core.hyperparameter(name)

    def set_(self: ResonanceNetwork, value: float) -> None:
        self._core.set_hyperparameter(name, value)

    return property(get, set_, doc=doc)


class GraphKeywords(TypedDict, total=False):
    """The constructor's keywords, as :meth:`ResonanceNetwork.from_graph` takes them."""

    base_freq: float
    freq_std: float
    weight_std: float | None
    learning_rate: float
    decay: float
    gain: float
    coupling: float
    phase_lag: float
    learning_lag: float
    noise_std: float
    amplitude_floor: float
    dtype: DTypeLike
    tolerance: float | None
    seed: Any
    threads: int | None


class Keywords(GraphKeywords, total=False):
    """The same, as :meth:`ResonanceNetwork.from_state` takes them."""

    storage: str
    max_rank: int | None


class ResonanceNetwork:
    """n oscillators whose connections grow where two of them are active in phase.

    One step with input x [rad/s] and time step dt [s] is, in this order::

        φ ← (φ + 2π f dt + x dt + dt·κ·g + σ√dt·ξ) mod 2π     g_i = Σ_j W_ij sin(φ_j − φ_i − α)
        W ← decay · (W + η cos(φ_i − φ_j − β) a_i a_j)
        a_i ← tanh(gain · Σ_j W_ij cos(φ_i − φ_j))

    g is of W and φ before the step, ξ standard normal and new for each node and step. W grows with the old
    amplitudes, and the new amplitudes follow from the new W. The defaults are the published Resonance Network. At
    these, small networks (n ≤ 15) fall silent and large ones (n ≥ 100) saturate; to keep one alive, :meth:`pin` all
    amplitudes at 1 for the first 500 steps or so and go on with ``gain`` near 8/n.

    Parameters
    ----------
    n_nodes : int
        Number of nodes n, ≥ 1.
    base_freq : float
        Mean of the natural frequencies [Hz] that are drawn.
    freq_std : float
        Their standard deviation [Hz], ≥ 0.
    weight_std : float, optional
        Standard deviation [1] of the initial weights, ≥ 0. None is 0.01, and 0 where storage is "factored".
    learning_rate : float
        η [1], finite.
    decay : float
        Factor on all weights at every step [1], in [0, 1].
    gain : float
        Slope of the amplitudes' tanh [1], finite.
    coupling : float
        κ [rad/s]: how strongly weights pull phases, as in Kuramoto's model. Finite; 0 is none.
    phase_lag : float
        α [rad] in the coupling, as in Sakaguchi and Kuramoto's model.
    learning_lag : float
        β [rad] in the growth of the weights.
    noise_std : float
        σ [rad/√s]: phase noise, ≥ 0. It is a function of :attr:`noise_seed`, step count and node alone.
    amplitude_floor : float
        Least amplitude of a free node, in [0, 1]; 0 is none.
    dtype : dtype_like
        float32 or float64, of weights and amplitudes. Phases and frequencies are always float64.
    storage : str
        How weights are kept: "dense" as n × n numbers; or "factored" as a product F S Fᵀ of an n × r matrix that is
        never multiplied out, for O(n r) a step and networks of a million nodes where inputs are held or smooth. For
        weights on the edges of a graph see :meth:`from_graph`.
    tolerance : float, optional
        Largest change of any weight, relative to max|W|, by all that is cut off. None is 1e-12 in float64 and 1e-6
        in float32. Of dense weights, one :meth:`run` spends less than an eighth of it, beside rounding; with less
        than a sixteenth of the default nothing is cut off, and ``update`` never cuts off anything. Of factored
        weights, all that was cut off so far, less what has decayed, stays below it, and far below where rounding
        allows: see docs/factored.md.
    max_rank : int, optional
        Of factored weights, the most columns of F that a compression may leave: beyond, a step raises instead of
        cutting off more than the tolerance. None is 1024, or fewer where these would take more than a GiB, but 128.
    seed : optional
        Anything that :func:`numpy.random.default_rng` takes. From it are drawn, in this order: phases
        uniform in [0, 2π), frequencies, weights, :attr:`noise_seed`. Amplitudes start at 1.
    threads : int, optional
        Threads of this network. None is 1 for small networks, else :func:`get_num_threads`.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.
    MemoryError
        If the weights would not fit in memory, before they are allocated.

    Notes
    -----
    Results have the same bits for any number of threads. With coupling 0, phases have the bits of
    :class:`resonance_native.reference.ResonanceNetwork`. Calls on one network from several Python
    threads wait for each other; the GIL is released while the core computes.
    """

    learning_rate = _core_hyperparameter("learning_rate", "η [1]: growth of a weight per step. Finite.")
    decay = _core_hyperparameter("decay", "Factor on all weights at every step [1], in [0, 1].")
    gain = _core_hyperparameter("gain", "Slope of the amplitudes' tanh [1]. Finite.")
    coupling = _core_hyperparameter("coupling", "κ [rad/s]: pull of the weights on the phases. Finite.")
    phase_lag = _core_hyperparameter("phase_lag", "α [rad] in the coupling. Finite.")
    learning_lag = _core_hyperparameter("learning_lag", "β [rad] in the growth of the weights. Finite.")
    noise_std = _core_hyperparameter("noise_std", "σ [rad/√s]: phase noise. Finite, ≥ 0.")
    amplitude_floor = _core_hyperparameter("amplitude_floor", "Least amplitude of a free node [1], in [0, 1].")

    _store: WeightStore = DenseStore()
    _warned_of_rank = True  # there is none to warn of

    def __init__(
        self,
        n_nodes: int = 100,
        base_freq: float = 1.0,
        *,
        freq_std: float = 0.1,
        weight_std: float | None = None,
        learning_rate: float = 0.01,
        decay: float = 0.99,
        gain: float = 1.0,
        coupling: float = 0.0,
        phase_lag: float = 0.0,
        learning_lag: float = 0.0,
        noise_std: float = 0.0,
        amplitude_floor: float = 0.0,
        dtype: DTypeLike = "float64",
        storage: str = "dense",
        tolerance: float | None = None,
        max_rank: int | None = None,
        seed: Any = None,
        threads: int | None = None,
    ) -> None:
        self._dtype = _checked_dtype(dtype)
        self._store = store_for(storage, max_rank)
        self._adopt_core(node_count(n_nodes))
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
        self._warned, self._warned_of_rank = False, not self._store.may_advise
        self._encoder: Encoder | None = None
        self._seed = initial.replayable(seed)
        self._draw(initial.generator(self._seed if seed is None else seed))

    @classmethod
    def from_state(
        cls,
        phases: ArrayLike,
        frequencies: ArrayLike,
        amplitudes: ArrayLike,
        weights: Any,
        **keywords: Unpack[Keywords],
    ) -> Self:
        """Build a network in a given state, which is copied.

        Parameters
        ----------
        phases : array_like, (n,)
            φ [rad], any finite value; kept modulo 2π.
        frequencies : array_like, (n,)
            Natural frequencies f [Hz].
        amplitudes : array_like, (n,)
            a [1].
        weights : array_like, (n, n)
            W [1]; ``weights[i, j]`` acts on i from j. With storage "factored" also a pair (A, B) of arrays (n, k), for
            W = A Bᵀ, or another network's :attr:`weights`. An n × n array is kept there until, decayed, it counts for
            less than the tolerance.
        **keywords
            All keywords of the constructor. ``base_freq``, ``freq_std``, ``weight_std`` and ``seed`` tell
            :meth:`reset` what to draw from.

        Returns
        -------
        ResonanceNetwork
        """
        phases = _core.real_array(phases, "phases")
        if phases.ndim != 1 or phases.size == 0:
            raise ValueError(f"phases must have shape (n,) with n ≥ 1, got shape {phases.shape}")
        # Weights of standard deviation 0 are not drawn.
        undrawn: dict[str, Any] = {**keywords, "weight_std": 0.0}
        net = cls.__new__(cls)
        ResonanceNetwork.__init__(net, len(phases), **undrawn)  # a subclass may have a constructor of its own
        net.weight_std = keywords.get("weight_std")
        if keywords.get("seed") is None:
            net._seed = None
        net._core.set_phases(phases)
        net._core.set_initial_phases(phases)
        net._core.set_frequencies(frequencies)
        net._core.set_amplitudes(amplitudes)
        net._store.set_weights(net._core, weights)
        return net

    @classmethod
    def from_graph(cls, graph: Any, *, reorder: bool = False, **keywords: Unpack[GraphKeywords]) -> Self:
        """Build a network whose weights are on the edges of a graph, and nowhere else.

        A step is O(edges + n), and so is memory: 10⁶ nodes with 20 edges each take 0.4 GB in float64. Results are
        those of the dense network whose weights and their growth are 0 where no edge is. Needs SciPy.

        Parameters
        ----------
        graph : scipy.sparse matrix or array, (n, n), or networkx graph
            Where the weights are. Of a matrix, every stored entry [i, j] is an edge that acts on i from j, an explicit
            zero too, and its value is W₀; duplicates are summed. Of a networkx graph, u → v is W[v, u], an edge without
            direction is both, W₀ is the attribute "weight", or, as everywhere in networkx, 1 where there is none,
            and nodes stand in the graph's own order. Self-loops are edges like any others.
        reorder : bool
            Whether to hold rows in an order in which neighbours are near each other (reverse Cuthill–McKee), which is
            faster for large graphs whose nodes are in no such order. Nothing but speed depends on it.
        **keywords
            All keywords of the constructor but ``storage``. With ``weight_std`` None weights begin at W₀; with a
            number they are drawn instead, edge by edge in the order of :attr:`weights`. :meth:`reset` does the same.

        Returns
        -------
        ResonanceNetwork

        Raises
        ------
        TypeError, ValueError
            If the graph is of another kind, not square, not finite or a multigraph, or a keyword is wrong.
        MemoryError
            If the weights would not fit in memory, before they are allocated.
        ImportError
            If SciPy is missing.

        Notes
        -----
        Weights of 1 are large beside what grows at the default learning rate, at most 0.01 a step: they suit
        a fixed coupling (``learning_rate=0, decay=1, coupling=κ`` is Kuramoto's model on the graph). To let the network
        learn from the start, give ``weight_std``, 0 for weights of 0.
        """
        if "storage" in keywords:
            raise TypeError("storage is no keyword of from_graph, which keeps weights on the edges of the graph")
        dtype = _checked_dtype(keywords.get("dtype", "float64"))
        store = SparseStore.of_graph(graph, truth("reorder", reorder), dtype)
        arguments: dict[str, Any] = {**keywords, "storage": store}
        net = cls.__new__(cls)
        ResonanceNetwork.__init__(net, store.n_nodes, **arguments)  # a subclass may have a constructor of its own
        return net

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

    def _draw(self, rng: np.random.Generator) -> None:
        """Everything of the initial state that is random. A draw that fails changes nothing."""
        phases, frequencies = initial.nodes(rng, self.n_nodes, self._base_freq, self._freq_std)
        self._core.set_phases(phases)
        self._core.set_initial_phases(phases)
        self._core.set_frequencies(frequencies)
        self._store.draw(self._core, rng, self._weight_std)
        self._core.set_noise_seed(initial.noise_seed(rng))

    def _begin_recording(self, record: Any, steps: int, dt: float) -> RecordingSession:
        """The session of a recorder for a run of ``steps`` steps."""
        return begin(record, self.n_nodes, self.dtype, steps, dt)

    def _by_clock(self, seconds: float, call: Callable[[], bool | None]) -> tuple[Any, ...]:
        """What the core is told of a callback that comes when so many seconds have passed."""
        return "seconds", seconds, call

    # What it is

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
        ``rows``, ``block``, ``diagonal``, ``to_dense``, and ``error_bound``, which no weight is off by more than. It
        may be set to what :meth:`from_state` takes.
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
        seed = whole_number("noise_seed", value, at_least=0)
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

    # Advancing it

    def update(self, input_signal: ArrayLike = 0.0, dt: float = 0.01, *, learn: bool = True) -> None:
        """Advance by one step.

        Parameters
        ----------
        input_signal : float or array_like, (n,)
            x [rad/s]. A contiguous float64 or float32 array is read in place.
        dt : float
            Time step [s], > 0.
        learn : bool
            False keeps the weights as they are: neither growth nor decay.

        Raises
        ------
        TypeError, ValueError
            If an argument is of the wrong kind, shape or range; the network is then as before.
        FloatingPointError
            If the weights grow beyond the range of their dtype.

        Notes
        -----
        With such an array, or a number, and one thread, nothing is allocated: neither by the core nor by Python.
        """
        self._update(input_signal, dt, learn)
        if not self._warned_of_rank:
            self._warn_of_rank(stacklevel=3)

    def run(
        self,
        inputs: ArrayLike = 0.0,
        steps: int | None = None,
        dt: float = 0.01,
        *,
        hold: int = 1,
        learn: bool = True,
        record: Recorder | None = None,
        callback: Callback | Callable[[ResonanceNetwork], bool | None] | Iterable[Any] | None = None,
        progress: bool = False,
    ) -> Recording | None:
        """Advance by many steps, in C++.

        Ctrl-C stops it after a completed step; ``step_count`` tells which. A run that records then returns what it
        has recorded, with ``interrupted`` True, and only a second Ctrl-C raises; any other raises KeyboardInterrupt.

        Parameters
        ----------
        inputs : float or array_like, (n,) or (T, n)
            x [rad/s]: one input that is held, or rows that are taken one after the other.
        steps : int, optional
            Number of steps ≥ 0. Needed for one input; for rows None or T·hold.
        dt : float
            Time step [s], > 0.
        hold : int
            Steps for which each row is held, ≥ 1.
        learn : bool
            False keeps the weights as they are.
        record : Recorder, optional
            What to record, and how often.
        callback : optional
            One, or several in a list, of what looks on and may stop the run: :func:`every`, :class:`Checkpoint`,
            :func:`stop.when_order_above`, :func:`stop.when_settled`, or a plain function f(net), which is called
            after every step and returns True to stop.
        progress : bool
            Whether to show a progress bar with steps per second and the time left (needs tqdm).

        Returns
        -------
        Recording or None
            What was recorded; None without ``record``.

        Warns
        -----
        ResonanceWarning
            Once for a network, when a run ends saturated or silent; and once when the rank of factored weights is no
            longer small.

        Raises
        ------
        TypeError, ValueError
            If an argument is of the wrong kind, shape or range; the network is then as before.
        MemoryError
            If what is to be recorded would not fit in memory, before the first step.
        FloatingPointError
            If the weights grow beyond the range of their dtype.

        Notes
        -----
        Neither recorder nor callbacks nor progress change a bit of the network.

        Without coupling, many steps share a pass over the weights, so a run ends within rounding of the same
        number of ``update`` calls, and the same run has the same bits. From n = 512 on, where inputs are held
        or smooth, growth is moreover compressed. That changes no weight by more than ``tolerance``/8 of the
        largest one, over the whole run (or by the rounding of their dtype, if that is more): it is bounded by
        the largest diagonal element of what is cut off, a positive matrix. See docs/engines.md and
        docs/numerics.md.
        """
        recording = None
        if record is None and callback is None and progress is False:
            self._core.run(inputs, steps, dt, hold, learn, "inputs")
        else:
            recording = watched_run(self, inputs, steps, dt, hold, learn, record, callback, progress)
        self._warn_once(stacklevel=3)
        return recording

    def predict(
        self, input_pattern: ArrayLike, steps: int = 100, dt: float = 0.01, *, learn: bool = True
    ) -> NDArray[Any]:
        """Hold a pattern and return the amplitudes that it leads to.

        As published, the network learns while it predicts; ``learn=False`` keeps the weights.

        Parameters
        ----------
        input_pattern : float or array_like, (n,)
            x [rad/s].
        steps : int
            Number of steps ≥ 0.
        dt : float
            Time step [s], > 0.
        learn : bool
            False keeps the weights as they are.

        Returns
        -------
        ndarray, (n,)
            A copy of the amplitudes.
        """
        pattern = _core.real_array(input_pattern, "input_pattern")
        if pattern.ndim > 1:
            raise ValueError(
                f"input_pattern must be a number or have shape ({self.n_nodes},), got shape {pattern.shape} "
                "(net.encode makes such patterns of rows of data)"
            )
        self._core.run(pattern, steps, dt, 1, learn, "input_pattern")
        self._warn_once(stacklevel=3)
        return self._amplitudes.copy()

    # Learning from data

    def encode(self, x: ArrayLike) -> NDArray[Any]:
        """Turn data into input patterns, for :meth:`predict`, :meth:`update` and :meth:`run`.

        Held for one second, from :attr:`initial_phases` and with equal natural frequencies, a pattern leads to the
        phases of a presentation in :meth:`entrain`.

        Parameters
        ----------
        x : array_like, (d,) or (N, d)
            A row of data, or rows.

        Returns
        -------
        ndarray, (n,) or (N, n)
            Ωx [rad/s], as :attr:`encoder` makes it; without an encoder x itself, and d must be n.

        Raises
        ------
        TypeError, ValueError
            If x is not real and finite, or has not the columns that the encoder was fitted on.
        """
        values = _core.real_array(x, "x")
        if values.ndim not in (1, 2):
            raise ValueError(f"x must have shape (d,) or (N, d), got shape {values.shape}")
        wanted = self.n_nodes if self._encoder is None else entraining.columns(self, self._encoder)
        rows = entraining.rows_of(np.atleast_2d(values), "x", wanted)
        entraining.require_finite(rows, "x", missing=False)
        offsets = entraining.encoded(self, self._encoder, rows)
        return offsets[0] if values.ndim == 1 else offsets

    def entrain(
        self,
        data: ArrayLike,
        *,
        encoder: Encoder | None = None,
        fading_factor: float | None = None,
        epochs: int = 1,
        shuffle: bool = False,
        progress: bool = False,
    ) -> Self:
        """Learn from rows of data, without labels and without a loss.

        Each row x is one presentation: phases φ = φ⁰ + Ωx from the network's :attr:`initial_phases` φ⁰, all
        amplitudes 1, and with z = exp(iφ) one growth of the weights, so that they become the mean of all rows::

            W ← W + (Re z zᴴ − W) / t            t: presentation_count, this row included
            W ← λ W + (1 − λ) Re z zᴴ            with a fading factor λ

        The first of these forgets the random weights at its first row. Calling it again goes on where the last
        call ended. Nothing but weights and :attr:`presentation_count` changes: phases and amplitudes stay, and
        pins and hyperparameters have no part in it. The literal form of the published network, which presents
        a row by holding it for 100 steps, is ``net.run(rows, hold=100)``.

        Parameters
        ----------
        data : array_like, (N, d)
            Rows. Without an encoder, NaN is a missing input: its node is silent (a = 0) in that row.
        encoder : optional
            A fitted transformer from (N, d) to phase offsets [rad] (N, n), as in scikit-learn, kept as
            :attr:`encoder` from then on. None takes the one kept. Where there is none, columns go to nodes one
            to one if d = n; otherwise a :class:`resonance_native.learn.PhaseEncoder` is fitted on ``data``.
        fading_factor : float, optional
            λ [1], in [0, 1]: old rows count for a factor e less after 1/(1 − λ) rows. None is the mean of all.
        epochs : int
            How many times all rows are presented, ≥ 1.
        shuffle : bool
            Whether each epoch presents the rows in a random order, drawn anew from the initial phases and the
            presentation count: the same calls give the same order.
        progress : bool
            Whether to show a progress bar (needs tqdm).

        Returns
        -------
        ResonanceNetwork
            The network itself.

        Raises
        ------
        TypeError, ValueError
            If an argument is of the wrong kind, shape or range; the network is then as before.
        ImportError
            If an encoder has to be fitted and scikit-learn is missing, or tqdm for ``progress``.

        Notes
        -----
        Many rows share a pass over the weights, and only one triangle of their growth is computed. Ctrl-C stops
        between such passes; ``presentation_count`` tells after how many rows.

        φ⁰ should be random, as it is in a new network. From φ⁰ = 0 the presentations of x and −x give the same
        real weights, and nothing that reads the weights can tell the two apart.

        With a random encoder this is a sum of random Fourier features [1]_: zᴴWz/n² estimates a density of the
        rows. See docs/learning.md and docs/theory.md.

        References
        ----------
        .. [1] A. Rahimi and B. Recht, "Random features for large-scale kernel machines", NeurIPS 2007.
        """
        factor = entraining.fading(fading_factor)
        times = whole_number("epochs", epochs, at_least=1)
        in_random_order, with_bar = truth("shuffle", shuffle), truth("progress", progress)
        if encoder is None:
            encoder = self._encoder
        elif not callable(getattr(encoder, "transform", None)):
            raise TypeError(f"encoder must be None or have a method transform, got {encoder!r}")
        rows = entraining.rows_of(data, "data", entraining.columns(self, encoder))
        entraining.require_finite(rows, "data", missing=entraining.takes_missing(encoder))
        if self._weights is not None and np.may_share_memory(rows, self._weights):
            rows = rows.copy()  # they would change while they are read
        if encoder is None and rows.shape[1] != self.n_nodes:
            encoder = entraining.fit_encoder(self, rows)
        entraining.encoded(self, encoder, rows[:1])  # an encoder for another network is found before anything changes
        with progress_bar(with_bar, times * len(rows), unit="rows", what="entrain") as bar:
            self._encoder = encoder
            for _ in range(times):
                entraining.present(self, rows, encoder, factor, in_random_order, bar)
        if not self._warned_of_rank:
            self._warn_of_rank(stacklevel=3)
        return self

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

    # Setting it

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
        held = self._amplitudes[where] if amplitudes is None else _for_each(where, amplitudes, "amplitudes")
        self._core.pin(where, held, None if phases is None else _for_each(where, phases, "phases"))

    def unpin(self, nodes: Any = None) -> None:
        """Let the amplitudes and phases of nodes go again.

        Parameters
        ----------
        nodes : int, slice, array_like of int, or mask (n,), optional
            Which nodes; None is all.
        """
        self._core.unpin(node_indices(slice(None) if nodes is None else nodes, self.n_nodes))

    def reset(self, seed: Any = None) -> None:
        """Return to an initial state: no pins, step count and time 0; hyperparameters stay.

        Parameters
        ----------
        seed : optional
            What to draw the state from, as in the constructor. None repeats the draw that the network
            was built with.

        Raises
        ------
        ValueError
            If ``seed`` is None and the network was made by :meth:`from_state` without one.
        """
        if seed is None and self._seed is None:
            raise ValueError(
                "seed must be given: a network made by from_state without one has none to repeat, got None"
            )
        replayable = self._seed if seed is None else initial.replayable(seed)
        rng = initial.generator(copy.deepcopy(replayable) if seed is None else seed)
        self._draw(rng)
        self._seed = replayable
        self._encoder = None
        self._core.set_presentation_count(0)
        self.unpin()
        self._core.set_amplitudes(np.ones(self.n_nodes))
        self._core.set_clock(0, 0.0)
        self._warned, self._warned_of_rank = False, not self._store.may_advise

    # Copying it

    def copy(self) -> Self:
        """Return an independent copy, which goes on with the same bits."""
        return copy.deepcopy(self)

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        net = type(self).__new__(type(self))
        memo[id(self)] = net  # before its attributes: one of them may refer to the network
        vars(net).update(copy.deepcopy(self._attributes(), memo))
        net._adopt_core(self.n_nodes)
        net._core.assign(self._core)
        return net

    def _attributes(self) -> dict[str, Any]:
        """What the core does not hold."""
        views = {"_phases", "_frequencies", "_amplitudes", "_weights", "_pinned", "_initial_phases"}
        core_held = {"_core", "_update", *views}
        return {key: value for key, value in vars(self).items() if key not in core_held}

    def _all_but_weights(self) -> dict[str, Any]:
        """What the network goes on with, as :meth:`_take_over` takes it."""
        return {
            "attributes": self._attributes(),
            "hyperparameters": {name: self._core.hyperparameter(name) for name in _core.hyperparameter_names()},
            "threads": self._core.threads_setting,
            "noise_seed": self._core.noise_seed,
            "pins": self._core.pins(),
            "vectors": self._core.vectors(),
        }

    def __getstate__(self) -> dict[str, Any]:
        with moment(self._core):
            weights = WeightsInMemory.of(self._store.tensors(self._core))
            saved = {**self._all_but_weights(), "storage": self._store.name, "weights": weights}
        saved["attributes"].pop("_store", None)  # what it keeps is among the weights
        return saved

    def __setstate__(self, saved: dict[str, Any]) -> None:
        weights = WeightsInMemory(saved["weights"])
        self._store = STORES[saved["storage"]].of_saved(weights)
        self._take_over(saved, weights)

    def _take_over(self, saved: dict[str, Any], weights: SavedWeights) -> None:
        """Become what was saved."""
        vars(self).update(saved["attributes"])
        self._adopt_core(len(saved["vectors"]["phases"]))
        self._restore(saved, weights)

    def _restore(self, saved: dict[str, Any], weights: SavedWeights) -> None:
        """Everything of what was saved that the core holds."""
        vectors, pins = saved["vectors"], saved["pins"]
        for name, value in saved["hyperparameters"].items():
            self._core.set_hyperparameter(name, value)
        self._core.set_threads(saved["threads"] or None)
        self._core.set_noise_seed(saved["noise_seed"])
        self._core.set_tolerance(self._tolerance)
        for mask, phases in ((pins["amplitude_pins"], None), (pins["phase_pins"], pins["phases"])):
            where = np.flatnonzero(mask)
            self._core.pin(where, pins["amplitudes"][where], None if phases is None else phases[where])
        # The state comes last: nodes may have been set away from where they are pinned.
        self._core.set_phases(vectors["phases"])
        self._core.set_frequencies(vectors["frequencies"])
        self._core.set_amplitudes(vectors["amplitudes"])
        self._store.restore(self._core, weights)
        if vectors["cosine_sums"] is not None:
            self._core.set_sums(vectors["cosine_sums"], vectors["sine_sums"])
        self._core.set_clock(vectors["step_count"], vectors["time"])
        self._core.set_initial_phases(vectors["initial_phases"])
        self._core.set_presentation_count(vectors["presentation_count"])

    # Keeping it

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save everything that the network goes on with to a file.

        The file is replaced as a whole: whoever reads it, and a machine that fails meanwhile, finds the old one or the
        new one. Other threads' calls on the network wait. See docs/checkpoints.md for the format.

        Parameters
        ----------
        path : path_like
            The file; a usual name ends in ``.safetensors``.

        Raises
        ------
        OSError
            If the system can't write it; the error names the path, and what was there stays.
        BlockingIOError
            If another call is writing to the same path.
        TypeError
            If the network has what such a file can't hold: an encoder other than
            :class:`resonance_native.learn.PhaseEncoder`, a seed or an attribute of a type of your own. Pickle can.
        ValueError
            If the network has diverged: its weights are not finite.
        """
        from . import checkpoint

        checkpoint.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Return the network that :meth:`save` has saved, which goes on with the same bits.

        Needs safetensors. The file is read only, and nothing in it is ever run.

        Parameters
        ----------
        path : path_like
            The file.

        Returns
        -------
        ResonanceNetwork

        Raises
        ------
        OSError
            If the system can't read it: FileNotFoundError and its kin.
        ValueError
            If it is not such a file, if it is damaged in any byte, or of a newer format.
        MemoryError
            If the weights would not fit in memory, before they are allocated.
        ImportError
            If safetensors is missing; or scikit-learn, for a network with an encoder.
        """
        from . import checkpoint

        return checkpoint.load(path, cls)[0]

    def __repr__(self) -> str:
        edges = f"n_edges={self._store.n_edges}, " if isinstance(self._store, SparseStore) else ""
        return (
            f"{type(self).__name__}(n_nodes={self.n_nodes}, {edges}dtype={self._dtype.name!r}, "
            f"storage={self.storage!r}, step_count={self.step_count}, regime={self.regime()!r})"
        )


def _for_each(where: NDArray[np.int64], values: ArrayLike, name: str) -> NDArray[Any]:
    """A number as one value for each node; arrays as they are, for the core to check."""
    array = _core.real_array(values, name)
    return np.broadcast_to(array, where.shape) if array.ndim == 0 else array


def _checked_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    try:
        checked = np.dtype(dtype)
    except TypeError:
        checked = np.dtype(object)
    if dtype is None or checked not in (np.dtype("float32"), np.dtype("float64")):
        raise TypeError(f'dtype must be "float32" or "float64", got {dtype!r}')
    return checked
