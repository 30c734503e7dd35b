"""What did not hold: robustness to noise beyond plain methods, sparse codes, and completion by the raw weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

import resonance_native as rn
from resonance_native.learn import PhaseEncoder, ResonanceClassifier, ResonanceClusterer

from .baselines import (
    Array,
    Labels,
    class_means,
    counted,
    listed,
    mean,
    median_distance,
    nearest_visible,
    percent,
    random_features,
    scaled,
)
from .completion import QUARTER, Split, error, read
from .data import Data, chosen_on, load
from .report import Claim, Table, Verdict, spread

NOISES = (0.0, 0.5, 1.0, 2.0)  # standard deviation [that of a column, or of all pixels]
MAIN = 1.0
NODES = 500  # random nodes
Found = dict[str, dict[str, list[float]]]  # by column of a table and method


def _table(title: str, head: str, found: Found, digits: int = 2) -> Table:
    names = next(iter(found.values()))
    rows = tuple((name, *(spread(of[name], digits) for of in found.values())) for name in names)
    return Table(title, (head, *found), rows)


def _add(found: Found, column: str, values: dict[str, float]) -> None:
    for name, value in values.items():
        found.setdefault(column, {}).setdefault(name, []).append(value)


# Noise


NETWORK, PLAIN = "network, a node per column", "k-means"


def _with_noise(rows: Array, scale: str, sd: float, rng: np.random.Generator) -> Array:
    deviation = rows.std(axis=None if scale == "global" else 0)
    return np.asarray(rows + sd * deviation * rng.standard_normal(rows.shape))


def noisy_clusters(seeds: int) -> Found:
    """Agreement of clusters with labels on test rows with noise; clusters are learned from clean rows."""
    found: Found = {}
    for data in chosen_on():
        for seed in range(seeds):
            first, second = data.split(seed)
            k, rng = data.n_classes, np.random.default_rng([seed, 1])
            ours = ResonanceClusterer(k, n_init=10, scale=data.scale, random_state=seed).fit(first.X)
            (train,) = scaled(data.scale, first.X)
            means = KMeans(k, n_init=10, random_state=seed).fit(train)
            for sd in NOISES:
                noisy = _with_noise(second.X, data.scale, sd, rng)
                test = scaled(data.scale, first.X, noisy)[1]
                scores = {NETWORK: ours.predict(noisy), PLAIN: means.predict(test)}
                _add(found, f"{data.name}, sd {sd:g}",
                     {name: adjusted_rand_score(second.y, labels) for name, labels in scores.items()})  # fmt: skip
    return found


def noisy_labels(seeds: int) -> Found:
    """Share of digits named right with noise on their pixels; everybody learns from clean rows."""
    found: Found = {}
    data = load("digits")
    for seed in range(seeds):
        first, second = data.split(seed)
        train = scaled(data.scale, first.X)[0]
        rng = np.random.default_rng([seed, 1])
        column = ResonanceClassifier(scale=data.scale).fit(first.X, first.y)
        nodes = ResonanceClassifier(n_nodes=NODES, scale=data.scale, random_state=seed).fit(first.X, first.y)
        centroids = class_means(train, first.y)
        features = random_features(0.35 * median_distance(train), 2 * NODES, seed).fit(train)
        of_features = class_means(features.transform(train), first.y)
        nearest = KNeighborsClassifier(1).fit(train, first.y)
        perceptron = MLPClassifier((64,), max_iter=100, random_state=seed).fit(train, first.y)
        for sd in NOISES:
            noisy = _with_noise(second.X, data.scale, sd, rng)
            test = scaled(data.scale, first.X, noisy)[1]
            transformed = features.transform(test)
            said = {
                NETWORK: column.predict(noisy),
                f"network, {NODES} random nodes": nodes.predict(noisy),
                "nearest centroid": nearest_visible(test, centroids, np.ones(test.shape, bool)),
                f"RBFSampler ({2 * NODES}) + nearest centroid": nearest_visible(
                    transformed, of_features, np.ones(transformed.shape, bool)
                ),
                "nearest neighbour": nearest.predict(test),
                "MLP-64": perceptron.predict(test),
            }
            _add(found, f"sd {sd:g}", {name: mean(labels == second.y) for name, labels in said.items()})
    return found


def noise(seeds: int) -> Claim:
    """Whether noise on the input does less harm to the network."""
    clusters, labels = noisy_clusters(seeds), noisy_labels(seeds)

    def overall(sd: float, name: str) -> float:
        return mean(mean(clusters[f"{data.name}, sd {sd:g}"][name]) for data in chosen_on())

    ours, plain = overall(MAIN, NETWORK), overall(MAIN, PLAIN)
    ours_little, plain_little = overall(NOISES[1], NETWORK), overall(NOISES[1], PLAIN)
    named = {name: mean(values) for name, values in labels[f"sd {MAIN:g}"].items()}
    better = [name for name, value in named.items() if "network" not in name and value >= named[NETWORK]]
    robust = ours > plain + 0.02 and not better
    verdict: Verdict = "with an extension" if robust else "false"
    text = f"""
