"""The picture: which share of all updates, and of all wake-ups, takes longer than a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from resonance_native.bench.machine import summary
from resonance_native.bench.picture import FAINT, GREY, INK, spread_out

from .results import Results, Times

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHARES = (1.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
NAMES = ("all", "10 %", "1 %", "0.1 %", "0.01 %", "10⁻⁵", "10⁻⁶")
LABEL_GAP = 0.05  # between two labels, as a share of the axes' height
STYLE: Any = {
    "font.size": 12, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": GREY,
    "axes.titlesize": 14, "axes.titlelocation": "left", "axes.titlepad": 12, "axes.titleweight": "bold",
    "xtick.color": GREY, "ytick.color": GREY, "axes.spines.top": False, "axes.spines.right": False,
    "xtick.minor.size": 0, "ytick.minor.size": 0,
}  # fmt: skip


def draw(results: Results, path: Path) -> None:
    """Draw the picture and write it to ``path``, in the format that its suffix names.

    Parameters
    ----------
    results
        To show.
    path
        Where to write the picture.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    settings = results.settings
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(14.5, 7.2), dpi=125, facecolor="white")
        figure.subplots_adjust(left=0.062, right=0.93, bottom=0.1, top=0.8, wspace=0.32)
        axes: Any = figure.subplots(1, 2)
        loop = f"{settings['period_us'] / 1000:g} ms for {settings['seconds']:g} s"
        title = f"A network in a control loop of {loop}, {settings['dtype']}, 1 thread"
        figure.text(0.022, 0.965, title, size=19, weight="bold", va="top")
        figure.text(0.022, 0.9, f"{summary(results.machine)}; {_rights(results)}", size=11.5, color=GREY, va="top")
        updates = {network.n: network.update for network in results.networks}
        wake_ups = {network.n: network.wake_up for network in results.networks}
        _draw_times(axes[0], "Time of an update", updates)
        _draw_times(axes[1], "Time from a tick until the loop runs", wake_ups)
        figure.savefig(path)


def _rights(results: Results) -> str:
    """What the system gave, in a few words."""
    fifo = "SCHED_FIFO" if results.program["sched_fifo"]["granted"] else "without SCHED_FIFO"
    locked = all(network.found["locked_memory"]["granted"] for network in results.networks)
    return f"{fifo}, memory {'locked' if locked else 'not locked'}"


def _draw_times(axes: Axes, title: str, times: dict[int, Times]) -> None:
    """One curve for each number of nodes: the tail of its distribution, out to the longest time."""
    import matplotlib as mpl
    from matplotlib.ticker import EngFormatter

    colours = mpl.colormaps["viridis"](np.linspace(0.0, 0.85, len(times)))
    ends = []
    for (n, each), colour in zip(times.items(), colours, strict=True):
        seconds, shares = each.exceeded()
        last = 1 / each.count  # the longest one is exceeded by none: it stands where it is the only one
        shares, seconds = np.append(1.0, np.maximum(shares, last)), np.append(seconds[0], seconds)
        axes.step(shares, seconds, where="pre", color=colour, lw=2)
        axes.plot([last], [each.max], marker="o", ms=6, color=colour, clip_on=False, zorder=4)
        ends.append((last, each.max, f"n = {n}", colour))
    smallest = min(end[0] for end in ends)
    shown = [(share, name) for share, name in zip(SHARES, NAMES, strict=True) if share >= smallest / 2]
    axes.set(xscale="log", yscale="log", xlabel="share that takes longer", xlim=(1.0, smallest))
    axes.set_xticks([share for share, _ in shown], [name for _, name in shown])
    axes.set_xticks([], minor=True)
    axes.yaxis.set_major_formatter(EngFormatter("s"))
    axes.set_title(title)
    axes.grid(color=FAINT, lw=0.8)
    axes.set_axisbelow(True)
    _label(axes, ends)


def _label(axes: Axes, ends: list[tuple[float, float, str, Any]]) -> None:
    """Name the curves beside their ends, with lines to them."""
    bottom, top = np.log(axes.get_ylim())
    order = sorted(ends, key=lambda end: end[1])
    wanted = np.array([(np.log(y) - bottom) / (top - bottom) for _, y, _, _ in order])
    for (x, y, text, colour), height in zip(order, spread_out(wanted, LABEL_GAP), strict=True):
        axes.annotate(
            text, xy=(x, y), xycoords="data", xytext=(1.05, height), textcoords="axes fraction", color=colour,
            va="center", ha="left", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.7, "alpha": 0.6, "relpos": (0, 0.5)},
        )  # fmt: skip
