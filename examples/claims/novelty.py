"""Novelty: how well a network knows a row that is like those it was entrained on, beside density and distance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KernelDensity, NearestNeighbors

import resonance_native as rn
from resonance_native.learn import PhaseEncoder, ResonanceNovelty

from .baselines import Array, listed, mean, median_distance, scaled
from .data import Data, chosen_on, unseen
from .pictures import BLUE, GREY, ORANGE, VERMILLION, figure, save
from .report import Claim, Picture, Table, Verdict, spread

NODES = 1000
BANDWIDTH = 0.35
DTYPE = "float32"
MOST = 800  # rows of a set: of digits another part with each seed
OURS = f"network, {NODES} nodes, φ⁰ random"
ALIKE = f"network, {NODES} nodes, φ⁰ = 0"
DENSITY = "KernelDensity, the same kernel"
HALF = "KernelDensity, half as wide"
NEAREST = "distance of 5 nearest"
FOREST = "isolation forest"


def with_equal_phases(rows: Array, scale: str, seed: int) -> ResonanceNovelty:
    """The same read-out of a network whose initial phases are all 0."""
    zeros = np.zeros(NODES)
    net = rn.ResonanceNetwork.from_state(zeros, zeros, zeros, np.zeros((NODES, NODES)), dtype=DTYPE)
    encoder = PhaseEncoder(NODES, bandwidth=BANDWIDTH, scale=scale, random_state=seed).fit(rows)
    return ResonanceNovelty(network=net.entrain(rows, encoder=encoder)).fit(rows[:5])  # rows that set a threshold only


def strangeness(scale: str, known: Array, asked: Array, seed: int) -> dict[str, Array]:
    """Everybody's score of rows, high for novel, after the known rows were seen."""
    train, test = scaled(scale, known, asked)
    sigma = BANDWIDTH * median_distance(train)
    network = ResonanceNovelty(NODES, bandwidth=BANDWIDTH, scale=scale, dtype=DTYPE, random_state=seed).fit(known)
    density, half = (KernelDensity(bandwidth=width / np.sqrt(2)).fit(train) for width in (sigma, sigma / 2))
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):  # checks of a hundred trees
        forest = IsolationForest(random_state=seed).fit(train).score_samples(test)
    return {
        OURS: -network.score_samples(asked),
        ALIKE: -with_equal_phases(known, scale, seed).score_samples(asked),
        DENSITY: -density.score_samples(test),
        HALF: -half.score_samples(test),
        NEAREST: NearestNeighbors(n_neighbors=5).fit(train).kneighbors(test)[0].mean(axis=1),
        FOREST: -forest,
    }


def areas(data: Data, seed: int) -> dict[str, float]:
    """Area under the ROC curve, the mean of holding out each class in turn; 70 % of the other rows are learned."""
    part = data.subsample(seed, share=1.0, most=MOST)
    found: dict[str, list[float]] = {}
    for c in range(part.n_classes):
        rng = np.random.default_rng([seed, c])
        others = rng.permutation(np.flatnonzero(part.y != c))
        count = int(0.7 * len(others))
        known, asked = part.X[others[:count]], np.vstack([part.X[others[count:]], part.X[part.y == c]])
        novel = np.arange(len(asked)) >= len(others) - count
        for name, score in strangeness(part.scale, known, asked, seed).items():
            found.setdefault(name, []).append(float(roc_auc_score(novel, score)))
    return {name: mean(values) for name, values in found.items()}


def mirrored(data: Data, seed: int) -> dict[str, float]:
    """Area for telling rows like those learned from their mirror images through the mean that they are scaled by."""
    part = data.subsample(seed, share=1.0, most=MOST)
    count = int(0.7 * len(part.X))
    known, asked = part.X[:count], part.X[count:]
    both = np.vstack([asked, 2 * known.mean(axis=None if part.scale == "global" else 0) - asked])
    novel = np.arange(len(both)) >= len(asked)
    scores = strangeness(part.scale, known, both, seed)
    return {name: float(roc_auc_score(novel, scores[name])) for name in (OURS, ALIKE, DENSITY, NEAREST)}


Areas = dict[str, dict[str, list[float]]]  # by set and method


def all_areas(sets: list[Data], seeds: int, measured: Callable[[Data, int], dict[str, float]]) -> Areas:
    """What is measured of every set and seed."""
    found: Areas = {}
    for data in sets:
        for seed in range(seeds):
            for name, value in measured(data, seed).items():
                found.setdefault(data.name, {}).setdefault(name, []).append(value)
    return found


def table(title: str, found: Areas) -> Table:
    """One row a method, one column a set."""
    names = next(iter(found.values()))
    rows = tuple((name, *(spread(of_set[name], 3) for of_set in found.values())) for name in names)
    return Table(title, ("AUC", *found), rows)


