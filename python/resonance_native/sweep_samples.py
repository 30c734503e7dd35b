"""Samples of an ensemble on its way, and what is kept of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ensemble import ResonanceEnsemble

_NOT_TAKEN = -1  # a step count that no sample has


class Samples:
    """The arrays of a run that takes samples, and what becomes of them: reduced at once, so that memory stays small.

    Parameters
    ----------
    ensemble
        Whose networks are sampled.
    names
        "order_parameter", "amplitude", or both.
    reduction
        What is kept of them over time.
    start, every
        The first sample, and steps from one to the next.
    steps
        Of the whole run.
    """

    def __init__(
        self, ensemble: ResonanceEnsemble, names: list[str], reduction: str, start: int, every: int, steps: int
    ) -> None:
        count, capacity = ensemble.n_networks, min(ensemble._core.segment_steps, steps) // every + 1
        self._start, self._every = start, every
        self._step = np.full(capacity, _NOT_TAKEN, np.int64)
        # A network that has diverged takes no samples any more, and leaves its places as they were.
        self._order = np.full((capacity, count), np.nan, complex) if "order_parameter" in names else None
        shape = (capacity, count, ensemble.n_nodes)
        self._amplitudes = np.full(shape, np.nan, ensemble.dtype) if "amplitude" in names else None
        self.reduced = {name: Reduced(reduction) for name in names}

    def core(self, position: int) -> dict[str, Any] | None:
        """What the core takes for a run that goes on from step ``position`` of the whole; None where all is taken."""
        if not self.reduced:
            return None
        return {
            "start": self._start - position if position <= self._start else -(position - self._start) % self._every,
            "every": self._every,
            "weights_every": 0,
            "nodes": None,
            "capacity": len(self._step),
            "step": self._step,
            "time": None,
            "order_parameter": self._order,
            "phases": None,
            "amplitudes": self._amplitudes,
            "resonance": None,
            "full": lambda _series: self.take(),
        }

    def take(self) -> None:
        """Reduce what has been sampled since the last time."""
        filled = int(np.count_nonzero(self._step != _NOT_TAKEN))
        if self._order is not None:
            self.reduced["order_parameter"].add(np.abs(self._order[:filled]))
            self._order[:filled] = np.nan
        if self._amplitudes is not None:
            means = np.abs(self._amplitudes[:filled]).mean(axis=2, dtype=np.float64)
            self.reduced["amplitude"].add(means)
            self._amplitudes[:filled] = np.nan
        self._step[:] = _NOT_TAKEN


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
    samples
        What is sampled on the way.
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
        samples: Samples,
        moved: Callable[[int], object],
    ) -> None:
        self._ensemble, self._inputs, self._dt, self._hold, self._learn = ensemble, inputs, dt, hold, learn
        self._samples, self._moved = samples, moved
        self._position, self._sampled_to = 0, -1
        self.diverged = np.zeros(ensemble.n_networks, bool)

    def advance(self, to: int) -> None:
        """Go on until ``to`` steps are done."""
        while self._position < to or self._sampled_to < 0:
            before = self._position
            inputs, steps, hold = self._piece(to)
            recording = self._samples.core(before)
            if recording is not None and recording["start"] == 0 and self._sampled_to == before:
                recording["start"] = recording["every"]  # the end of the last piece was sampled
            move = self._mover()
            try:
                done = self._ensemble._core.run(inputs, steps, self._dt, hold, self._learn, "inputs", move, recording)
                self._position += done
            except FloatingPointError:
                # They diverge again in every segment that follows, and stop it at its end; the others go on.
                self.diverged |= self._ensemble._core.diverged()
                steps_done = self._ensemble._core.step_counts()[~self.diverged]
                self._position = int(steps_done[0]) if steps_done.size else to
            move(self._position - before)
            self._samples.take()
            self._sampled_to = self._position

    def _mover(self) -> Callable[[int], None]:
        """What the core calls with the steps of a piece that are done."""
        seen = 0

        def move(done: int) -> None:
            nonlocal seen
            self._moved((done - seen) * self._ensemble.n_networks)
            seen = done

        return move

    def _piece(self, to: int) -> tuple[NDArray[Any], int, int]:
        """Inputs of the next steps, how many these are, and for how long each row is held."""
        if self._inputs.ndim < 2:
            return self._inputs, to - self._position, 1
        row, done = divmod(self._position, self._hold)
        whole = (to - self._position) // self._hold
        if done == 0:
            rows = self._inputs[row : row + whole]
            return np.broadcast_to(rows, (len(self._ensemble), *rows.shape)), whole * self._hold, self._hold
        return self._inputs[row], self._hold - done, 1


class Reduced:
    """The mean, standard deviation, least, largest or last of samples over time, one for each network."""

    def __init__(self, reduction: str) -> None:
        self._reduction = reduction
        self._count = 0
        self._value: Any = None
        self._squares: Any = 0.0

    def add(self, values: NDArray[np.float64]) -> None:
        """Take more samples in, (T, B), one after the other: how they are grouped must not round otherwise."""
        for value in values:
            self._count += 1
            if self._value is None or self._reduction == "last":
                self._value = value.copy()
            elif self._reduction == "min":
                self._value = np.minimum(self._value, value)
            elif self._reduction == "max":
                self._value = np.maximum(self._value, value)
            else:  # Welford's recurrence: no difference of large sums
                change = value - self._value
                self._value = self._value + change / self._count
                self._squares = self._squares + change * (value - self._value)

    def result(self) -> NDArray[np.float64]:
        """What the samples are reduced to; the standard deviation is that of all samples, divided by their number."""
        if self._reduction == "std":
            return np.asarray(np.sqrt(self._squares / self._count) + np.zeros_like(self._value))
        return np.asarray(self._value)