Clusters and classes are learned from clean rows and asked for noisy ones; the noise has a standard deviation of 0.5, 1
or 2 times that of the columns. At {MAIN:g} the agreement of clusters, in the mean over four sets, is {ours:.2f} for the
network and {plain:.2f} for k-means; at {NOISES[1]:g} it is {ours_little:.2f} and {plain_little:.2f}. Digits are named
right by the network's mean phasors in {named[NETWORK]:.2f} of the cases. As good or better:
{listed(f"{name} ({named[name]:.2f})" for name in better)}.

Phases go round: a value that noise takes far out comes back on the other side of the circle, where a centroid would
still see which way it went. With random nodes noise on every column adds up in the phase of each node.
"""
    return Claim(
        title="Noise",
        claim="It is robust to noise",
        verdict=verdict,
        number=f"noise of {MAIN:g} sd: ARI {ours:.2f} in the mean over four sets; digits named {named[NETWORK]:.2f}",
        baseline=f"k-means {plain:.2f}; digits: nearest centroid {named['nearest centroid']:.2f}, nearest neighbour "
        f"{named['nearest neighbour']:.2f}, MLP-64 {named['MLP-64']:.2f}",
        text=text,
        tables=(
            _noise_of_clusters(clusters),
            _table("Digits: share named right", "noise", labels),
        ),
        extension="read-outs of an entrained network" if robust else "",
    )


def _noise_of_clusters(found: Found) -> Table:
    rows = []
    for data in chosen_on():
        for name in (NETWORK, PLAIN):
            rows.append((data.name, name, *(spread(found[f"{data.name}, sd {sd:g}"][name]) for sd in NOISES)))
    heads = tuple(f"sd {sd:g}" for sd in NOISES)
    return Table("Adjusted Rand index on test rows with noise", ("data", "clusters by", *heads), tuple(rows))


# Sparsity


AS_PUBLISHED = "amplitudes, as published"
TAUGHT = "amplitudes of weights from entrain"
WINNERS = "a tenth of resonance − mean, kept by decree"
PROJECTION = "a tenth of a random projection, kept by decree"


def hoyer(codes: Array) -> float:
    """Hoyer's sparseness, the mean over rows: 0 where all are equal, 1 where one stands alone."""
    root = codes.shape[1] ** 0.5
    norms = np.maximum(np.sqrt((codes**2).sum(axis=1)), 1e-300)
    return mean((root - np.abs(codes).sum(axis=1) / norms) / (root - 1))


