"""Energy: multiply-adds until digits are told apart, counted for the network and for training by backpropagation.

Counted is what training takes: for each row shown, what is done to it and to the weights. A multiplication with its
addition is one, and so is any other operation on one number; a cosine, a sine, an exponential count 10. Testing along
the way is not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier

from resonance_native.learn import ResonanceClassifier

from .data import Data, load
from .pictures import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, figure, save
from .report import Claim, Picture, Table, Verdict, spread

Array = NDArray[np.float64]
Curve = tuple[Array, Array]  # multiply-adds and accuracy on the test part

LEVELS = (0.85, 0.90, 0.95)
PIXELS, CLASSES, HIDDEN = 64, 10, 64
FUNCTION = 10  # a cosine, a sine or an exponential
BATCH = 8
EVERY = 24  # rows between two tests
PASSES = 4  # of what learns by gradient descent
ADAM, MOMENTUM = 7, 4  # operations on each weight in one step of the optimiser

RESONANCE = "resonance, a node per pixel"
FEATURES, WIDE = "resonance, 256 random features", "resonance, 1000 random features"
MLP_ADAM, MLP_SGD = "MLP-64, backpropagation, Adam", "MLP-64, backpropagation, SGD with momentum"
SOFTMAX, CENTROID = "softmax regression, SGD", "nearest centroid, kept up to date"


@dataclass(frozen=True)
class Contestant:
    """A way of learning: its accuracy as rows are shown, and what each row and the start cost."""

    name: str
    learn: Callable[[Data, Data, int], list[float]]
    per_row: float  # multiply-adds to learn a row
    to_read: float  # multiply-adds to classify a row afterwards
    start: float = 0.0  # multiply-adds once

    def curve(self, train: Data, test: Data, seed: int) -> Curve:
        """Accuracy against multiply-adds."""
        accuracy = self.learn(train, test, seed)
        rows = EVERY * np.arange(1, len(accuracy) + 1)
        return np.asarray(self.start + self.per_row * rows, float), np.array(accuracy)


def whole_blocks(rows: int, passes: int, seed: int) -> Iterator[NDArray[np.intp]]:
    """Rows in an order of their own for each pass, ``EVERY`` at a time; what doesn't fill a block is left out."""
    rng = np.random.default_rng(seed)
    for _ in range(passes):
        yield from rng.permutation(rows)[: rows - rows % EVERY].reshape(-1, EVERY)


def by_resonance(n_nodes: int | None) -> Callable[[Data, Data, int], list[float]]:
    """The classifier of the library: a mean phasor for each class and node. One pass."""

    def learn(train: Data, test: Data, seed: int) -> list[float]:
        model = ResonanceClassifier(n_nodes=n_nodes, scale="global", random_state=seed)
        accuracy = []
        for block in whole_blocks(len(train.X), 1, seed):
            model.partial_fit(train.X[block], train.y[block], classes=np.arange(CLASSES))
            accuracy.append(float(model.score(test.X, test.y)))
        return accuracy

    return learn


def by_backpropagation(solver: str, rate: float) -> Callable[[Data, Data, int], list[float]]:
    """scikit-learn's perceptron with one hidden layer, batches of eight."""

    def learn(train: Data, test: Data, seed: int) -> list[float]:
        model: Any = MLPClassifier(
            (HIDDEN,), solver=solver, learning_rate_init=rate, batch_size=BATCH, random_state=seed
        )
        accuracy = []
        for block in whole_blocks(len(train.X), PASSES, seed):
            model.partial_fit(train.X[block], train.y[block], classes=np.arange(CLASSES))  # three batches, a step each
            accuracy.append(float(model.score(test.X, test.y)))
        return accuracy

    return learn


def by_softmax(rate: float) -> Callable[[Data, Data, int], list[float]]:
    """Softmax regression, a step of gradient descent for each row."""

    def learn(train: Data, test: Data, seed: int) -> list[float]:
        weights, bias = np.zeros((CLASSES, PIXELS)), np.zeros(CLASSES)
        accuracy = []
        for block in whole_blocks(len(train.X), PASSES, seed):
            for row in block:
                score = weights @ train.X[row] + bias
                share = np.exp(score - score.max())
                share /= share.sum()
                share[train.y[row]] -= 1
                weights -= rate * np.outer(share, train.X[row])
                bias -= rate * share
            accuracy.append(float(((test.X @ weights.T + bias).argmax(axis=1) == test.y).mean()))
        return accuracy

    return learn


def by_centroid(train: Data, test: Data, seed: int) -> list[float]:
    """The mean image of each class. One pass."""
    sums, counts = np.zeros((CLASSES, PIXELS)), np.zeros(CLASSES)
    accuracy = []
    for block in whole_blocks(len(train.X), 1, seed):
        np.add.at(sums, train.y[block], train.X[block])
        np.add.at(counts, train.y[block], 1)
        means = sums / np.maximum(counts, 1)[:, None]
        nearness = test.X @ means.T - (means**2).sum(axis=1) / 2 - np.where(counts > 0, 0, np.inf)
        accuracy.append(float((nearness.argmax(axis=1) == test.y).mean()))
    return accuracy


