"""Networks that are larger than a machine: the rows of W shared out among the ranks of an MPI program.

Needs mpi4py and an MPI (the extra ``mpi``). An exception that leaves a rank ends all ranks, with its message: importing
this module sees to that.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

import numpy as np
from mpi4py import MPI
from numpy.typing import ArrayLike

from . import _core, checkpoint, parted_checkpoint, weight_stores
from . import network as _network
from .factored_store import FactoredStore
from .ranks import Ranks
from .running import begin
from .runtime import get_num_threads, isa
from .sharded_factored_store import ShardedFactoredStore
from .sharded_store import ShardedStore
from .shared_clock import by_first_clock
from .validation import node_count, truth

if TYPE_CHECKING:
    from .recording_session import RecordingSession

__all__ = ["ResonanceNetwork"]

# The message is on its way through a pipe when Abort ends whoever would pass it on.
_SECONDS_TO_TELL = 0.3


class ResonanceNetwork(_network.ResonanceNetwork):
    """The same network as :class:`resonance_native.ResonanceNetwork`, on all ranks of a communicator.

    Every rank makes it, and makes the same calls with the same arguments. Each holds some rows of W, and computes what
    is not of W like all others: phases, amplitudes and what follows from them are everybody's, and so are recordings.
    At every step the ranks tell each other their nodes' amplitudes, and with coupling the pull on their nodes.

    Results are those of one process within the usual bounds; of single steps to the bit, on one instruction set and
    with 16 rows or more for each rank. Where machines differ, set ``RESONANCE_ISA`` to what all of them have.

    Parameters
    ----------
    n_nodes : int
        Number of nodes n, at least the number of ranks.
    base_freq : float
        Mean of the natural frequencies [Hz] that are drawn.
    comm : mpi4py.MPI.Intracomm, optional
        The ranks that share the network. None is ``MPI.COMM_WORLD``.
    **keywords
        All keywords of :class:`resonance_native.ResonanceNetwork`. ``storage`` is "dense", or "factored": then each
        rank has the factors of its nodes. With ``seed`` None all ranks take rank 0's. ``threads`` None gives each rank
        its part of the machine's.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, out of range, or not the same on all ranks.
    MemoryError
        On all ranks, if one has no room for its rows.

    Notes
    -----
    Not there: ``from_graph``, and pickling. See docs/scaling.md.
    """

    _store: ShardedStore | ShardedFactoredStore

    def __init__(self, n_nodes: int = 100, base_freq: float = 1.0, *, comm: Any = None, **keywords: Any) -> None:
        ranks = Ranks(MPI.COMM_WORLD if comm is None else comm, node_count(n_nodes))
        if keywords.get("seed") is None:
            keywords["seed"] = ranks.comm.bcast(np.random.SeedSequence().entropy)
        keywords = _agreed(ranks, {"n_nodes": n_nodes, "base_freq": base_freq}, keywords)
        super().__init__(n_nodes, base_freq, **keywords)

    @classmethod
    def from_state(
        cls,
        phases: ArrayLike,
        frequencies: ArrayLike,
        amplitudes: ArrayLike,
        weights: Any,
        *,
        comm: Any = None,
        **keywords: Any,
    ) -> Self:
        """Build a network in a given state.

        Parameters
        ----------
        phases, frequencies, amplitudes : array_like, (n,)
            As in :meth:`resonance_native.ResonanceNetwork.from_state`, the same on all ranks.
        weights : array_like, (n, n), or what a network on these ranks has
            W [1]. Each rank takes its own rows of an array and reads no others, so that it may be a memory map. With
            storage "factored" also all else that :meth:`resonance_native.ResonanceNetwork.from_state` takes there.
        comm : mpi4py.MPI.Intracomm, optional
            The ranks that share the network. None is ``MPI.COMM_WORLD``.
        **keywords
            All keywords of the constructor.

        Returns
        -------
        ResonanceNetwork
        """
        phases = _core.real_array(phases, "phases")
        frequencies = _core.real_array(frequencies, "frequencies")
        amplitudes = _core.real_array(amplitudes, "amplitudes")
        ranks = Ranks(MPI.COMM_WORLD if comm is None else comm, node_count(max(1, phases.size)))
        arguments = {"phases": phases, "frequencies": frequencies, "amplitudes": amplitudes}
        keywords = _agreed(ranks, arguments, keywords)
        return super().from_state(phases, frequencies, amplitudes, weights, **keywords)

    @classmethod
    def from_graph(cls, graph: Any, **keywords: Any) -> NoReturn:
        """Not available on ranks."""
        raise NotImplementedError("weights on a graph can't be shared out among ranks yet")

    @property
    def comm(self) -> Any:
        """The communicator of the ranks that share the network."""
        return self._store.ranks.comm

    @property
    def bytes_received(self) -> int:
        """Bytes that this rank has received from others in steps, recordings included, since the network was made."""
        return self._store.ranks.bytes_received

    def run(self, *args: Any, progress: bool = False, **keywords: Any) -> Any:
        """As :meth:`resonance_native.ResonanceNetwork.run`; progress is shown by rank 0.

        A recorder takes the same samples on all ranks. With ``out`` rank 0 writes them, and the recording that other
        ranks return has none. Callbacks that stop the run or ask for weights do so on all ranks at the same step.
        """
        with_bar = truth("progress", progress) and self._store.ranks.rank == 0
        return super().run(*args, progress=with_bar, **keywords)

    def _begin_recording(self, record: Any, steps: int, dt: float) -> RecordingSession:
        from .shared_recording import SharedSession

        return begin(record, self.n_nodes, self.dtype, steps, dt, session=partial(SharedSession, self._store.ranks))

    def _by_clock(self, seconds: float, call: Callable[[], bool | None]) -> tuple[Any, ...]:
        return by_first_clock(self.comm, seconds, call)

    def entrain(self, *args: Any, progress: bool = False, **keywords: Any) -> Any:
        """As :meth:`resonance_native.ResonanceNetwork.entrain`, with the same rows on all ranks; progress by rank 0."""
        with_bar = truth("progress", progress) and self._store.ranks.rank == 0
        return super().entrain(*args, progress=with_bar, **keywords)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save everything that the network goes on with: each rank its rows, in a file beside ``path``.

        The file at ``path`` is written last, when all rows are on the disk, and names theirs. A rank that is killed at
        any moment leaves the checkpoint that was there before, whole.

        Parameters
        ----------
        path : path_like
            The file, in a folder that all ranks see.

        Raises
        ------
        OSError, TypeError, ValueError
            As :meth:`resonance_native.ResonanceNetwork.save`; on all ranks where one of them fails.
        """
        parted_checkpoint.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, comm: Any = None) -> Self:
        """Return the network that :meth:`save` has saved, on any number of ranks, or that one process has saved.

        What ranks have saved, :meth:`resonance_native.ResonanceNetwork.load` loads too.

        Parameters
        ----------
        path : path_like
            The file.
        comm : mpi4py.MPI.Intracomm, optional
            The ranks that share the network. None is ``MPI.COMM_WORLD``.

        Returns
        -------
        ResonanceNetwork

        Raises
        ------
        OSError, ValueError, MemoryError, ImportError
            As :meth:`resonance_native.ResonanceNetwork.load`.
        """

        def store_of(saved: checkpoint.SavedTensors) -> ShardedStore | ShardedFactoredStore:
            ranks = Ranks(MPI.COMM_WORLD if comm is None else comm, saved.shapes.get("phases", (0,))[0])
            storage = saved.values["network"]["storage"]
            if storage == ShardedStore.name:
                return ShardedStore(ranks)
            if storage == ShardedFactoredStore.name:
                return ShardedFactoredStore(ranks, ShardedFactoredStore.saved_max_rank(saved))
            raise ValueError("weights on the edges of a graph can't be shared out among ranks")

        net = checkpoint.load(path, cls, store_of)[0]
        net.threads = net._store.ranks.threads_for_each(get_num_threads())
        return net

    def _warn_once(self, stacklevel: int) -> None:
        if self._store.ranks.rank == 0:  # for all
            super()._warn_once(stacklevel + 1)

    def _warn_of_rank(self, stacklevel: int) -> None:
        if self._store.ranks.rank == 0:
            super()._warn_of_rank(stacklevel + 1)

    def __getstate__(self) -> NoReturn:
        raise TypeError("a network that is shared out among ranks can't be pickled: each rank has some of its rows")

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, ranks={self._store.ranks.size})"


