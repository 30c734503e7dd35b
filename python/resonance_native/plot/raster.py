"""Phases of all nodes over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from resonance_native.validation import truth

from .checks import finite_array, sample_times
from .style import PHASES, colour_bar, own_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

EVEN = 1e-3  # relative difference of time steps that can't be seen


def phase_raster(
    phases: ArrayLike,
    time: ArrayLike | None = None,
    *,
    order: ArrayLike | None = None,
    colorbar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw phases as colours: time to the right, nodes downwards.

    Colours are cyclic, so that 0 and 2π look the same. Neighbouring samples are never blended: between 2π and 0 that
    would show phases that nobody had.

    Parameters
    ----------
    phases
        Phases (T, n) [rad], a row each sample; any multiple of 2π may be in them.
    time
        Times of the samples (T,) [s], rising, evenly or not. None numbers the samples.
    order
        Nodes in the order to draw them (n,), the first on top, such as ``np.argsort(net.frequencies)``.
        None keeps the order of the columns.
    colorbar
        Whether to draw the bar of colours.
    ax
        Axes to draw in; None opens a figure.

    Returns
    -------
    Axes
        What was drawn in.
    """
    values = finite_array("phases", phases, "(T, n)", 2)
    times, label = sample_times(time, len(values))
    nodes = _permutation(order, values.shape[1])
    truth("colorbar", colorbar)
    ax = own_axes(ax, (6.4, 3.6))
    edges = _edges(times)
    rows = np.mod(values.T if nodes is None else values.T[nodes], 2 * np.pi)
    sides = np.array([-0.5, len(rows) - 0.5])
    if np.ptp(np.diff(edges)) <= EVEN * np.diff(edges).mean():
        image = ax.imshow(
            rows, cmap=PHASES, vmin=0, vmax=2 * np.pi, interpolation="nearest", aspect="auto",
            extent=(edges[0], edges[-1], sides[1], sides[0]),
        )  # fmt: skip
        _finish(ax, image, colorbar)
    else:
        down = np.arange(len(rows) + 1) - 0.5
        mesh = ax.pcolormesh(edges, down, rows, cmap=PHASES, vmin=0, vmax=2 * np.pi, rasterized=True)
        _finish(ax, mesh, colorbar)
    ax.set(xlim=(edges[0], edges[-1]), ylim=sides[::-1], xlabel=label)
    ax.set_ylabel("node" if nodes is None else "node, sorted")
    return ax


def _permutation(order: ArrayLike | None, n_nodes: int) -> NDArray[np.intp] | None:
    if order is None:
        return None
    nodes = np.asarray(order)
    if nodes.shape != (n_nodes,) or nodes.dtype.kind not in "iu" or not np.array_equal(np.sort(nodes), range(n_nodes)):
        raise ValueError(f"order must have each of the nodes 0 to {n_nodes - 1} once, got {order!r}")
    return nodes.astype(np.intp)


def _edges(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where a sample's column begins and ends: half way to its neighbours."""
    if len(times) == 1:
        return np.array([times[0] - 0.5, times[0] + 0.5])
    middles = (times[:-1] + times[1:]) / 2
    ends = 2 * times[[0, -1]] - middles[[0, -1]]
    return np.asarray(np.concatenate([ends[:1], middles, ends[1:]]))


def _finish(ax: Axes, image: object, colorbar: bool) -> None:
    """The bar, in multiples of π."""
    if colorbar:
        bar = colour_bar(ax, image, "phase [rad]")
        bar.set_ticks([0, np.pi, 2 * np.pi], labels=["0", "π", "2π"])
