"""What becomes of a network when dt goes to 0, and where Euler's step of the coupling breaks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

import resonance_native as rn
from examples.claims.report import Table

from .page import show

TIME_CONSTANT = 1.0
SECONDS = 20.0


def held_input(seed: int) -> NDArray[np.float64]:
    """An input (100,) [rad/s]."""
    return np.random.default_rng([seed, 1]).normal(0, 0.2, 100)


def learned(dt: float, seed: int, pinned: bool, adapt: bool) -> rn.ResonanceNetwork:
    """A network after 20 s of a held input; ``adapt`` takes its constants from ``learning_rates``."""
    rates = rn.learning_rates(TIME_CONSTANT, dt) if adapt else {"learning_rate": 0.01, "decay": 0.99}
    # Frequencies near each other: a node on the verge of dying would make any error large.
    net = rn.ResonanceNetwork(
        100, gain=6 / 100, freq_std=0.03, weight_std=0.0, seed=seed,
        learning_rate=rates["learning_rate"], decay=rates["decay"],
    )  # fmt: skip
    pattern = held_input(seed)
    net.pin(slice(None), 1.0)
    net.run(pattern, round(SECONDS / dt), dt)
    if not pinned:
        net.unpin()
        net.run(pattern, round(SECONDS / dt), dt)
    return net


def continuous(net: rn.ResonanceNetwork, seed: int) -> NDArray[np.float64]:
    """The weights for dt → 0, amplitudes 1: a low-pass filter of the coherence."""
    omega = 2 * np.pi * net.frequencies + held_input(seed)
    coherence = np.exp(1j * np.subtract.outer(net.phases, net.phases))
    return (coherence / (1 + 1j * TIME_CONSTANT * np.subtract.outer(omega, omega))).real


def measure_learning() -> Table:
    """Errors of weights and amplitudes against dt → 0."""
    seeds, steps = range(5), (0.04, 0.02, 0.01, 0.005)
    rows = []
    finest = {seed: learned(0.000625, seed, pinned=False, adapt=True) for seed in seeds}
    before: tuple[float, float] | None = None
    for dt in steps:
        weights, amplitudes, naive = [], [], []
        for seed in seeds:
            net = learned(dt, seed, pinned=True, adapt=True)
            exact = continuous(net, seed)
            weights.append(np.abs(net.weights - exact).max())
            naive.append(np.abs(learned(dt, seed, pinned=True, adapt=False).weights - exact).max())
            free = learned(dt, seed, pinned=False, adapt=True)
            amplitudes.append(np.abs(free.amplitudes - finest[seed].amplitudes).max())
        now = float(np.mean(weights)), float(np.mean(amplitudes))
        ratios = ("", "") if before is None else (f"{before[0] / now[0]:.2f}", f"{before[1] / now[1]:.2f}")
        rows.append((f"{dt:g}", f"{now[0]:.5f}", ratios[0], f"{now[1]:.5f}", ratios[1], f"{np.mean(naive):.2f}"))
        before = now
    return Table("n = 100, τ = 1 s, 20 s of an input of sd 0.2 rad/s: largest error, mean of 5 seeds",
                 ("dt [s]", "weights, amplitudes 1", "ratio", "free amplitudes", "ratio",
                  "weights, η and decay not adapted"), tuple(rows))  # fmt: skip


def kuramoto(
    weights: NDArray[np.float64], coupling: float, spread: float, seed: int, start: float
) -> rn.ResonanceNetwork:
    """A network that doesn't learn, its phases within ± ``start`` [rad]."""
    n, rng = len(weights), np.random.default_rng(seed)
    return rn.ResonanceNetwork.from_state(rng.uniform(-start, start, n), rng.normal(0, spread, n), np.ones(n), weights,
                                          coupling=coupling)  # fmt: skip


