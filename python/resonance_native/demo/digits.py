"""Part two of the demo: what a network learns from handwritten digits that stream by, without labels."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import resonance_native as rn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SIDE = 8  # of a digit's image [pixels]
WHITE = 2.0  # phase of a white pixel [rad]; black is 0
HOLD = 4  # steps from one image to the next
PINNED_STEPS = 500  # amplitudes held at 1 while the first weights form
DT = 0.01  # time step [s]
ARROWS = {(-1, 0): "↑", (-1, 1): "↗", (0, 1): "→", (1, 1): "↘", (1, 0): "↓", (1, -1): "↙", (0, -1): "←", (-1, -1): "↖"}


@dataclass(frozen=True)
class DigitStream:
    """What a network learned from handwritten digits that went by, without labels."""

    net: rn.ResonanceNetwork
    images: Array  # (T, 64)
    seconds: float
    error: float  # largest difference from the reference, in weights and amplitudes

    @property
    def used(self) -> NDArray[np.bool_]:
        """Pixels that are not the same in every image."""
        return np.asarray(np.ptp(self.images, axis=0) > 0)

    def likeness(self) -> Array:
        """Minus the mean squared difference of each pair of pixels: the truth, with which to compare the weights."""
        products = np.asarray(self.images.T @ self.images) / len(self.images)
        squares = np.diag(products)
        return np.asarray(2 * products - squares[:, None] - squares[None, :])

    def rank_correlation(self) -> float:
        """Of the weights with the pixels' likeness, over all pairs of used pixels (Spearman's)."""
        pairs = np.triu(np.outer(self.used, self.used), 1)
        ranks = [np.argsort(np.argsort(matrix[pairs])) for matrix in (self.net.weights, self.likeness())]
        return float(np.asarray(np.corrcoef(ranks))[0, 1])

    def partners(self, matrix: Array) -> NDArray[np.intp]:
        """For each pixel the other used pixel with the largest entry in ``matrix``."""
        others = np.where(self.used[None, :] & ~np.eye(len(matrix), dtype=bool), matrix, -np.inf)
        return np.asarray(others.argmax(axis=1))

    def neighbour_share(self, matrix: Array) -> float:
        """Share of the used pixels whose partner touches them in the image."""
        pixels = np.flatnonzero(self.used)
        return float(_touching()[pixels, self.partners(matrix)[pixels]].mean())

    def chance(self) -> float:
        """Neighbour share of partners drawn at random."""
        pixels = np.flatnonzero(self.used)
        return float(_touching()[np.ix_(pixels, pixels)].sum() / (len(pixels) * (len(pixels) - 1)))

    def arrows(self) -> list[str]:
        """Lines of a map on which every pixel points to its partner."""
        rows, columns = np.divmod(self.partners(self.net.weights), SIDE)
        cells = [
            ARROWS.get((rows[i] - i // SIDE, columns[i] - i % SIDE), "·") if self.used[i] else " "
            for i in range(SIDE * SIDE)
        ]
        return [" ".join(cells[i : i + SIDE]) for i in range(0, len(cells), SIDE)]


def _touching() -> NDArray[np.bool_]:
    rows, columns = np.divmod(np.arange(SIDE * SIDE), SIDE)
    distance = np.maximum(abs(rows[:, None] - rows), abs(columns[:, None] - columns))
    return np.asarray(distance == 1)


def stream_digits(limit: int | None = None) -> DigitStream:
    """Stream scikit-learn's digits through a network of 64 nodes, one for each pixel.

    An image is a pattern of phases, up to 2 rad for white; the input is the speed [rad/s] that takes the phases from
    one image to the next. Amplitudes are pinned to 1 for the first 500 steps and free from then on.

    Parameters
    ----------
    limit
        Number of images; None takes all 1,797.
    """
    from sklearn.datasets import load_digits

    images = np.asarray(load_digits().data[:limit], float)
    n = images.shape[1]
    speeds = np.diff(images * (WHITE / 16), axis=0, prepend=0) / (HOLD * DT)
    pinned_rows = min(PINNED_STEPS // HOLD, len(images) // 2)

    def live(net: Any) -> float:
        net.phases = np.zeros(n)
        begun = time.perf_counter()
        net.pin(slice(None), 1.0)
        net.run(speeds[:pinned_rows], dt=DT, hold=HOLD)
        net.unpin()
        net.run(speeds[pinned_rows:], dt=DT, hold=HOLD)
        return time.perf_counter() - begun

    keywords: dict[str, Any] = {"freq_std": 0.0, "gain": 8 / n, "seed": 1, **rn.learning_rates(10.0, DT)}
    net, reference = rn.ResonanceNetwork(n, **keywords), rn.reference.ResonanceNetwork(n, **keywords)
    seconds = live(net)
    live(reference)
    weight_error = np.abs(net.weights - reference.weights).max() / np.abs(reference.weights).max()
    amplitude_error = np.abs(net.amplitudes - reference.amplitudes).max()
    return DigitStream(net, images, seconds, float(max(weight_error, amplitude_error)))
