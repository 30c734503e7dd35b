"""Part three of the demo: a network entrained on digits, and what can be read from it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from resonance_native import learn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Indices = NDArray[np.intp]

WHITE = np.pi / 2  # phase of a white pixel [rad]; black is 0
TESTED = 297  # images that are completed, and not learned from
RIDGE = 1e-3  # what keeps the equations of the completion solvable
SEQUENCE = 30  # images in the sequence
CORRUPTED = 0.25  # share of the cue's nodes


@dataclass(frozen=True)
class Clusters:
    """Ten groups of images that a clusterer found without labels."""

    images: Array  # (N, 64) in [0, 1]
    labels: Indices  # (N,) cluster of each image
    digits: Indices  # (N,) what the image shows; the clusterer never saw it
    seconds: float

    @property
    def agreement(self) -> float:
        """Adjusted Rand index of clusters and digits: 1 where they are the same, near 0 by chance."""
        from sklearn.metrics import adjusted_rand_score

        return float(adjusted_rand_score(self.digits, self.labels))

    def in_order(self) -> list[Indices]:
        """Members of each cluster, clusters sorted by the digit that most of their images show."""
        members = [np.flatnonzero(self.labels == label) for label in np.unique(self.labels)]
        return sorted(members, key=lambda images: int(np.bincount(self.digits[images]).argmax()))


@dataclass(frozen=True)
class Completion:
    """Images of which only the upper half was shown."""

    truth: Array  # (T, 64)
    completed: Array  # (T, 64): the upper half as shown, the lower half as the memory has it
    mean: Array  # (64,) of the images learned from

    def error(self, lower: Array) -> float:
        """Root mean square error of lower halves, of pixels in [0, 1]."""
        half = self.truth.shape[1] // 2
        return float(np.sqrt(np.mean((lower - self.truth[:, half:]) ** 2)))

    @property
    def errors(self) -> tuple[float, float]:
        """Of the completion, and of the mean image in its place."""
        half = self.truth.shape[1] // 2
        return self.error(self.completed[:, half:]), self.error(self.mean[half:])


@dataclass(frozen=True)
class Sequence:
    """A sequence of images that was recalled from a corrupted first one."""

    images: Array  # (L, 64), as stored
    overlaps: Array  # (L, L): |⟨phasors after step t, phasors of image l⟩| / n
    recalled: Indices  # (L,) image that each step is nearest to

    @property
    def right(self) -> int:
        """Steps that led to the image that follows."""
        return int((self.recalled == (np.arange(len(self.images)) + 1) % len(self.images)).sum())


def cluster_digits(limit: int | None = None) -> Clusters:
    """Sort the digits into ten groups, without labels."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = np.asarray(bunch.data[:limit] / 16, float)
    begun = time.perf_counter()
    labels = learn.ResonanceClusterer(10, scale="global", random_state=0).fit_predict(images)
    return Clusters(images, labels, bunch.target[:limit], time.perf_counter() - begun)


def complete_digits(limit: int | None = None) -> Completion:
    """Learn from some images, then see the upper half of others and fill in the lower.

    The lower half is what is expected of its phasors, given those of the upper half: linear regression between nodes,
    all of it read from the weights and the mean phasors.
    """
    from sklearn.datasets import load_digits

    images = np.asarray(load_digits().data[:limit] / 16, float)
    tested = min(TESTED, len(images) // 4)
    shown, truth = images[:-tested], images[-tested:]
    memory = learn.PhaseMemory(images.shape[1]).store(WHITE * shown)
    mean = np.exp(1j * WHITE * shown).mean(axis=0)
    covariance = memory.weights * (memory.n_nodes / len(shown)) - np.outer(mean, mean.conj())
    upper = np.arange(images.shape[1]) < images.shape[1] // 2
    within = covariance[np.ix_(upper, upper)] + RIDGE * np.eye(int(upper.sum()))
    across = np.linalg.solve(within, covariance[np.ix_(upper, ~upper)])
    expected = mean[~upper] + (np.exp(1j * WHITE * truth[:, upper]) - mean[upper]) @ across.conj()
    completed = truth.copy()
    completed[:, ~upper] = np.clip(np.angle(expected) / WHITE, 0, 1)
    return Completion(truth, completed, shown.mean(axis=0))


def recall_sequence(limit: int | None = None, seed: int = 0) -> Sequence:
    """Store images in a cyclic order and recall them from the first, a quarter of whose nodes are random."""
    from sklearn.datasets import load_digits

    rng = np.random.default_rng(seed)
    images = np.asarray(load_digits().data[:limit] / 16, float)
    images = images[rng.permutation(len(images))[:SEQUENCE]]
    memory = learn.SequenceMemory(1000, random_state=seed).store(images)
    cue = memory.patterns_[0].copy()
    corrupted = rng.random(len(cue)) < CORRUPTED
    cue[corrupted] = np.exp(1j * rng.uniform(0, 2 * np.pi, int(corrupted.sum())))
    phasors = memory.recall(cue, len(images))
    overlaps = np.abs(phasors @ memory.patterns_.conj().T) / len(cue)
    return Sequence(images, overlaps, memory.decode(phasors))
