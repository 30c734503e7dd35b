"""The demo's first picture, of oscillators that synchronise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .style import FAINT, GREY, INK, LEFT, STYLE
from .synchronisation import CENTRES, Synchronisation

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

COLOURS = ("#0072B2", "#D55E00", "#009E73")  # Okabe and Ito's palette, told apart with any colour vision
RADII = (1.0, 0.91, 0.82)  # of the groups' rings


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
            _draw_circle(panels[name], result, sample)
            panels[name].set_title(rf"$\bf{{{name}}}$   phases at {result.times[sample]:.1f} s")
        hands: Any = {"x": 0, "y": -1.12, "ha": "center", "va": "top", "color": GREY}
        panels["B"].text(s=r"hands: mean of $e^{i\varphi}$ over each group", **hands)
        _draw_order(panels["D"], result, moments)
        _draw_weights(body, panels["E"], panels["F"], result)
        figure.savefig(path)


def _draw_heading(heading: SubFigure, result: Synchronisation) -> None:
    """Title, and a line that is also the legend of the groups' colours."""
    from matplotlib.offsetbox import AnchoredOffsetbox, HPacker, TextArea

    title = "Oscillators that synchronise through the weights they learn"
    heading.text(LEFT, 0.9, title, size=23, weight="bold", va="top")
    words = [(f"{len(result.groups)} nodes with natural frequencies around", INK, "normal")]
    for centre, colour, link in zip(CENTRES, COLOURS, (",", " and", "; phases random at first"), strict=True):
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


def _draw_circle(axes: Axes, result: Synchronisation, sample: int) -> None:
    """Phases, one ring per group, and each group's mean of exp(iφ) as a hand: it touches its ring at |r| = 1."""
    angle = np.linspace(0, 2 * np.pi, 361)
    for group, (colour, radius) in enumerate(zip(COLOURS, RADII, strict=True)):
        axes.plot(radius * np.cos(angle), radius * np.sin(angle), color=FAINT, lw=1, zorder=0)
        unit = radius * np.exp(1j * result.phases[sample, result.groups == group])
        axes.scatter(unit.real, unit.imag, s=42, color=colour, alpha=0.5, lw=0, zorder=2)
        mean = unit.mean()
        axes.plot([0, mean.real], [0, mean.imag], color=colour, lw=3, solid_capstyle="round", zorder=3)
    axes.scatter([0], [0], s=30, color=INK, zorder=4)
    axes.set(xlim=(-1.06, 1.06), ylim=(-1.06, 1.06), aspect="equal")
    axes.axis("off")


def _draw_order(axes: Axes, result: Synchronisation, moments: tuple[int, ...]) -> None:
    """Order parameter over time, within the groups and of all nodes."""
    axes.plot(result.times, result.order, color="#AAAAAA", lw=1.2)
    for group, colour in enumerate(COLOURS):
        axes.plot(result.times, result.group_order[:, group], color=colour, lw=3)
    for name, sample in zip("ABC", moments, strict=True):
        axes.axvline(result.times[sample], ymax=1.03 / 1.12, color=INK, lw=1, ls=(0, (1, 2)), zorder=0)
        axes.text(result.times[sample], 1.05, name, weight="bold", ha="center", va="bottom", clip_on=False)
    place: Any = {"transform": axes.transAxes, "ha": "right", "va": "center"}
    axes.text(0.97, 0.83, "within each group", **place)
    axes.text(0.97, 0.12, "all nodes: the groups\nturn at different speeds", color=GREY, **place)
    axes.set(xlim=(0, result.times[-1]), ylim=(0, 1.12), xlabel="time [s]", yticks=(0, 0.5, 1))
    axes.set_title("Order parameter |r|", pad=16)
    axes.spines["left"].set_bounds(0, 1)


def _draw_weights(figure: SubFigure, before: Axes, after: Axes, result: Synchronisation) -> None:
    """Weights at the start and at the end, nodes sorted by group and natural frequency, on one colour scale."""
    order = np.lexsort((result.net.frequencies, result.groups))
    top, n = result.weights_after.max(), len(order)
    for axes, weights in ((before, result.weights_before), (after, result.weights_after)):
        image = axes.imshow(weights[np.ix_(order, order)], cmap="magma", vmin=0, vmax=top, interpolation="nearest")
        for group, colour in enumerate(COLOURS):  # a strip along two sides says which nodes are whose
            first, last = np.flatnonzero(result.groups[order] == group)[[0, -1]]
            axes.plot([first, last + 1], [-0.025 * n] * 2, color=colour, lw=5, solid_capstyle="butt", clip_on=False)
            axes.plot([-0.025 * n] * 2, [first, last + 1], color=colour, lw=5, solid_capstyle="butt", clip_on=False)
        axes.set(anchor="N", xticks=[], yticks=[], xlim=(-0.5, n - 0.5), ylim=(n - 0.5, -0.5))
        axes.spines[:].set_visible(False)
    before.set_xlabel("nodes sorted by group", color=GREY, labelpad=8)
    before.set_title("Weights at the start", pad=16)
    after.set_title(f"Weights after {result.times[-1]:.0f} s", pad=16)
    bar = figure.colorbar(image, ax=after, shrink=0.9, aspect=25, pad=0.03, ticks=(0, 0.5, 1))
    bar.ax.set_title("$W_{ij}$", loc="left", pad=12)
    bar.outline.set_visible(False)
