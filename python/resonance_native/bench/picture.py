"""The picture: time of a step against n, and the roofline, for each dtype."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .cases import counted
from .ceilings import FLOPS_PER_WEIGHT
from .contenders import Contender
from .machine import summary
from .results import Cell, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, GREY, FAINT = "#222222", "#6E6E6E", "#E4E4E4"
# One hue for each family, from dark to light; Okabe and Ito's, told apart with any colour vision.
PALETTES = {
    "NumPy": ("#08519C", "#3182BD", "#6BAED6"),
    "native": ("#A63603", "#D55E00", "#F16913", "#FDAE6B"),
    "peer": (
        "#00441B", "#1B7837", "#5AAE61", "#A6D96A", "#762A83", "#AF8DC3", "#252525", "#6B6B6B", "#A0A0A0",
    ),
}  # fmt: skip
MARKERS = {"NumPy": "s", "native": "o", "peer": "^"}
STYLE: Any = {
    "font.size": 11.5, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": GREY,
    "axes.titlesize": 14, "axes.titlelocation": "left", "axes.titlepad": 12, "axes.labelsize": 12,
    "xtick.color": GREY, "ytick.color": GREY, "xtick.labelsize": 11, "ytick.labelsize": 11,
    "axes.spines.top": False, "axes.spines.right": False, "mathtext.fontset": "dejavusans",
    "xtick.minor.size": 0, "ytick.minor.size": 0,
}  # fmt: skip
LABEL_GAP = 0.042  # between two labels, as a share of the axes' height


@dataclass(frozen=True)
class Look:
    """How a contender is drawn."""

    colour: str
    marker: str
    weight: str


def draw(results: Results, path: Path) -> None:
    """Draw the picture and write it to ``path``, in the format that its suffix names.

    Of several gains the first is shown, of several numbers of threads the largest: the JSON has all.

    Parameters
    ----------
    results
        To show.
    path
        Where to write the picture.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    panels = _panels(results)
    looks = _looks(results.contenders)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.6 * len(panels), 14), dpi=125, facecolor="white")
        figure.subplots_adjust(
            left=0.1 / len(panels) + 0.005, right=1 - 0.28 / len(panels), bottom=0.055, top=0.875,
            wspace=0.62, hspace=0.23,
        )  # fmt: skip
        axes: Any = figure.subplots(2, len(panels), squeeze=False)
        left = axes[0, 0].get_position().x0 - 0.07 / len(panels)
        figure.text(
            left,
            0.975,
            "A step of the network, and what the machine allows",
            size=23 if len(panels) > 1 else 17,
            weight="bold",
            va="top",
        )
        figure.text(left, 0.943, summary(results.machine), size=12, color=GREY, va="top")
        for column, (title, cells) in enumerate(panels):
            _draw_times(axes[0, column], title, cells, results.contenders, looks)
            _draw_roofline(axes[1, column], title, cells, results.contenders, looks)
        figure.savefig(path)


def _panels(results: Results) -> list[tuple[str, list[Cell]]]:
    """Cells to show for each dtype, by n, and their title."""
    gain = results.cells[0].setting.gain
    threads = max(cell.setting.threads for cell in results.cells)
    panels = []
    for dtype in dict.fromkeys(cell.setting.dtype for cell in results.cells):
        cells = [
            cell
            for cell in results.cells
            if (cell.setting.dtype, cell.setting.gain, cell.setting.threads) == (dtype, gain, threads)
        ]
        panels.append((f"{dtype}, {counted(threads, 'thread')}", sorted(cells, key=lambda cell: cell.setting.n)))
    return panels


def _looks(contenders: Sequence[Contender]) -> dict[str, Look]:
    looks = {}
    for family, palette in PALETTES.items():
        members = [contender for contender in contenders if contender.family == family]
        for position, contender in enumerate(members):
            weight = "bold" if family == "native" else "normal"
            looks[contender.key] = Look(palette[position % len(palette)], MARKERS[family], weight)
    return looks


def _curve(cells: Sequence[Cell], key: str) -> tuple[Any, Any]:
    """Sizes, and for each low quartile, median and high quartile of the seconds a step, NaN where it sat out."""
    spreads = [cell.spread(key) for cell in cells]
    quartiles = [(s.low, s.median, s.high) if s else (np.nan, np.nan, np.nan) for s in spreads]
    return np.array([cell.setting.n for cell in cells]), np.array(quartiles).T


