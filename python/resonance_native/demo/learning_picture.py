"""The demo's second picture, of what a network learned from digits."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .learning import Clusters, Completion, Sequence
from .style import GREY, LEFT, STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SIDE, GAP = 8, 2  # of an image and between images [pixels]
MEMBERS = 10  # images shown of each cluster, below its mean
COMPLETED = 10  # completed images in a row, of two
UNSEEN = np.nan  # a pixel that nobody was shown


def draw_learning(clusters: Clusters, completion: Completion, sequence: Sequence, path: Path) -> None:
    """Draw clusters, completed halves and the recalled sequence, and write them to ``path``.

    Parameters
    ----------
    clusters, completion, sequence
        What to show.
    path
        Where to write the picture: .png, .svg or .pdf.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(12.5, 7.4), dpi=160, facecolor="white")
        figure.set_layout_engine(ConstrainedLayoutEngine(w_pad=0.2, h_pad=0.1))
        bands: Any = figure.subfigures(2, 1, height_ratios=(1.1, 7.4))
        heading, body = bands
        heading.text(LEFT, 0.9, "What a network makes of handwritten digits", size=23, weight="bold", va="top")
        heading.text(LEFT, 0.3, "entrained on each image once, without labels and without a loss", size=15, va="top")
        panels = body.subplot_mosaic("AAABBB;AAACDD", gridspec_kw={"hspace": 0.02, "height_ratios": (1.15, 1)})
        _draw_clusters(panels["A"], clusters)
        _draw_completion(panels["B"], completion)
        _draw_overlaps(panels["C"], sequence)
        _draw_recalled(panels["D"], sequence)
        figure.savefig(path)


def _sheet(rows: SequenceOf[SequenceOf[Array]]) -> Array:
    """Images (64,) side by side in rows, as one image with gaps between them."""
    step = SIDE + GAP
    sheet = np.zeros((len(rows) * step - GAP, max(map(len, rows)) * step - GAP))
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            sheet[i * step : i * step + SIDE, j * step : j * step + SIDE] = image.reshape(SIDE, SIDE)
    return sheet


def _show(axes: Axes, rows: SequenceOf[SequenceOf[Array]]) -> None:
    import matplotlib as mpl

    colours = mpl.colormaps["Greys"].with_extremes(bad="#F6D9C6")
    axes.imshow(_sheet(rows), cmap=colours, vmin=0, vmax=1, interpolation="nearest", aspect="equal")
    axes.set(xticks=[], yticks=[], anchor="NW")
    axes.spines[:].set_visible(False)


def _middle(index: int) -> float:
    return index * (SIDE + GAP) + (SIDE - 1) / 2


def _draw_clusters(axes: Axes, clusters: Clusters) -> None:
    """A column for each cluster: the mean of its images, then some of them."""
    rng = np.random.default_rng(0)
    columns = []
    for members in clusters.in_order():
        chosen = rng.permutation(members)[:MEMBERS]
        shown = [clusters.images[members].mean(axis=0), *clusters.images[chosen]]
        columns.append(shown + [np.zeros(SIDE * SIDE)] * (MEMBERS + 1 - len(shown)))
    _show(axes, list(zip(*columns, strict=True)))
    axes.axhline(SIDE + GAP / 2 - 0.5, color=GREY, lw=1)
    axes.set_yticks([_middle(0), _middle((MEMBERS + 1) // 2)], ["mean", "some of its images"], rotation=90, va="center")
    axes.tick_params(length=0)
    axes.set_title(f"$\\bf{{A}}$   ten clusters: adjusted Rand index {clusters.agreement:.2f}")


def _draw_completion(axes: Axes, completion: Completion) -> None:
    """The half that was shown, what was made of it, and the truth."""
    rows = []
    for first in (0, COMPLETED):
        chosen = slice(first, first + COMPLETED)
        shown = completion.truth[chosen].copy()
        shown[:, shown.shape[1] // 2 :] = UNSEEN
        rows += [list(shown), list(completion.completed[chosen]), list(completion.truth[chosen])]
    _show(axes, rows)
    axes.set_yticks([_middle(row) for row in range(6)], ["shown", "completed", "truth"] * 2)
    axes.tick_params(length=0)
    error, of_mean = completion.errors
    axes.set_title(f"$\\bf{{B}}$   half digits completed: error {error:.2f} (mean image {of_mean:.2f})")


def _draw_overlaps(axes: Axes, sequence: Sequence) -> None:
    """How near each step of the recall is to each stored image."""
    axes.imshow(sequence.overlaps, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
    axes.set(xlabel="stored image", ylabel="step of the recall", xticks=[0, 10, 20], yticks=[0, 10, 20], anchor="NW")
    axes.set_title("$\\bf{C}$   a sequence")


def _draw_recalled(axes: Axes, sequence: Sequence) -> None:
    """The images that were recalled, row by row."""
    images, width = sequence.images[sequence.recalled], 8
    _show(axes, [list(images[i : i + width]) for i in range(0, len(images), width)])
    result = f"{sequence.right} of {len(images)} steps right"
    axes.set_title("recalled")
    axes.text(0, -0.06, f"from a cue with a quarter of its nodes\nrandom: {result}", va="top", transform=axes.transAxes)
