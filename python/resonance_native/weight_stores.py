"""The ways to keep weights, by name."""

from __future__ import annotations

from typing import Any

from .dense_store import DenseStore
from .factored_store import FactoredStore
from .sparse_store import SparseStore, refuse_name
from .validation import whole_number
from .weight_store import WeightStore

#: By the name that ``storage`` has for them.
STORES: dict[str, type[WeightStore]] = {"dense": DenseStore, "factored": FactoredStore, "sparse": SparseStore}


def store_for(storage: Any, max_rank: Any) -> WeightStore:
    """The store that a constructor's ``storage`` and ``max_rank`` ask for.

    The name "sparse" alone does not tell which edges: :meth:`ResonanceNetwork.from_graph` gives the store itself, as
    what shares a network out among ranks does.
    """
    if isinstance(storage, str) and storage == FactoredStore.name:
        return FactoredStore(0 if max_rank is None else whole_number("max_rank", max_rank, at_least=1, at_most=10**9))
    if max_rank is not None:
        raise ValueError(f'max_rank must be None where storage is not "factored", got {max_rank!r}')
    if isinstance(storage, WeightStore):
        return storage
    if not isinstance(storage, str):
        raise TypeError(f'storage must be "dense" or "factored", got {storage!r}')
    if storage == SparseStore.name:
        raise refuse_name()
    if storage != DenseStore.name:
        raise ValueError(f'storage must be "dense" or "factored" ("sparse" is what from_graph makes), got {storage!r}')
    return DenseStore()
