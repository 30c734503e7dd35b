"""The weight matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from resonance_native.validation import positive_number, truth

from .checks import group_numbers, square_matrix
from .style import INK, SIGNED, colour_bar, group_colours, own_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform
    from numpy.typing import ArrayLike, NDArray

STRIP, GAP = 5.0, 3.0  # width of the clusters' strips, and their distance from the matrix [points]


def weights(
    weights: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    limit: float | None = None,
    colorbar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw W[i, j], the weight with which node j acts on node i: row i, column j.

    Blue is negative, white 0, red positive.

    Parameters
    ----------
    weights
        Weights (n, n).
    labels
        Cluster of each node (n,): rows and columns are sorted by it, nodes of one cluster stay in their order, lines
        part the clusters, and strips show their colours, those of :func:`phases_on_circle`. None keeps the order of
        the nodes: it may mean something, and any other would be a guess.
    limit
        Weight of the darkest colours; larger ones look the same. None takes the largest magnitude. To compare two
        matrices give both the same.
    colorbar
        Whether to draw the bar of colours.
    ax
        Axes to draw in; None opens a figure.

    Returns
    -------
    Axes
        What was drawn in.
    """
    matrix = square_matrix("weights", weights)
    n = len(matrix)
    numbers = None if labels is None else group_numbers("labels", labels, n)[0]
    largest = float(np.abs(matrix).max()) if limit is None else positive_number("limit", limit)
    truth("colorbar", colorbar)
    ax = own_axes(ax, (5.0, 4.2))
    if numbers is not None:
        nodes = np.argsort(numbers, kind="stable")
        matrix, numbers = matrix[np.ix_(nodes, nodes)], numbers[nodes]
    scale = largest or 1.0  # all weights are 0: any scale draws them white
    image = ax.imshow(matrix, cmap=SIGNED, vmin=-scale, vmax=scale, interpolation="nearest", aspect="equal")
    ax.set(xlim=(-0.5, n - 0.5), ylim=(n - 0.5, -0.5), xlabel="from node j", ylabel="to node i")
    if numbers is not None:
        _draw_clusters(ax, numbers)
        ax.set(xticks=[], yticks=[])
        ax.set_xlabel("from node j, by cluster")
        ax.set_ylabel("to node i, by cluster", labelpad=2 * GAP + STRIP)
    if colorbar:
        colour_bar(ax, image, "weight $W_{ij}$")
    return ax


def _draw_clusters(ax: Axes, numbers: NDArray[np.intp]) -> None:
    """Lines between clusters, and a strip along two sides that says which nodes are whose."""
    n = len(numbers)
    bounds = np.concatenate([[0], np.flatnonzero(np.diff(numbers)) + 1, [n]])
    for bound in bounds[1:-1] - 0.5:
        ax.axhline(bound, color=INK, lw=0.8)
        ax.axvline(bound, color=INK, lw=0.8)
    ax.spines[:].set_visible(False)
    across, down = _beside(ax)
    look: dict[str, Any] = {"lw": STRIP, "solid_capstyle": "butt", "clip_on": False}
    for first, last, colour in zip(bounds[:-1] - 0.5, bounds[1:] - 0.5, group_colours(len(bounds) - 1), strict=True):
        ax.plot([first, last], [1, 1], transform=across, color=colour, **look)
        ax.plot([0, 0], [first, last], transform=down, color=colour, **look)


def _beside(ax: Axes) -> tuple[Transform, Transform]:
    """Coordinates of the strips above and at the left: nodes along them, points away from the matrix."""
    from matplotlib.transforms import ScaledTranslation

    away = (GAP + STRIP / 2) / 72  # [inches]
    inches = ax.figure.dpi_scale_trans
    across = ax.get_xaxis_transform() + ScaledTranslation(0, away, inches)
    down = ax.get_yaxis_transform() + ScaledTranslation(-away, 0, inches)
    return across, down
