"""What is measured: sizes, types, threads and gains, and the one state at which all contenders begin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from resonance_native import reference

DT = 0.01  # time step [s]
INPUT_STD = 1.0  # of the input [rad/s]
FREQ_STD = 0.1  # of the natural frequencies [Hz]
LIVING_GAIN = 30.0  # divided by n: amplitudes between 0 and 1, and moving
ROWS = 512  # of the input that changes at every step

Gain = Literal["living", "default"]


@dataclass(frozen=True)
class Setting:
    """One cell of the grid that is measured.

    Parameters
    ----------
    n
        Number of nodes.
    dtype
        "float64" or "float32", of the weights.
    threads
        Threads at most: the library takes one for small networks.
    gain
        "living" is 30/n, "default" the published network's 1, at which large networks saturate.
    """

    n: int
    dtype: str
    threads: int
    gain: Gain

    @property
    def matrix_bytes(self) -> int:
        """Bytes of n × n weights."""
        return self.n**2 * np.dtype(self.dtype).itemsize

    def __str__(self) -> str:
        gain = "" if self.gain == "living" else ", default gain"
        return f"n = {self.n}, {self.dtype}, {counted(self.threads, 'thread')}{gain}"


class Start:
    """The random state and the input of a size, drawn once for all of its cases."""

    def __init__(self, n: int) -> None:
        net = reference.ResonanceNetwork(n, freq_std=FREQ_STD, seed=0)
        self.phases, self.frequencies, self.weights = net.phases, net.frequencies, net.weights
        rng = np.random.default_rng(1)
        self.held: NDArray[np.float64] = INPUT_STD * rng.standard_normal(n)
        self.rows: NDArray[np.float64] = INPUT_STD * rng.standard_normal((ROWS, n))


class Case:
    """A setting with its arrays, which contenders copy and never change.

    Parameters
    ----------
    setting
        What to measure.
    start
        The state of its size.
    """

    def __init__(self, setting: Setting, start: Start) -> None:
        self.n, self.threads, self.dtype = setting.n, setting.threads, np.dtype(setting.dtype)
        self.gain = LIVING_GAIN / setting.n if setting.gain == "living" else 1.0
        self.learning_rate, self.decay, self.dt = 0.01, 0.99, DT
        self.phases, self.frequencies, self.held, self.rows = start.phases, start.frequencies, start.held, start.rows
        self.weights: NDArray[Any] = start.weights.astype(self.dtype, copy=False)

    @cached_property
    def yardstick(self) -> NDArray[Any]:
        """An array (n, n) for the passes that are the ceilings."""
        return np.ones((self.n, self.n), self.dtype)


def counted(count: int, noun: str) -> str:
    """A number and its noun, in the plural where it has to be."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
