"""The phase of a swing, from measured angle and velocity."""

from __future__ import annotations

import math

_SMALL = 1e-6  # first mean square of either measurement, so that neither is 0


class BodyPhase:
    """Phase p of the velocity: cos p is proportional to it where the motion is harmonic.

    With means of θ² and ω² that forget,

        p = atan2(θ · sqrt(⟨ω²⟩ / ⟨θ²⟩), ω)

    so that no frequency has to be known. θ = A sin Ωt gives p = Ωt.

    Parameters
    ----------
    dt
        Time step [s].
    time_constant
        Memory of the two means [s].
    """

    def __init__(self, dt: float, time_constant: float = 2.0) -> None:
        self._rate = dt / time_constant
        self._square_angle = self._square_velocity = _SMALL

    def update(self, angle: float, velocity: float) -> float:
        """Take one measurement and give the phase [rad], in (−π, π]."""
        self._square_angle += (angle * angle - self._square_angle) * self._rate
        self._square_velocity += (velocity * velocity - self._square_velocity) * self._rate
        return math.atan2(angle * math.sqrt(self._square_velocity / self._square_angle), velocity)
