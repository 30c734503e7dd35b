"""The order parameter over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .checks import finite_array, sample_times
from .style import group_colours, open_frame, own_axes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

ROUNDING = 1e-6  # by which the mean of float32 phasors may exceed 1


def order_parameter(
    r: ArrayLike,
    time: ArrayLike | None = None,
    *,
    labels: Sequence[str] | None = None,
    ax: Axes | None = None,
    **line: Any,
) -> Axes:
    """Draw the magnitude of the order parameter against time: 0 is disorder, 1 is one common phase.

    Parameters
    ----------
    r
        Order parameter, complex or its magnitude: (T,), or (T, groups) for a line each group, in the colours of
        :func:`phases_on_circle`. Phases are no order parameter; their r is ``np.exp(1j * phases).mean(axis=1)``.
    time
        Times of the samples (T,) [s], rising. None numbers the samples.
    labels
        Name of each line, for a legend: as many as there are groups.
    ax
        Axes to draw in; None opens a figure.
    **line
        Passed on to :meth:`matplotlib.axes.Axes.plot`, such as ``color`` and ``lw``.

    Returns
    -------
    Axes
        What was drawn in.
    """
    magnitudes = finite_array("r", np.abs(r) if np.iscomplexobj(r) else r, "(T,) or (T, groups)", (1, 2))
    largest = float(np.abs(magnitudes).max())
    if largest > 1 + ROUNDING:
        raise ValueError(f"r must be an order parameter, of magnitude at most 1, got {largest:g}; are these phases?")
    times, label = sample_times(time, len(magnitudes))
    columns = np.abs(magnitudes.reshape(len(magnitudes), -1)).T
    names = [None] * len(columns) if labels is None else list(labels)
    if isinstance(labels, str) or len(names) != len(columns):
        raise ValueError(f"labels must have {len(columns)} names, one a line, got {labels!r}")
    ax = own_axes(ax, (6.4, 3.2))
    for column, colour, name in zip(columns, group_colours(len(columns)), names, strict=True):
        ax.plot(times, column, **{"color": colour, "lw": 2.0, "label": name} | line)
    ax.margins(x=0)
    ax.set(ylim=(0, 1.03), yticks=(0, 0.5, 1), xlabel=label, ylabel="order parameter |r|")
    ax.spines["left"].set_bounds(0, 1)
    open_frame(ax)
    return ax
