"""How fast old weights go: in steps, after the input is gone, and in rows, in entrain."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import resonance_native as rn
from examples.claims.report import Table

from .page import show
from .steady_state import start


def left_over(steps: tuple[int, ...], seed: int) -> list[float]:
    """What is left of the weights of an input, so many steps after it was taken away.

    A second network goes on from the same phases with weights 0: it has all that is new. The difference
    is what remains of the old, relative in the Frobenius norm.
    """
    net, pattern = start(200, seed)
    net.run(pattern, 3000)
    blank = net.copy()
    blank.weights = np.zeros_like(net.weights)
    old, left = np.linalg.norm(net.weights), []
    for count in steps:
        for each in (net, blank):
            each.run(0.0, count - (each.step_count - 3000))
        left.append(float(np.linalg.norm(net.weights - blank.weights) / old))
    return left


def share(weights: NDArray[np.float64], pattern: NDArray[np.float64]) -> float:
    """How much of ``pattern`` there is in ``weights``: least squares over all pairs of different nodes."""
    pairs = ~np.eye(len(pattern), dtype=bool)
    return float((weights[pairs] @ pattern[pairs]) / (pattern[pairs] @ pattern[pairs]))


def share_after(rows: tuple[int, ...], fading_factor: float | None, seed: int) -> list[float]:
    """The share that 200 first rows have in the weights, after so many other rows."""
    rng = np.random.default_rng(seed)
    net = rn.ResonanceNetwork(400, seed=seed)
    net.entrain(rng.normal(0, 0.5, (200, 400)) + rng.uniform(0, 2 * np.pi, 400), fading_factor=fading_factor)
    first, shares, shown = net.weights.copy(), [], 0
    # Other rows around another centre, so that their weights are not those of the first.
    centre = rng.uniform(0, 2 * np.pi, 400)
    for count in rows:
        if count > shown:
            net.entrain(rng.normal(0, 0.5, (count - shown, 400)) + centre, fading_factor=fading_factor)
            shown = count
        shares.append(share(net.weights, first))
    return shares


def measure(images: Path) -> Mapping[str, Table]:  # noqa: ARG001
    """Both kinds of forgetting."""
    steps = (0, 50, 69, 100, 200, 500, 1000)
    left = np.array([left_over(steps, seed) for seed in range(5)])
    by_step = Table("n = 200, decay 0.99, 3,000 steps of an input, then none: what is left of the old weights, 5 seeds",
                    ("steps since", "measured", "largest deviation from γ^t, relative"),
                    tuple((str(t), f"{left[:, k].mean():.3g}", f"{np.abs(left[:, k] / 0.99**t - 1).max():.0e}")
                          for k, t in enumerate(steps)))  # fmt: skip

    rows = (0, 100, 200, 1000, 4000)
    running = np.mean([share_after(rows, None, seed) for seed in range(5)], axis=0)
    fading = np.mean([share_after(rows, 0.99, seed) for seed in range(5)], axis=0)
    cells = [
        (str(m), f"{running[k]:.3f}", f"{200 / (200 + m):.3f}", f"{fading[k]:.3f}", f"{0.99**m:.3f}")
        for k, m in enumerate(rows)
    ]
    by_row = Table("entrain, n = 400: share of 200 first rows in W after m others, mean of 5 seeds",
                   ("m", "running mean", "200/(200 + m)", "fading factor 0.99", "0.99^m"), tuple(cells))  # fmt: skip
    return {"forgetting-steps": by_step, "forgetting-rows": by_row}


if __name__ == "__main__":
    show(measure)
