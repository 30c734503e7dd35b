"""One run that is being recorded: the arrays that the core fills, and what becomes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .memory import require_memory
from .recording import Recording
from .recording_layout import VARIABLES, Layout, described_as, series_names
from .recording_store import RecordingStore

_NOTHING_YET = -1  # a step count that no sample has


class RecordingSession:
    """The arrays of a run.

    Parameters
    ----------
    variables
        Names, in the order of the layout.
    nodes : ndarray of int64, (k,), optional
        None is all.
    n_nodes
        Nodes of the network.
    dtype
        Of the network.
    start, every, totals
        The first sample [steps]; steps between samples, and the samples of the whole run, for each series.
    maxlen, out
        As in :class:`resonance_native.Recorder`.
    dt
        Time step [s], if it is known.
    networks
        Number of networks of an ensemble; None is a network alone.
    segment
        Steps of an ensemble after which a stream is written; whatever its samples, there is room for them.

    Raises
    ------
    MemoryError
        If there is no room for them.

    Notes
    -----
    :meth:`open` has to be called before the run.

    Attributes
    ----------
    core : dict
        What the core takes. It fills ``core["step"]`` and its like in the order of time, from the front again when they
        are full, after ``core["full"]`` if that is not None.
    """

    def __init__(
        self,
        *,
        variables: tuple[str, ...],
        nodes: NDArray[np.int64] | None,
        n_nodes: int,
        dtype: np.dtype[Any],
        start: int,
        every: dict[str, int],
        totals: dict[str, int],
        maxlen: int | None,
        out: Any,
        dt: float | None,
        networks: int | None = None,
        segment: int = 0,
    ) -> None:
        self._variables = variables
        self._nodes = np.arange(n_nodes) if nodes is None else nodes
        self._layout = Layout(self._nodes.size, np.dtype(dtype), networks)
        self._most = {series: segment // max(1, every[series]) + 1 for series in totals}
        self._names = {series: series_names(series, variables) for series in totals}
        self._written = dict.fromkeys(totals, 0)
        self._failed = False
        capacities = self._capacities(totals, maxlen, streamed=out is not None)
        self._require_memory(totals, capacities, streamed=out is not None)
        told = {"n_nodes": n_nodes, "dtype": self._layout.dtype.name, "start": start, "every": every["samples"]}
        if networks is not None:
            told["n_networks"] = networks
        if every["weights"]:
            told["weights_every"] = every["weights"]
        if dt is not None:
            told["dt"] = float(dt)
        self._attributes = described_as(**told)
        self._out, self._slots = out, capacities
        self._store: RecordingStore | None = None
        self._arrays = {
            name: self._allocate(name, capacities[series]) for series, names in self._names.items() for name in names
        }
        self.core: dict[str, Any] = {
            "start": start,
            "every": every["samples"],
            "weights_every": every["weights"],
            "nodes": nodes,
            "capacity": capacities["samples"],
            "weights_capacity": capacities["weights"],
            "full": None if out is None else self._flush,
            "weights_step": np.empty(0, np.int64),
            "weights_time": np.empty(0),
            **dict.fromkeys(VARIABLES),
            **self._arrays,
        }

    def open(self) -> None:
        """Make the store, if there is to be one; all else that can be refused has been."""
        if self._out is not None:
            self._store = RecordingStore.create(
                self._out,
                self._nodes,
                self._names,
                self._slots,
                self._layout,
                self._attributes,
                argument="out",
            )

    def finish(self, *, interrupted: bool = False) -> Recording:
        """Put the samples in order, and close the store.

        Also for a run that was stopped or has raised: all samples that it took are in the recording, and a store can
        be read as after any run. A store that got no sample in such a run is taken away again.

        Parameters
        ----------
        interrupted
            Whether the run ended before its last step.
        """
        self.core["full"] = None  # it refers to the session, and would keep the arrays until the next collection
        if self._store is None:
            return self._in_memory(interrupted)
        if interrupted and not self._sampled():
            self._store.discard()
            return self._in_memory(interrupted)
        if self._failed:
            self._store.trim(self._written)
        else:
            for series in self._names:
                self._write(series)
        return Recording._of_store(self._store.close(interrupted=interrupted))

    def _flush(self, series: str) -> None:
        """Called by the core when all slots of ``series`` are full."""
        try:
            self._write(series)
        except Exception:
            self._failed = True  # a disk that is full, say: finish() must not try again
            raise

    def _write(self, series: str) -> None:
        filled = self._filled(series)
        if not filled:
            return
        assert self._store is not None
        block = {name: self._arrays[name][:filled] for name in self._names[series]}
        self._store.write(self._written[series], block)
        self._written[series] += filled
        if self._layout.networks is not None:
            for samples in block.values():
                _forget(samples)
        self._empty(series)

    def _empty(self, series: str) -> None:
        self._arrays[self._names[series][0]].fill(_NOTHING_YET)

    def _filled(self, series: str) -> int:
        """How many slots hold samples, from the first one on."""
        names = self._names[series]
        return int(np.count_nonzero(self._arrays[names[0]] != _NOTHING_YET)) if names else 0

    def _sampled(self) -> bool:
        return any(self._written.values()) or any(self._filled(series) for series in self._names)

    def _in_memory(self, interrupted: bool) -> Recording:
        arrays = {}
        for series, names in self._names.items():
            filled = self._filled(series)
            oldest = int(np.argmin(self._arrays[names[0]][:filled])) if filled else 0
            for name in names:
                # One after the other, so that a ring is never in memory twice.
                arrays[name] = _in_order(self._arrays.pop(name), filled, oldest)
                self.core.pop(name)
        return Recording(arrays, self._nodes, self._variables, {**self._attributes, "interrupted": int(interrupted)})

    def _allocate(self, name: str, capacity: int) -> NDArray[Any]:
        array = np.empty((capacity, *self._layout.sample_shape(name)), self._layout.sample_dtype(name))
        if name in ("step", "weights_step"):
            array.fill(_NOTHING_YET)
        elif self._layout.networks is not None:
            _forget(array)
        return array

    def _capacities(self, totals: dict[str, int], maxlen: int | None, *, streamed: bool) -> dict[str, int]:
        capacities = {}
        for series, total in totals.items():
            limit = maxlen if maxlen is not None else total
            if streamed:
                limit = max(self._most[series], self._layout.chunk_length(self._names[series]))
            capacities[series] = min(total, limit) if self._names[series] else 0
        return capacities

    def _bytes(self, names: tuple[str, ...]) -> int:
        return self._layout.sample_bytes(names)

    def _require_memory(self, totals: dict[str, int], capacities: dict[str, int], *, streamed: bool) -> None:
        needed = sum(capacities[series] * self._bytes(names) for series, names in self._names.items())
        if not streamed:  # a ring is put in order array by array, each in a copy
            turned = [series for series in totals if 0 < capacities[series] < totals[series]]
            copies = [capacities[series] * self._bytes((name,)) for series in turned for name in self._names[series]]
            needed += max(copies, default=0)
        if needed <= 2**20:  # to ask the system would take as long as a short run
            return
        ways_out = ["select fewer nodes", 'leave "weights" out of variables']
        if not streamed:
            ways_out = ["raise every", *ways_out, "keep the last samples (maxlen)", "stream to disk (out)"]
        of = f"{self._nodes.size} nodes" if self._layout.networks is None else f"{self._layout.networks} networks"
        what = f"{capacities['samples']} samples of {', '.join(self._variables)}, {of},"
        require_memory(needed, what, ", or ".join(ways_out))


def _forget(samples: NDArray[Any]) -> None:
    """NaN, which stays where a network of an ensemble has diverged and takes no samples any more."""
    if samples.dtype.kind in "fc":
        samples.fill(np.nan)


def _in_order(array: NDArray[Any], filled: int, oldest: int) -> NDArray[Any]:
    return np.concatenate((array[oldest:filled], array[:oldest])) if oldest else array[:filled]
