"""Hierarchy: trees from the order in which coupled nodes fall into step, beside Ward and average linkage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

import resonance_native as rn

from .baselines import Array, Labels, listed, mean, median_distance, random_features, scaled
from .data import Data, chosen_on, unseen
from .pictures import BLUE, GREEN, GREY, ORANGE, figure, save
from .report import Claim, Picture, Table, Verdict, spread

MOST = 300  # rows of a set, a node each
PRESENTATIONS = 512
BANDWIDTH = 0.35
LINKS = 10  # strongest links of each node that are kept
STARTS = 30  # from other random phases
DT = 0.5  # times the mean strength of a node's links is 1
TIMES = np.unique(np.geomspace(1, 1000, 30).astype(int))  # [steps] at which phases are compared

SYNCHRONY = "network, order of synchronisation"
WEIGHTS = "network, average linkage on 1 − W"
COLUMNS = "network shown columns, average linkage on 1 − W"
FEATURES = "RBFSampler + average linkage"
AVERAGE = "average linkage"
WARD = "Ward"


def between_rows(presentations: Array) -> Array:
    """Weights (N, N) between nodes that stand for N rows, from (K, N) presentations; all phases start from 0."""
    n = presentations.shape[1]
    net = rn.ResonanceNetwork.from_state(np.zeros(n), np.zeros(n), np.zeros(n), np.zeros((n, n)))
    return np.array(net.entrain(presentations).weights)


def strongest(weights: Array) -> Array:
    """The links that are among the strongest of either node, with a mean sum of 1 for each node."""
    links = np.maximum(weights, 0)  # a copy
    np.fill_diagonal(links, 0)
    kept = np.zeros(links.shape, bool)
    np.put_along_axis(kept, np.argpartition(-links, LINKS, axis=1)[:, :LINKS], True, axis=1)
    links = np.where(kept | kept.T, links, 0)
    return np.asarray(links / links.sum(axis=1).mean())


def synchrony(weights: Array, seed: int) -> Array:
    """Mean of cos(φ_i − φ_j) over ``TIMES`` and starts, (N, N): the larger the sooner two nodes fall into step."""
    n = len(weights)
    total = np.zeros((n, n))
    rng = np.random.default_rng([seed, 1])
    for _ in range(STARTS):
        net = rn.ResonanceNetwork.from_state(
            rng.uniform(0, 2 * np.pi, n), np.zeros(n), np.ones(n), weights, coupling=1.0
        )
        for steps in np.diff(TIMES, prepend=0):
            net.run(0.0, int(steps), DT, learn=False)
            total += rn.kernels.coherence(net.phases)
    return np.asarray(total / (STARTS * len(TIMES)))


def tree(similarity: Array) -> Array:
    """Average linkage on 1 − similarity."""
    distance = np.maximum(1 - (similarity + similarity.T) / 2, 0)
    np.fill_diagonal(distance, 0)
    return np.asarray(linkage(squareform(distance, checks=False), "average"))


def purity(merges: Array, labels: Labels) -> float:
    """Dendrogram purity (Heller and Ghahramani, 2005).

    Of two rows with one label, the share of that label among the leaves of the smallest branch that holds both; the
    mean over all such pairs.
    """
    counts = list(np.eye(labels.max() + 1)[labels])
    pure, pairs = 0.0, 0.0
    for left, right, *_ in merges:
        a, b = counts[int(left)], counts[int(right)]
        both = a + b
        pure += float((a * b * both).sum() / both.sum())
        pairs += float((a * b).sum())
        counts.append(both)
    return pure / pairs


def purities(data: Data, seed: int) -> dict[str, float]:
    """Everybody's tree of one part of a set."""
    part = data.subsample(seed, share=0.9, most=MOST)
    (rows,) = scaled(part.scale, part.X)
    sigma = BANDWIDTH * median_distance(rows)
    directions = np.random.default_rng([seed, 0]).standard_normal((PRESENTATIONS, rows.shape[1])) / sigma
    weights = between_rows(directions @ rows.T)
    features = random_features(sigma, PRESENTATIONS, seed).fit_transform(rows)
    trees = {
        SYNCHRONY: tree(synchrony(strongest(weights), seed)),
        WEIGHTS: tree(weights),
        COLUMNS: tree(between_rows(np.ascontiguousarray(rows.T))),
        FEATURES: linkage(features, "average"),
        AVERAGE: linkage(rows, "average"),
        WARD: linkage(rows, "ward"),
    }
    return {name: purity(merges, part.y) for name, merges in trees.items()}


Purities = dict[str, dict[str, list[float]]]  # by set and method


def all_purities(sets: list[Data], seeds: int) -> Purities:
    """Purities of every set and seed."""
    found: Purities = {}
    for data in sets:
        for seed in range(seeds):
            for name, value in purities(data, seed).items():
                found.setdefault(data.name, {}).setdefault(name, []).append(value)
    return found


