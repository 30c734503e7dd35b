"""Pictures for docs/theory.md: one size, one set of colours, small files."""

from __future__ import annotations

from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's colours: told apart by the colour-blind as well.
BLUE, ORANGE, GREEN, RED, BLACK = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#000000"

matplotlib.rcParams.update({"font.size": 11, "axes.grid": True, "grid.alpha": 0.3, "axes.spines.top": False,
                            "axes.spines.right": False, "legend.frameon": False})  # fmt: skip


def canvas(panels: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure with panels side by side, 750 pixels wide when saved."""
    figure = Figure(figsize=(7.5, 4.0), layout="constrained")
    return figure, list(figure.subplots(1, panels, squeeze=False)[0])


def save(figure: Figure, images: Path, name: str) -> None:
    """Write ``images/name.png``."""
    images.mkdir(parents=True, exist_ok=True)
    figure.savefig(images / f"{name}.png", dpi=100)
