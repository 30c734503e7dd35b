"""A run of the network with what it knew at the time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .controllers import ResonanceController
from .pendulum import Pendulum
from .simulate import SAMPLE, Recording, simulate
from .trials import Schedule

Array = NDArray[np.float64]
_MEMORY = 3.0  # of the mean power [s], as that of the weights


@dataclass(frozen=True)
class Traced:
    """A run of the network, and its state every 50 ms."""

    recording: Recording
    frequencies: Array  # of the bank [Hz]
    times: Array  # [s]
    learned: Array  # W[body, :], (samples, oscillators)
    active: Array  # a cos φ of the bank, likewise

    def mean_power(self) -> Array:
        """Power that each oscillator alone would deliver: mean of a cos φ · ω over the root mean square of ω.

        Both means forget in 3 s, as the weights do.
        """
        velocities = self.recording.velocities[::SAMPLE]
        kept = np.exp(-SAMPLE * self.recording.dt / _MEMORY)
        power, square = np.zeros(self.active.shape), np.zeros(len(velocities))
        for k in range(1, len(velocities)):
            power[k] = kept * power[k - 1] + (1 - kept) * self.active[k] * velocities[k]
            square[k] = kept * square[k - 1] + (1 - kept) * velocities[k] ** 2
        return np.asarray(power / np.sqrt(np.maximum(square, 1e-12))[:, None])

    def power_correlation(self, since: float = 10.0) -> float:
        """Correlation of W[body, :] with the mean power, over oscillators and times [s] from ``since`` on."""
        late = self.times >= min(since, self.times[-1] / 2)
        return float(np.corrcoef(self.learned[late].ravel(), self.mean_power()[late].ravel())[0, 1])

    def swing_frequency(self) -> tuple[Array, Array]:
        """Times [s] and frequency [Hz] of each full swing, from one passage of the bottom to the next but one."""
        angles, dt = self.recording.angles, self.recording.dt
        passages = np.asarray(np.flatnonzero((angles[:-1] < 0) & (angles[1:] >= 0)) * dt, np.float64)
        return passages[1:], 1 / np.diff(passages)


def trace_network(schedule: Schedule, seed: int = 0) -> Traced:
    """One run of the network, with a progress bar."""
    pendulum = Pendulum()
    controller = ResonanceController(pendulum.dt, seed=seed)
    bank = slice(controller.body)

    def probe() -> Array:
        net = controller.net
        return np.concatenate([controller.learned, net.amplitudes[bank] * np.cos(net.phases[bank])])

    recording = simulate(
        pendulum, controller, schedule.seconds, payload_at=schedule.payload_at, probe=probe, progress="network"
    )
    learned, active = np.split(recording.samples, 2, axis=1)
    times = np.asarray(np.arange(len(learned)) * SAMPLE * recording.dt, np.float64)
    return Traced(recording, controller.frequencies, times, learned, active)