def draw(found: Purities, images: Path) -> Picture:
    """Purities, set by set."""
    fig, axes = figure(height=3.4)
    marks = ((SYNCHRONY, BLUE, "o"), (WEIGHTS, GREEN, "^"), (AVERAGE, GREY, "D"), (WARD, ORANGE, "s"))
    for k, (name, color, marker) in enumerate(marks):
        x = np.arange(len(found)) + 0.16 * (k - 1.5)
        deviation = [np.std(of[name], ddof=1) if len(of[name]) > 1 else 0 for of in found.values()]
        axes.errorbar(x, [mean(of[name]) for of in found.values()], deviation, fmt=marker, color=color, ms=5, lw=1.2,
                      label=name)  # fmt: skip
    axes.set_xticks(range(len(found)), [name.replace(" ", "\n") for name in found], fontsize=9)
    axes.grid(False, axis="x")
    axes.set(ylabel="dendrogram purity", ylim=(0.2, 1.02))
    fig.legend(loc="outside upper center", ncols=2, fontsize=9, frameon=False)
    return Picture(save(fig, images, "hierarchy.png"), "Purity of trees on ten sets: by the network and by linkage.")


def apart(found: Purities, other: str) -> tuple[list[str], list[str]]:
    """Sets on which synchronisation is ahead of another by more than 0.01, and those on which it is behind so much."""
    ahead = {name: mean(of[SYNCHRONY]) - mean(of[other]) for name, of in found.items()}
    return [n for n, by in ahead.items() if by > 0.01], [n for n, by in ahead.items() if by < -0.01]


def measure(seeds: int, images: Path) -> Claim:
    """Purity of trees."""
    chosen, new = all_purities(chosen_on(), seeds), all_purities(unseen(), seeds)
    found = chosen | new
    names = tuple(next(iter(found.values())))
    overall, of_new = ({name: mean(mean(of[name]) for of in sets.values()) for name in names} for sets in (found, new))
    verdict: Verdict = "with an extension" if overall[SYNCHRONY] > overall[WARD] - 0.02 else "false"
    (won, lost), (won_average, lost_average) = apart(found, WARD), apart(found, AVERAGE)
    text = f"""
Nodes stand for rows here. {PRESENTATIONS} presentations show a random direction ω each, and node i takes the phase
ω·x_i (φ⁰ = 0), so that `entrain` learns W_ij = mean of cos(ω·(x_i − x_j)), a Gaussian kernel of {BANDWIDTH} times the
median distance. Then nodes are coupled through the {LINKS} strongest links of each, start from random phases, and fall
into step: close ones first, whole groups later. The tree is average linkage on 1 − the mean of cos(φ_i − φ_j) over
{len(TIMES)} times, spaced evenly in the logarithm, and over {STARTS} starts, after Arenas, Díaz-Guilera and
Pérez-Vicente (2006). As published, networks have neither the coupling nor a way to read a tree.

The purity is {overall[SYNCHRONY]:.3f} in the mean over {len(found)} sets, beside {overall[WARD]:.3f} for Ward and
{overall[AVERAGE]:.3f} for average linkage on the data; on the {len(new)} sets that had no say it is
{of_new[SYNCHRONY]:.3f}, beside {of_new[WARD]:.3f} and {of_new[AVERAGE]:.3f}. Counting differences beyond 0.01, it is
ahead of Ward on {listed(won)} and behind on {listed(lost)}; ahead of average linkage on {listed(won_average)} and
behind on {listed(lost_average)}. Where it is near them, it is so at the cost of thousands of steps.

Without coupling, average linkage straight on the weights has {overall[WEIGHTS]:.3f}, and on RBFSampler's features of
the same kernel {overall[FEATURES]:.3f}. Shown the columns themselves in place of random directions, the network learns
the mean of cos(x_i − x_j) over them and needs no bandwidth; average linkage on that has {overall[COLUMNS]:.3f}.
"""

    def level(name: str) -> str:
        return "/".join(f"{mean(of[name]):.2f}" for of in chosen.values())

    def unseen_mean(name: str) -> str:
        return f"{mean(mean(of[name]) for of in new.values()):.2f}"

    tables = tuple(
        Table(
            title, ("dendrogram purity", *sets), tuple((n, *(spread(of[n], 3) for of in sets.values())) for n in names)
        )
        for title, sets in (("Sets on which the default bandwidth was chosen", chosen), ("Sets that had no say", new))
    )
    return Claim(
        title="Hierarchy",
        claim="It finds hierarchies",
        verdict=verdict,
        number=f"purity {level(SYNCHRONY)} on {listed(chosen)}; mean of {len(new)} unseen sets "
        f"{unseen_mean(SYNCHRONY)}",
        baseline=f"Ward {level(WARD)}; {unseen_mean(WARD)}; average linkage {level(AVERAGE)}; {unseen_mean(AVERAGE)}",
        text=text,
        tables=tables,
        pictures=(draw(found, images),),
        extension="a node per row, coupled phases, and linkage on their synchrony"
        if verdict == "with an extension"
        else "",
    )


if __name__ == "__main__":
    print(measure(5, Path("docs/images/claims")).section())
