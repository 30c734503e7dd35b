"""By how much results differ where they are not the same to the bit."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import resonance_native as rn
from resonance_native import _core

from .functions import DTYPES, each_isa
from .steps import DT, State, errors

N, STEPS = 512, 1000
NOISE = "noise on two instruction sets"
MPIEXEC = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


@dataclass(frozen=True)
class Difference:
    """The largest difference that was found."""

    between: str
    dtype: str
    weights: float  # over max|W|
    amplitudes: float
    phases: float  # [rad]


def measure() -> Iterator[Difference]:
    """Instruction sets, engines, pieces of runs, and ranks."""
    for dtype in DTYPES:
        sets = [steps_of(dtype, _single) for _ in each_isa()]
        yield _largest("two instruction sets", dtype, itertools.combinations(sets, 2))
        single, whole = steps_of(dtype, _single), steps_of(dtype, _whole)
        yield _largest("phases that began one ulp apart", dtype, [(single, steps_of(dtype, _apart))])
        yield _largest("`update` and `run`, held input", dtype, [(single, whole)])
        yield _largest("`run(1000)` and `run(500)` twice", dtype, [(whole, steps_of(dtype, _halves))])
        factored = steps_of(dtype, _whole, storage="factored")
        yield _largest("dense and factored weights", dtype, [(single, factored)])
        if MPIEXEC is not None and importlib.util.find_spec("mpi4py") is not None:
            ranks = [_on_ranks(count, dtype) for count in (2, 3)]
            yield _largest("a `run` in one process and on 2 or 3 ranks", dtype, [(whole, state) for state in ranks])
    normals = [_core.standard_normals(1, 0, 100_000) for _ in each_isa()]
    apart = max((float(np.abs(a - b).max()) for a, b in itertools.combinations(normals, 2)), default=0.0)
    yield Difference(NOISE, "float64", 0.0, 0.0, apart)


def steps_of(dtype: str, advance: Callable[[Any], None], network: Any = rn.ResonanceNetwork, **keywords: Any) -> State:
    """What a network of ``network``'s class is after 1,000 steps with a held input."""
    net = network(N, dtype=dtype, gain=8 / N, seed=0, weight_std=0.0, **keywords)
    advance(net)
    weights = np.asarray(net.weights.to_dense() if hasattr(net.weights, "to_dense") else net.weights)
    return np.array(weights), np.array(net.amplitudes), np.array(net.phases)


def _input() -> Any:
    return np.random.default_rng(1).normal(0, 1, N)


def _single(net: Any) -> None:
    _in_pieces(net, lambda count: [net.update(_input(), DT) for _ in range(count)], (STEPS,))


def _apart(net: Any) -> None:
    net.phases = np.nextafter(net.phases, 7)
    _single(net)


def _whole(net: Any) -> None:
    _in_pieces(net, lambda count: net.run(_input(), count, DT), (STEPS,))


def _halves(net: Any) -> None:
    _in_pieces(net, lambda count: net.run(_input(), count, DT), (STEPS // 2, STEPS // 2))


def _in_pieces(net: Any, advance: Callable[[int], Any], pieces: tuple[int, ...]) -> None:
    net.pin(np.arange(0, N, 2), 1.0)  # the others are free, and stay alive
    for piece in pieces:
        advance(piece)


def _on_ranks(count: int, dtype: str) -> State:
    """The same run on so many ranks of one thread each."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.npz"
        command = [str(MPIEXEC), "-n", str(count), sys.executable, "-m", "bench.numerics.on_ranks", dtype, str(path)]
        subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, stdin=subprocess.DEVNULL)
        with np.load(path) as found:
            return found["weights"], found["amplitudes"], found["phases"]


def whole_run(network: Any, dtype: str) -> State:
    """A run of all steps by a network of another class."""
    return steps_of(dtype, _whole, network)


def _largest(between: str, dtype: str, pairs: Any) -> Difference:
    found = np.array([errors(one, other) for one, other in pairs]).reshape(-1, 3)
    return Difference(between, dtype, *(float(x) for x in found.max(axis=0, initial=0.0)))
