"""Graphs that are not what they seem."""

from __future__ import annotations

from typing import Any

import networkx
import numpy as np
import scipy.sparse

import resonance_native as rn

from .arrays import hostile
from .checks import outcome_of, require, require_as, require_refusal
from .draws import Draws
from .numbers import hostile_number


def one_graph(draws: Draws) -> None:
    """A network on a graph, and weights set to one; checked."""
    graph = _graph(draws, draws.choice((3, 1, 2, 6)))
    if draws.one_in(2):
        net = rn.ResonanceNetwork.from_graph(scipy.sparse.csr_array(np.eye(3) + np.tri(3)), weight_std=0.1, seed=0)
        start = net.copy()
        outcome = outcome_of(lambda: setattr(net, "weights", graph))
        if outcome.error is not None:
            require_refusal(outcome, ["weights"])
            require_as(net, start, outcome)
    else:
        reorder = draws.one_in(2)
        outcome = outcome_of(lambda: rn.ResonanceNetwork.from_graph(graph, reorder=reorder, seed=0))
        if outcome.error is not None:
            require_refusal(outcome, ["graph", "weight"])
            return
        net = outcome.result
    outcome = outcome_of(lambda: net.run(0.1, 2))
    require(outcome.error is None or isinstance(outcome.error, FloatingPointError), "it can't run", outcome)
    require(bool(np.isfinite(net.phases).all()), "phases that are not finite", outcome)


def _graph(draws: Draws, n: int) -> Any:
    kind = draws.below(8)
    if kind == 0:
        return hostile(draws, (n, n)).value
    if kind == 1:
        graph = draws.choice((networkx.Graph, networkx.DiGraph, networkx.MultiGraph))()
        for _ in range(draws.below(8)):
            graph.add_edge(draws.below(n), draws.below(n), weight=hostile_number(draws).value)
        return graph
    values = hostile(draws, (n, n)).clean
    if np.ndim(values) != 2:
        values = np.eye(n)
    matrix = draws.choice(("csr", "csc", "coo", "bsr", "lil", "dok", "dia"))
    made = scipy.sparse.csr_array(values).asformat(matrix)
    return _damaged(draws, made) if draws.one_in(2) else made


def _damaged(draws: Draws, matrix: Any) -> Any:
    """The same with one number of its index arrays, or of its values, overwritten."""
    names = [name for name in ("indices", "indptr", "data", "row", "col") if hasattr(matrix, name)]
    if not names or matrix.format in ("lil", "dok", "dia"):
        return matrix
    array = getattr(matrix, draws.choice(names))
    if array.size:
        wrong = draws.choice((-1, 1, 0, 2**31 - 1, 1000, -(2**31)))
        array.reshape(-1)[draws.below(array.size)] = wrong
    return matrix
