"""The network as a controller: a bank of oscillators and one node that is the body."""

from __future__ import annotations

import math
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

import resonance_native as rn

from .body_phase import BodyPhase

Array = NDArray[np.float64]
ReadOut = Literal["learned", "uniform"]

OSCILLATORS = 32
LOWEST, HIGHEST = 0.3, 2.5  # natural frequencies of the bank [Hz]
OUTPUT_GAIN = 1.5  # of the read-out; makes the drive's tops flat
_NO_WEIGHT = 1e-9  # keeps the read-out finite where nothing is learned


class Controller(Protocol):
    """What drives the pendulum: called once a time step."""

    def drive(self, angle: float, velocity: float) -> float:
        """The drive [1], in [−1, 1], for a measured angle [rad] and velocity [rad/s]; both NaN: sensor lost."""


def is_lost(angle: float, velocity: float) -> bool:
    """Whether the sensor is lost, which it says by NaN.

    Raises
    ------
    ValueError
        If a measurement is infinite.
    """
    for name, value in (("angle", angle), ("velocity", velocity)):
        if math.isinf(value):
            raise ValueError(f"{name} must be finite, or NaN where the sensor is lost, got {value!r}")
    return math.isnan(angle) or math.isnan(velocity)


def clipped(drive: float) -> float:
    """The drive within ±1."""
    return max(-1.0, min(1.0, drive))


