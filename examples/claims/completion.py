"""Completion: what is missing of a pattern, from the modes of an entrained network, beside linear methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge

import resonance_native as rn

from .baselines import Array, Mask, listed, mean, neighbours_visible, random_features
from .data import load
from .pictures import save
from .report import Claim, Picture, Table, Verdict, spread

Phasors = NDArray[np.complex128]

SETS = ("wine", "breast cancer", "digits")
QUARTER = np.pi / 2  # phase of the largest value; that of the smallest is 0
POWERS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)  # candidates: share of power that the modes must explain
RIDGES = (0.003, 0.01, 0.03, 0.1, 0.3)  # candidates: ridge [mean eigenvalue]
ROUNDS = 50  # of projection
ROWS = 300  # to choose by, and to test on, at most
FIXED = 0.8  # share of power where none is chosen

MODES = "network, modes"
MODES_FIXED = f"network, modes of {FIXED:.0%} of the power"
SETTLED = "network, settled"
REAL = "network of real weights, modes"
PRINCIPAL = "PCA, as many modes"
GAUSSIAN = "conditional mean of a Gaussian"
NEIGHBOURS = "5 nearest on visible columns"
KERNEL = "RBFSampler + ridge"
AVERAGE = "mean"


@dataclass(frozen=True)
class Learned:
    """Mean phasor m (d,) and centred complex weights C = mean of z zᴴ − m mᴴ, (d, d), read from a network."""

    centre: Phasors
    weights: Phasors

    @classmethod
    def of(cls, rows: Array) -> Learned:
        """Entrain a network on rows (N, d) in [0, 1].

        Each column drives two nodes, a quarter turn apart, whose weights to another node are the cosine and the sine of
        the difference of phases: together one complex weight. One more node keeps still, and its weights are the mean
        phasors.
        """
        d = rows.shape[1]
        start = np.concatenate([np.zeros(d), np.full(d, 1.5 * np.pi), [0.0]])
        nothing = np.zeros(2 * d + 1)
        net = rn.ResonanceNetwork.from_state(start, nothing, nothing, np.zeros((2 * d + 1, 2 * d + 1)))
        phases = QUARTER * rows
        weights = net.entrain(np.hstack([phases, phases, np.zeros((len(rows), 1))])).weights
        # Node d + j is at φ_j − π/2: cos(φ_i − φ_j + π/2) = −sin(φ_i − φ_j).
        mean_of_products = weights[:d, :d] - 1j * weights[:d, d : 2 * d]
        centre = weights[:d, -1] + 1j * weights[-1, d : 2 * d]
        return cls(centre, mean_of_products - np.outer(centre, centre.conj()))


def modes_of(weights: NDArray[Any], power: float) -> NDArray[Any]:
    """The strongest modes (d, q), so many that they explain that share of the power."""
    values, vectors = np.linalg.eigh(weights)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    count = int(np.searchsorted(np.cumsum(values), power * values.sum())) + 1
    return vectors[:, :count]


def read(z: Phasors) -> Array:
    """Values in [0, 1] of phasors."""
    return np.asarray(np.clip(np.angle(z) / QUARTER, 0, 1))


def by_modes(learned: Learned, rows: Array, visible: Mask, power: float) -> Array:
    """Project on the modes, put back what is visible, and again."""
    modes = modes_of(learned.weights, power)
    known = np.exp(1j * QUARTER * rows)
    z = np.where(visible, known, learned.centre)
    for _ in range(ROUNDS):
        z = np.where(visible, known, learned.centre + ((z - learned.centre) @ modes.conj()) @ modes.T)
    return read(z)


def by_settling(learned: Learned, rows: Array, visible: Mask, ridge: float) -> Array:
    """The state of least (z − m)ᴴ(C + λ1)⁻¹(z − m) with the visible nodes held."""
    known = np.exp(1j * QUARTER * rows) - learned.centre
    return read(learned.centre + _conditional(learned.weights, known, visible, ridge))


def _conditional(covariance: NDArray[Any], centred: NDArray[Any], visible: Mask, ridge: float) -> NDArray[Any]:
    d = len(covariance)
    loaded = covariance + ridge * np.trace(covariance).real / d * np.eye(d)
    filled = np.array(centred)
    for row, seen in zip(filled, visible, strict=True):
        row[~seen] = loaded[np.ix_(~seen, seen)] @ np.linalg.solve(loaded[np.ix_(seen, seen)], row[seen])
    return filled


def by_real_weights(train: Array, rows: Array, visible: Mask, power: float) -> Array:
    """As :func:`by_modes` without a centre, by real weights: a node per column, φ⁰ = 0."""
    d = train.shape[1]
    net = rn.ResonanceNetwork.from_state(np.zeros(d), np.zeros(d), np.zeros(d), np.zeros((d, d)))
    modes = modes_of(net.entrain(QUARTER * train).weights, power)
    known = np.exp(1j * QUARTER * rows)
    z = np.where(visible, known, np.exp(1j * QUARTER * train).mean(axis=0))
    for _ in range(ROUNDS):
        z = np.where(visible, known, (z @ modes) @ modes.T)
    return read(z)


def by_principal_components(train: Array, rows: Array, visible: Mask, count: int) -> Array:
    """As :func:`by_modes`, on the values themselves."""
    components = PCA(count).fit(train)
    filled = np.where(visible, rows, train.mean(axis=0))
    for _ in range(ROUNDS):
        filled = np.where(visible, rows, components.inverse_transform(components.transform(filled)))
    return np.asarray(np.clip(filled, 0, 1))


def by_gaussian(train: Array, rows: Array, visible: Mask, ridge: float) -> Array:
    """Mean of a Gaussian with the covariance of the values, given what is visible."""
    centre = train.mean(axis=0)
    return np.asarray(np.clip(centre + _conditional(np.cov(train.T), rows - centre, visible, ridge), 0, 1))


def by_features(train: Array, shown: Mask, rows: Array, visible: Mask, seed: int) -> Array:
    """Ridge regression from random features of rows that are filled up with the mean."""
    centre = train.mean(axis=0)
    features = random_features(train.shape[1] ** 0.5 / QUARTER, 500, seed)
    inputs = features.fit_transform(np.where(shown, train, centre))
    regression = Ridge(1.0).fit(inputs, train)
    return np.asarray(np.clip(regression.predict(features.transform(np.where(visible, rows, centre))), 0, 1))


def error(filled: Array, rows: Array, visible: Mask) -> float:
    """Root mean square over what is missing."""
    return float(np.sqrt(((filled - rows)[~visible] ** 2).mean()))


def chosen(candidates: Sequence[float], attempt: Callable[[float], Array], rows: Array, visible: Mask) -> float:
    """The candidate of least error on rows to choose by."""
    return min(candidates, key=lambda value: error(attempt(value), rows, visible))


@dataclass(frozen=True)
class Split:
    """Rows in [0, 1]: to learn from, and to test on, with what is visible of both."""

    train: Array
    shown: Mask
    test: Array
    visible: Mask

    @classmethod
    def draw(cls, name: str, seed: int, *, lower_half: bool = False) -> Split:
        """70 % to learn from; half of the values missing, at random or all in the lower half of an image."""
        train, test = (part.X for part in load(name).split(seed))
        low, high = train.min(axis=0), train.max(axis=0)
        if name == "digits":
            low, high = 0.0, 1.0  # pixels have one scale
        train, test = ((rows - low) / np.where(high > low, high - low, 1) for rows in (train, test[:ROWS]))
        rng = np.random.default_rng([seed, 1])
        masks = [rng.random(rows.shape) >= 0.5 for rows in (train, test)]
        if lower_half:
            upper = np.arange(train.shape[1]) < train.shape[1] // 2
            masks = [np.broadcast_to(upper, rows.shape) for rows in (train, test)]
        return cls(train, masks[0], np.clip(test, 0, 1), masks[1])


def completed(split: Split, seed: int) -> dict[str, Array]:
    """Everybody's completion of the test rows; what has to be chosen is chosen on the last fifth of those learned."""
    train, test, visible = split.train, split.test, split.visible
    cut = int(0.8 * len(train))
    first, held, shown = train[:cut], train[cut:][:ROWS], split.shown[cut:][:ROWS]
    early, learned = Learned.of(first), Learned.of(train)
    power = chosen(POWERS, lambda p: by_modes(early, held, shown, p), held, shown)
    ridge = chosen(RIDGES, lambda r: by_settling(early, held, shown, r), held, shown)
    real = chosen((*POWERS, 0.98, 0.99), lambda p: by_real_weights(first, held, shown, p), held, shown)
    loading = chosen(RIDGES, lambda r: by_gaussian(first, held, shown, r), held, shown)
    count = modes_of(learned.weights, power).shape[1]
    nearest = train[neighbours_visible(test, visible, train)].mean(axis=1)
    return {
        MODES: by_modes(learned, test, visible, power),
        MODES_FIXED: by_modes(learned, test, visible, FIXED),
        SETTLED: by_settling(learned, test, visible, ridge),
        REAL: by_real_weights(train, test, visible, real),
        AVERAGE: np.broadcast_to(train.mean(axis=0), test.shape),
        PRINCIPAL: by_principal_components(train, test, visible, count),
        GAUSSIAN: by_gaussian(train, test, visible, loading),
        KERNEL: by_features(train, split.shown, test, visible, seed),
        NEIGHBOURS: nearest,
    }


