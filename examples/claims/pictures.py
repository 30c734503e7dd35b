"""How the pictures of the page are drawn: one width, colours that colour-blind readers tell apart, small files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
from PIL import Image

# Okabe and Ito, "Color universal design", 2008.
BLACK, BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY = (
    "#000000", "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9",
)  # fmt: skip
GREY = "#888888"
_STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
}


def figure(rows: int = 1, columns: int = 1, height: float = 3.4, **keywords: Any) -> tuple[Any, Any]:
    """A figure and its axes, seven inches wide."""
    with plt.rc_context(_STYLE):
        return plt.subplots(rows, columns, figsize=(7, height), layout="constrained", **keywords)


def save(fig: Any, images: Path, file: str) -> str:
    """Write the figure as ``images/file`` and give the file's name."""
    images.mkdir(parents=True, exist_ok=True)
    fig.savefig(images / file, dpi=140)
    plt.close(fig)
    with Image.open(images / file) as drawn:
        few_colours = drawn.convert("RGB").quantize(96)
    few_colours.save(images / file, optimize=True)
    return file
