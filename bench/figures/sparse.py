"""Figures of weights on the edges of a graph: 10⁶ nodes with 20 edges each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import resonance_native as rn
from bench.peers import numba_sparse
from resonance_native import _core
from resonance_native.bench.cases import DT
from resonance_native.bench.interleaved import take_turns

from .figure import Figure, at_least, at_most, show

DEGREE = 20
REST = 0.05  # [s]


def ring(n: int) -> Any:
    """Each node hears the ten before and the ten behind it."""
    steps = np.r_[-(DEGREE // 2) : 0, 1 : DEGREE // 2 + 1]
    return _pattern((np.arange(n)[:, None] + steps) % n)


def nearest(n: int, shuffled: bool = False) -> Any:
    """Points in a square, each hears its nearest; numbered along a path through small cells, or at random."""
    from scipy.spatial import cKDTree

    points = np.random.default_rng(0).random((n, 2))
    if not shuffled:
        side = max(1, int(np.sqrt(n / 4)))
        column, row = (points * side).astype(int).T
        points = points[np.argsort(column * side + np.where(column % 2, side - 1 - row, row), kind="stable")]
    return _pattern(cKDTree(points).query(points, DEGREE + 1, workers=-1)[1][:, 1:])


def at_random(n: int) -> Any:
    """Erdős and Rényi's graph: any node hears any other."""
    import scipy.sparse

    ends = np.random.default_rng(0).integers(0, n, (2, n * DEGREE))
    return scipy.sparse.coo_array((np.ones(n * DEGREE), tuple(ends)), shape=(n, n))


def _pattern(columns: NDArray[Any]) -> Any:
    import scipy.sparse

    n = len(columns)
    starts = np.arange(0, columns.size + 1, DEGREE)
    return scipy.sparse.csr_array((np.ones(columns.size), columns.ravel(), starts), shape=(n, n))


class ScipySteps:
    """The step in NumPy and scipy.sparse, written well: no cosine an edge, two products."""

    def __init__(self, net: rn.ResonanceNetwork, x: NDArray[np.float64]) -> None:
        self._x, self._phases, self._frequencies = x, net.phases.copy(), net.frequencies
        self._amplitudes, self._net = net.amplitudes.copy(), net
        self.weights = net.weights.copy()
        self._rows = np.repeat(np.arange(net.n_nodes, dtype=np.int32), np.diff(self.weights.indptr))

    def advance(self) -> None:
        """One step."""
        net, data, columns = self._net, self.weights.data, self.weights.indices
        self._phases = (self._phases + 2 * np.pi * self._frequencies * DT + self._x * DT) % (2 * np.pi)
        c, s = np.cos(self._phases).astype(net.dtype), np.sin(self._phases).astype(net.dtype)
        u, v = self._amplitudes * c, self._amplitudes * s
        eta = net.dtype.type(net.learning_rate)
        data += eta * (u[self._rows] * u[columns] + v[self._rows] * v[columns])
        data *= net.dtype.type(net.decay)
        self._amplitudes = np.tanh(net.dtype.type(net.gain) * (c * (self.weights @ c) + s * (self.weights @ s)))


def measure_sparse(turns: int, threads: int, n: int = 1_000_000) -> list[Figure]:
    """A step beside a pass over the same memory, and beside the same step in scipy and numba."""
    graphs: dict[str, Callable[[int], Any]] = {"ring": ring, "nearest in order": nearest, "at random": at_random}
    figures: list[Figure] = []
    for name, make in graphs.items():
        graph = make(n)
        for dtype in ("float64", "float32"):
            figures += _measure_graph(name, graph, dtype, turns, threads)
    return figures + _measure_reorder(nearest(n, shuffled=True), turns, threads)


def _network(graph: Any, dtype: str, threads: int, **keywords: Any) -> rn.ResonanceNetwork:
    return rn.ResonanceNetwork.from_graph(
        graph, weight_std=0.01, gain=30 / DEGREE, seed=0, dtype=dtype, threads=threads, **keywords
    )


def _measure_graph(name: str, graph: Any, dtype: str, turns: int, threads: int) -> list[Figure]:
    net = _network(graph, dtype, threads)
    x = np.random.default_rng(1).standard_normal(net.n_nodes)
    weights = net.weights
    # The same numbers and columns as the step's, and for gathers the same records: 16 or 32 bytes of the source.
    values, records = weights.data.copy(), np.ones((net.n_nodes, 4), dtype)
    columns = np.concatenate([4 * weights.indices, np.zeros(_core.edges_ahead)]).astype(np.int32)
    gathers = records if name == "at random" else None
    scipy_steps = ScipySteps(net, x)
    contestants: dict[str, Callable[[], object]] = {
        "step": lambda: net.update(x, DT),
        "pass": lambda: _core.edge_pass(values, columns, gathers, 1.0, threads),
        "scipy": scipy_steps.advance,
    }
    try:
        contestants["numba"] = numba_sparse.NumbaSparseTrial(net, x, DT, threads).advance
    except ImportError:
        print("numba is not installed")
    laps = take_turns(contestants, turns, rest=REST)
    title = f"{net.n_nodes:,} nodes, {weights.nnz:,} edges, {name}, {dtype}, {threads} threads"
    print(f"{title}: milliseconds a step")
    show(laps, 1e3)
    what = "one pass with its gathers" if gathers is not None else "one read-and-write pass"
    figures = [
        at_most(f"{title}: a step ÷ {what}", 1.3 if gathers is not None else 2.0, laps.ratio("step", "pass")),
        at_least(f"{title}: scipy.sparse ÷ a step", 3, laps.ratio("scipy", "step")),
    ]
    if "numba" in contestants:
        figures.append(at_least(f"{title}: numba ÷ a step", 1, laps.ratio("numba", "step")))
    return figures


def _measure_reorder(graph: Any, turns: int, threads: int) -> list[Figure]:
    """Nearest neighbours whose numbers say nothing of where they are."""
    as_they_are, reordered = (_network(graph, "float64", threads, reorder=reorder) for reorder in (False, True))
    laps = take_turns(
        {"as they are": lambda: as_they_are.update(0.1, DT), "reordered": lambda: reordered.update(0.1, DT)}, turns
    )
    title = f"{as_they_are.n_nodes:,} nodes, nearest in random order, float64, {threads} threads"
    print(f"{title}: milliseconds a step")
    show(laps, 1e3)
    return [at_least(f"{title}: without reorder ÷ with it", 1, laps.ratio("as they are", "reordered"))]
