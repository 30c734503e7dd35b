"""Threads of NumPy's and SciPy's products."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

# Up to this many nodes a thread more hardly helps.
_SMALL = 512


@cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()


def few_threads(n_nodes: int) -> AbstractContextManager[Any]:
    """One thread for the products of small networks, all threads for those of large ones.

    A pool that was just at work waits busily for a while. Its threads would take their cores from what follows:
    k-means on 1,797 digits took five times as long.
    """
    if n_nodes > _SMALL:
        return nullcontext()
    limit: AbstractContextManager[Any] = _pools().limit(limits=1, user_api="blas")
    return limit