class ResonanceController:
    """A network of 32 oscillators and a body node, which learns what pumps the swing.

    Nodes 0 … 31 are the bank, with natural frequencies from 0.3 to 2.5 Hz at equal ratios; node 32 is the body, at
    0 Hz. Weights start at 0, amplitudes at 1, phases uniform in [0, 2π) by ``numpy.random.default_rng(seed)``. Each
    time step does this, in this order and all in float64:

    1. s_θ ← s_θ + (θ² − s_θ)·(dt/2 s), likewise s_ω of ω² (both start at 1e-6),
       and p = atan2(θ·sqrt(s_ω/s_θ), ω).
    2. Inputs x_i = K·sin(p − φ_i) of the bank's phases before the step; the body's input is 0.
    3. The body is pinned at amplitude 1 and phase p mod 2π.
    4. One step of the network: φ_i ← φ_i + 2π f_i dt + x_i dt; W ← γ(W + η cos(φ_i − φ_j) a_i a_j);
       a_i ← max(tanh(Σ_j W_ij cos(φ_i − φ_j)), 0.2), the body's stays 1. With time constant τ = 3 s and strength
       g = 0.25, `rn.learning_rates` gives γ = exp(−dt/τ) and η = g·(exp(dt/τ) − 1).
    5. Read-out with the new state: r_i = max(W[body, i], 0)·a_i, and the drive is
       1.5 · Σ r_i cos φ_i / (Σ r_i + 1e-9), clipped to ±1. The sums run over the bank.

    A lost sensor (NaN) pauses learning: steps 1 to 3 are left out, x = 0 and the weights stay; the bank runs free.

    Parameters
    ----------
    dt
        Time step [s].
    entrainment
        K [rad/s]: how strongly the body's phase pulls the bank.
    time_constant
        Memory of the weights [s].
    strength
        Weight [1] at which perfectly coherent nodes settle.
    read_out
        "uniform" gives every oscillator the same weight, for comparison: nothing learned reaches the drive.
    loss_coupling
        κ [rad/s] while the sensor is lost: the weights then pull the phases. 0 is none.
    body_coupled
        Whether the body node takes part in that pull, running at the mean frequency of the read-out. If not,
        only the bank's own connections act.
    seed
        Of the initial phases.
    """

    def __init__(
        self,
        dt: float,
        *,
        entrainment: float = 4.0,
        time_constant: float = 3.0,
        strength: float = 0.25,
        read_out: ReadOut = "learned",
        loss_coupling: float = 0.0,
        body_coupled: bool = False,
        seed: int = 0,
    ) -> None:
        self.body = OSCILLATORS
        self.entrainment = entrainment
        self._dt = dt
        self._read_out = read_out
        self._loss_coupling, self._body_coupled = loss_coupling, body_coupled
        self._lost = False
        self._phase = BodyPhase(dt)
        rates = rn.learning_rates(time_constant, dt, strength)
        self.net = rn.ResonanceNetwork(
            OSCILLATORS + 1, weight_std=0.0, amplitude_floor=0.2, threads=1, seed=seed,
            learning_rate=rates["learning_rate"], decay=rates["decay"],
        )  # fmt: skip
        self.net.frequencies = np.append(np.geomspace(LOWEST, HIGHEST, OSCILLATORS), 0.0)
        self._inputs = np.zeros(OSCILLATORS + 1)

    @property
    def frequencies(self) -> Array:
        """Natural frequencies of the bank [Hz]."""
        return np.array(self.net.frequencies[: self.body])

    @property
    def learned(self) -> Array:
        """What the body has learned of each oscillator: W[body, :], a copy."""
        return np.array(self.net.weights[self.body, : self.body])

    def read_out_weights(self) -> Array:
        """Weight r_i of each oscillator in the drive."""
        weights = self.net.weights[self.body, : self.body]
        return np.asarray(np.maximum(weights, 0.0) * self.net.amplitudes[: self.body])

    def drive(self, angle: float, velocity: float) -> float:
        """The drive [1], in [−1, 1], for a measured angle [rad] and velocity [rad/s]; NaN is a lost sensor.

        Raises
        ------
        ValueError
            If a measurement is infinite.
        """
        if is_lost(angle, velocity):
            if not self._lost:
                self._lose()
            self.net.update(0.0, self._dt, learn=False)
        else:
            if self._lost:
                self._regain()
            self._follow(self._phase.update(angle, velocity))
        return self._read()

    def _follow(self, phase: float) -> None:
        """One step of the network, with the body at a measured phase."""
        bank = slice(self.body)
        self._inputs[bank] = self.entrainment * np.sin(phase - self.net.phases[bank])
        self.net.pin(self.body, amplitudes=1.0, phases=phase)
        self.net.update(self._inputs, self._dt)

    def _read(self) -> float:
        cosines = np.cos(self.net.phases[: self.body])
        if self._read_out == "uniform":
            return clipped(OUTPUT_GAIN * float(cosines.mean()))
        weights = self.read_out_weights()
        return clipped(OUTPUT_GAIN * float((weights * cosines).sum() / (weights.sum() + _NO_WEIGHT)))

    def _lose(self) -> None:
        """Let the weights pull the phases while nothing is measured, where that is wanted."""
        self._lost = True
        if self._loss_coupling == 0.0:
            return
        self.net.coupling = self._loss_coupling
        weights, frequencies = self.net.weights.copy(), self.net.frequencies.copy()
        if self._body_coupled:
            shares = self.read_out_weights()
            frequencies[self.body] = shares @ frequencies[: self.body] / (shares.sum() + _NO_WEIGHT)
            self.net.frequencies = frequencies
            self.net.unpin(self.body)
            self.net.pin(self.body, amplitudes=1.0)
        else:
            # The read-out needs the body's row; its column is what would pull the bank.
            weights[: self.body, self.body] = 0.0
            self.net.weights = weights

    def _regain(self) -> None:
        """Return to the network as it was before the loss; phases are what they have become."""
        self._lost = False
        if self._loss_coupling == 0.0:
            return
        self.net.coupling = 0.0
        weights, frequencies = self.net.weights.copy(), self.net.frequencies.copy()
        frequencies[self.body] = 0.0
        weights[: self.body, self.body] = weights[self.body, : self.body]  # cos is even: the two are equal
        self.net.frequencies, self.net.weights = frequencies, weights
