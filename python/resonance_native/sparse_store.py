"""Weights on the edges of a graph, O(edges)."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from .graph_edges import GraphEdges, canonical, edges_of, scipy_sparse
from .memory import gib, require_memory
from .saved_tensor import Tensor
from .weight_store import CORES, SavedWeights, Wanted

_FROM_GRAPH = 'storage="sparse" needs the edges: make such a network by ResonanceNetwork.from_graph(graph)'


class SparseStore:
    """See :class:`resonance_native.weight_store.WeightStore`. Keeps the edges, and the weights to start from.

    Parameters
    ----------
    row_starts : ndarray of int64, (n + 1,)
        Row i has the edges ``row_starts[i]`` … ``row_starts[i + 1] − 1``.
    columns : ndarray of int32, (edges,)
        Ascending within a row.
    initial : ndarray, (edges,) or (1,)
        W₀ [1] of the edges, or of all of them.
    order : ndarray of int32, (n,), optional
        Nodes in the order in which the core holds their rows. Nothing but speed depends on it.
    """

    name = "sparse"
    default_weight_std = None
    may_advise = False

    def __init__(
        self,
        row_starts: NDArray[np.int64],
        columns: NDArray[np.int32],
        initial: NDArray[Any],
        order: NDArray[np.int32] | None,
    ) -> None:
        for array in (row_starts, columns, initial, order):
            if array is not None:
                array.flags.writeable = False
        self._row_starts, self._columns, self._initial, self._order = row_starts, columns, initial, order

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    @classmethod
    def of_graph(cls, graph: Any, reorder: bool, dtype: np.dtype[Any]) -> Self:
        """The store for a network of that dtype on a graph."""
        edges = edges_of(graph)
        with np.errstate(over="ignore"):
            initial = edges.values.astype(dtype)
        if not np.isfinite(initial).all():
            raise ValueError(f"graph must have values within the range of {dtype.name}")
        if len(initial) == 0 or bool((initial == initial[0]).all()):
            initial = initial[:1].copy() if len(initial) > 0 else np.zeros(1, dtype)
        return cls(edges.row_starts, edges.columns, initial, _near_order(edges) if reorder else None)

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self._row_starts) - 1

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self._columns)

    def core(self, n_nodes: int, dtype: np.dtype[Any]) -> _core.Network:
        """A core with these edges."""
        needed = self.n_edges * (dtype.itemsize + 4) + n_nodes * (8 * dtype.itemsize + 76)
        way_out = f'dtype="float32" takes {gib(self.n_edges * 8 + n_nodes * 108)}' if dtype == np.float64 else ""
        what = f"a network of {n_nodes} nodes and {self.n_edges} edges in {dtype.name}"
        require_memory(needed, what, way_out or "a graph with fewer edges takes less")
        return CORES[dtype.name].from_graph(self._row_starts, self._columns, self._order)

    def draw(self, core: _core.Network, rng: np.random.Generator, weight_std: float | None) -> None:
        """W₀ of the graph, or, with a standard deviation, drawn edge by edge."""
        if weight_std is None:
            core.set_edge_weights(np.broadcast_to(self._initial, self.n_edges))
        elif weight_std > 0:
            core.set_edge_weights(rng.standard_normal(self.n_edges) * weight_std)
        else:
            core.set_edge_weights(np.zeros(self.n_edges))

    def view(self, core: _core.Network) -> None:  # noqa: ARG002
        """The core keeps them in an order of its own."""
        return

    def weights(self, core: _core.Network, view: NDArray[Any] | None) -> Any:  # noqa: ARG002
        """A csr_array of this moment."""
        values = np.empty(self.n_edges, core.amplitudes().dtype)
        core.copy_edge_weights(0, values)
        values.flags.writeable = False
        return self._matrix(values)

    def set_weights(self, core: _core.Network, values: Any) -> None:
        """Copy the values of a sparse or dense matrix in, whose nonzeros are edges."""
        on_edges = self._of_sparse(values) if _is_sparse(values) else self._of_dense(values)
        core.set_edge_weights(on_edges)

    def advice(self, core: _core.Network) -> None:
        """None."""

    def tensors(self, core: _core.Network) -> list[Tensor]:
        """The edges, their weights, and those to start from."""
        values = Tensor("weights.values", (self.n_edges,), core.amplitudes().dtype, core.copy_edge_weights)
        kept: dict[str, NDArray[Any]] = {
            "row_starts": self._row_starts,
            "columns": self._columns,
            "initial": self._initial,
        }
        if self._order is not None:
            kept["order"] = self._order
        return [values, *(Tensor.of(f"weights.{name}", array) for name, array in kept.items())]

    def wanted(self, n_nodes: int, dtype: np.dtype[Any], saved: SavedWeights) -> Wanted:  # noqa: ARG002
        """One number an edge, or a node."""
        wanted: Wanted = {
            "weights.values": ((self.n_edges,), dtype),
            "weights.row_starts": ((n_nodes + 1,), np.dtype(np.int64)),
            "weights.columns": ((self.n_edges,), np.dtype(np.int32)),
            "weights.initial": (self._initial.shape, dtype),
        }
        if self._order is not None:
            wanted["weights.order"] = ((n_nodes,), np.dtype(np.int32))
        return wanted

    @classmethod
    def of_saved(cls, saved: SavedWeights) -> Self:
        """The store of saved edges, which are checked."""
        parts = {name: saved.tensor(f"weights.{name}") for name in ("row_starts", "columns", "initial")}
        order = saved.tensor("weights.order") if "weights.order" in saved.shapes else None
        _check(parts["row_starts"], parts["columns"], parts["initial"], order)
        return cls(parts["row_starts"], parts["columns"], parts["initial"], order)

    def restore(self, core: _core.Network, saved: SavedWeights) -> None:
        """Copy the weights in."""
        core.set_edge_weights(saved.tensor("weights.values"))

    def _matrix(self, values: NDArray[Any]) -> Any:
        matrix = scipy_sparse().csr_array(
            (values, self._columns, self._row_starts), shape=(self.n_nodes, self.n_nodes), copy=False
        )
        matrix.has_canonical_format = True  # SciPy would look again
        return matrix

    def _require_shape(self, shape: tuple[int, ...]) -> None:
        if shape != (self.n_nodes, self.n_nodes):
            raise ValueError(f"weights must have shape ({self.n_nodes}, {self.n_nodes}), got shape {shape}")

    def _rows(self) -> NDArray[np.int64]:
        """The row of each edge."""
        return np.repeat(np.arange(self.n_nodes), np.diff(self._row_starts))

    def _of_dense(self, values: ArrayLike) -> NDArray[Any]:
        array = _core.real_array(values, "weights")
        self._require_shape(array.shape)
        rows = self._rows()
        on_edges: NDArray[Any] = array[rows, self._columns]
        if np.count_nonzero(array) != np.count_nonzero(on_edges):
            others = np.array(array != 0)
            others[rows, self._columns] = False
            raise _no_edge(*(int(index) for index in np.argwhere(others)[0]))
        return on_edges

    def _of_sparse(self, values: Any) -> NDArray[Any]:
        self._require_shape(values.shape)
        given = canonical(values, "weights")
        if np.array_equal(given.indptr, self._row_starts) and np.array_equal(given.indices, self._columns):
            data: NDArray[Any] = given.data
            return data
        given.eliminate_zeros()
        n = self.n_nodes
        rows = np.repeat(np.arange(n), np.diff(given.indptr))
        keys = self._rows() * n + self._columns
        wanted = rows * n + given.indices
        where = np.searchsorted(keys, wanted)
        found = np.zeros(len(wanted), bool)
        inside = where < len(keys)
        found[inside] = keys[where[inside]] == wanted[inside]
        if not found.all():
            first = int(np.flatnonzero(~found)[0])
            raise _no_edge(int(rows[first]), int(given.indices[first]))
        on_edges = np.zeros(self.n_edges, given.dtype)
        on_edges[where] = given.data
        return on_edges


def refuse_name() -> ValueError:
    """The error for the name alone, which has no edges."""
    return ValueError(_FROM_GRAPH)


def _no_edge(row: int, column: int) -> ValueError:
    return ValueError(
        f"weights must be 0 where the graph has no edge, got another at [{row}, {column}]; "
        "a network keeps the edges that it was made with"
    )


def _is_sparse(values: Any) -> bool:
    # An array-like that is no array may come from where SciPy is missing.
    return not isinstance(values, np.ndarray | list | tuple) and bool(scipy_sparse().issparse(values))


def _near_order(edges: GraphEdges) -> NDArray[np.int32]:
    """Nodes in an order in which neighbours are near each other (reverse Cuthill–McKee)."""
    sparse = scipy_sparse()
    from scipy.sparse import csgraph

    n = len(edges.row_starts) - 1
    pattern = sparse.csr_array((np.ones(len(edges.columns), np.int8), edges.columns, edges.row_starts), shape=(n, n))
    order = csgraph.reverse_cuthill_mckee((pattern + pattern.T).tocsr(), symmetric_mode=True)
    return np.ascontiguousarray(order, np.int32)


def _check(row_starts: NDArray[Any], columns: NDArray[Any], initial: NDArray[Any], order: NDArray[Any] | None) -> None:
    """Raise ValueError where these are not edges."""
    integers = row_starts.dtype == np.int64 and columns.dtype == np.int32
    if not integers or any(array.ndim != 1 for array in (row_starts, columns, initial)) or len(row_starts) < 2:
        raise ValueError("weights.row_starts and weights.columns must be rows of int64 and of int32")
    n, edges = len(row_starts) - 1, len(columns)
    lengths = np.diff(row_starts)
    if row_starts[0] != 0 or row_starts[-1] != edges or bool((lengths < 0).any()):
        raise ValueError(f"weights.row_starts must ascend from 0 to the number of edges, {edges}")
    if edges > 0 and not 0 <= int(columns.min()) <= int(columns.max()) < n:
        raise ValueError(f"weights.columns must be in [0, {n})")
    steps = np.diff(columns.astype(np.int64)) > 0
    ends = row_starts[1:-1]
    steps[ends[(ends > 0) & (ends < edges)] - 1] = True
    if not steps.all():
        raise ValueError("weights.columns must ascend within each row")
    if len(initial) not in (1, edges) or not np.isfinite(initial).all():
        raise ValueError(f"weights.initial must be 1 or {edges} finite numbers")
    if order is not None and (order.dtype != np.int32 or not np.array_equal(np.sort(order), np.arange(n))):
        raise ValueError("weights.order must have each node once")
