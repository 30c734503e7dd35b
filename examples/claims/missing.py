"""Missing inputs: digits of which most pixels are not there, by silent nodes, beside filling in and leaving out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.linear_model import RidgeClassifier
from sklearn.neural_network import MLPClassifier

from resonance_native.learn import ResonanceClassifier

from .baselines import (
    Labels,
    Mask,
    class_means,
    counted,
    listed,
    mean,
    nearest_visible,
    neighbours_visible,
    percent,
    random_features,
    scaled,
)
from .data import Data, load, unseen
from .pictures import BLUE, GREEN, GREY, ORANGE, VERMILLION, figure, save
from .report import Claim, Picture, Table, Verdict, spread

SHARES = (0.0, 0.25, 0.5, 0.8, 0.9)  # of values missing
MAIN = 0.8
EPOCHS = 100
FEATURES = 500
OURS = "network, a node per column"
CENTROID = "nearest centroid on what is there"
FILLED = "MLP-64, trained on whole rows, mean filled in"
TRAINED = "MLP-64, trained on rows with holes"
KERNEL = f"RBFSampler ({FEATURES}) + ridge, mean filled in"
KERNEL_CENTROID = f"RBFSampler ({FEATURES}) + nearest centroid, mean filled in"
NEAREST = "5 nearest on what is there"


def holes(shape: tuple[int, ...], share: float, rng: np.random.Generator) -> Mask:
    """What is visible where a share of all values is missing at random."""
    return np.asarray(rng.random(shape) >= share)


def answers(data: Data, seed: int) -> dict[float, dict[str, float]]:
    """Everybody's share of right labels, by share of values missing."""
    first, second = data.split(seed)
    train, test = scaled(data.scale, first.X, second.X)
    rng = np.random.default_rng([seed, 1])
    ours = ResonanceClassifier(scale=data.scale).fit(first.X, first.y)
    # Scaled values are 0 at the mean of all pixels; what is filled in is the mean of each.
    centre, centroids = train.mean(axis=0), class_means(train, first.y)
    plain = MLPClassifier((64,), max_iter=EPOCHS, random_state=seed).fit(train, first.y)
    shares = np.repeat(SHARES, len(train))[:, None]
    with_holes = np.where(rng.random((len(shares), train.shape[1])) >= shares, np.tile(train, (len(SHARES), 1)), centre)
    augmented = MLPClassifier((64,), max_iter=EPOCHS // len(SHARES), random_state=seed)
    augmented.fit(with_holes, np.tile(first.y, len(SHARES)))
    features = random_features(train.shape[1] ** 0.5, FEATURES, seed)
    of_train = features.fit_transform(train)
    ridge = RidgeClassifier().fit(of_train, first.y)
    means = class_means(of_train, first.y)
    found = {}
    for share in SHARES:
        visible = holes(test.shape, share, rng)
        filled = np.where(visible, test, centre)
        of_filled = features.transform(filled)
        everywhere = np.ones(of_filled.shape, bool)
        near = first.y[neighbours_visible(test, visible, train)]
        said: dict[str, Labels] = {
            OURS: ours.predict(np.where(visible, second.X, np.nan)),
            CENTROID: nearest_visible(test, centroids, visible),
            FILLED: plain.predict(filled),
            TRAINED: augmented.predict(filled),
            KERNEL: ridge.predict(of_filled),
            KERNEL_CENTROID: nearest_visible(of_filled, means, everywhere),
            NEAREST: np.array([np.bincount(labels).argmax() for labels in near]),
        }
        found[share] = {name: mean(labels == second.y) for name, labels in said.items()}
    return found


Shares = dict[float, dict[str, list[float]]]  # of right labels, by share missing and method


def accuracy(data: Data, seeds: int) -> Shares:
    """Shares of right labels for every seed."""
    found: Shares = {}
    for seed in range(seeds):
        for share, by_method in answers(data, seed).items():
            for name, value in by_method.items():
                found.setdefault(share, {}).setdefault(name, []).append(value)
    return found


def draw(found: Shares, images: Path) -> Picture:
    """Accuracy against the share of pixels missing."""
    fig, axes = figure(height=3.4)
    for name, color, style in (
        (OURS, BLUE, "o-"), (CENTROID, GREY, "D:"), (FILLED, VERMILLION, "v--"), (TRAINED, ORANGE, "s--"),
        (NEAREST, GREEN, "^-."),
    ):  # fmt: skip
        values = [100 * mean(found[share][name]) for share in SHARES]
        axes.plot([100 * share for share in SHARES], values, style, color=color, label=name, ms=5)
    axes.axhline(10, color=GREY, lw=1, ls=":")
    axes.text(0, 11, "chance", fontsize=9)
    axes.set(xlabel="pixels missing [%]", ylabel="digits right [%]", ylim=(0, 102))
    fig.legend(loc="outside upper center", ncols=2, fontsize=9, frameon=False)
    return Picture(save(fig, images, "missing.png"), "Digits recognised against the share of pixels that are missing.")


def measure(seeds: int, images: Path) -> Claim:
    """Accuracy with values missing."""
    found = accuracy(load("digits"), seeds)
    others = {data.name: accuracy(data, seeds) for data in unseen()}
    at = {name: mean(values) for name, values in found[MAIN].items()}
    verdict: Verdict = "with an extension" if at[OURS] > at[FILLED] else "false"
    won = counted(sum(mean(of[0.5][OURS]) > mean(of[0.5][FILLED]) for of in others.values()), len(others))
    won_centroid = counted(sum(mean(of[0.5][OURS]) > mean(of[0.5][CENTROID]) for of in others.values()), len(others))
    ahead = "ahead of" if at[OURS] > at[CENTROID] else "behind"
    beaten = [name for name in at if at[name] > at[OURS]]
    text = f"""
Each class keeps the mean phasor m_c of its rows, with a node per column and phases that are the scaled values. A
missing value is a silent node, and the class is that with the least mean of |z − m_c|² over the nodes that are not
silent. No value is filled in. This is the nearest class mean on the circle; it needs labels, and all its learning is
counting.

With {percent(MAIN)} of a digit's pixels missing it names {spread(found[MAIN][OURS])} of them right, where a perceptron
trained on whole images and given the mean for what is missing names {spread(found[MAIN][FILLED])}. The gain comes from
leaving out, and hardly from phases: the nearest centroid over the visible pixels has {spread(found[MAIN][CENTROID])},
and the network is {ahead} it. A perceptron trained on rows with holes, as many steps, has
{spread(found[MAIN][TRAINED])}. Ahead of the network at {percent(MAIN)}: {listed(beaten)}
{f"({spread(found[MAIN][beaten[0]])})" if beaten else ""}. With nothing missing the network's {spread(found[0.0][OURS])}
loses to the perceptron's {spread(found[0.0][FILLED])}.

On the sets that had no say, with half of the values missing, it is ahead of the perceptron with the mean filled in on
{won}, and of the nearest centroid on {won_centroid}.
"""
    heads = tuple(f"{percent(share)} missing" for share in SHARES)
    rows = tuple((name, *(spread(found[share][name], 3) for share in SHARES)) for name in at)
    unseen_rows = tuple((name, *(spread(of[0.5][name]) for of in others.values())) for name in at)
    return Claim(
        title="Missing inputs",
        claim="It works with partial inputs",
        verdict=verdict,
        number=f"digits, {percent(MAIN)} of pixels missing: {spread(found[MAIN][OURS])} right",
        baseline=f"MLP-64 with the mean filled in {spread(found[MAIN][FILLED])}, trained on rows with holes "
        f"{spread(found[MAIN][TRAINED])}; nearest centroid on what is there {spread(found[MAIN][CENTROID])}; 5 nearest "
        f"{spread(found[MAIN][NEAREST])}",
        text=text,
        tables=(
            Table("Digits: share of right labels", ("missing at random", *heads), rows),
            Table("Sets that had no say, half of the values missing", ("share of right labels", *others), unseen_rows),
        ),
        pictures=(draw(found, images),),
        extension="silent nodes and the mean phasors of labelled classes" if verdict == "with an extension" else "",
    )


if __name__ == "__main__":
    print(measure(5, Path("docs/images/claims")).section())