Errors = dict[str, dict[str, list[float]]]  # by set and method


def all_errors(seeds: int) -> Errors:
    """Errors on half of the values missing at random, and on lower halves of digits."""
    found: Errors = {}
    for name, lower_half in (*((name, False) for name in SETS), ("digits", True)):
        for seed in range(seeds):
            split = Split.draw(name, seed, lower_half=lower_half)
            for method, filled in completed(split, seed).items():
                of_set = found.setdefault("digits, lower half" if lower_half else name, {})
                of_set.setdefault(method, []).append(error(filled, split.test, split.visible))
    return found


def draw(images: Path) -> Picture:
    """Lower halves of digits, completed."""
    split = Split.draw("digits", 0, lower_half=True)
    filled, count = completed(split, 0), 12
    lines = {
        "shown": np.where(split.visible, split.test, np.nan), "network, settled": filled[SETTLED],
        "network, modes": filled[MODES], "5 nearest": filled[NEIGHBOURS], "truth": split.test,
    }  # fmt: skip
    colours = plt.get_cmap("gray_r").copy()
    colours.set_bad("#F3DFC1")
    fig, axes = plt.subplots(len(lines), count, figsize=(7, 3.1))
    for line, (label, pictures) in zip(axes, lines.items(), strict=True):
        for axis, k in zip(line, range(count), strict=True):
            whole = np.where(split.visible[k], split.test[k], pictures[k])
            axis.imshow(whole.reshape(8, 8), cmap=colours, vmin=0, vmax=1)
            axis.set(xticks=[], yticks=[])
        line[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=9)
    fig.subplots_adjust(left=0.16, right=0.995, top=0.98, bottom=0.02, wspace=0.1, hspace=0.12)
    return Picture(
        save(fig, images, "completion.png"),
        "Twelve digits of which the upper half is shown, and the lower halves that the network and others put there.",
    )


