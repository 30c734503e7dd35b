"""The tables that the terminal shows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from .cases import counted
from .interleaved import Ratio
from .machine import summary
from .results import Cell, Results

YARDSTICK = "native-run"  # whom the others' times are divided by
STYLES = {"native": "bold", "ceiling": "dim"}
BUSY = 0.7  # load from which on another process is likely to hold a core
PADDING = 2  # of a column
WIDE = 300  # of what goes to no terminal


def terminal() -> Console:
    """Stdout; where that is no terminal, wide enough for every table."""
    return Console(width=None if sys.stdout.isatty() else WIDE)


def show(results: Results, console: Console | None = None) -> None:
    """Print times and ratios of every type, gain and number of threads, and who could not take part.

    Parameters
    ----------
    results
        To show.
    console
        Where; None is stdout.
    """
    console = console or terminal()
    console.print(summary(results.machine), style="dim", soft_wrap=True, highlight=False)
    load = (results.machine["load_average"] or [0.0])[0]
    if load > BUSY:
        console.print(f"the machine was busy at the start (load {load:.1f}): figures of several threads suffer most")
    for title, cells in _groups(results):
        _print(results, cells, f"Time of a step, {title}", _time, console)
        _print(results, cells, f"Times as long as a native run with held input, {title}", _ratio, console)
    for line in _absences(results):
        console.print(line, style="dim", soft_wrap=True, highlight=False)


def _groups(results: Results) -> Iterator[tuple[str, list[Cell]]]:
    """Yield cells that differ in n alone, with their common title."""

    def key(cell: Cell) -> tuple[str, str, int]:
        return cell.setting.dtype, cell.setting.gain, cell.setting.threads

    order = {key(cell): position for position, cell in reversed(list(enumerate(results.cells)))}
    for (dtype, gain, threads), cells in groupby(sorted(results.cells, key=lambda c: order[key(c)]), key):
        at_gain = "30/n" if gain == "living" else "1"
        yield f"{dtype}, {counted(threads, 'thread')}, gain {at_gain}", list(cells)


def _print(
    results: Results, cells: Sequence[Cell], title: str, text: Callable[[Cell, str], str], console: Console
) -> None:
    """One table, cut into several where the terminal is too narrow for all sizes."""
    rows = [(c.label, [text(cell, c.key) for cell in cells], STYLES.get(c.family)) for c in results.contenders]
    rows += [(source, ["missing" for _ in cells], "dim") for source in results.absent]
    labels = max(len(label) for label, _, _ in rows) + PADDING
    columns = max(
        1, (console.width - labels) // (max(len(entry) for _, entries, _ in rows for entry in entries) + PADDING)
    )
    console.print(title, style="bold", soft_wrap=True, highlight=False)
    for first in range(0, len(cells), columns):
        part = slice(first, first + columns)
        table = Table(box=SIMPLE_HEAD)
        table.add_column("n", no_wrap=True)
        for cell in cells[part]:
            table.add_column(str(cell.setting.n), justify="right", no_wrap=True)
        for label, entries, style in rows:
            table.add_row(label, *entries[part], style=style)
        console.print(table)


def _time(cell: Cell, key: str) -> str:
    seconds = cell.time(key)
    return _gap(cell, key) if seconds is None else duration(seconds)


def _ratio(cell: Cell, key: str) -> str:
    ratio = cell.ratio(key, YARDSTICK)
    return _gap(cell, key) if ratio is None else f"{short(ratio.median)} ({short(ratio.low)}–{short(ratio.high)})"


def _gap(cell: Cell, key: str) -> str:
    return "skipped" if key in cell.skipped else ""


def duration(seconds: float) -> str:
    """A time with its unit, in three digits."""
    for unit, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= 0.9995 * unit:
            return f"{short(seconds / unit)} {name}"
    return f"{short(seconds / 1e-9)} ns"


def short(value: float) -> str:
    """A number in three digits, without an exponent."""
    if value >= 99.95:
        return f"{value:,.0f}"
    if value >= 9.995:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 0.9995 else f"{value:.3g}"


def headlines(results: Results) -> Iterator[str]:
    """Say in one line for each type what a native run is worth at the largest size where NumPy took part."""
    for dtype in dict.fromkeys(cell.setting.dtype for cell in results.cells):
        cells = [cell for cell in results.cells if cell.setting.dtype == dtype]
        for cell in reversed(cells):
            published, blocked = (cell.ratio(key, YARDSTICK) for key in ("numpy-published", "numpy-blocked"))
            if published and blocked:
                beside = f"{_times(published)} NumPy as published, {_times(blocked)} NumPy blocked"
                yield f"{cell.setting}: a native run is {beside}"
                break


def _times(ratio: Ratio) -> str:
    return f"{short(ratio.median)} × as fast as"


def _absences(results: Results) -> Iterator[str]:
    """Who is missing, and who was skipped where and why."""
    for source, reason in results.absent.items():
        yield f"{source} is missing: {reason}"
    for contender in results.contenders:
        cells = [cell for cell in results.cells if contender.key in cell.skipped]
        for reason in dict.fromkeys(cell.skipped[contender.key] for cell in cells):
            where = "; ".join(str(cell.setting) for cell in cells if cell.skipped[contender.key] == reason)
            yield f"skipped: {contender.label} at {where}: {reason}"
