"""Threads, instruction sets and the build: what holds for the whole process."""

from __future__ import annotations

import os
from _thread import RLock
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np

from . import _core


def get_num_threads() -> int:
    """Threads that kernels and networks use from n = 512 on, when nothing else is said.

    At first OpenMP's number (``OMP_NUM_THREADS`` or the number of cores). A smaller limit that is set
    for the calling thread, as threadpoolctl does, is obeyed.
    """
    return _core.get_num_threads()


def set_num_threads(threads: int | None) -> None:
    """Set the number of threads for the process; None returns to OpenMP's number.

    Results have the same bits for any number of threads.

    Raises
    ------
    TypeError, ValueError
        If ``threads`` is not an integer from 1 to 1024, or None.
    """
    _core.set_num_threads(threads)


def isa() -> str:
    """Name the instruction set in use: "avx512", "avx2", "neon" or "baseline".

    The best that the machine has, unless the environment variable ``RESONANCE_ISA`` names another.
    Results of two instruction sets agree within rounding, not to the bit.
    """
    return _core.isa()


def available_isas() -> tuple[str, ...]:
    """Instruction sets that this build and this machine have, from the plainest to the best."""
    return _core.available_isas()


class _IsaBlock:
    """One ``with`` block."""

    def __init__(self, name: str) -> None:
        self.name = name


class _IsaBlocks:
    """The blocks that threads are in, in the order in which they were entered."""

    def __init__(self) -> None:
        self._blocks: list[_IsaBlock] = []
        self._outside = _core.isa()  # what was in use before the first of them
        self.renew_lock()

    def renew_lock(self) -> None:
        """Forget who has it."""
        self._lock = RLock()  # a handler of signals may use instruction sets, too

    def enter(self, block: _IsaBlock) -> None:
        with self._lock:
            before = _core.isa()
            _core.set_isa(block.name)
            if not self._blocks:
                self._outside = before
            self._blocks.append(block)

    def leave(self, block: _IsaBlock) -> None:
        with self._lock:
            self._blocks.remove(block)
            _core.set_isa(self._blocks[-1].name if self._blocks else self._outside)


_isa_blocks = _IsaBlocks()


@contextmanager
def use_isa(name: str) -> Iterator[None]:
    """Use an instruction set within a ``with`` block, in all threads of the process.

    Of blocks that several threads are in, the one that was entered last holds. A call that is under way in another
    thread goes on with it in the middle, so that its bits are those of neither.

    Raises
    ------
    ValueError
        If ``name`` is not one of :func:`available_isas`.
    """
    if not isinstance(name, str):
        raise TypeError(f"isa must be a str, got {name!r}")
    block = _IsaBlock(name)
    _isa_blocks.enter(block)
    try:
        yield
    finally:
        _isa_blocks.leave(block)


def show_config(mode: Literal["stdout", "dicts"] = "stdout") -> dict[str, Any] | None:
    """Print, or return as a dict, the version, the instruction sets, the threads and the build."""
    if mode not in ("stdout", "dicts"):
        raise ValueError(f'mode must be "stdout" or "dicts", got {mode!r}')
    config: dict[str, Any] = {
        "version": _core.__version__,
        "numpy": np.__version__,
        "isa": _core.isa(),
        "available_isas": list(_core.available_isas()),
        "threads": _core.get_num_threads(),
        **_core.build(),
    }
    if mode == "dicts":
        return config
    width = max(map(len, config))
    for key, value in config.items():
        print(f"{key:<{width}}  {', '.join(value) if isinstance(value, list) else value}")
    return None


# A forked child inherits the memory of OpenMP's pool without its threads, and would wait for them for ever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_core.release_threads, after_in_child=_core.note_fork)
    os.register_at_fork(after_in_child=_isa_blocks.renew_lock)  # a thread that the child lacks may have it
