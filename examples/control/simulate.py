"""The loop at 1 kHz: measure, drive, step."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from tqdm import trange

from .controllers import Controller
from .pendulum import Pendulum

Array = NDArray[np.float64]
SAMPLE = 50  # time steps between two samples of a probe


@dataclass(frozen=True)
class Sensor:
    """What is measured of angle and velocity.

    Parameters
    ----------
    noise
        Standard deviation [rad] of white noise on the angle; on the velocity it is five times that [rad/s].
    lost
        From when until when nothing is measured [s].
    seed
        Of the noise.
    """

    noise: float = 0.0
    lost: tuple[float, float] = (math.inf, math.inf)
    seed: int = 0


@dataclass(frozen=True)
class Recording:
    """What happened, at every time step: after it [rad], and during it [1]."""

    dt: float
    angles: Array
    velocities: Array  # before the step [rad/s], what a perfect sensor shows
    drives: Array
    samples: Array = field(default_factory=lambda: np.empty((0, 0)))  # of the probe, every SAMPLE time steps

    def peak(self, since: float, until: float) -> float:
        """Largest angle [degrees] in a stretch of time [s]."""
        stretch = self.angles[round(since / self.dt) : round(until / self.dt)]
        return float(np.degrees(np.abs(stretch).max()))

    def envelope(self, window: float = 2.0) -> tuple[Array, Array]:
        """Times [s] and the largest angle [degrees] within ``window`` seconds, four values a second."""
        width, stride = round(window / self.dt), round(0.25 / self.dt)
        starts = np.arange(0, max(1, len(self.angles) - width + 1), stride)
        largest = [np.degrees(np.abs(self.angles[first : first + width]).max()) for first in starts]
        return np.asarray((starts + width / 2) * self.dt, np.float64), np.array(largest)


def simulate(
    pendulum: Pendulum,
    controller: Controller,
    seconds: float,
    *,
    payload_at: float | None = None,
    sensor: Sensor | None = None,
    probe: Callable[[], Array] | None = None,
    progress: str | None = None,
) -> Recording:
    """Swing the pendulum.

    Parameters
    ----------
    pendulum
        The body, which is left as it ends.
    controller
        What drives it.
    seconds
        How long [s].
    payload_at
        When the payload is hung on [s]; None is never.
    sensor
        What is measured; None is a perfect sensor.
    probe
        Called every 50 time steps; what it gives is recorded.
    progress
        Title of a progress bar; None shows none.

    Returns
    -------
    Recording
    """
    sensor = sensor or Sensor()
    dt = pendulum.dt
    steps, noise = round(seconds / dt), np.random.default_rng(sensor.seed)
    payload_step = None if payload_at is None else round(payload_at / dt)
    angles, velocities, drives = np.empty(steps), np.empty(steps), np.empty(steps)
    samples = []
    for k in trange(steps, desc=progress, unit="step", unit_scale=True, leave=False, disable=progress is None):
        if k == payload_step:
            pendulum.hang_payload()
        angle, velocity = pendulum.angle, pendulum.velocity
        velocities[k] = velocity
        if sensor.lost[0] <= k * dt < sensor.lost[1]:
            angle = velocity = math.nan
        elif sensor.noise > 0:
            angle += sensor.noise * noise.standard_normal()
            velocity += 5 * sensor.noise * noise.standard_normal()
        drives[k] = controller.drive(angle, velocity)
        pendulum.step(drives[k])
        angles[k] = pendulum.angle
        if probe is not None and k % SAMPLE == 0:
            samples.append(probe())
    return Recording(dt, angles, velocities, drives, np.array(samples) if samples else np.empty((0, 0)))