def draw(found: Areas, images: Path) -> Picture:
    """All methods, set by set."""
    fig, axes = figure(height=3.4)
    marks = (
        (OURS, BLUE, "o"), (ALIKE, VERMILLION, "v"), (DENSITY, GREY, "D"), (NEAREST, ORANGE, "s"),
        (FOREST, "black", "x"),
    )  # fmt: skip
    for k, (name, color, marker) in enumerate(marks):
        values = [mean(of_set[name]) for of_set in found.values()]
        x = np.arange(len(values)) + 0.13 * (k - 2)
        axes.plot(x, values, marker, color=color, ms=5.5, label=name)
    axes.axhline(0.5, color=GREY, lw=1, ls=":")
    axes.text(-0.4, 0.505, "chance", va="bottom", fontsize=9)
    axes.set_xticks(range(len(found)), [name.replace(" ", "\n") for name in found], fontsize=9)
    axes.grid(False, axis="x")
    axes.set(ylabel="AUC, classes held out", ylim=(0.45, 1.02))
    fig.legend(loc="outside upper center", ncols=3, fontsize=9, frameon=False)
    return Picture(
        save(fig, images, "novelty.png"), "How well held-out classes are told from known ones: five methods, ten sets."
    )


def apart(found: Areas, other: str) -> tuple[list[str], list[str]]:
    """Sets on which the network is ahead of another by more than 0.01, and those on which it is behind by as much."""
    ahead = {name: mean(of_set[OURS]) - mean(of_set[other]) for name, of_set in found.items()}
    return [n for n, by in ahead.items() if by > 0.01], [n for n, by in ahead.items() if by < -0.01]


def measure(seeds: int, images: Path) -> Claim:
    """AUC of telling a class that was never shown."""
    chosen, new = (all_areas(sets, seeds, areas) for sets in (chosen_on(), unseen()))
    mirror = all_areas([*chosen_on(), *unseen()], seeds, mirrored)
    found = chosen | new
    ours = {name: mean(of_set[OURS]) for name, of_set in found.items()}
    off = max(abs(ours[name] - mean(of_set[DENSITY])) for name, of_set in found.items())
    equal = [ours[name] - mean(of_set[ALIKE]) for name, of_set in found.items()]
    image, image_equal = ([mean(of_set[name]) for of_set in mirror.values()] for name in (OURS, ALIKE))
    gain = {name: mean(of_set[HALF]) - mean(of_set[DENSITY]) for name, of_set in found.items()}
    too_wide, widest = [name for name, more in gain.items() if more > 0.01], max(gain, key=lambda name: gain[name])
    overall = {name: mean(mean(of_set[name]) for of_set in found.values()) for name in next(iter(found.values()))}
    baseline = min(overall[NEAREST], overall[FOREST])  # the claim holds if it is as good as a method in common use
    verdict: Verdict = "with an extension" if overall[OURS] > baseline else "false"
    (won, behind), (won_forest, behind_forest) = apart(found, NEAREST), apart(found, FOREST)
    text = f"""
A row is the better known the stronger the entrained network resonates with it: zᴴWz/n², with z = exp(i(φ⁰ + Ωx)). As W
is the mean of Re z'z'ᴴ over the rows learned, and (1/n) z'ᴴz tends to k(x, x') = exp(−‖x − x'‖²/(2σ²)), this tends to
half the mean of k(x, x')² as n grows. k² is a Gaussian of width σ/√2: the score is a Parzen density of bandwidth σ/√2,
up to a factor. `KernelDensity` at that bandwidth is what the network approximates. Its AUC and the
network's are at most {off:.3f} apart over the {len(found)} sets.

Against other methods there are wins and losses (differences beyond 0.01). The network is ahead of the distance of the 5
nearest rows on {listed(won)} and behind on {listed(behind)}; ahead of an isolation forest on {listed(won_forest)} and
behind on {listed(behind_forest)}. A density half as wide would gain more than 0.01 on {listed(too_wide)}, by
{gain[widest]:.2f} on {widest}: there 0.35 of the median distance is wide. No label was used to mend it.

φ⁰ = 0 is the failure case. Real weights are the same for z and its conjugate, so a network whose phases start equal
knows −x, in scaled columns, as well as x. Whether that shows depends on where novelty lies. Held-out classes seldom are
mirror images of known ones, and there φ⁰ = 0 changes the AUC by {-max(equal):+.3f} to {-min(equal):+.3f}. Asked to tell
rows from their mirror images through the mean, it is blind: {min(image_equal):.2f} to {max(image_equal):.2f}, where
random φ⁰ reach {min(image):.2f} to {max(image):.2f}.
"""

    def level(name: str) -> str:
        return "/".join(f"{mean(of_set[name]):.2f}" for of_set in chosen.values())

    def unseen_mean(name: str) -> str:
        return f"{mean(mean(of_set[name]) for of_set in new.values()):.2f}"

    return Claim(
        title="Novelty",
        claim="It tells what it has not seen before",
        verdict=verdict,
        number=f"AUC {level(OURS)} on {listed(chosen)}; mean of {len(new)} unseen sets {unseen_mean(OURS)}",
        baseline=f"5 nearest {level(NEAREST)}; {unseen_mean(NEAREST)}; isolation forest {level(FOREST)}; "
        f"{unseen_mean(FOREST)}; KernelDensity {level(DENSITY)}; {unseen_mean(DENSITY)}",
        text=text,
        tables=(
            table("Sets on which the default bandwidth was chosen, each class held out in turn", chosen),
            table("Sets that had no say in the defaults, each class held out in turn", new),
            table("Rows against their mirror images, no class held out", mirror),
        ),
        pictures=(draw(found, images),),
        extension="random features and the score zᴴWz" if verdict == "with an extension" else "",
    )


if __name__ == "__main__":
    print(measure(5, Path("docs/images/claims")).section())
