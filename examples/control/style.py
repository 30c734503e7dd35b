"""The look of this example's pictures: that of the project's demo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

# Okabe and Ito's palette, told apart with any colour vision.
BLUE, ORANGE, GREEN, VERMILLION, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7"
INK, GREY, FAINT = "#222222", "#767676", "#D9D9D9"
STYLE: Any = {
    "font.size": 13, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": GREY,
    "axes.titlesize": 14, "axes.titlelocation": "left", "axes.titlepad": 10, "axes.labelsize": 13,
    "xtick.color": GREY, "ytick.color": GREY, "xtick.labelsize": 12, "ytick.labelsize": 12,
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "legend.fontsize": 12,
}  # fmt: skip


def save(figure: Figure, path: Path) -> None:
    """Write the picture, and its folder where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
