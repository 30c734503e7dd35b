"""Factored networks, and the weights that they must have, from their own phases and amplitudes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from networks import bits

import resonance_native as rn

TOLERANCES = {"float64": 1e-12, "float32": 1e-6}


def factored(n: int, **keywords: Any) -> rn.ResonanceNetwork:
    """A network whose amplitudes move, and neither saturate nor die."""
    settings = {"storage": "factored", "gain": 30 / n, "amplitude_floor": 0.1, "seed": n}
    return rn.ResonanceNetwork(n, **{**settings, **keywords})


def same_future(first: rn.ResonanceNetwork, second: rn.ResonanceNetwork, steps: int = 120) -> bool:
    """Whether two networks have the same bits now, and through several compressions to come."""
    if bits(first) != bits(second):
        return False
    x = np.linspace(-1, 1, first.n_nodes)
    for net in (first, second):
        net.run(x, steps)
        net.update(0.3)
    return bits(first) == bits(second)


def steps_to_compression(net: rn.ResonanceNetwork) -> int:
    """How many steps with the learning rate that it has a network has room for."""
    full_at = int(net._core.factors()["numbers"][4])
    return full_at - 1 - net._core.rank // 2


class ExactWeights:
    """W as the steps of a network make it in long double, from the phases and amplitudes that it had.

    ``peak`` is what the largest weight would be if nothing in W cancelled.
    """

    def __init__(self, net: rn.ResonanceNetwork, weights: Any = None) -> None:
        n = net.n_nodes
        self.net = net
        self.weights = np.zeros((n, n), np.longdouble) if weights is None else np.array(weights, np.longdouble)

    def update(self, x: Any = 0.0, dt: float = 0.01) -> None:
        """A step of the network, and of W."""
        net = self.net
        amplitudes = net.amplitudes.astype(np.longdouble)
        net.update(x, dt)
        phases = net.phases.astype(np.longdouble)
        coherence = np.cos(phases[:, None] - phases - np.longdouble(net.learning_lag))
        growth = np.longdouble(net.learning_rate) * coherence * np.outer(amplitudes, amplitudes)
        self.weights = np.longdouble(net.decay) * (self.weights + growth)

    def largest(self) -> float:
        return float(np.abs(self.weights).max())

    def error(self) -> float:
        """How far the network's weights are from these."""
        return float(np.abs(self.net.weights.to_dense().astype(np.longdouble) - self.weights).max())


def weights_of_steps(
    phases: np.ndarray, amplitudes: np.ndarray, rates: Iterable[float], decay: float, lag: float
) -> np.ndarray:
    """W after steps with these new phases (T, n), old amplitudes (T, n) and learning rates, in one product."""
    strengths = np.fromiter(rates, float) * decay ** np.arange(len(phases), 0, -1.0)
    u, v = amplitudes * np.cos(phases), amplitudes * np.sin(phases)
    lagged_u, lagged_v = np.cos(lag) * u - np.sin(lag) * v, np.sin(lag) * u + np.cos(lag) * v
    # cos(a - b - lag) = cos a cos(b + lag) + sin a sin(b + lag)
    return np.asarray((strengths[:, None] * u).T @ lagged_u + (strengths[:, None] * v).T @ lagged_v)