def contestants() -> list[Contestant]:
    """Everybody and what they cost; whatever learns by gradient descent at three rates each."""

    def resonance(name: str, n_nodes: int | None) -> Contestant:
        nodes = n_nodes or PIXELS
        # Scale the pixels, project them on random features, take cosine and sine, then move one class's phasors, or
        # compare with those of all classes.
        encode = PIXELS + (PIXELS * nodes if n_nodes else 0) + 2 * FUNCTION * nodes
        # Mean and deviation of the first block, and for random features its median distance between rows.
        start = 2 * PIXELS * EVERY + (PIXELS * EVERY * (EVERY - 1) / 2 if n_nodes else 0)
        return Contestant(name, by_resonance(n_nodes), encode + 2 * nodes, encode + 2 * nodes * CLASSES, start)

    weights = PIXELS * HIDDEN + HIDDEN * CLASSES
    # Scale the pixels, go forward, take the softmax, and back: to the hidden layer, and to all weights.
    forward = PIXELS + weights + FUNCTION * CLASSES
    backward = HIDDEN * CLASSES + weights
    everybody = [
        resonance(RESONANCE, None),
        resonance(FEATURES, 256),
        resonance(WIDE, 1000),
        Contestant(CENTROID, by_centroid, PIXELS, PIXELS * CLASSES),
    ]
    for name, solver, step, rates in (
        (MLP_ADAM, "adam", ADAM, (0.001, 0.003, 0.01)),
        (MLP_SGD, "sgd", MOMENTUM, (0.01, 0.03, 0.1)),
    ):
        per_row = forward + backward + step * weights / BATCH
        everybody += [Contestant(name, by_backpropagation(solver, rate), per_row, forward) for rate in rates]
    linear = PIXELS * CLASSES
    read = PIXELS + linear + FUNCTION * CLASSES
    everybody += [Contestant(SOFTMAX, by_softmax(rate), read + linear, read) for rate in (0.01, 0.03, 0.1)]
    return everybody


Best = dict[str, tuple[Contestant, list[Curve]]]


def first_crossing(curve: Curve, level: float) -> float:
    """Multiply-adds after which accuracy first reached the level; infinite where it never did."""
    cost, accuracy = curve
    reached = np.flatnonzero(accuracy >= level)
    return float(cost[reached[0]]) if reached.size else float("inf")


def mean_cost(curves: Sequence[Curve], level: float) -> float:
    """Mean over seeds; infinite where not all seeds got there."""
    return float(np.mean([first_crossing(curve, level) for curve in curves]))


def standardised(data: Data) -> Data:
    """Pixels with the mean and the deviation of all of them taken out."""
    return Data(data.name, (data.X - data.X.mean()) / data.X.std(), data.y, data.scale)


def all_curves(seeds: int) -> Best:
    """Curves of everybody; of several learning rates, those of the one that got to .90 at least cost."""
    digits = standardised(load("digits"))
    splits = [digits.split(seed) for seed in range(seeds)]
    best: Best = {}
    for one in contestants():
        curves = [one.curve(train, test, seed) for seed, (train, test) in enumerate(splits)]
        if one.name not in best or mean_cost(curves, LEVELS[1]) < mean_cost(best[one.name][1], LEVELS[1]):
            best[one.name] = (one, curves)
    return best


def millions(costs: Sequence[float]) -> str:
    """Costs of all seeds in millions, or how many seeds got there."""
    finite = [cost / 1e6 for cost in costs if np.isfinite(cost)]
    if len(finite) == len(costs):
        return spread(finite, 3)
    return f"{spread(finite, 3)} in {len(finite)} of {len(costs)} seeds" if finite else "never"


def table_of(best: Best) -> Table:
    """Costs of reaching the levels."""
    rows = []
    for name, (one, curves) in best.items():
        cells = [millions([first_crossing(curve, level) for curve in curves]) for level in LEVELS]
        last = spread([float(curve[1][-1]) for curve in curves], 3)
        rows.append((name, *cells, f"{one.per_row:,.0f}", f"{one.to_read:,.0f}", last))
    heads = tuple(f"to {level:.2f} [millions]" for level in LEVELS)
    columns = ("trained", *heads, "to learn a row", "to classify a row", "accuracy at the end")
    title = f"Multiply-adds of training on digits; one pass, or {PASSES} where gradients are followed"
    return Table(title, columns, tuple(rows))


