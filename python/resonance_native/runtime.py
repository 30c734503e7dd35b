"""Threads, instruction sets and the build: what holds for the whole process."""

from __future__ import annotations

import os
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


@contextmanager
def use_isa(name: str) -> Iterator[None]:
    """Use an instruction set within a ``with`` block, in all threads of the process.

    Raises
    ------
    ValueError
        If ``name`` is not one of :func:`available_isas`.
    """
    if not isinstance(name, str):
        raise TypeError(f"isa must be a str, got {name!r}")
    before = _core.isa()
    _core.set_isa(name)
    try:
        yield
    finally:
        _core.set_isa(before)


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
