"""The step in numba: compiled loops, rows in parallel, one pass over W."""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from resonance_native.bench.cases import Case
from resonance_native.bench.contenders import Contender, MissingError, State

TWO_PI = 2 * np.pi


def contenders() -> list[Contender]:
    try:
        import numba  # noqa: F401
    except ImportError as error:
        raise MissingError(f"not installed (pip install numba): {error}") from error
    choose_threading_layer()
    return [
        Contender(f"numba-{form}", f"numba, {label}", "peer", partial(NumbaTrial, form), 2.0, own_threads=True,
                  compiles=True)
        for form, label in (("literal", "literal"), ("rank2", "rank-2"))
    ]  # fmt: skip


def choose_threading_layer() -> None:
    """TBB, numba's first choice, or its own pool; not OpenMP, unless the user says so.

    On Linux its OpenMP is the one that PyTorch and the native library use. Once numba has set it up, each parallel
    region of PyTorch's was seen to take 4 ms.
    """
    import numba

    if "NUMBA_THREADING_LAYER" in os.environ:
        return
    with suppress(OSError):
        # Where pip has put TBB the loader does not look.
        ctypes.CDLL(str(Path(sys.prefix) / "lib" / "libtbb.so.12"), mode=ctypes.RTLD_GLOBAL)
    try:
        importlib.import_module("numba.np.ufunc.tbbpool")
        numba.config.THREADING_LAYER = "tbb"
    except ImportError:
        numba.config.THREADING_LAYER = "workqueue"


@cache
def compiled(form: str) -> Any:
    """The step as a function that numba compiles for the types it is called with.

    Loops of n nodes are plain: a parallel region costs more than they do. Scalars come in the type of the arrays, so
    that nothing of float32 is computed in float64.
    """
    import numba

    def literal(
        phases: Any, frequencies: Any, x: Any, weights: Any, amplitudes: Any, eta: Any, decay: Any, gain: Any, dt: Any
    ) -> None:
        n = phases.size
        for i in range(n):
            phases[i] = (phases[i] + TWO_PI * frequencies[i] * dt + x[i] * dt) % TWO_PI
        resonance = np.empty_like(amplitudes)
        for i in numba.prange(n):
            total = weights.dtype.type(0)
            for j in range(n):
                coherence = np.cos(phases[i] - phases[j])
                w = decay * (weights[i, j] + eta * coherence * amplitudes[i] * amplitudes[j])
                weights[i, j] = w
                total += w * coherence
            resonance[i] = total
        for i in range(n):
            amplitudes[i] = np.tanh(gain * resonance[i])

    def rank2(
        phases: Any, frequencies: Any, x: Any, weights: Any, amplitudes: Any, eta: Any, decay: Any, gain: Any, dt: Any
    ) -> None:
        n = phases.size
        c, s, u, v = (np.empty_like(amplitudes), np.empty_like(amplitudes), np.empty_like(amplitudes),
                      np.empty_like(amplitudes))  # fmt: skip
        for i in range(n):
            phases[i] = (phases[i] + TWO_PI * frequencies[i] * dt + x[i] * dt) % TWO_PI
            c[i], s[i] = np.cos(phases[i]), np.sin(phases[i])
            u[i], v[i] = amplitudes[i] * c[i], amplitudes[i] * s[i]
        for i in numba.prange(n):
            cosine_sum = sine_sum = weights.dtype.type(0)
            row_u, row_v = eta * u[i], eta * v[i]
            for j in range(n):
                w = decay * (weights[i, j] + row_u * u[j] + row_v * v[j])
                weights[i, j] = w
                cosine_sum += w * c[j]
                sine_sum += w * s[j]
            amplitudes[i] = np.tanh(gain * (c[i] * cosine_sum + s[i] * sine_sum))

    return numba.njit(parallel=True, fastmath=True)({"literal": literal, "rank2": rank2}[form])


class NumbaTrial:
    """Steps of one form at work on a case."""

    steps = 1

    def __init__(self, form: str, case: Case) -> None:
        import numba

        if case.threads > numba.config.NUMBA_NUM_THREADS:
            raise MissingError(f"has {numba.config.NUMBA_NUM_THREADS} threads at most")
        numba.set_num_threads(case.threads)
        self._case, self._step = case, compiled(form)
        self._frequencies, self._x = case.frequencies.astype(case.dtype), case.held.astype(case.dtype)
        self._numbers = [case.dtype.type(value) for value in (case.learning_rate, case.decay, case.gain, case.dt)]
        self._weights = np.empty_like(case.weights)
        self.restart()

    def restart(self) -> None:
        self._weights[...] = self._case.weights
        self._phases = self._case.phases.astype(self._case.dtype)
        self._amplitudes = np.ones(self._case.n, self._case.dtype)

    def advance(self) -> None:
        self._step(self._phases, self._frequencies, self._x, self._weights, self._amplitudes, *self._numbers)

    def state(self) -> State:
        return State(self._phases, self._amplitudes, self._weights)
