"""The weights under a held input: the closed form beside the native network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import resonance_native as rn
from examples.claims.report import Table

from .page import show

SEEDS = range(5)


def closed_form(
    phases: NDArray[np.float64], omega: NDArray[np.float64], dt: float, learning_rate: float, decay: float
) -> NDArray[np.float64]:
    """The weights (n, n) at which a held input leaves a network whose amplitudes are 1.

    Parameters
    ----------
    phases : ndarray, (n,)
        Phases φ [rad] after the last step.
    omega : ndarray, (n,)
        Angular frequencies ω = 2π f + x [rad/s].
    dt : float
        Time step [s].
    learning_rate, decay : float
        η and γ of the network.
    """
    coherence = np.exp(1j * np.subtract.outer(phases, phases))
    memory = 1 - decay * np.exp(-1j * dt * np.subtract.outer(omega, omega))
    return (learning_rate * decay * coherence / memory).real


def start(
    n: int, seed: int, input_std: float = 1.0, **keywords: Any
) -> tuple[rn.ResonanceNetwork, NDArray[np.float64]]:
    """A network with all amplitudes pinned at 1, and a random input [rad/s] for it."""
    net = rn.ResonanceNetwork(n, seed=seed, **keywords)
    net.pin(slice(None), 1.0)
    return net, np.random.default_rng([seed, 1]).normal(0, input_std, n)


def deviation(net: rn.ResonanceNetwork, pattern: NDArray[np.float64], dt: float) -> float:
    """Largest difference of a weight from the closed form, relative to the largest weight of that."""
    omega = 2 * np.pi * net.frequencies + pattern
    expected = closed_form(net.phases, omega, dt, net.learning_rate, net.decay)
    return float(np.abs(net.weights - expected).max() / np.abs(expected).max())


def measure(images: Path) -> Mapping[str, Table]:  # noqa: ARG001
    """How far the weights are from the closed form: after many steps, and on the way there."""
    rows = []
    for decay, dt, steps in ((0.9, 0.01, 400), (0.99, 0.01, 4000), (0.99, 0.05, 4000), (0.999, 0.01, 40_000)):
        worst = 0.0
        for seed in SEEDS:
            net, pattern = start(200, seed, decay=decay)
            net.run(pattern, steps, dt)
            worst = max(worst, deviation(net, pattern, dt))
        rows.append((f"{decay:g}", f"{dt:g}", f"{steps:,}", f"{worst:.0e}"))
    settled = Table("n = 200, input of sd 1 rad/s: largest deviation, relative, worst of 5 seeds",
                    ("decay", "dt [s]", "steps", "deviation"), tuple(rows))  # fmt: skip

    net, pattern = start(200, 0)
    first, way = deviation(net, pattern, 0.01), []
    for steps in (0, 100, 500, 1000, 2000):
        net.run(pattern, steps - net.step_count)
        way.append((f"{steps:,}", f"{deviation(net, pattern, 0.01):.4e}", f"{first * net.decay**steps:.4e}"))
    approach = Table("The way there, decay 0.99", ("step", "deviation", "γ^t × the first"), tuple(way))
    return {"steady-state": settled, "approach": approach}


if __name__ == "__main__":
    show(measure)
