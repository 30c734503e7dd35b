"""Samples of an ensemble on its way, and what is kept of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ensemble import ResonanceEnsemble


class Journey:
    """An ensemble that is driven by one input through many steps, past networks that diverge.

    Parameters
    ----------
    ensemble
        At step 0.
    inputs : ndarray, (), (n,) or (T, n)
        x [rad/s], the same for all networks.
    dt
        Time step [s].
    hold
        Steps for which each of T rows is held.
    learn
        False keeps the weights as they are.
    moved
        Called with the number of network-steps since the last call.
    """

    def __init__(
        self,
        ensemble: ResonanceEnsemble,
        inputs: NDArray[Any],
        dt: float,
        hold: int,
        learn: bool,
        moved: Callable[[int], object],
    ) -> None:
        self._ensemble, self._inputs, self._dt, self._hold, self._learn = ensemble, inputs, dt, hold, learn
        self._moved = moved
        self._position = 0
        self.diverged = np.zeros(ensemble.n_networks, bool)

    def advance(self, to: int) -> None:
        """Go on until ``to`` steps are done."""
        while self._position < to:
            before = self._position
            inputs, steps, hold = self._piece(to)
            try:
                self._ensemble._core.run(inputs, steps, self._dt, hold, self._learn, "inputs", None)
                self._position += steps
            except FloatingPointError:
                # They diverge again in every segment that follows, and stop it at its end; the others go on.
                self.diverged |= self._ensemble._core.diverged()
                steps_done = self._ensemble._core.step_counts()[~self.diverged]
                self._position = int(steps_done[0]) if steps_done.size else to
            self._moved((self._position - before) * self._ensemble.n_networks)

    def _piece(self, to: int) -> tuple[NDArray[Any], int, int]:
        """Inputs of the next steps, how many these are, and for how long each row is held."""
        if self._inputs.ndim < 2:
            return self._inputs, to - self._position, 1
        row, done = divmod(self._position, self._hold)
        whole = (to - self._position) // self._hold
        if done == 0 and whole > 0:
            rows = self._inputs[row : row + whole]
            return np.broadcast_to(rows, (len(self._ensemble), *rows.shape)), whole * self._hold, self._hold
        return self._inputs[row], min(self._hold - done, to - self._position), 1


def sample(ensemble: ResonanceEnsemble, name: str) -> NDArray[np.float64]:
    """One variable of every network at this moment, (B,)."""
    values: NDArray[np.float64]
    if name == "order_parameter":
        values = np.abs(ensemble.order_parameter())
    else:
        values = np.abs(ensemble.amplitudes).mean(axis=1, dtype=np.float64)
    return values


def sample_steps(start: int, every: int, steps: int, reduction: str) -> Iterator[int]:
    """The steps after which samples are taken, as far as the reduction needs them."""
    wanted = range(start, steps + 1, every)
    return iter(wanted[-1:] if reduction == "last" else wanted)


class Reduced:
    """The mean, standard deviation, least, largest or last of samples over time, one for each network."""

    def __init__(self, reduction: str) -> None:
        self._reduction = reduction
        self._count = 0
        self._value: Any = None
        self._squares: Any = 0.0

    def add(self, values: NDArray[np.float64]) -> None:
        """Take one more sample in."""
        self._count += 1
        if self._value is None or self._reduction == "last":
            self._value = values
        elif self._reduction == "min":
            self._value = np.minimum(self._value, values)
        elif self._reduction == "max":
            self._value = np.maximum(self._value, values)
        else:  # Welford's recurrence: no difference of large sums
            change = values - self._value
            self._value = self._value + change / self._count
            self._squares = self._squares + change * (values - self._value)

    def result(self) -> NDArray[np.float64]:
        """What the samples are reduced to; the standard deviation is that of all samples, divided by their number."""
        if self._reduction == "std":
            return np.asarray(np.sqrt(self._squares / self._count) + np.zeros_like(self._value))
        return np.asarray(self._value)