def measure(seeds: int, images: Path) -> Claim:
    """Errors of completion."""
    found = all_errors(seeds)
    errors = {name: {method: mean(values) for method, values in of.items()} for name, of in found.items()}
    random_half = {name: errors[name] for name in SETS}
    verdict: Verdict = (
        "with an extension" if all(of[SETTLED] < of[AVERAGE] - 0.01 for of in random_half.values()) else "false"
    )
    ahead = [name for name, of in random_half.items() if of[MODES] < of[PRINCIPAL]]
    gains = [of[PRINCIPAL] - of[MODES] for of in random_half.values()]
    behind = [name for name, of in random_half.items() if of[SETTLED] > of[NEIGHBOURS]]
    apart = [of[SETTLED] - of[GAUSSIAN] for of in random_half.values()]
    worse_than_mean = [name for name, of in random_half.items() if of[REAL] > of[AVERAGE] - 0.005]
    text = f"""
A value x in [0, 1] is a phase φ = πx/2. The network learns by `entrain` alone. Each column has two nodes a quarter turn
apart, whose two real weights are one complex weight, and one more node keeps still and so learns the mean phasors m.
Read together that is the centred matrix C = mean of z zᴴ − m mᴴ. A row is completed from it in one of two ways.
"Modes": project z − m on the strongest modes of C, put the visible phasors back, repeat {ROUNDS} times. "Settled": hold
the visible nodes and let the others go to the state of least (z − m)ᴴ(C + λ1)⁻¹(z − m). How many modes, and λ, are
chosen on rows held back from the training part; no label plays a part. The row with a fixed {FIXED:.0%} of the power
needs no choice at all.

With half of the values missing at random, settling has {_levels(random_half, SETTLED)} on {listed(SETS)}, and modes
have {_levels(random_half, MODES)}. Modes are ahead of as many principal components of the values on {listed(ahead)}, by
{min(gains):.3f} to {max(gains):.3f} over the three. Settling is linear regression on phasors, and is within
{max(np.abs(apart)):.3f} of linear regression on the values, the conditional mean of a Gaussian. The 5 nearest rows beat
it on {listed(behind)}; they keep all rows, where the network keeps second moments only.

A network of real weights with one node per column and φ⁰ = 0 keeps the cosines of differences and has no centre:
{_levels(random_half, REAL)}. That is no better than the mean on {listed(worse_than_mean)}.
"""
    return Claim(
        title="Completion",
        claim="It completes partial patterns",
        verdict=verdict,
        number=f"RMSE, half missing, {listed(SETS)}: settled {_levels(random_half, SETTLED)}, modes "
        f"{_levels(random_half, MODES)}",
        baseline=f"mean {_levels(random_half, AVERAGE)}; PCA {_levels(random_half, PRINCIPAL)}; Gaussian "
        f"{_levels(random_half, GAUSSIAN)}; 5 nearest {_levels(random_half, NEIGHBOURS)}",
        text=text,
        tables=(_table(found),),
        pictures=(draw(images),),
        extension="centred complex weights, read by settling" if verdict == "with an extension" else "",
    )


def _levels(errors: dict[str, dict[str, float]], method: str) -> str:
    return "/".join(f"{of[method]:.3f}" for of in errors.values())


def _table(found: Errors) -> Table:
    names = next(iter(found.values()))
    rows = tuple((name, *(spread(of[name], 3) for of in found.values())) for name in names)
    heads = tuple(f"{name}, half at random" if name in SETS else name for name in found)
    return Table("Root mean square error on what is missing, values in [0, 1]", ("RMSE", *heads), rows)


if __name__ == "__main__":
    print(measure(5, Path("docs/images/claims")).section())
