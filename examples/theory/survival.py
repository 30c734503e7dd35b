"""Which networks die and which saturate: a mean field without free parameters beside the native network."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar

import resonance_native as rn
from examples.claims.report import Table

from .drawing import BLACK, BLUE, ORANGE, RED, canvas, save
from .page import show

LEARNING_RATE, DECAY, DT = 0.01, 0.99, 0.01
SEEDS = range(40)
TWO_PI = 2 * math.pi


def least_gain() -> tuple[float, float]:
    """The least g for which a = tanh(g a²) has a solution beside 0, and that a."""
    found = minimize_scalar(lambda a: math.atanh(a) / a**2, bounds=(0.3, 0.99), method="bounded")
    return float(found.fun), float(found.x)


def saturating_gain() -> float:
    """The g at which the upper solution of a = tanh(g a²) is 0.999."""
    return math.atanh(0.999) / 0.999**2


def locking(sigma: float) -> float:
    """L: what a spread ``sigma`` [rad/s] of frequencies leaves of the mutual weights, 1 for no spread.

    (1 − γ) Σ_k γ^k E[cos(Δ k dt)], Δ being the difference of two normal frequencies.
    """
    age = np.arange(3000)
    return float((1 - DECAY) * (DECAY**age * np.exp(-((sigma * age * DT) ** 2))).sum())


def effective_gain(gain: float, n: int, lock: float) -> float:
    """The g of a = tanh(g a²): the slope of a network whose amplitudes are all a and move slowly."""
    return gain * LEARNING_RATE * DECAY / (1 - DECAY) * (1 + (n - 1) / 2 * lock)


def survives(n: float, sigma: float) -> bool:
    """Whether the mean field of n nodes, from amplitude 1 and weights 0, comes up instead of dying.

    ``sigma`` is the standard deviation of the angular frequencies [rad/s].
    """
    age = np.arange(1500)
    kernel = LEARNING_RATE * DECAY ** (age + 1) * (1 + (n - 1) / 2 * np.exp(-((sigma * age * DT) ** 2)))
    squares, amplitude = np.zeros(1500), 1.0
    for _ in range(20_000):
        squares[1:] = squares[:-1]
        squares[0] = amplitude**2
        amplitude = math.tanh(float(kernel @ squares))
        if amplitude < 1e-3 or amplitude > 0.95:
            break
    return amplitude > 0.5


@cache
def critical_size(sigma: float) -> float:
    """The n between dying and coming up in the mean field."""
    low, high = 2.0, 100.0
    while high - low > 0.02:
        middle = (low + high) / 2
        low, high = (low, middle) if survives(middle, sigma) else (middle, high)
    return (low + high) / 2


def survivors(n: int, freq_std: float, input_std: float, weight_std: float | None) -> int:
    """How many of 40 networks are not silent after 5,000 steps."""
    count = 0
    for seed in SEEDS:
        net = rn.ResonanceNetwork(n, freq_std=freq_std, weight_std=weight_std, seed=seed)
        net.run(np.random.default_rng([seed, 1]).normal(0, input_std, n), 5000)
        count += net.regime() != "silent"
    return count


def half_point(sizes: tuple[int, ...], counts: list[int]) -> float:
    """Where half of the networks survive, by linear interpolation."""
    k = next(k for k, count in enumerate(counts) if count >= len(SEEDS) / 2)
    low, high = counts[k - 1], counts[k]
    return sizes[k - 1] + (len(SEEDS) / 2 - low) / (high - low) * (sizes[k] - sizes[k - 1])


def measure_starts() -> Table:
    """How many survive from the published start, against the mean field."""
    sizes = (12, 14, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 32)
    cases = (("equal frequencies, W₀ = 0", 0.0, 0.0, 0.0), ("defaults", 0.1, 0.0, None),
             ("defaults, input of sd 1 rad/s", 0.1, 1.0, None))  # fmt: skip
    rows = []
    for name, freq_std, input_std, weight_std in cases:
        counts = [survivors(n, freq_std, input_std, weight_std) for n in sizes]
        sigma = math.hypot(TWO_PI * freq_std, input_std)
        shown = [str(counts[sizes.index(n)]) for n in (14, 16, 18, 20, 22, 24, 26, 28, 32)]
        rows.append((name, *shown, f"{half_point(sizes, counts):.1f}", f"{critical_size(sigma):.1f}"))
    return Table("Of 40 seeds, not silent after 5,000 steps from the published start",
                 ("", *[f"n = {n}" for n in (14, 16, 18, 20, 22, 24, 26, 28, 32)], "half survive at", "mean field"),
                 tuple(rows))  # fmt: skip


def grown(n: int, gain: float, freq_std: float, seed: int) -> NDArray[np.float64]:
    """Amplitudes after 500 steps pinned at 1 and 4,000 free ones."""
    net = rn.ResonanceNetwork(n, gain=gain, freq_std=freq_std, weight_std=0.0, seed=seed)
    net.pin(slice(None), 1.0)
    net.run(0.0, 500)
    net.unpin()
    net.run(0.0, 4000)
    return net.amplitudes.copy()


def branch(g: float) -> tuple[float, float]:
    """Lower (unstable) and upper (stable) solution of a = tanh(g a²), for g above the least."""
    turn = least_gain()[1]

    def difference(a: float) -> float:
        return math.tanh(g * a * a) - a

    return float(brentq(difference, 1e-6, turn)), float(brentq(difference, turn, 1.0))


def measure_gains(images: Path) -> Table:
    """Whether a network that has grown weights keeps them, by its gain."""
    n, least = 200, least_gain()[0]
    factors = (0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2, 1.4, 1.8, 2.2)
    seeds = range(5)
    rows, measured = [], {}
    for freq_std in (0.0, 0.1):
        lock = locking(TWO_PI * freq_std)
        for factor in factors:
            gain = factor * least / effective_gain(1.0, n, lock)
            means = [float(grown(n, gain, freq_std, seed).mean()) for seed in seeds]
            measured[freq_std, factor] = means
    for factor in factors:
        upper = f"{branch(factor * least)[1]:.3f}" if factor > 1 else ("0" if factor < 1 else "0.796")
        cells = [f"{np.mean(measured[freq_std, factor]):.3f}" for freq_std in (0.0, 0.1)]
        alive = [f"{sum(a > 0.1 for a in measured[freq_std, factor])}" for freq_std in (0.0, 0.1)]
        rows.append((f"{factor * least:.2f}", upper, cells[0], alive[0], cells[1], alive[1]))

    figure, (axes,) = canvas()
    line = np.linspace(least * 1.0001, 4.0, 300)
    branches = np.array([branch(g) for g in line])
    axes.plot(line, branches[:, 1], color=BLACK, label="a = tanh(g a²), stable")
    axes.plot(line, branches[:, 0], color=BLACK, linestyle="--", label="unstable: below it the network dies")
    axes.plot([1, 4], [0, 0], color=BLACK)
    for freq_std, colour, marker in ((0.0, BLUE, "o"), (0.1, ORANGE, "s")):
        points = [(f * least, a) for f in factors for a in measured[freq_std, f]]
        axes.plot(*zip(*points, strict=True), marker, color=colour, markersize=5, alpha=0.7, linestyle="none",
                  label=f"measured, frequencies' sd {freq_std:g} Hz")  # fmt: skip
    axes.axvline(least, color=RED, linewidth=1)
    axes.annotate(f"g = {least:.2f}", (least, 0.35), xytext=(4, 0), textcoords="offset points", color=RED)
    axes.set(xlabel="effective gain g", ylabel="mean amplitude", xlim=(1.2, 4), ylim=(-0.03, 1.05),
             title="n = 200, weights grown with pinned amplitudes, then free")  # fmt: skip
    axes.legend(loc="upper right", bbox_to_anchor=(1.0, 0.88))
    save(figure, images, "survival")
    return Table("n = 200, 500 steps pinned at 1, then 4,000 free: mean amplitude and survivors of 5 seeds",
                 ("g", "a = tanh(g a²)", "equal frequencies", "alive", "sd 0.1 Hz", "alive"), tuple(rows))  # fmt: skip


def measure_spread() -> Table:
    """How much spread a network at gain 8/n bears."""
    n, rows = 200, []
    for sigma in (0.6, 0.8, 1.0, 1.1, 1.2, 1.3, 1.4, 1.6):
        living = [(grown(n, 8 / n, sigma / TWO_PI, seed) > 0.05).mean() for seed in range(10)]
        g = effective_gain(8 / n, n, locking(sigma))
        rows.append((f"{sigma:g}", f"{g:.2f}", f"{np.mean(living):.2f}", str(np.count_nonzero(living))))
    return Table(
        "n = 200, gain 8/n, 500 steps pinned at 1, then 4,000 free, 10 seeds",
        ("σ [rad/s]", "g", "share of nodes alive", "networks alive"),
        tuple(rows),
    )


def measure_constants() -> Table:
    """The numbers of the theory."""
    least, turn = least_gain()
    free, held = locking(TWO_PI * 0.1), locking(math.hypot(TWO_PI * 0.1, 1.0))
    widest = float(brentq(lambda sigma: effective_gain(8e-6, 10**6, locking(sigma)) - least, 0.1, 10.0))
    smallest = 2 * math.sqrt(1 - DECAY) / (LEARNING_RATE * DECAY) - 1
    rows = (
        ("least g for a living solution", f"{least:.3f}"),
        ("a at that g", f"{turn:.3f}"),
        ("g from which a ≥ 0.999", f"{saturating_gain():.2f}"),
        ("L, defaults", f"{free:.3f}"),
        ("L, defaults and an input of sd 1 rad/s", f"{held:.3f}"),
        ("n from 2√(1−γ)/(ηγ) − 1", f"{smallest:.1f}"),
        ("g at n = 22, defaults", f"{effective_gain(1.0, 22, free):.2f}"),
        ("g at gain 8/n, large n, equal frequencies", f"{effective_gain(8e-6, 10**6, 1.0):.2f}"),
        ("g at gain 8/n, large n, defaults", f"{effective_gain(8e-6, 10**6, free):.2f}"),
        ("g at gain 8/n, large n, defaults and the input", f"{effective_gain(8e-6, 10**6, held):.2f}"),
        ("spread σ [rad/s] that gain 8/n can bear, large n", f"{widest:.2f}"),
    )
    return Table("The theory's numbers at η = 0.01, decay 0.99, dt = 0.01 s", ("", "value"), rows)


def measure_death() -> Table:
    """How fast a dying network dies: the largest weight over the last of its steps."""
    rows = []
    for n in (4, 8, 12):
        net = rn.ResonanceNetwork(n, seed=0)
        net.run(0.0, 1000)
        before = np.abs(net.weights).max()
        net.run(0.0, 1000)
        rate = float((np.abs(net.weights).max() / before) ** 1e-3)
        rows.append((str(n), f"{rate:.9f}", f"{np.abs(net.amplitudes).max():.1e}"))
    return Table("Factor on max|W| a step, steps 1,000 to 2,000, decay 0.99",
                 ("n", "factor", "largest amplitude at the end"), tuple(rows))  # fmt: skip


def measure(images: Path) -> Mapping[str, Table]:
    """Everything about death and saturation."""
    return {
        "survival-constants": measure_constants(),
        "survival-gains": measure_gains(images),
        "survival-spread": measure_spread(),
        "survival-start": measure_starts(),
        "survival-death": measure_death(),
    }


if __name__ == "__main__":
    show(measure)