def _draw_times(
    axes: Axes, title: str, cells: Sequence[Cell], contenders: Sequence[Contender], looks: dict[str, Look]
) -> None:
    """Time of a step against n, with the passes over memory and the arithmetic as dashed lines."""
    from matplotlib.ticker import EngFormatter

    axes.set(xscale="log", yscale="log", xlabel="number of nodes n", ylabel="time of a step")
    axes.yaxis.set_major_formatter(EngFormatter("s"))
    axes.set_title(rf"$\bf{{Time\ of\ a\ step:}}$ {title}")
    ends: list[tuple[float, float, str, str, str]] = []
    for contender in contenders:
        sizes, times = _curve(cells, contender.key)
        low, median, high = times
        took_part = np.flatnonzero(np.isfinite(median))
        if len(took_part) == 0:
            continue
        end = (sizes[took_part[-1]], median[took_part[-1]])
        if contender.family == "ceiling":
            axes.plot(sizes, median, color=INK, lw=1.3, ls=_dashes(contender), zorder=1.5)
            ends.append((*end, contender.label, INK, "normal"))
        else:
            look = looks[contender.key]
            axes.fill_between(sizes, low, high, color=look.colour, alpha=0.18, lw=0)
            width = 2.6 if contender.family == "native" else 1.7
            axes.plot(sizes, median, color=look.colour, lw=width, marker=look.marker, ms=5.5, zorder=3)
            ends.append((*end, contender.label, look.colour, look.weight))
    ticks = [cell.setting.n for cell in cells]
    axes.set_xticks(ticks, [f"{n}" for n in ticks])
    axes.set_xticks([], minor=True)
    axes.grid(color=FAINT, lw=0.8)
    axes.set_axisbelow(True)
    label_ends(axes, ends, 1.03)


def _dashes(ceiling: Contender) -> Any:
    return {"ceiling-read": (0, (1, 1.6)), "ceiling-read-write": (0, (5, 2))}.get(ceiling.key, (0, (7, 2, 1.5, 2)))


def _draw_roofline(
    axes: Axes, title: str, cells: Sequence[Cell], contenders: Sequence[Contender], looks: dict[str, Look]
) -> None:
    """Operations a second against operations a byte, under the roofs that memory and arithmetic make."""
    measured = [cell for cell in cells if cell.time("ceiling-read-write") and cell.time("ceiling-fma")]
    axes.set_title(rf"$\bf{{Roofline:}}$ {title}")
    if not measured:
        axes.set_axis_off()
        axes.text(0, 1, "the ceilings were not measured", va="top", color=GREY, transform=axes.transAxes)
        return
    roofs = Roofs.of(measured)
    largest, cached, itemsize = roofs.largest, roofs.cached, np.dtype(cells[0].setting.dtype).itemsize
    axes.set(
        xscale="log", yscale="log", xlabel="operations per byte that the algorithm moves [flop/B]",
        ylabel=f"useful operations a second [Gflop/s], at {FLOPS_PER_WEIGHT}n² a step",
    )  # fmt: skip
    shown = [contender for contender in contenders if contender.family != "ceiling"]
    intensities = {c.key: FLOPS_PER_WEIGHT / (c.transfers * itemsize) for c in shown}
    points = [(c, n, speed) for c in shown for n, speed in _speeds((cached, largest), c.key)]
    lowest = min(intensities.values()) / 2.2
    highest = 3 * max(*intensities.values(), roofs.peak / roofs.memory)
    speeds = [speed for _, _, speed in points] or [roofs.peak]
    axes.set(
        xlim=(lowest, highest),
        ylim=(min(*speeds, roofs.memory * lowest) / 1.6, 1.9 * max(*speeds, roofs.peak)),
    )
    _draw_roofs(axes, roofs, lowest, highest)
    ends = {}
    for contender, n, speed in points:
        look, x, filled = looks[contender.key], intensities[contender.key], n == largest.setting.n
        axes.scatter(
            [x], [speed], s=110 if contender.family == "native" else 75, marker=look.marker, zorder=5 if filled else 4,
            color=look.colour if filled else "white", ec="white" if filled else look.colour, lw=0.8 if filled else 1.6,
        )  # fmt: skip
        ends[contender.key] = (x, speed, contender.label, look.colour, look.weight)
    if max(speeds) > 1.1 * roofs.peak:
        note = "above the roof: operations that an engine saves"
        axes.text(0.015, 0.985, note, transform=axes.transAxes, ha="left", va="top", color=GREY)
    if cached is not largest:
        note = f"filled: n = {largest.setting.n}, hollow: n = {cached.setting.n}"
        axes.text(0.985, 0.02, note, transform=axes.transAxes, ha="right", va="bottom", color=GREY)
    axes.grid(color="white", lw=0.8)
    axes.set_axisbelow(True)
    label_ends(axes, list(ends.values()), 1.03)


def _speeds(cells: Sequence[Cell], key: str) -> list[tuple[int, float]]:
    """Useful operations [Gflop/s] of a contender, for each size at which it took part."""
    times = {cell.setting.n: time for cell in cells if (time := cell.time(key)) is not None}
    return [(n, FLOPS_PER_WEIGHT * n**2 / time / 1e9) for n, time in times.items()]


