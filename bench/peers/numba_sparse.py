"""The step on the edges of a graph in numba: compiled loops, rows in parallel, one pass over the edges."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from .numba_peer import choose_threading_layer

TWO_PI = 2 * np.pi


@cache
def compiled() -> Any:
    """The step as a function that numba compiles for the types it is called with.

    What an edge needs of its source stands in one record, (n, 4), as in the native step. Scalars come in the type of
    the arrays.
    """
    choose_threading_layer()
    import numba

    def step(
        row_starts: Any, columns: Any, weights: Any, phases: Any, frequencies: Any, x: Any, amplitudes: Any,
        records: Any, eta: Any, decay: Any, gain: Any, dt: Any,
    ) -> None:  # fmt: skip
        n = phases.size
        for i in numba.prange(n):
            phase = phases[i] + TWO_PI * frequencies[i] * dt + x[i] * dt
            phase -= TWO_PI * np.floor(phase / TWO_PI)
            phases[i] = phase
            c, s = np.cos(phase), np.sin(phase)
            records[i, 0], records[i, 1] = amplitudes[i] * c, amplitudes[i] * s
            records[i, 2], records[i, 3] = c, s
        for i in numba.prange(n):
            row_u, row_v = eta * records[i, 0], eta * records[i, 1]
            cosine_sum = sine_sum = weights.dtype.type(0)
            for e in range(row_starts[i], row_starts[i + 1]):
                j = columns[e]
                w = decay * (weights[e] + row_u * records[j, 0] + row_v * records[j, 1])
                weights[e] = w
                cosine_sum += w * records[j, 2]
                sine_sum += w * records[j, 3]
            amplitudes[i] = np.tanh(gain * (records[i, 2] * cosine_sum + records[i, 3] * sine_sum))

    return numba.njit(parallel=True, fastmath=True)(step)


class NumbaSparseTrial:
    """Steps at work on a network's graph and state."""

    def __init__(self, net: Any, x: Any, dt: float, threads: int) -> None:
        import numba

        self._step = compiled()
        numba.set_num_threads(threads)
        weights, number = net.weights, net.dtype.type
        self._arrays = (
            weights.indptr.astype(np.int64), weights.indices, weights.data.copy(), net.phases.copy(),
            net.frequencies.copy(), x, net.amplitudes.copy(), np.empty((net.n_nodes, 4), net.dtype),
        )  # fmt: skip
        self._numbers = (number(net.learning_rate), number(net.decay), number(net.gain), dt)

    @property
    def weights(self) -> Any:
        """The weights of the edges."""
        return self._arrays[2]

    def advance(self) -> None:
        """One step."""
        self._step(*self._arrays, *self._numbers)