def _agreed(ranks: Ranks, arguments: dict[str, Any], keywords: dict[str, Any]) -> dict[str, Any]:
    """The keywords for one rank, when all ranks have given the same."""
    ranks.agree(isa=isa(), **arguments, **{name: value for name, value in keywords.items() if name != "threads"})
    alone = weight_stores.store_for(keywords.get("storage", ShardedStore.name), keywords.get("max_rank"))
    store: ShardedStore | ShardedFactoredStore = ShardedStore(ranks)
    if isinstance(alone, FactoredStore):
        store = ShardedFactoredStore(ranks, alone.max_rank)
    if keywords.get("threads") is None:
        keywords = {**keywords, "threads": ranks.threads_for_each(get_num_threads())}
    return {**keywords, "storage": store, "max_rank": None}


def _end_all_ranks(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """What an exception that nobody catches does: the ranks that wait for this one would wait forever."""
    _hook_before(kind, error, traceback)
    sys.stdout.flush()
    sys.stderr.flush()
    if MPI.Is_initialized() and not MPI.Is_finalized() and MPI.COMM_WORLD.Get_size() > 1:
        time.sleep(_SECONDS_TO_TELL)
        MPI.COMM_WORLD.Abort(1)


_hook_before, sys.excepthook = sys.excepthook, _end_all_ranks
