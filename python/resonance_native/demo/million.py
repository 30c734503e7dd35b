"""Part five of the demo: a million nodes, whose weights are kept as factors."""

from __future__ import annotations

import contextlib
import re
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import resonance_native as rn

DT = 0.01  # time step [s]
WARM_UP, STEPS = 20, 60
GAIN = 30.0  # divided by n: amplitudes below 1, and moving
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Million:
    """A large network that has run."""

    net: rn.ResonanceNetwork
    wanted: int  # nodes, where memory had sufficed
    seconds: float  # of a step
    rank: int
    peak_bytes: int | None  # of memory, that the process took for it; None where the system does not tell

    def dense_bytes(self, dtype: str) -> int:
        """What n × n weights would take."""
        return np.dtype(dtype).itemsize * self.net.n_nodes**2


def run_million(n: int = 1_000_000, seed: int = 0) -> Million:
    """Run a large network with an input that is held.

    Parameters
    ----------
    n
        Number of nodes. Where memory does not suffice, half as many are tried until it does.
    seed
        Of the initial state and the input.
    """
    before = _restart_peak()
    net = _largest(n, seed)
    held = np.random.default_rng(seed).standard_normal(net.n_nodes)
    net.run(held, WARM_UP, DT)
    begun = time.perf_counter()
    net.run(held, STEPS, DT)
    seconds = (time.perf_counter() - begun) / STEPS
    after = _memory("VmHWM")
    taken = None if before is None or after is None else after - before
    return Million(net, n, seconds, net.weights.rank, taken)


def _largest(n: int, seed: int) -> rn.ResonanceNetwork:
    """A network of n nodes, or of as many as memory allows."""
    while True:
        try:
            return rn.ResonanceNetwork(
                n, storage="factored", dtype="float32", tolerance=TOLERANCE, gain=GAIN / n, seed=seed
            )
        except MemoryError:
            if n == 1:
                raise
            n //= 2


def _restart_peak() -> int | None:
    """Let the process's peak of memory [bytes] begin anew, which Linux can, and return where it begins."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
        return _memory("VmHWM")
    return None


def _memory(key: str) -> int | None:
    """What Linux says of this process's memory [bytes]."""
    with contextlib.suppress(OSError):
        found = re.search(rf"^{key}:\s*(\d+) kB", Path("/proc/self/status").read_text(), flags=re.MULTILINE)
        return int(found[1]) * 1024 if found else None
    return None
