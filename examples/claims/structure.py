"""Structure: what the network as published, at its defaults, makes of an input; and what its amplitudes tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

import resonance_native as rn

from .data import Data, chosen_on, unseen
from .pictures import BLUE, GREY, ORANGE, figure, save
from .report import Claim, Picture, Table, Verdict, spread

Array = NDArray[np.float64]

SIZES = (2, 4, 8, 12, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 30, 64, 100, 200)
NETWORKS = 8  # per seed and size
STEPS = 3000
ROWS = 300  # of each set
HOLD = 100  # steps a row is held, the default of predict


def standardised(data: Data) -> Array:
    """Rows with each column in standard deviations, or all pixels in one."""
    axis = None if data.scale == "global" else 0
    deviation = data.X.std(axis=axis)
    return np.asarray((data.X - data.X.mean(axis=axis)) / np.where(deviation > 0, deviation, 1))


def equal_input(seeds: int) -> Table:
    """How much a series that reaches every node alike changes weights and amplitudes, beside no input at all."""
    months = sm.datasets.elnino.load_pandas().data.iloc[:, 1:].to_numpy(float).ravel()
    series = 10 * (months - months.mean()) / months.std()  # [rad/s], strong beside the natural frequencies
    changes, moved, scale = [], [], []
    for seed in range(seeds):
        driven, silent = rn.ResonanceNetwork(100, seed=seed), rn.ResonanceNetwork(100, seed=seed)
        driven.run(np.repeat(series[:, None], 100, axis=1))
        silent.run(0.0, len(series))
        changes.append(np.abs(driven.weights - silent.weights).max())
        moved.append(np.abs(driven.amplitudes - silent.amplitudes).max())
        scale.append(np.abs(silent.weights).max())
    rows = (
        ("largest change of a weight", f"{max(changes):.1e}"),
        ("largest change of an amplitude", f"{max(moved):.1e}"),
        ("largest weight", f"{max(scale):.2f}"),
    )
    title = f"El Niño × 10 rad/s on all of 100 nodes, {len(series)} steps, against no input; the worst of {seeds} seeds"
    return Table(title, ("what", "measured"), rows)


@dataclass(frozen=True)
class Fates:
    """Share of networks of one size that fell silent (mean |a| < 0.01) and that saturated (mean |a| > 0.99)."""

    n: int
    silent: float
    saturated: float


def fates(seeds: int) -> list[Fates]:
    """What becomes of networks without input, size by size."""
    found = []
    for n in SIZES:
        ends = []
        for seed in range(NETWORKS * seeds):
            net = rn.ResonanceNetwork(n, seed=seed)
            net.run(0.0, STEPS)
            ends.append(np.abs(net.amplitudes).mean())
        found.append(Fates(n, float(np.mean(np.less(ends, 0.01))), float(np.mean(np.greater(ends, 0.99)))))
    return found


def streamed(data: Data, seed: int) -> tuple[Array, Array, NDArray[np.intp], float]:
    """Amplitudes and phasors (rows, ...) after each row, held as ``predict`` holds it, and the share of |a| > 0.99."""
    part = Data(data.name, standardised(data), data.y, data.scale).subsample(seed, share=1.0, most=ROWS)
    net = rn.ResonanceNetwork(part.X.shape[1], seed=seed)
    amplitudes = np.empty(part.X.shape)
    phases = np.empty(part.X.shape)
    for i, row in enumerate(part.X):
        amplitudes[i] = net.predict(row, steps=HOLD)
        phases[i] = net.phases
    phasors = np.hstack([np.cos(phases), np.sin(phases)])
    return amplitudes, phasors, part.y, float((np.abs(amplitudes) > 0.99).mean())


def cluster(rows: Array, labels: NDArray[np.intp], seed: int) -> float:
    """Adjusted Rand index of k-means with the true number of groups."""
    means = KMeans(int(labels.max()) + 1, n_init=5, random_state=seed).fit(rows)
    return float(adjusted_rand_score(labels, means.labels_))


def clusters(seeds: int) -> tuple[Table, dict[str, list[float]], list[float]]:
    """Clusters from what ``predict`` gives, from the phases beside it, and from the data themselves.

    The table, the agreement from amplitudes set by set, and the mean agreement of k-means on the data.
    """
    rows, found, directly = [], {}, []
    for data in (*chosen_on(), *unseen()):
        by_amplitude, by_phase, by_data, large = [], [], [], []
        for seed in range(seeds):
            amplitudes, phasors, labels, share = streamed(data, seed)
            by_amplitude.append(cluster(amplitudes, labels, seed))
            by_phase.append(cluster(phasors, labels, seed))
            part = Data(data.name, standardised(data), data.y, data.scale).subsample(seed, share=1.0, most=ROWS)
            by_data.append(cluster(part.X, part.y, seed))
            large.append(share)
        found[data.name] = by_amplitude
        directly.append(float(np.mean(by_data)))
        cells = (spread(by_amplitude), spread(by_phase), spread(by_data), spread(large))
        rows.append((data.name, str(data.X.shape[1]), *cells))
    columns = ("data", "nodes", "amplitudes", "phases", "the data themselves", "share of amplitudes above 0.99")
    title = f"Adjusted Rand index of k-means, {ROWS} rows at most, each held {HOLD} steps, a node per column"
    return Table(title, columns, tuple(rows)), found, directly


def draw(found: Sequence[Fates], images: Path) -> Picture:
    """Share of networks that die and that saturate against the number of nodes."""
    fig, axes = figure(height=2.8)
    n = [fate.n for fate in found]
    axes.plot(n, [100 * fate.silent for fate in found], "o-", color=ORANGE, label="silent: all amplitudes near 0")
    axes.plot(n, [100 * fate.saturated for fate in found], "s--", color=BLUE, label="saturated: all amplitudes at ±1")
    axes.axvspan(15, 24, color=GREY, alpha=0.15, lw=0)
    axes.set_xscale("log")
    axes.set_xticks([2, 4, 8, 15, 24, 64, 200], ["2", "4", "8", "15", "24", "64", "200"])
    axes.minorticks_off()
    axes.set(xlabel="nodes", ylabel="networks [%]", ylim=(-4, 104))
    axes.legend(loc="center left", fontsize=9, frameon=False)
    return Picture(save(fig, images, "structure.png"), "Networks of few nodes fall silent, those of many saturate.")


def fate_table(found: Sequence[Fates], seeds: int) -> Table:
    """The fates in figures."""
    rows = tuple((str(f.n), f"{100 * f.silent:.0f} %", f"{100 * f.saturated:.0f} %") for f in found)
    title = f"{NETWORKS * seeds} networks of each size at the defaults, no input, {STEPS} steps"
    return Table(title, ("nodes", "silent", "saturated"), rows)


def measure(seeds: int, images: Path) -> Claim:
    """Equal input, the fate of networks by size, and clusters from amplitudes."""
    equal = equal_input(seeds)
    found = fates(seeds)
    table, index, by_data = clusters(seeds)
    means = [float(np.mean(values)) for values in index.values()]
    verdict: Verdict = "as published" if min(means) > 0.3 else "false"
    dead = max((f.n for f in found if f.silent == 1), default=0)
    not_full = max((f.n for f in found if f.saturated < 1), default=0)
    full = min((f.n for f in found if f.n > not_full), default=0)
    farthest = max(means, key=abs)
    change = equal.rows[0][1]
    text = f"""
An input that is equal on every node turns all phases alike, and coherence knows only differences of phases: such an
input changes no weight beyond rounding ({change}). A signal has to reach nodes differently to be seen at all.

At the defaults all networks of up to {dead} nodes fell silent and all of {full} and more saturated. In either state the
amplitudes say nothing about the input. `predict` gives amplitudes, so clusters found in them agree with the labels no
better than chance: over {len(means)} sets the mean adjusted Rand index farthest from 0 is {farthest:.3f}. The phases,
as they stand after each row, do no better: they add up all that was shown before. What does find clusters is the
learned weights of `entrain`, read by their modes.
"""
    return Claim(
        title="Structure from amplitudes",
        claim="Structure emerges by itself, and the amplitudes show it",
        verdict=verdict,
        number=f"ARI of clusters from amplitudes within {abs(farthest):.3f} of chance on all {len(means)} sets",
        baseline=f"k-means on the data: {min(by_data):.2f} to {max(by_data):.2f}",
        text=text,
        tables=(equal, fate_table(found, seeds), table),
        pictures=(draw(found, images),),
    )


if __name__ == "__main__":
    print(measure(5, Path("docs/images/claims")).section())
