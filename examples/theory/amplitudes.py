"""When amplitudes come to rest, and how much they move where they don't."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import resonance_native as rn
from examples.claims.report import Table

from .drawing import BLUE, GREEN, ORANGE, canvas, save
from .page import show

SEEDS = range(5)


def living(n: int, seed: int, gain: float, **keywords: Any) -> rn.ResonanceNetwork:
    """A network that has grown weights with pinned amplitudes, then had 3,000 steps to settle."""
    net = rn.ResonanceNetwork(n, gain=gain, seed=seed, **keywords)
    net.pin(slice(None), 1.0)
    net.run(0.0, 500)
    net.unpin()
    net.run(0.0, 3000)
    return net


def record(net: rn.ResonanceNetwork, samples: int, every: int) -> NDArray[np.float64]:
    """Amplitudes (samples, n), one row every so many steps."""
    rows = np.empty((samples, net.n_nodes))
    for row in rows:
        net.run(0.0, every)
        row[:] = net.amplitudes
    return rows


def movement(amplitudes: NDArray[np.float64]) -> float:
    """Standard deviation over time, root mean square over the nodes."""
    return float(np.sqrt(amplitudes.var(axis=0).mean()))


def restless(n: int, seed: int) -> tuple[float, float]:
    """Movement of the resonances relative to their mean, all amplitudes pinned at 1: measured, and expected.

    Expected is the root mean square over i of sqrt(Σ_j≠i |W∞_ij|² / 8): with time every pair goes through all
    phases, and W_ij cos(φ_i − φ_j) is |W∞_ij|/2 times a constant and a cosine.
    """
    net = rn.ResonanceNetwork(n, seed=seed)
    net.pin(slice(None), 1.0)
    net.run(0.0, 3000)
    resonances = np.empty((200, n))
    for row in resonances:
        net.run(0.0, 100)
        row[:] = rn.kernels.resonance(np.ascontiguousarray(net.weights), net.phases)
    steps = 2 * np.pi * 0.01 * np.subtract.outer(net.frequencies, net.frequencies)
    largest = net.learning_rate * net.decay / np.abs(1 - net.decay * np.exp(-1j * steps))
    np.fill_diagonal(largest, 0)
    mean = resonances.mean()
    return movement(resonances) / mean, float(np.sqrt((largest**2).sum(axis=1).mean() / 8)) / mean


def _by_size(sizes: tuple[int, ...]) -> Table:
    rows, moved = [], []
    for n in sizes:
        measured, expected = np.mean([restless(n, seed) for seed in range(3)], axis=0)
        moved.append(measured)
        rows.append((str(n), f"{measured:.4f}", f"{expected:.4f}", f"{measured * np.sqrt(n):.2f}"))
    slope = float(np.polyfit(np.log(sizes), np.log(moved), 1)[0])
    rows.append(("exponent of n", f"{slope:.2f}", "", ""))
    return Table("sd 0.1 Hz, amplitudes pinned at 1: movement of the resonances / their mean, 3 seeds",
                 ("n", "measured", "expected", "measured · √n"), tuple(rows))  # fmt: skip


def measure(images: Path) -> Mapping[str, Table]:
    """Movement over 20,000 steps, with equal and with spread frequencies."""
    rows = []
    cases: tuple[tuple[str, int, float, dict[str, float]], ...] = (
        ("equal frequencies, gain 8/n", 100, 8 / 100, {"freq_std": 0.0}),
        ("sd 0.1 Hz, gain 8/n", 100, 8 / 100, {}),
        ("sd 0.1 Hz, gain 1: saturated", 100, 1.0, {}),
        ("sd 0.1 Hz, gain 8/n, coupling 20/n rad/s", 100, 8 / 100, {"coupling": 20 / 100}),
    )
    for name, n, gain, keywords in cases:
        moved, means, dead = [], [], 0
        for seed in SEEDS:
            amplitudes = record(living(n, seed, gain, **keywords), 200, 100)
            moved.append(movement(amplitudes))
            means.append(amplitudes.mean())
            dead += int((np.abs(amplitudes[-1]) < 0.05).sum())
        rows.append((name, f"{np.mean(means):.3f}", f"{np.mean(moved):.1e}", f"{dead} of {n * len(SEEDS)}"))
    rest = Table(
        "n = 100, 20,000 steps after settling: mean amplitude, and its movement in time (sd), mean of 5 seeds",
        ("", "mean", "movement", "nodes below 0.05"),
        tuple(rows),
    )

    by_size = _by_size((25, 50, 100, 200, 400, 800))

    figure, panels = canvas(2)
    for axes, freq_std in zip(panels, (0.0, 0.1), strict=True):
        net = rn.ResonanceNetwork(100, gain=0.08, freq_std=freq_std, seed=0)
        net.pin(slice(None), 1.0)
        net.run(0.0, 100)
        net.unpin()
        amplitudes = record(net, 400, 10)
        seconds = 1 + np.arange(1, 401) * 0.1
        by_frequency = np.argsort(net.frequencies)
        for place, colour, name in ((4, GREEN, "slow node"), (50, BLUE, "middle node"), (95, ORANGE, "fast node")):
            axes.plot(seconds, amplitudes[:, by_frequency[place]], color=colour, label=name)
        axes.set(xlabel="time [s]", ylim=(0, 1.04), title=f"frequencies' sd {freq_std:g} Hz")
    panels[0].set_ylabel("amplitude")
    panels[1].legend(loc="lower right")
    save(figure, images, "amplitudes")
    return {"amplitudes-rest": rest, "amplitudes-size": by_size}


if __name__ == "__main__":
    show(measure)
