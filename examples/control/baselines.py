"""What the network is compared with."""

from __future__ import annotations

import math

from .body_phase import BodyPhase
from .controllers import OUTPUT_GAIN, Controller, ResonanceController, clipped, is_lost


class FixedSine:
    """A sine of one frequency, which hears nothing of the body.

    Parameters
    ----------
    dt
        Time step [s].
    frequency
        Of the sine [Hz].
    """

    def __init__(self, dt: float, *, frequency: float) -> None:
        self._dt, self._frequency, self._time = dt, frequency, 0.0

    def drive(self, angle: float, velocity: float) -> float:
        """The sine at this time."""
        is_lost(angle, velocity)
        self._time += self._dt
        return math.sin(2 * math.pi * self._frequency * self._time)


class BangBang:
    """Full torque along the velocity: no other bounded torque does more work on a given motion."""

    def drive(self, angle: float, velocity: float) -> float:
        """The sign of the velocity; 0 while the sensor is lost."""
        if is_lost(angle, velocity):
            return 0.0
        return math.copysign(1.0, velocity) if velocity else 0.0


class FilteredBangBang:
    """Bang-bang along a velocity that went through a low-pass of first order, which costs a lag.

    Parameters
    ----------
    dt
        Time step [s].
    time_constant
        Of the low-pass [s].
    """

    def __init__(self, dt: float, *, time_constant: float) -> None:
        self._share, self._filtered = dt / time_constant, 0.0
        self._bang_bang = BangBang()

    def drive(self, angle: float, velocity: float) -> float:
        """The sign of the filtered velocity; 0 while the sensor is lost."""
        if is_lost(angle, velocity):
            return 0.0
        self._filtered += self._share * (velocity - self._filtered)
        return self._bang_bang.drive(angle, self._filtered)


class BodyPhaseDrive:
    """The measured phase that entrains the network, without the network: the clipped cosine of it.

    Parameters
    ----------
    dt
        Time step [s].
    """

    def __init__(self, dt: float) -> None:
        self._phase = BodyPhase(dt)

    def drive(self, angle: float, velocity: float) -> float:
        """The clipped cosine; 0 while the sensor is lost."""
        if is_lost(angle, velocity):
            return 0.0
        return clipped(OUTPUT_GAIN * math.cos(self._phase.update(angle, velocity)))


class AdaptiveHopf:
    """One Hopf oscillator whose frequency adapts to what it hears (Righetti, Buchli and Ijspeert, 2006).

        ẋ = γ(1 − r²)x − Ωy + εF,    ẏ = γ(1 − r²)y + Ωx,    Ω̇ = −εF y/r

    F is the velocity over its largest value lately. While the sensor is lost F is 0, so it keeps its frequency.

    Parameters
    ----------
    dt
        Time step [s].
    frequency
        At which it starts [Hz].
    coupling
        ε [rad/s].
    attraction
        γ [1/s]: how fast it returns to its circle.
    """

    def __init__(self, dt: float, *, frequency: float, coupling: float = 8.0, attraction: float = 8.0) -> None:
        self._dt, self._coupling, self._attraction = dt, coupling, attraction
        self._x, self._y, self._angular = 1.0, 0.0, 2 * math.pi * frequency
        self._largest = 1e-3  # velocity lately [rad/s]; forgets in 3 s

    def drive(self, angle: float, velocity: float) -> float:
        """Its clipped cosine, which follows the velocity."""
        heard = 0.0
        if not is_lost(angle, velocity):
            self._largest = max(self._largest * (1 - self._dt / 3), abs(velocity))
            heard = self._coupling * velocity / max(self._largest, 1e-6)
        x, y = self._x, self._y
        squared = x * x + y * y
        radius = math.sqrt(squared) + 1e-9
        pull = self._attraction * (1 - squared)
        self._x += self._dt * (pull * x - self._angular * y + heard)
        self._y += self._dt * (pull * y + self._angular * x)
        self._angular -= self._dt * heard * y / radius
        return clipped(OUTPUT_GAIN * self._x / radius)


class OffWhenLost:
    """A controller whose motor is off while the sensor is lost.

    Parameters
    ----------
    controller
        What drives while something is measured.
    """

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def drive(self, angle: float, velocity: float) -> float:
        """What the controller gives; 0 while the sensor is lost."""
        drive = self._controller.drive(angle, velocity)
        return 0.0 if is_lost(angle, velocity) else drive


def bang_bang(_dt: float) -> BangBang:
    """Bang-bang control, made like the controllers that need a time step."""
    return BangBang()


def network_off_when_lost(dt: float, *, seed: int) -> OffWhenLost:
    """The network, with its motor off while the sensor is lost."""
    return OffWhenLost(ResonanceController(dt, seed=seed))
