"""One step of the model, and attention, spelled out element by element."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Model:
    """The hyperparameters, and pins as {node: value}."""

    learning_rate: float = 0.01
    decay: float = 0.99
    gain: float = 1.0
    coupling: float = 0.0
    phase_lag: float = 0.0
    learning_lag: float = 0.0
    amplitude_floor: float = 0.0
    pinned_amplitudes: dict[int, float] = field(default_factory=dict)
    pinned_phases: dict[int, float] = field(default_factory=dict)

    def keywords(self) -> dict[str, float]:
        return {name: value for name, value in vars(self).items() if not name.startswith("pinned")}

    def pin(self, net: Any) -> None:
        for node, amplitude in self.pinned_amplitudes.items():
            net.pin(node, amplitude, phases=self.pinned_phases.get(node))

    def step(
        self,
        phases: list[float],
        frequencies: list[float],
        amplitudes: list[float],
        weights: list[list[float]],
        inputs: list[float],
        dt: float,
        learn: bool = True,
    ) -> tuple[list[float], list[float], list[list[float]]]:
        """The phases, amplitudes and weights after the step."""
        nodes = range(len(phases))
        turn = 2 * math.pi

        new_phases = []
        for i in nodes:
            pull = 0.0
            for j in nodes:
                pull += weights[i][j] * math.sin(phases[j] - phases[i] - self.phase_lag)
            moved = phases[i] + turn * frequencies[i] * dt + inputs[i] * dt + dt * self.coupling * pull
            new_phases.append(self.pinned_phases.get(i, moved) % turn)

        new_weights = [list(row) for row in weights]
        if learn:
            for i in nodes:
                for j in nodes:
                    coherence = math.cos(new_phases[i] - new_phases[j] - self.learning_lag)
                    growth = self.learning_rate * coherence * amplitudes[i] * amplitudes[j]
                    new_weights[i][j] = self.decay * (weights[i][j] + growth)

        new_amplitudes = []
        for i in nodes:
            resonance = 0.0
            for j in nodes:
                resonance += new_weights[i][j] * math.cos(new_phases[i] - new_phases[j])
            amplitude = math.tanh(self.gain * resonance)
            if self.amplitude_floor > 0:
                amplitude = max(amplitude, self.amplitude_floor)
            new_amplitudes.append(self.pinned_amplitudes.get(i, amplitude))

        return new_phases, new_amplitudes, new_weights


def attention(
    q: list[list[float]],
    k: list[list[float]],
    v: list[list[float]],
    phase_q: list[float],
    phase_k: list[float],
    *,
    scale: float = 1.0,
    causal: bool = False,
    key_mask: list[bool] | None = None,
) -> list[list[float]]:
    """Attention of one head with a key at least, for scores whose exponentials are finite."""
    out = []
    for i in range(len(q)):
        total, row = 0.0, [0.0] * len(v[0])
        for j in range(len(k)):
            if causal and j > i + len(k) - len(q):
                continue
            if key_mask is not None and not key_mask[j]:
                continue
            product = 0.0
            for c in range(len(q[i])):
                product += q[i][c] * k[j][c]
            weight = math.exp(scale * product * math.cos(phase_q[i] - phase_k[j]))
            total += weight
            for c in range(len(v[j])):
                row[c] += weight * v[j][c]
        out.append([element / total if total > 0 else 0.0 for element in row])
    return out
