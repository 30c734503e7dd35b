"""The network: defaults, documentation and composition over the C++ core."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Self, Unpack

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from . import _core, initial
from .entrainable_network import EntrainableNetwork
from .hyperparameters import GraphKeywords, Keywords, checked_dtype
from .moments import change
from .running import begin, watched_run
from .sparse_store import SparseStore
from .validation import node_count, truth
from .weight_stores import store_for

if TYPE_CHECKING:
    from .callbacks import Callback
    from .recorder import Recorder
    from .recording import Recording
    from .recording_session import RecordingSession


class ResonanceNetwork(EntrainableNetwork):
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
        self._dtype = checked_dtype(dtype)
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
        self._encoder = None
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
        dtype = checked_dtype(keywords.get("dtype", "float64"))
        store = SparseStore.of_graph(graph, truth("reorder", reorder), dtype)
        arguments: dict[str, Any] = {**keywords, "storage": store}
        net = cls.__new__(cls)
        ResonanceNetwork.__init__(net, store.n_nodes, **arguments)  # a subclass may have a constructor of its own
        return net

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
        with change(self._core):  # these amplitudes, and not those of a call that follows at once
            self._core.run(pattern, steps, dt, 1, learn, "input_pattern")
            amplitudes = self._amplitudes.copy()
        self._warn_once(stacklevel=3)
        return amplitudes

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
        with change(self._core):
            self._draw(rng)
            self._seed = replayable
            self._encoder = None
            self._core.set_presentation_count(0)
            self.unpin()
            self._core.set_amplitudes(np.ones(self.n_nodes))
            self._core.set_clock(0, 0.0)
            self._warned, self._warned_of_rank = False, not self._store.may_advise
