"""Clusters without labels: k-means on the modes of an entrained network, beside plain clustering."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans, SpectralClustering
from sklearn.metrics import adjusted_rand_score

from resonance_native.learn import ResonanceClusterer

from .baselines import Array, Labels, listed, mean, median_distance, random_features, scaled
from .data import Data, chosen_on, unseen
from .pictures import BLUE, GREEN, GREY, ORANGE, figure, save
from .report import Claim, Picture, Table, Verdict, spread

STARTS = 10  # of every k-means
FEATURES = 512  # a random node is two of them, a cosine and a sine
OURS = "network, a node per column"
RANDOM = f"network, {FEATURES // 2} random nodes, bandwidth 0.35"
PHASES = "k-means on the phases, no network"
KMEANS = "k-means"
SPECTRAL = "spectral, 10 nearest"
WIDE = f"RBFSampler ({FEATURES}) + k-means, σ = √d"
NARROW = f"RBFSampler ({FEATURES}) + k-means, bandwidth 0.35"
FOUND = "HDBSCAN (finds k)"


def means(rows: Array, k: int, seed: int) -> Labels:
    """Clusters of k-means."""
    return np.asarray(KMeans(k, n_init=STARTS, random_state=seed).fit_predict(rows))


def methods(data: Data, seed: int) -> dict[str, Callable[[], Labels]]:
    """Everybody's clusters of one part of a set."""
    (rows,), k = scaled(data.scale, data.X), data.n_classes
    narrow, wide = 0.35 * median_distance(rows), rows.shape[1] ** 0.5

    def by_network(n_nodes: int | None) -> Labels:
        clusterer = ResonanceClusterer(k, n_nodes=n_nodes, n_init=STARTS, scale=data.scale, random_state=seed)
        return np.asarray(clusterer.fit_predict(data.X))

    def by_features(sigma: float) -> Labels:
        return means(random_features(sigma, FEATURES, seed).fit_transform(rows), k, seed)

    return {
        OURS: lambda: by_network(None),
        RANDOM: lambda: by_network(FEATURES // 2),
        PHASES: lambda: means(np.hstack([np.cos(rows), np.sin(rows)]), k, seed),
        KMEANS: lambda: means(rows, k, seed),
        "Ward": lambda: AgglomerativeClustering(k).fit_predict(rows),
        SPECTRAL: lambda: SpectralClustering(
            k, affinity="nearest_neighbors", n_neighbors=10, random_state=seed
        ).fit_predict(rows),
        FOUND: lambda: HDBSCAN(min_cluster_size=max(5, len(rows) // 30)).fit_predict(rows),
        WIDE: lambda: by_features(wide),
        NARROW: lambda: by_features(narrow),
    }


Agreement = dict[str, dict[str, list[float]]]  # of labels with clusters, by set and method


def agreement(sets: list[Data], seeds: int) -> Agreement:
    """Adjusted Rand indices on 80 % of the rows, another part with each seed."""
    found: Agreement = {}
    for data in sets:
        for seed in range(seeds):
            part = data.subsample(seed)
            for name, clusters in methods(part, seed).items():
                of_set = found.setdefault(data.name, {})
                of_set.setdefault(name, []).append(float(adjusted_rand_score(part.y, clusters())))
    return found


def table(title: str, found: Agreement) -> Table:
    """One row a method, one column a set."""
    names = next(iter(found.values()))
    rows = tuple((name, *(spread(of_set[name]) for of_set in found.values())) for name in names)
    return Table(title, ("adjusted Rand index", *found), rows)


def draw(found: Agreement, images: Path) -> Picture:
    """The network beside three others, set by set."""
    fig, axes = figure(height=3.6)
    shown = ((OURS, BLUE, "o"), (KMEANS, ORANGE, "s"), ("Ward", GREEN, "^"), (WIDE, GREY, "D"))
    for k, (name, color, marker) in enumerate(shown):
        values = [of_set[name] for of_set in found.values()]
        x = np.arange(len(values)) + 0.16 * (k - 1.5)
        deviation = [np.std(v, ddof=1) if len(v) > 1 else 0 for v in values]
        axes.errorbar(x, [mean(v) for v in values], deviation, fmt=marker, color=color, ms=5, lw=1.2, label=name)
    axes.set_xticks(range(len(found)), [name.replace(" ", "\n") for name in found], fontsize=9)
    axes.grid(False, axis="x")
    axes.axvline(3.5, color=GREY, lw=1, ls=":")
    axes.set(ylabel="adjusted Rand index", ylim=(-0.02, 1.1))
    axes.text(3.4, 1.03, "defaults chosen here", ha="right", fontsize=9)
    axes.text(3.6, 1.03, "unseen", ha="left", fontsize=9)
    fig.legend(loc="outside upper center", ncols=2, fontsize=9, frameon=False)
    return Picture(
        save(fig, images, "clustering.png"),
        "Agreement of clusters with labels on ten sets: the network, k-means, Ward and RBFSampler with k-means.",
    )


def apart(found: Agreement, other: str) -> tuple[list[str], list[str]]:
    """Sets on which the network is ahead of another by more than 0.02, and those on which it is behind by as much."""
    ahead = {name: mean(of_set[OURS]) - mean(of_set[other]) for name, of_set in found.items()}
    return [n for n, by in ahead.items() if by > 0.02], [n for n, by in ahead.items() if by < -0.02]


def measure(seeds: int, images: Path) -> Claim:
    """Agreement of clusters with labels."""
    chosen, new = agreement(chosen_on(), seeds), agreement(unseen(), seeds)
    found = chosen | new
    overall = {name: mean(mean(of_set[name]) for of_set in found.values()) for name in next(iter(found.values()))}
    # It finds clusters where it agrees with the labels about as well as k-means, in the mean over all sets.
    verdict: Verdict = "with an extension" if overall[OURS] > overall[KMEANS] - 0.02 else "false"
    (won, lost), (won_wide, lost_wide), (won_phases, lost_phases) = (
        apart(found, other) for other in (KMEANS, WIDE, PHASES)
    )
    best = max(overall, key=lambda name: overall[name])
    hidden = [name for name, of_set in found.items() if max(mean(v) for v in of_set.values()) < 0.1]
    text = f"""
`ResonanceClusterer` entrains a network with a node per column, takes rows to [Vᵀcos φ, Vᵀsin φ] with the 2k strongest
modes V of W (φ = φ⁰ + scaled row), and runs k-means there; k is given. So the network is the embedding, and k-means
does the clustering. Labels are used for nothing but the score.

In the mean over the {len(found)} sets the agreement is {overall[OURS]:.3f}; that of k-means on the scaled data is
{overall[KMEANS]:.3f}, of Ward {overall["Ward"]:.3f}, and {overall[best]:.3f} of the best method here, {best}. Counting
differences beyond 0.02, the network is ahead of k-means on {listed(won)} and behind on {listed(lost)}. The comparison
with the phases alone, k-means on [cos x, sin x] without a network, shows what the modes add: they are ahead on
{listed(won_phases)} and behind on {listed(lost_phases)}. The kernel that such phases have is the mean of cos(x_j − y_j)
over the columns, nearly a Gaussian of width σ = √d standard deviations; beside RBFSampler at that width the network is
ahead on {listed(won_wide)} and behind on {listed(lost_wide)}.

Random nodes at bandwidth 0.35, the width that suits novelty, do not suit clusters: {overall[RANDOM]:.3f} in the mean,
and {overall[NARROW]:.3f} for RBFSampler with the same width. In many columns so narrow a kernel sees hardly any
neighbours. No method reaches 0.1 on {listed(hidden)}.
"""

    def level(name: str) -> str:
        return "/".join(f"{mean(of_set[name]):.2f}" for of_set in chosen.values())

    return Claim(
        title="Clusters without labels",
        claim="It clusters data without labels",
        verdict=verdict,
        number=f"ARI {level(OURS)} on {listed(chosen)}; mean of {len(new)} unseen sets "
        f"{mean(mean(v[OURS]) for v in new.values()):.2f}",
        baseline=f"k-means {level(KMEANS)}; {mean(mean(v[KMEANS]) for v in new.values()):.2f}; Ward {level('Ward')}; "
        f"{mean(mean(v['Ward']) for v in new.values()):.2f}",
        text=text,
        tables=(
            table("Sets on which the defaults were chosen", chosen),
            table("Sets that had no say in the defaults", new),
        ),
        pictures=(draw(found, images),),
        extension="rows presented once by `entrain`, k-means on its modes" if verdict == "with an extension" else "",
    )


if __name__ == "__main__":
    print(measure(5, Path("docs/images/claims")).section())
