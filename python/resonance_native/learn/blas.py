"""Threads of NumPy's and SciPy's products."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

# Up to this many nodes a thread more hardly helps.
_SMALL = 512


@cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()


class _OneThread:
    """The limit of one thread, which holds for the process, and who is within it.

    The first sets it and the last takes it back: what another thread finds while it holds is not what was before it.
    """

    def __init__(self) -> None:
        self._within = 0
        self._limit: Any = None
        self.renew_lock()

    def renew_lock(self) -> None:
        """Forget who has it."""
        self._lock = threading.RLock()  # a handler of signals may be within, too

    def enter(self) -> None:
        with self._lock:
            if self._within == 0:
                self._limit = _pools().limit(limits=1, user_api="blas")
            self._within += 1

    def leave(self) -> None:
        with self._lock:
            self._within -= 1
            if self._within == 0:
                self._limit.restore_original_limits()


_one_thread = _OneThread()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_one_thread.renew_lock)  # a thread that the child lacks may have it


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for all products.

    scikit-learn limits some of its own work in the same way, and of two threads that do so at a time one may leave the
    limit behind. Such calls stand within this one.
    """
    _one_thread.enter()
    try:
        yield
    finally:
        _one_thread.leave()


def few_threads(n_nodes: int) -> AbstractContextManager[None]:
    """One thread for the products of small networks, all threads for those of large ones.

    A pool that was just at work waits busily for a while. Its threads would take their cores from what follows:
    k-means on 1,797 digits took five times as long.
    """
    return nullcontext() if n_nodes > _SMALL else one_thread()
