"""The ways to keep weights, by name."""

from __future__ import annotations

from typing import Any

from .dense_weights import DenseWeights
from .weight_store import WeightStore

#: By the name that ``storage`` has for them.
STORES: dict[str, type[WeightStore]] = {"dense": DenseWeights}


def store_for(storage: Any) -> WeightStore:
    """The store that a constructor's ``storage`` asks for."""
    if not isinstance(storage, str):
        raise TypeError(f'storage must be "dense", got {storage!r}')
    if storage in ("factored", "sparse"):
        raise ValueError(f'storage must be "dense" in this version, got {storage!r}, which is planned')
    if storage != "dense":
        raise ValueError(f'storage must be "dense" ("factored" and "sparse" are planned), got {storage!r}')
    return DenseWeights()
