"""The edges of a graph, as SciPy's matrices and networkx's graphs have them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _core

#: Records of nodes are found by 32-bit numbers.
_MOST_NODES = (2**31 - 1) // 4
_WANTED = "a scipy.sparse matrix or array (n, n), or a networkx graph"


class GraphEdges(NamedTuple):
    """Edges row by row, columns ascending: row i has row_starts[i] … row_starts[i + 1] − 1."""

    row_starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.float64]


def scipy_sparse() -> Any:
    """The module scipy.sparse, or an ImportError that names the extra."""
    try:
        import scipy.sparse
    except ImportError:
        raise ImportError('weights on edges need scipy; try: pip install "resonance-native[sim]"') from None
    return scipy.sparse


def edges_of(graph: Any) -> GraphEdges:
    """All edges of a graph and their values, or an error that says what is wrong with it."""
    if callable(getattr(graph, "is_multigraph", None)):
        return _of_matrix(_matrix_of_networkx(graph))
    if not scipy_sparse().issparse(graph):
        hint = "; scipy.sparse.csr_array(graph) has the nonzeros of an array" if isinstance(graph, np.ndarray) else ""
        raise TypeError(f"graph must be {_WANTED}, got {type(graph).__name__}{hint}")
    return _of_matrix(graph)


def canonical(matrix: Any, name: str) -> Any:
    """A sparse matrix as a csr_array of its own: columns ascend, duplicates are summed, and zeros stay."""
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"{name} must have shape (n, n), got shape {matrix.shape}")
    if matrix.dtype.kind not in "biuf":
        raise TypeError(f"{name} must have real values, got dtype {matrix.dtype}")
    try:
        # SciPy checks indices when a matrix is made, and never again: changed since, they can make it write anywhere.
        own = matrix.copy()
        if hasattr(own, "check_format"):
            own.check_format(full_check=True)
            if (np.diff(own.indptr) < 0).any():  # where the last says that there are none, SciPy does not look
                raise ValueError("index pointers must not descend")
        rows = scipy_sparse().csr_array(own)
        rows.check_format(full_check=True)
        rows.sum_duplicates()
    except (ValueError, IndexError) as error:
        raise ValueError(f"{name} must have indices that fit its shape, but: {error}") from error
    return rows


def _of_matrix(matrix: Any) -> GraphEdges:
    rows = canonical(matrix, "graph")
    n = rows.shape[0]
    if not 1 <= n <= _MOST_NODES:
        raise ValueError(f"graph must have from 1 to {_MOST_NODES:,} nodes, got {n:,}")
    values = rows.data.astype(np.float64)
    if not np.isfinite(values).all():
        edge = int(np.flatnonzero(~np.isfinite(values))[0])
        row = int(np.searchsorted(rows.indptr, edge, side="right")) - 1
        raise ValueError(f"graph must have finite values, got {values[edge]} at [{row}, {rows.indices[edge]}]")
    return GraphEdges(rows.indptr.astype(np.int64), rows.indices.astype(np.int32), values)


def _matrix_of_networkx(graph: Any) -> Any:
    """W, with W[v, u] for an edge u → v; both directions of an edge without one."""
    if graph.is_multigraph():
        raise ValueError(
            f"graph must have at most one edge from one node to another, got a {type(graph).__name__}; "
            "networkx.DiGraph and networkx.Graph keep one of parallel edges"
        )
    place = {node: index for index, node in enumerate(graph)}
    sources, targets, weights = [], [], []
    for source, target, weight in graph.edges(data="weight", default=1.0):
        value = _edge_weight(weight, source, target)
        ends = [(place[source], place[target])]
        if not graph.is_directed() and source != target:
            ends.append((place[target], place[source]))
        for start, end in ends:
            sources.append(start)
            targets.append(end)
            weights.append(value)
    shape = (len(place), len(place))
    return scipy_sparse().coo_array((np.array(weights, float), (targets, sources)), shape=shape)


def _edge_weight(weight: Any, source: Any, target: Any) -> float:
    try:
        return _core.real_number(weight, "weight")
    except TypeError:
        raise TypeError(
            f"graph must have numbers as the weights of its edges, got {weight!r} from {source!r} to {target!r}"
        ) from None