def _winners(values: Array) -> Array:
    """The largest tenth of each row, and 0 for the others."""
    count = max(1, values.shape[1] // 10)
    least = -np.partition(-values, count - 1, axis=1)[:, count - 1 : count]
    return np.where(values >= least, values, 0)


def _codes(data: Data, seed: int) -> tuple[dict[str, tuple[Array, Array]], Labels, Labels]:
    """Codes (rows, nodes) of rows to learn from and of test rows, by name; and the labels of both."""
    first, second = data.split(seed)
    first, second = first.subsample(seed, share=1.0, most=500), second.subsample(seed, share=1.0, most=200)
    encoder = PhaseEncoder(NODES, scale=data.scale, random_state=seed).fit(first.X)
    net = rn.ResonanceNetwork(NODES, seed=seed).entrain(first.X, encoder=encoder)
    published = rn.ResonanceNetwork(data.X.shape[1], seed=seed)
    held = scaled(data.scale, first.X, second.X)
    projection = np.random.default_rng([seed, 1]).standard_normal((data.X.shape[1], NODES))

    def resonance(rows: Array) -> Array:
        phases = net.initial_phases + encoder.transform(rows)
        weights, cosines, sines = net.weights, np.cos(phases), np.sin(phases)
        return np.asarray(cosines * (cosines @ weights) + sines * (sines @ weights))

    shown = [np.array([published.predict(row) for row in rows]) for rows in held]
    ours = [resonance(rows) for rows in (first.X, second.X)]
    centred = [values - ours[0].mean(axis=0) for values in ours]
    projected = [rows @ projection for rows in held]
    codes = {
        AS_PUBLISHED: (shown[0], shown[1]),
        TAUGHT: (np.tanh(ours[0]), np.tanh(ours[1])),
        WINNERS: (_winners(centred[0]), _winners(centred[1])),
        PROJECTION: (_winners(projected[0]), _winners(projected[1])),
        "the pixels themselves": (held[0], held[1]),
    }
    return codes, first.y, second.y


def sparsity(seeds: int) -> Claim:
    """Whether amplitudes are a sparse code."""
    found: Found = {}
    for seed in range(seeds):
        codes, train, test = _codes(load("digits"), seed)
        for name, (first, second) in codes.items():
            near = mean(np.abs(second) < 0.1 * np.abs(second).max())
            right = float(KNeighborsClassifier(1).fit(first, train).score(second, test))
            for column, value in (("Hoyer", hoyer(second)), ("near 0", near), ("named right from it", right)):
                found.setdefault(column, {}).setdefault(name, []).append(value)
    quiet, named = found["near 0"], found["named right from it"]
    verdict: Verdict = "false"
    if mean(quiet[AS_PUBLISHED]) > 0.5:
        verdict = "as published"
    elif mean(quiet[TAUGHT]) > 0.5:
        verdict = "with an extension"
    ahead = "better" if mean(named[PROJECTION]) > mean(named[WINNERS]) else "not better"
    text = f"""
A code is sparse where few nodes answer. At the defaults {percent(mean(quiet[AS_PUBLISHED]))} of the amplitudes that
`predict` gives for digits are below a tenth of the largest, as all saturate; with weights from `entrain` and {NODES}
random nodes it is {percent(mean(quiet[TAUGHT]))}. Nothing in the rule makes nodes compete: where coherent phases are
learned, all nodes are strong together.

Keeping the strongest tenth by decree makes any code sparse. A nearest neighbour names {spread(named[WINNERS])} of the
digits from the network's winners and {spread(named[PROJECTION])} from the winners of a random projection that learned
nothing, which is {ahead}.
"""
    return Claim(
        title="Sparse codes",
        claim="Sparse codes emerge",
        verdict=verdict,
        number=f"{percent(mean(quiet[AS_PUBLISHED]))} of amplitudes near 0 as published, "
        f"{percent(mean(quiet[TAUGHT]))} after entrain",
        baseline=f"a tenth kept by decree: network {spread(named[WINNERS])} named right, random projection "
        f"{spread(named[PROJECTION])}",
        text=text,
        tables=(_table("Codes of digits; near 0 is below a tenth of the largest", "code", found),),
        extension="entrain" if verdict == "with an extension" else "",
    )


# Completion by the weights as they are


FIELD, SETTLED = "weights as they are, one step", "weights as they are, settled"
RANDOM_STARTS = "the same, φ⁰ random"


def _by_field(split: Split, start: Array, steps: int) -> Array:
    """Missing nodes are silent at first and take the phase of the field Wz at each step; the others are held."""
    n = len(start)
    net = rn.ResonanceNetwork.from_state(start, np.zeros(n), np.zeros(n), np.zeros((n, n)))
    weights = net.entrain(QUARTER * split.train).weights - np.eye(n)
    shift = np.exp(1j * start)
    known = shift * np.exp(1j * QUARTER * split.test)
    z = np.where(split.visible, known, 0)
    for _ in range(steps):
        field = z @ weights.T
        z = np.where(split.visible, known, field / np.maximum(np.abs(field), 1e-12))
    return read(z / shift)


def raw_completion(seeds: int) -> Claim:
    """Whether the learned weights complete a pattern without more ado."""
    found: Found = {}
    for name in ("wine", "breast cancer", "digits"):
        for seed in range(seeds):
            split = Split.draw(name, seed)
            n = split.train.shape[1]
            random = np.random.default_rng([seed, 2]).uniform(0, 2 * np.pi, (n,))
            filled: dict[str, Array] = {
                FIELD: _by_field(split, np.zeros(n), 1),
                SETTLED: _by_field(split, np.zeros(n), 20),
                RANDOM_STARTS: _by_field(split, random, 20),
                "mean": np.broadcast_to(split.train.mean(axis=0), split.test.shape),
            }
            _add(found, name, {method: error(rows, split.test, split.visible) for method, rows in filled.items()})
    ways = (FIELD, SETTLED, RANDOM_STARTS)
    better = [name for name, of in found.items() if min(mean(of[way]) for way in ways) < mean(of["mean"]) - 0.01]
    worse = [name for name, of in found.items() if mean(of[SETTLED]) > mean(of["mean"])]
    verdict: Verdict = "as published" if len(better) == len(found) else "false"

    def level(method: str) -> str:
        return "/".join(f"{mean(of[method]):.2f}" for of in found.values())

    text = f"""
The article has patterns completed by resonance alone: missing nodes follow the field Wz of those that are there. With
weights from `entrain`, a node per column, φ = πx/2 and φ⁰ = 0, half of the values missing, that is worse than the mean
of each column on {counted(len(worse), len(found))} sets. The weights are dominated by what all rows have in common, and
all nodes are drawn to one phase; what sets a row apart is in the weaker modes. Random φ⁰ give
{level(RANDOM_STARTS)}. In any of these ways it is ahead of the mean by more than 0.01 on
{counted(len(better), len(found))} sets. Taking out the mean and undoing the modes' unequal strengths repairs it: see
Completion.
"""
    return Claim(
        title="Completion by the raw weights",
        claim="Resonance alone fills in what is missing",
        verdict=verdict,
        number=f"RMSE {level(FIELD)} in one step, {level(SETTLED)} settled, on {listed(found)}",
        baseline=f"mean {level('mean')}",
        text=text,
        tables=(_table("Root mean square error on the missing half, values in [0, 1]", "RMSE", found, 3),),
    )


def measure(seeds: int, images: Path) -> list[Claim]:  # noqa: ARG001
    """Three claims that did not hold when measured; verdicts are computed all the same."""
    return [noise(seeds), sparsity(seeds), raw_completion(seeds)]


if __name__ == "__main__":
    for claim in measure(5, Path("docs/images/claims")):
        print(claim.section())
