"""Colours and axes that all pictures share."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar

INK, GREY, FAINT = "#222222", "#767676", "#D9D9D9"
# Okabe and Ito's palette without its black and its yellow, told apart with any colour vision.
GROUP_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
PHASES = "twilight"  # cyclic: 0 and 2π are one colour
SIGNED = "RdBu_r"  # white at 0
SIZES = "viridis"


def group_colours(count: int) -> list[Any]:
    """A colour for each group: the palette's, or shades from dark to light where groups outnumber it."""
    if count <= len(GROUP_COLOURS):
        return list(GROUP_COLOURS[:count])
    return list(mpl.colormaps[SIZES](np.linspace(0, 0.95, count)))


def own_axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """``ax``, or the axes of a new figure in pyplot, of so many inches."""
    if ax is not None:
        if not isinstance(ax, Axes):
            raise TypeError(f"ax must be matplotlib's Axes, got {type(ax).__name__}")
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size, layout="constrained")[1]


def open_frame(ax: Axes) -> None:
    """Take the upper and right side of the frame away."""
    ax.spines[["top", "right"]].set_visible(False)


def colour_bar(ax: Axes, image: Any, label: str) -> Colorbar:
    """A bar of colours at the right of the axes."""
    bar = ax.figure.colorbar(image, ax=ax, aspect=25, pad=0.03)
    bar.set_label(label)
    bar.outline.set_visible(False)
    return bar