@dataclass(frozen=True)
class Roofs:
    """What the machine allows.

    Parameters
    ----------
    peak
        Of arithmetic [Gflop/s].
    memory, cache
        Bytes a second [GB/s] that are read and written at the largest n, and at the n where that is most.
    largest, cached
        Those two cells.
    """

    peak: float
    memory: float
    cache: float
    largest: Cell
    cached: Cell

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> Roofs:
        """Those that the ceilings of ``cells`` show, which all have them."""

        def rate(cell: Cell, key: str, amount: float) -> float:
            time = cell.laps.median(key)
            return amount * cell.setting.n**2 / time / 1e9

        moved = 2 * np.dtype(cells[0].setting.dtype).itemsize
        rates = {cell.setting.n: rate(cell, "ceiling-read-write", moved) for cell in cells}
        cached = max(cells, key=lambda cell: rates[cell.setting.n])
        peak = max(rate(cell, "ceiling-fma", FLOPS_PER_WEIGHT) for cell in cells)
        return cls(peak, rates[cells[-1].setting.n], rates[cached.setting.n], cells[-1], cached)


def _draw_roofs(axes: Axes, roofs: Roofs, lowest: float, highest: float) -> None:
    """Draw the roofs, and what each is beside it."""
    x = np.geomspace(lowest, highest, 400)
    roof = np.minimum(roofs.memory * x, roofs.peak)
    axes.fill_between(x, roof, 1e-9, color=FAINT, alpha=0.55, lw=0, zorder=0)
    axes.plot(x, roof, color=INK, lw=2.2, zorder=2)
    axes.text(highest / 1.06, roofs.peak * 1.06, f"multiply-adds: {roofs.peak:,.0f} Gflop/s", ha="right", va="bottom")
    box = axes.get_window_extent()
    decades = [np.log10(high / low) for low, high in (axes.get_xlim(), axes.get_ylim())]
    angle = float(np.degrees(np.arctan2(box.height / decades[1], box.width / decades[0])))
    along: Any = {"rotation": angle, "rotation_mode": "anchor", "ha": "left", "va": "bottom"}
    start = lowest * 1.25
    n = roofs.largest.setting.n
    axes.text(start, roofs.memory * start * 1.1, f"memory, n = {n}: {roofs.memory:,.0f} GB/s", **along)
    if roofs.cache > 1.3 * roofs.memory:
        below = x < roofs.peak / roofs.cache
        axes.plot(x[below], roofs.cache * x[below], color=GREY, lw=1.4, ls=(0, (5, 2)), zorder=2)
        text = f"cache, n = {roofs.cached.setting.n}: {roofs.cache:,.0f} GB/s"
        axes.text(start, roofs.cache * start * 1.1, text, color=GREY, **along)


def label_ends(axes: Axes, ends: Sequence[tuple[float, float, str, str, str]], at: float) -> None:
    """Write labels beside the axes, as near to the heights of their points as others let them, with lines there.

    Parameters
    ----------
    axes
        With a logarithmic height that stays as it is.
    ends
        For each label its point, text, colour and weight.
    at
        Where labels begin, as a share of the axes' width.
    """
    bottom, top = np.log(axes.get_ylim())
    order = sorted(range(len(ends)), key=lambda k: ends[k][1])
    wanted = np.array([(np.log(ends[k][1]) - bottom) / (top - bottom) for k in order])
    for (x, y, text, colour, weight), height in zip(
        [ends[k] for k in order], spread_out(wanted, LABEL_GAP), strict=True
    ):
        axes.annotate(
            text, xy=(x, y), xycoords="data", xytext=(at, height), textcoords="axes fraction", color=colour,
            weight=weight, va="center", ha="left", annotation_clip=False,
            arrowprops={
                "arrowstyle": "-", "color": colour, "lw": 0.7, "alpha": 0.55, "relpos": (0, 0.5), "shrinkA": 0,
                "shrinkB": 4,
            },
        )  # fmt: skip


def spread_out(wanted: Any, gap: float) -> Any:
    """Move heights apart until neighbours are ``gap`` away and all between 0 and 1, in all as little as it takes.

    Parameters
    ----------
    wanted : array (m,)
        Heights, ascending.
    gap
        Least distance of two; less where they would not fit.

    Returns
    -------
    array (m,)
    """
    gap = min(gap, 1 / max(1, len(wanted) - 1))
    # Less the gaps, heights only have to ascend: each run of them that doesn't takes its mean.
    blocks: list[tuple[float, int]] = []
    for height in np.asarray(wanted, float) - gap * np.arange(len(wanted)):
        mean, count = float(height), 1
        while blocks and blocks[-1][0] > mean:
            before, members = blocks.pop()
            mean, count = (before * members + mean * count) / (members + count), members + count
        blocks.append((mean, count))
    apart = np.repeat([mean for mean, _ in blocks], [count for _, count in blocks])
    return np.clip(apart, 0, 1 - gap * max(0, len(wanted) - 1)) + gap * np.arange(len(wanted))