def draw(best: Best, images: Path) -> Picture:
    """Accuracy against multiply-adds."""
    looks = {
        RESONANCE: (BLUE, "-"), FEATURES: (SKY, "-"), WIDE: (PURPLE, "-"), CENTROID: (GREY, "--"),
        MLP_ADAM: (VERMILLION, "-."), MLP_SGD: (ORANGE, "-."), SOFTMAX: (GREEN, ":"),
    }  # fmt: skip
    fig, axes = figure(height=4.4)
    for name, (color, style) in looks.items():
        curves = best[name][1]
        accuracy = np.mean([accuracy for _, accuracy in curves], axis=0)
        axes.plot(curves[0][0], accuracy, style, color=color, lw=1.3, label=name)
    for level in LEVELS[:2]:
        axes.axhline(level, color="black", lw=0.8, alpha=0.4)
    axes.set_xscale("log")
    axes.set(xlabel="multiply-adds of training", ylabel="accuracy on digits not shown", ylim=(0.3, 1.0))
    fig.legend(loc="outside upper center", ncols=2, fontsize=8.5, frameon=False)
    return Picture(save(fig, images, "energy.png"), "Accuracy on digits against multiply-adds of training.")


def times(ratios: Sequence[float]) -> str:
    """How many times the network's cost, at the first two levels."""
    first, second = (f"{ratio:.2f} times" if np.isfinite(ratio) else "not in every seed" for ratio in ratios)
    return f"{first} the network's, and {second}"


def verdict_of(ratios: Sequence[float], reached: bool) -> Verdict:
    """Ten times fewer than backpropagation at .85 and at .90."""
    return "with an extension" if reached and min(ratios) >= 10 else "false"


def measure(seeds: int, images: Path) -> Claim:
    """Costs of reaching .85 and .90 on digits."""
    best = all_curves(seeds)
    costs = {name: [mean_cost(curves, level) for level in LEVELS] for name, (_, curves) in best.items()}
    ours = [min(costs[name][i] for name in (RESONANCE, FEATURES, WIDE)) for i in range(2)]
    theirs = [min(costs[name][i] for name in (MLP_ADAM, MLP_SGD)) for i in range(2)]
    ratios = [their / our if np.isfinite(our) else 0.0 for our, their in zip(ours, theirs, strict=True)]
    verdict = verdict_of(ratios, bool(np.all(np.isfinite(ours))))
    against = {
        name: [cost / our if np.isfinite(our) else 0.0 for our, cost in zip(ours, costs[name], strict=False)]
        for name in (SOFTMAX, CENTROID)
    }
    return Claim(
        title="Energy",
        claim="It needs 10 times fewer computations than backpropagation",
        verdict=verdict,
        number=f"MLP-64 takes {ratios[0]:.0f} times as many multiply-adds to .85, {ratios[1]:.1f} times to .90",
        baseline=f"{SOFTMAX}: {times(against[SOFTMAX])}; {CENTROID}: {times(against[CENTROID])}",
        text=_text(best, against, ratios),
        tables=(table_of(best),),
        pictures=(draw(best, images),),
        extension="a mean phasor for each class, read by distance" if verdict == "with an extension" else "",
    )


def _text(best: Best, against: dict[str, list[float]], ratios: Sequence[float]) -> str:
    ends = {name: spread([float(curve[1][-1]) for curve in curves], 3) for name, (_, curves) in best.items()}
    reached = sum(np.isfinite(first_crossing(curve, LEVELS[1])) for curve in best[RESONANCE][1])
    return f"""
As published the network has no labels to learn, so nothing that could be compared. Counted here is the library's
classifier: each class keeps the mean phasor of every node, in one pass and without an error signal.

At {LEVELS[0]:.2f} MLP-64 takes {ratios[0]:.0f} times as many multiply-adds as the cheapest network. That saving is not
the oscillators': the mean image of each class takes {1 / against[CENTROID][0]:.0f} times fewer still, and softmax
regression, which is gradient descent without a hidden layer, only {against[SOFTMAX][0]:.1f} times as many. At
{LEVELS[1]:.2f} little is left of it. A node per pixel is a nearest centroid among phasors and ends at
{ends[RESONANCE]}; it touched the level in {reached} of {len(best[RESONANCE][1])} seeds. Of the networks that reach it
in every seed, MLP-64 takes {ratios[1]:.1f} times as many multiply-adds as the cheapest. Where accuracy matters the MLP
and softmax regression go on to {ends[MLP_SGD]} and {ends[SOFTMAX]}; no network here does.

The count: a multiplication with its addition is one, a cosine, sine or exponential {FUNCTION}; one step of the
optimiser is {MOMENTUM} (momentum) or {ADAM} (Adam) a weight, once for {BATCH} rows. Accuracy is tested every {EVERY}
rows, and the first crossing counts. Of three learning rates each rival is shown with the one that got to
{LEVELS[1]:.2f} at least cost: that favours it. Nothing is said of joules: no energy was measured.
"""


if __name__ == "__main__":
    print(measure(5, Path("docs/images/claims")).section())