def integrated(
    phases: NDArray[np.float64], omega: NDArray[np.float64], weights: NDArray[np.float64], seconds: float
) -> NDArray[np.float64]:
    """Phases of dφ_i/dt = ω_i + Σ_j W_ij sin(φ_j − φ_i) by an adaptive Runge–Kutta solver."""

    def velocity(_: float, now: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(omega + (weights * np.sin(now[None, :] - now[:, None])).sum(axis=1))

    return np.asarray(solve_ivp(velocity, (0, seconds), phases, rtol=1e-11, atol=1e-11, method="DOP853").y[:, -1])


def measure_order() -> Table:
    """Error of the phases after 5 s against an adaptive Runge–Kutta solver."""
    n, seeds = 50, range(3)
    rng = np.random.default_rng(0)
    weights = rng.uniform(0, 2 / n, (n, n))
    rows, before = [], None
    for dt in (0.05, 0.025, 0.0125, 0.00625):
        worst = []
        for seed in seeds:
            net = kuramoto(weights, 1.0, 0.1, seed, 2.0)
            omega = 2 * np.pi * net.frequencies

            exact = integrated(net.phases.copy(), omega, weights, 5.0)
            net.run(0.0, round(5 / dt), dt, learn=False)
            worst.append(np.abs(np.angle(np.exp(1j * (net.phases - exact)))).max())
        now = float(np.mean(worst))
        rows.append((f"{dt:g}", f"{now:.2e}", "" if before is None else f"{before / now:.2f}"))
        before = now
    return Table("Coupled phases, n = 50, Σ_j|W_ij| ≈ 1, κ = 1 rad/s: largest error after 5 s, mean of 3 seeds",
                 ("dt [s]", "error [rad]", "ratio"), tuple(rows))  # fmt: skip


def grows(weights: NDArray[np.float64], coupling: float) -> bool:
    """Whether differences of phase of 1e-6 rad grow in 3,000 steps of dt = 1 s."""
    net = kuramoto(weights, coupling, 0.0, 0, 1e-6)
    net.run(0.0, 3000, 1.0, learn=False)
    return bool(np.ptp(np.angle(np.exp(1j * (net.phases - net.phases[0])))) > 2e-6)


def breaks_at(weights: NDArray[np.float64]) -> float:
    """The least dt·κ·max_i Σ_j|W_ij| at which small differences of phase grow, found by bisection."""
    row, low, high = float(np.abs(weights).sum(axis=1).max()), 0.5, 3.0
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (low, middle) if grows(weights, middle / row) else (middle, high)
    return high


def measure_limit() -> Table:
    """Where Euler's step breaks for several networks, beside 2/λmax."""
    rng = np.random.default_rng(0)
    n = 100
    ring = np.zeros((n, n))
    ring[np.arange(n), np.arange(1, n + 1) % n] = ring[np.arange(1, n + 1) % n, np.arange(n)] = 0.5
    random = rng.uniform(0, 1, (n, n))
    off = ~np.eye(n, dtype=bool)
    cases = (
        ("two nodes", np.array([[0.0, 1.0], [1.0, 0.0]])),
        ("ring of 100, two neighbours each", ring),
        ("100 nodes, all W = 1/n", np.full((n, n), 1 / n) * off),
        ("100 nodes, random W ≥ 0", (random + random.T) / n * off),
    )
    rows = []
    for name, weights in cases:
        row = weights.sum(axis=1).max()
        laplacian = np.diag(weights.sum(axis=1)) - weights
        rows.append((name, f"{breaks_at(weights):.3f}", f"{2 * row / np.linalg.eigvalsh(laplacian).max():.3f}"))
    return Table("dt·κ·max_i Σ_j≠i|W_ij| at which synchrony becomes unstable",
                 ("network", "measured", "2 max_i Σ_j|W_ij| / λmax"), tuple(rows))  # fmt: skip


def measure(images: Path) -> Mapping[str, Table]:  # noqa: ARG001
    """Learning, phases and the limit."""
    return {"dt-learning": measure_learning(), "dt-phases": measure_order(), "dt-limit": measure_limit()}


if __name__ == "__main__":
    show(measure)
