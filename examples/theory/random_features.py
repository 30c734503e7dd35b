"""That entrain is random Fourier features: the score zᴴWz/n² beside a Parzen density."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import make_moons
from sklearn.neighbors import KernelDensity

import resonance_native as rn
from examples.claims.report import Table
from resonance_native.learn import PhaseEncoder

from .drawing import BLACK, BLUE, GREEN, ORANGE, canvas, save
from .page import show

BANDWIDTH = 0.35  # of the encoder, in median distances of the rows: the default
SEEDS = range(10)


def moons(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """300 rows to learn, and 200 points all over the plane to score."""
    rows = make_moons(300, noise=0.1, random_state=seed)[0]
    return rows, np.random.default_rng([seed, 3]).uniform(-3, 3, (200, 2))


def entrained(
    n: int, seed: int, rows: NDArray[np.float64], zero_phases: bool = False, bandwidth: float = BANDWIDTH
) -> tuple[rn.ResonanceNetwork, float]:
    """A network that has been shown the rows once, from random initial phases or from 0, and h in units of the rows."""
    phases = np.zeros(n) if zero_phases else np.random.default_rng(seed).uniform(0, 2 * np.pi, n)
    net = rn.ResonanceNetwork.from_state(phases, np.ones(n), np.ones(n), np.zeros((n, n)))
    encoder = PhaseEncoder(n, bandwidth=bandwidth, scale=None, random_state=seed).fit(rows)
    return net.entrain(rows, encoder=encoder), bandwidth * encoder.median_distance_


def phasors(net: rn.ResonanceNetwork, points: NDArray[np.float64]) -> NDArray[np.complex128]:
    """The phasors z (N, n) of points."""
    return np.asarray(np.exp(1j * (net.initial_phases + net.encode(points))))


def scores(net: rn.ResonanceNetwork, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """zᴴWz/n², (N,)."""
    z = phasors(net, points)
    return np.asarray(np.einsum("ki,ki->k", z.conj(), z @ net.weights.T).real / net.n_nodes**2)


def parzen(rows: NDArray[np.float64], points: NDArray[np.float64], h: float) -> NDArray[np.float64]:
    """Mean over the rows of exp(−|x − x_k|²/h²), by scikit-learn: a density but for its factor."""
    width = h / np.sqrt(2)
    log_density = KernelDensity(bandwidth=width).fit(rows).score_samples(points)
    return np.asarray(np.exp(log_density) * (2 * np.pi * width**2) ** (rows.shape[1] / 2))


def measure_identity() -> Table:
    """The score beside ½ mean(|zᴴz_k|² + |zᵀz_k|²)/n², to rounding."""
    table = []
    for zero_phases in (False, True):
        worst, first, second = 0.0, [], []
        for seed in range(3):
            rows, points = moons(seed)
            net, _ = entrained(500, seed, rows, zero_phases)
            z, learned = phasors(net, points), phasors(net, rows)
            direct = (np.abs(z.conj() @ learned.T) ** 2).mean(axis=1) / 500**2
            mirrored = (np.abs(z @ learned.T) ** 2).mean(axis=1) / 500**2
            worst = max(worst, float(np.abs(scores(net, points) - (direct + mirrored) / 2).max()))
            first.append(float(direct.mean()))
            second.append(float(mirrored.mean()))
        name = "0" if zero_phases else "random"
        table.append((name, f"{worst:.0e}", f"{np.mean(first):.4f}", f"{np.mean(second):.4f}", f"{1 / 500:.4f}"))
    return Table("n = 500, moons, 200 points, 3 seeds: the identity, and its two halves",
                 ("φ⁰", "largest error of the identity", "mean |zᴴz_k|²/n²", "mean |zᵀz_k|²/n²", "1/n"),
                 tuple(table))  # fmt: skip


def root_mean_square(differences: NDArray[np.float64]) -> float:
    """Root mean square."""
    return float(np.sqrt((differences**2).mean()))


def errors_of(n: int, seed: int) -> tuple[float, float, float]:
    """Errors of kernel and of score at new rows of the moons, and the score far from all rows, doubled."""
    rows, points = moons(seed)
    new = make_moons(200, noise=0.1, random_state=seed + 1000)[0]
    net, h = entrained(n, seed, rows)
    z = phasors(net, points)
    kernel = np.einsum("ki,ki->k", z[:100].conj(), z[100:]).real / n
    distance = ((points[:100] - points[100:]) ** 2).sum(axis=1)
    of_kernel = root_mean_square(kernel - np.exp(-distance / (2 * h**2)))
    of_score = root_mean_square(2 * scores(net, new) - parzen(rows, new, h))
    return of_kernel, of_score, float(2 * scores(net, points + 20.0).mean())


def measure_convergence(images: Path) -> Table:
    """Root mean square errors of kernel and score against their limits, by n."""
    sizes, cells = (30, 100, 300, 1000, 3000), []
    errors = np.array([np.mean([errors_of(n, seed) for seed in SEEDS], axis=0) for n in sizes])
    for n, (kernel, score, far) in zip(sizes, errors, strict=True):
        cells.append((str(n), f"{kernel:.4f}", f"{kernel * np.sqrt(n):.2f}", f"{score:.4f}",
                      f"{score * np.sqrt(n):.2f}", f"{far:.5f}", f"{2 / n:.5f}"))  # fmt: skip
    slopes = np.polyfit(np.log(sizes), np.log(errors), 1)[0]
    cells.append(("exponent of n", f"{slopes[0]:.2f}", "", f"{slopes[1]:.2f}", "", f"{slopes[2]:.2f}", ""))

    figure, (axes,) = canvas()
    axes.loglog(sizes, errors[:, 0], "o-", color=BLUE, label="kernel Re zᴴz'/n: error")
    axes.loglog(sizes, errors[:, 1], "s-", color=ORANGE, label="2 zᴴWz/n², new rows: error")
    axes.loglog(sizes, errors[:, 2], "^-", color=GREEN, label="2 zᴴWz/n², far from all rows")
    axes.loglog(sizes, 0.7 / np.sqrt(sizes), "--", color=BLACK, linewidth=1, label="0.7/√n")
    axes.loglog(sizes, 2 / np.array(sizes), ":", color=BLACK, linewidth=1, label="2/n")
    axes.set(xlabel="number of nodes n", ylabel="root mean square", title="Moons: distance from the Parzen density")
    axes.legend()
    save(figure, images, "random_features")
    return Table("Moons, bandwidth 0.35: root mean square error against the limit, mean of 10 seeds",
                 ("n", "kernel", "· √n", "2 × score, new rows", "· √n", "2 × score far from all rows", "2/n"),
                 tuple(cells))  # fmt: skip


def measure_mirror() -> Table:
    """Scores of rows and of their mirror images −x, for a cluster away from the origin."""
    table = []
    for zero_phases in (False, True):
        known, mirrored, far = [], [], []
        for seed in SEEDS:
            rows = np.random.default_rng(seed).normal((2.0, 1.0), 0.3, (300, 2))
            net, _ = entrained(1000, seed, rows, zero_phases, bandwidth=1.0)
            known.append(scores(net, rows).mean())
            mirrored.append(scores(net, -rows).mean())
            far.append(scores(net, rows * (1, -3)).mean())
        cells = [f"{np.mean(values):.4f}" for values in (known, mirrored, far)]
        table.append(("0" if zero_phases else "random", *cells))
    return Table("n = 1000, a cluster around (2, 1), 10 seeds: mean score of rows, of −rows, and of rows elsewhere",
                 ("φ⁰", "rows", "mirror images", "elsewhere"), tuple(table))  # fmt: skip


def measure(images: Path) -> Mapping[str, Table]:
    """The identity, the limit and the mirror image."""
    return {
        "features-identity": measure_identity(),
        "features-limit": measure_convergence(images),
        "features-mirror": measure_mirror(),
    }


if __name__ == "__main__":
    show(measure)
