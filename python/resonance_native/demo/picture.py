"""The demo's first picture, of oscillators that synchronise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from resonance_native import plot
from resonance_native.plot.style import group_colours

from .style import GREY, INK, LEFT, STYLE
from .synchronisation import CENTRES, Synchronisation

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure


def draw(result: Synchronisation, path: Path) -> None:
    """Draw the picture and write it to ``path``, in the format that its suffix names.

    Parameters
    ----------
    result
        The run to show.
    path
        Where to write the picture: .png, .svg or .pdf.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(12.5, 9), dpi=160, facecolor="white")
        figure.set_layout_engine(ConstrainedLayoutEngine(w_pad=0.2, h_pad=0.08))
        bands: Any = figure.subfigures(2, 1, height_ratios=(1.15, 9))
        heading, body = bands
        _draw_heading(heading, result)
        panels = body.subplot_mosaic("AAAABBBBCCCC;DDDDEEEEFFFF", gridspec_kw={"wspace": 0.12, "hspace": 0.1})
        moments = result.moments()
        for name, sample in zip("ABC", moments, strict=True):
            plot.phases_on_circle(result.phases[sample], groups=result.groups, ax=panels[name])
            panels[name].set_title(rf"$\bf{{{name}}}$   phases at {result.times[sample]:.1f} s")
        arrows: Any = {"x": 0, "y": -1.26, "ha": "center", "va": "top", "color": GREY}
        panels["B"].text(s=r"arrows: mean of $e^{i\varphi}$ over each group", **arrows)
        _draw_order(panels["D"], result, moments)
        _draw_weights(panels["E"], panels["F"], result)
        figure.savefig(path)


def _draw_heading(heading: SubFigure, result: Synchronisation) -> None:
    """Title, and a line that is also the legend of the groups' colours."""
    from matplotlib.offsetbox import AnchoredOffsetbox, HPacker, TextArea

    title = "Oscillators that synchronise through the weights they learn"
    heading.text(LEFT, 0.9, title, size=23, weight="bold", va="top")
    words = [(f"{len(result.groups)} nodes with natural frequencies around", INK, "normal")]
    for centre, colour, link in zip(CENTRES, group_colours(3), (",", " and", "; phases random at first"), strict=True):
        words += [(f" {centre:g} Hz", colour, "bold"), (link, INK, "normal")]
    line: list[Artist] = [
        TextArea(text, textprops={"color": colour, "weight": weight, "size": 15}) for text, colour, weight in words
    ]
    heading.add_artist(
        AnchoredOffsetbox(
            "upper left", child=HPacker(children=line, pad=0, sep=0), pad=0, borderpad=0, frameon=False,
            bbox_to_anchor=(LEFT, 0.36), bbox_transform=heading.transSubfigure,
        )
    )  # fmt: skip


def _draw_order(axes: Axes, result: Synchronisation, moments: tuple[int, ...]) -> None:
    """Order parameter over time, within the groups and of all nodes."""
    plot.order_parameter(result.order, result.times, ax=axes, color="#AAAAAA", lw=1.2)
    plot.order_parameter(result.group_order, result.times, ax=axes, lw=3)
    for name, sample in zip("ABC", moments, strict=True):
        axes.axvline(result.times[sample], ymax=1.03 / 1.12, color=INK, lw=1, ls=(0, (1, 2)), zorder=0)
        axes.text(result.times[sample], 1.05, name, weight="bold", ha="center", va="bottom", clip_on=False)
    place: Any = {"transform": axes.transAxes, "ha": "right", "va": "center"}
    axes.text(0.97, 0.83, "within each group", **place)
    axes.text(0.97, 0.12, "all nodes: the groups\nturn at different speeds", color=GREY, **place)
    axes.set(ylim=(0, 1.12), ylabel="")
    axes.set_title("Order parameter |r|", pad=16)


def _draw_weights(before: Axes, after: Axes, result: Synchronisation) -> None:
    """Weights at the start and at the end, nodes sorted by group and natural frequency, on one colour scale."""
    order = np.lexsort((result.net.frequencies, result.groups))
    top = float(result.weights_after.max())
    for axes, weights in ((before, result.weights_before), (after, result.weights_after)):
        plot.weights(
            weights[np.ix_(order, order)], labels=result.groups[order], limit=top, colorbar=axes is after, ax=axes
        )
    before.set_title("Weights at the start", pad=16)
    after.set_title(f"Weights after {result.times[-1]:.0f} s", pad=16)
