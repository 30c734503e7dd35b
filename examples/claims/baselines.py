"""What several scripts compare with: scaled rows, kernels of matched width, plain completions, deleted units."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from sklearn.kernel_approximation import RBFSampler
from sklearn.metrics import pairwise_distances
from sklearn.neural_network import MLPClassifier

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Labels = NDArray[np.intp]


def scaled(scale: str, train: Array, *others: Array) -> list[Array]:
    """All rows by mean and standard deviation of ``train``: of each column, or ("global") of all columns as one."""
    axis = None if scale == "global" else 0
    mean, deviation = train.mean(axis=axis), train.std(axis=axis)
    return [(rows - mean) / np.where(deviation > 0, deviation, 1) for rows in (train, *others)]


def median_distance(rows: Array, most: int = 1000) -> float:
    """Median distance of two different rows, of ``most`` rows at most."""
    distances = pairwise_distances(rows[:most])
    return float(np.median(distances[distances > 0]))


def random_features(sigma: float, count: int, seed: int) -> RBFSampler:
    """Random Fourier features of the Gaussian kernel exp(−‖x − y‖²/(2σ²)): one cosine each."""
    return RBFSampler(gamma=1 / (2 * sigma**2), n_components=count, random_state=seed)


def nearest_visible(rows: Array, centres: Array, visible: Mask) -> Labels:
    """Index of the centre at the least distance over the columns that are visible, row by row."""
    distances = visible @ (centres**2).T - 2 * np.where(visible, rows, 0) @ centres.T
    return np.asarray(distances.argmin(axis=1))


def neighbours_visible(rows: Array, visible: Mask, known: Array, count: int = 5) -> Labels:
    """Indices (N, count) of the known rows that are nearest over the columns that are visible."""
    distances = visible @ (known**2).T - 2 * np.where(visible, rows, 0) @ known.T
    return np.asarray(np.argpartition(distances, count, axis=1)[:, :count])


def class_means(rows: Array, labels: Labels) -> Array:
    """Mean row of each class, (k, d)."""
    return np.stack([rows[labels == c].mean(axis=0) for c in range(labels.max() + 1)])


def with_units(network: MLPClassifier, rows: Array, alive: Mask) -> Labels:
    """What a trained perceptron of one hidden layer says once the other hidden units are deleted."""
    hidden = np.maximum(rows @ network.coefs_[0] + network.intercepts_[0], 0) * alive
    return np.asarray((hidden @ network.coefs_[1] + network.intercepts_[1]).argmax(axis=1))


def percent(part: float) -> str:
    """A share as a whole percentage."""
    return f"{100 * part:.0f} %"


def mean(values: Iterable[float]) -> float:
    """Mean over the seeds."""
    return float(np.mean(list(values)))


def counted(number: int, of: int) -> str:
    """How many of how many, in words."""
    return {0: f"none of {of}", of: f"all {of}"}.get(number, f"{number} of {of}")


def listed(names: Iterable[str]) -> str:
    """Names in a sentence; "none" where there is none."""
    found = list(names)
    if len(found) < 2:
        return found[0] if found else "none"
    return f"{', '.join(found[:-1])} and {found[-1]}"
