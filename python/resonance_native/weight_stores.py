"""The ways to keep weights, by name."""

from __future__ import annotations

from typing import Any

from .dense_weights import DenseWeights
from .factored_weights import FactoredStore
from .validation import whole_number
from .weight_store import WeightStore

#: By the name that ``storage`` has for them.
STORES: dict[str, type[WeightStore]] = {"dense": DenseWeights, "factored": FactoredStore}


def store_for(storage: Any, max_rank: Any) -> WeightStore:
    """The store that a constructor's ``storage`` and ``max_rank`` ask for."""
    if not isinstance(storage, str):
        raise TypeError(f'storage must be "dense" or "factored", got {storage!r}')
    if storage == "sparse":
        raise ValueError('storage "sparse" has its edges from a graph: use ResonanceNetwork.from_graph(graph, ...)')
    if storage == "factored":
        return FactoredStore(0 if max_rank is None else whole_number("max_rank", max_rank, at_least=1))
    if storage != "dense":
        raise ValueError(f'storage must be "dense" or "factored", got {storage!r}')
    if max_rank is not None:
        raise ValueError(f'max_rank must be None where storage is "dense", got {max_rank!r}')
    return DenseWeights()
