"""Damage: digits by mean phasors of random nodes, of which most are deleted, beside perceptrons with units deleted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.linear_model import RidgeClassifier
from sklearn.neural_network import MLPClassifier

from resonance_native.learn import PhaseEncoder, ResonanceClassifier

from .baselines import (
    Labels,
    class_means,
    mean,
    median_distance,
    nearest_visible,
    percent,
    random_features,
    scaled,
    with_units,
)
from .data import Data, load
from .pictures import BLUE, GREEN, GREY, ORANGE, VERMILLION, figure, save
from .report import Claim, Picture, Table, Verdict, spread

NODES = 1000
BANDWIDTH = 0.35
SHARES = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)  # of nodes or units deleted
EPOCHS = {64: 100, NODES: 25}
OURS = f"network, {NODES} nodes"
SMALL = "MLP-64"
LARGE = f"MLP-{NODES}"
FEATURES = 2 * NODES  # a node is two of them, a cosine and a sine
CENTROID = f"RBFSampler ({FEATURES}) + nearest centroid"
RIDGE = f"RBFSampler ({FEATURES}) + ridge"


def answers(data: Data, seed: int) -> dict[float, dict[str, float]]:
    """Everybody's share of right labels, by share of units deleted."""
    first, second = data.split(seed)
    train, test = scaled(data.scale, first.X, second.X)
    rng = np.random.default_rng([seed, 1])
    encoder = PhaseEncoder(NODES, bandwidth=BANDWIDTH, scale=data.scale, random_state=seed).fit(first.X)
    phases = encoder.transform(second.X)
    # Phases come from the encoder, so that a deleted node can be a silent one (NaN).
    ours = ResonanceClassifier(scale=None).fit(encoder.transform(first.X), first.y)
    perceptrons = {
        SMALL: MLPClassifier((64,), max_iter=EPOCHS[64], random_state=seed).fit(train, first.y),
        LARGE: MLPClassifier((NODES,), max_iter=EPOCHS[NODES], random_state=seed).fit(train, first.y),
    }
    features = random_features(BANDWIDTH * median_distance(train), FEATURES, seed)
    of_train, of_test = features.fit_transform(train), features.transform(test)
    means = class_means(of_train, first.y)
    ridge = RidgeClassifier().fit(of_train, first.y)
    found = {}
    for share in SHARES:
        alive, kept = rng.random(NODES) >= share, rng.random(FEATURES) >= share
        said: dict[str, Labels] = {
            OURS: ours.predict(np.where(alive, phases, np.nan)),
            CENTROID: nearest_visible(of_test, means, np.broadcast_to(kept, of_test.shape)),
            RIDGE: ridge.predict(of_test * kept),
            **{name: with_units(mlp, test, rng.random(mlp.hidden_layer_sizes[0]) >= share)
               for name, mlp in perceptrons.items()},
        }  # fmt: skip
        found[share] = {name: mean(labels == second.y) for name, labels in said.items()}
    return found


Shares = dict[float, dict[str, list[float]]]  # of right labels, by share deleted and method


def accuracy(seeds: int) -> Shares:
    """Shares of right labels for every seed."""
    found: Shares = {}
    for seed in range(seeds):
        for share, by_method in answers(load("digits"), seed).items():
            for name, value in by_method.items():
                found.setdefault(share, {}).setdefault(name, []).append(value)
    return found


def draw(found: Shares, images: Path) -> Picture:
    """Accuracy against the share of nodes deleted."""
    fig, axes = figure(height=3.4)
    x = range(len(SHARES))
    for name, color, style in (
        (OURS, BLUE, "o-"), (CENTROID, GREY, "D:"), (RIDGE, GREEN, "^-."), (LARGE, ORANGE, "s--"),
        (SMALL, VERMILLION, "v--"),
    ):  # fmt: skip
        axes.plot(x, [100 * mean(found[share][name]) for share in SHARES], style, color=color, label=name, ms=5)
    axes.axhline(10, color=GREY, lw=1, ls=":")
    axes.text(0, 11, "chance", fontsize=9)
    axes.set_xticks(x, [f"{100 * share:.0f}" for share in SHARES])
    axes.set(xlabel="nodes or hidden units deleted [%]", ylabel="digits right [%]", ylim=(0, 102))
    fig.legend(loc="outside upper center", ncols=3, fontsize=9, frameon=False)
    return Picture(
        save(fig, images, "damage.png"), "Digits recognised against the share of nodes or hidden units deleted."
    )


def measure(seeds: int, images: Path) -> Claim:
    """Accuracy with nodes deleted after learning."""
    found = accuracy(seeds)
    half, tenth = found[0.5], found[0.9]
    verdict: Verdict = (
        "with an extension" if mean(tenth[OURS]) > max(mean(tenth[LARGE]), mean(tenth[SMALL])) else "false"
    )

    def overtakes(name: str) -> str:
        first = next((share for share in SHARES if mean(found[share][OURS]) > mean(found[share][name])), None)
        return "at no share measured" if first is None else f"from {percent(first)} on"

    text = f"""
{NODES} random nodes at bandwidth {BANDWIDTH} carry each digit, and each class keeps the mean phasor of its rows. After
learning, nodes are deleted at random: they are silent, and the nearest class is taken over the nodes that are left. All
nodes tell the same thing from different angles, and no node is needed by another. So half of them can go with
{spread(half[OURS])} right, and 90 % with {spread(tenth[OURS])} ({spread(found[0.0][OURS])} when whole).

Perceptrons start higher, {spread(found[0.0][SMALL])} with 64 hidden units and {spread(found[0.0][LARGE])} with {NODES},
and fall faster. The network overtakes the small one {overtakes(SMALL)} and the large one {overtakes(LARGE)}. They were
trained without dropout, which is meant for this and would help them. Being wide helps them too: with half of its units
gone the large one still has {spread(half[LARGE])}.

The network owes this to its random features, and not to oscillators. A node is two features, a cosine and a sine; the
nearest centroid of {FEATURES} features of RBFSampler, with the same kernel and the same share deleted, has
{spread(half[CENTROID])} and {spread(tenth[CENTROID])}. Ridge regression on those features is better when whole
({spread(found[0.0][RIDGE])}) and has {spread(tenth[RIDGE])} with 90 % gone; its weights lean on one another.
"""
    heads = tuple(percent(share) for share in SHARES)
    rows = tuple((name, *(spread(found[share][name], 3) for share in SHARES)) for name in found[0.0])
    return Claim(
        title="Damage",
        claim="It degrades gracefully when parts of it are lost",
        verdict=verdict,
        number=f"digits, {NODES} nodes, 50 / 90 % deleted: {spread(half[OURS])} / {spread(tenth[OURS])} right",
        baseline=f"MLP-{NODES} {spread(half[LARGE])} / {spread(tenth[LARGE])}; MLP-64 {spread(half[SMALL])} / "
        f"{spread(tenth[SMALL])}; RBFSampler + nearest centroid {spread(half[CENTROID])} / {spread(tenth[CENTROID])}",
        text=text,
        tables=(Table("Digits: share of right labels by share of nodes or units deleted", ("deleted", *heads), rows),),
        pictures=(draw(found, images),),
        extension="random features and the mean phasors of labelled classes" if verdict == "with an extension" else "",
    )


if __name__ == "__main__":
    print(measure(5, Path("docs/images/claims")).section())
