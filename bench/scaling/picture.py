"""The picture: time of a step against n, each line as far as memory goes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from resonance_native.bench.machine import summary
from resonance_native.bench.picture import FAINT, GREY, INK, MARKERS, PALETTES, STYLE, label_ends
from resonance_native.memory import gib

from .lines import DTYPE, EDGES, LINES, TOLERANCE, Line, full_at
from .measure import Times

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# As in the other picture: NumPy blue, dense weights from dark to light orange; the other two in hues of their own.
COLOURS = {
    "published": PALETTES["NumPy"][0],
    "update": PALETTES["native"][0], "noise": PALETTES["native"][2], "held": PALETTES["native"][3],
    "factored": "#1B7837", "sparse": "#762A83",
}  # fmt: skip
MARKER = {"published": MARKERS["NumPy"], "factored": "D", "sparse": "v"}
LIMITS = (70, 1.4e6)  # of n
SQUARE_FROM, LINEAR_FROM = 1000, 100_000  # nodes, where straight slopes begin


def draw(times: Sequence[Times], machine: dict[str, Any], path: Path) -> None:
    """Draw the picture and write it to ``path``, in the format that its suffix names."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import EngFormatter

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(12, 8), dpi=125, facecolor="white")
        figure.subplots_adjust(left=0.085, right=0.775, bottom=0.085, top=0.84)
        axes = figure.subplots()
        figure.text(0.02, 0.965, "A step, from a hundred nodes to a million", size=21, weight="bold", va="top")
        settings = (
            f"{DTYPE}, tolerance {TOLERANCE:g}, gain 30/n (sparse: 30/{EDGES}); input of standard deviation 1 rad/s"
        )
        figure.text(0.02, 0.912, f"{summary(machine)}\n{settings}", size=11, color=GREY, va="top", linespacing=1.4)
        axes.set(xscale="log", yscale="log", xlabel="number of nodes n", ylabel="time of a step", xlim=LIMITS)
        axes.yaxis.set_major_formatter(EngFormatter("s"))
        decades = 10 ** np.arange(2, 7)
        axes.set_xticks(decades, [f"{n:,}" for n in decades])
        axes.set_xticks([], minor=True)
        axes.grid(color=FAINT, lw=0.8)
        axes.set_axisbelow(True)
        curves = {line.key: _curve(times, line.key) for line in LINES}
        for line in LINES:
            _draw_line(axes, line, curves[line.key])
        axes.autoscale(False)
        _draw_memory(axes, machine["memory_bytes"])
        _draw_guides(axes, curves)
        _label_lines(axes, curves)
        figure.savefig(path)


def _curve(times: Sequence[Times], key: str) -> Any:
    """Sizes, and low quartile, median and high quartile of the seconds a step: (4, sizes)."""
    rows = [(t.n, t.seconds.low, t.seconds.median, t.seconds.high) for t in times if t.key == key]
    return np.array(rows).reshape(-1, 4).T


def _draw_line(axes: Axes, line: Line, curve: Any) -> None:
    """One line with its quartiles."""
    n, low, median, high = curve
    axes.fill_between(n, low, high, color=COLOURS[line.key], alpha=0.18, lw=0)
    axes.plot(n, median, color=COLOURS[line.key], lw=_width(line), marker=MARKER.get(line.key, MARKERS["native"]), ms=6)


def _width(line: Line) -> float:
    return 1.7 if line.storage == "NumPy" else 2.6


def _label_lines(axes: Axes, curves: dict[str, Any]) -> None:
    ends = []
    for line in LINES:
        n, _, median, _ = curves[line.key]
        if len(n) > 0:
            weight = "normal" if line.storage == "NumPy" else "bold"
            ends.append((n[-1], median[-1], line.label, COLOURS[line.key], weight))
    label_ends(axes, ends, 1.03)


def _draw_memory(axes: Axes, memory: int | None) -> None:
    """Where dense weights end: at the n at which they fill this machine."""
    if memory is None:
        return
    axes.axvline(full_at(memory), color=INK, lw=1.2, ls=(0, (4, 2.5)), zorder=1.5)
    axes.annotate(
        f"n × n weights\nfill {gib(memory)}", (full_at(memory), 0.02), xycoords=("data", "axes fraction"),
        xytext=(8, 0), textcoords="offset points", va="bottom", ha="left", linespacing=1.3,
    )  # fmt: skip


def _draw_guides(axes: Axes, curves: dict[str, Any]) -> None:
    """Slopes: n² between NumPy and the dense lines, n above the factored one."""
    (n, _, published, _), update = curves["published"], curves["update"][2]
    if len(n) > 0 and n[-1] > SQUARE_FROM:
        _draw_guide(axes, 2, SQUARE_FROM, n[-1], np.sqrt(published[-1] * update[len(n) - 1]), "∝ n²")
    n, _, factored, _ = curves["factored"]
    if len(n) > 0 and n[-1] > LINEAR_FROM:
        _draw_guide(axes, 1, LINEAR_FROM, n[-1], 4 * factored[-1], "∝ n")


def _draw_guide(axes: Axes, power: int, first: float, last: float, seconds: float, text: str) -> None:
    """A straight line that ends at ``last`` nodes and so many seconds."""
    n = np.array([first, last])
    times = seconds * (n / last) ** power
    axes.plot(n, times, color=GREY, lw=1.2, ls=(0, (1, 1.8)), zorder=1.5)
    axes.annotate(
        text, (np.sqrt(first * last), np.sqrt(times[0] * times[1])), xytext=(0, 4), textcoords="offset points",
        color=GREY, rotation=_angle(axes, power), rotation_mode="anchor", ha="center", va="bottom",
    )  # fmt: skip


def _angle(axes: Axes, power: float) -> float:
    """Degrees at which n to that power rises in the picture."""
    box = axes.get_window_extent()
    width, height = (np.log10(high / low) for low, high in (axes.get_xlim(), axes.get_ylim()))
    return float(np.degrees(np.arctan2(power * box.height / height, box.width / width)))
