"""The numerical rank of the weights under a held input: set by the spread of frequencies, hardly by n."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from examples.claims.report import Table

from .drawing import BLUE, GREEN, ORANGE, canvas, save
from .page import show
from .steady_state import closed_form, start

CUT = 1e-12
DT = 0.01


def spectrum(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Moduli of the eigenvalues, the largest first and 1. The weights are symmetric but for the last bits."""
    values = np.sort(np.abs(np.linalg.eigvalsh((weights + weights.T) / 2)))[::-1]
    return np.asarray(values / values[0])


def native_spectrum(n: int, seed: int) -> NDArray[np.float64]:
    """The spectrum that the native network has after 4,000 steps. Nothing is cut off during the run."""
    net, pattern = start(n, seed)
    net.tolerance = 1e-15
    net.run(pattern, 4000, DT)
    return spectrum(net.weights)


def uniform_rank(half_width: float, decay: float, seed: int, n: int = 800) -> int:
    """Eigenvalues above the cut where frequencies are uniform in ± ``half_width`` [rad/s]."""
    rng = np.random.default_rng(seed)
    weights = closed_form(rng.uniform(0, 2 * np.pi, n), rng.uniform(-half_width, half_width, n), DT, 0.01, decay)
    return int((spectrum(weights) > CUT).sum())


def expected_rank(half_width: float, decay: float) -> float:
    """The capacity of two parallel plates of length 2Ω at distance 1/τ, twice, times log(1/ε)."""
    plates = 2 * half_width * DT / -math.log(decay)
    return 2 * math.log(1 / CUT) / (2 * math.pi) * (plates + (1 + math.log(2 * math.pi * plates)) / math.pi)


def measure(images: Path) -> Mapping[str, Table]:
    """Rank against n, and against the spread of frequencies and the memory."""
    seeds = range(3)
    sizes = (50, 100, 200, 400, 800, 1600)
    spectra = {n: [native_spectrum(n, seed) for seed in seeds] for n in sizes}
    rows = []
    for n in sizes:
        counts = [[int((values > cut).sum()) for values in spectra[n]] for cut in (1e-4, 1e-8, CUT)]
        rows.append((str(n), *[f"{np.mean(of_seeds):.0f}" for of_seeds in counts]))
    by_size = Table("Native network, defaults, input of sd 1 rad/s: eigenvalues above ε, mean of 3 seeds",
                    ("n", "ε = 1e-4", "ε = 1e-8", "ε = 1e-12"), tuple(rows))  # fmt: skip

    rows = []
    for half_width, decay in ((0.1, 0.99), (0.5, 0.99), (1, 0.99), (3, 0.99), (10, 0.99), (3, 0.9), (3, 0.997)):
        ranks = [uniform_rank(half_width, decay, seed) for seed in seeds]
        memory = DT / -math.log(decay)
        rows.append((f"{half_width:g}", f"{decay:g}", f"{half_width * memory:.2f}", f"{np.mean(ranks):.0f}",
                     f"{expected_rank(half_width, decay):.0f}"))  # fmt: skip
    by_spread = Table("Closed form, n = 800, frequencies uniform in ± Ω: eigenvalues above 1e-12, mean of 3 seeds",
                      ("Ω [rad/s]", "decay", "Ωτ", "measured", "estimate"), tuple(rows))  # fmt: skip

    figure, (axes,) = canvas()
    for n, colour in ((100, ORANGE), (400, GREEN), (1600, BLUE)):
        axes.semilogy(np.arange(1, n + 1), spectra[n][0], ".-", color=colour, label=f"n = {n}", markersize=4)
    axes.axhline(CUT, color="black", linewidth=1, linestyle="--")
    axes.set(xlim=(0, 110), ylim=(1e-17, 2), xlabel="eigenvalue number", ylabel="eigenvalue / largest",
             title="Weights after 4,000 steps of a held input")  # fmt: skip
    axes.legend()
    save(figure, images, "rank")
    return {"rank-size": by_size, "rank-spread": by_spread}


if __name__ == "__main__":
    show(measure)
