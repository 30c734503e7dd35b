"""The tables that the terminal shows."""

from __future__ import annotations

from collections.abc import Callable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from resonance_native.bench.machine import summary
from resonance_native.bench.table import BUSY, duration, short, terminal

from .results import Network, Results, Times

Column = tuple[str, Callable[[Network], str]]


def show(results: Results, console: Console | None = None) -> None:
    """Print the times of the loop and those back to back, and what the system has not given.

    Parameters
    ----------
    results
        To show.
    console
        Where; None is stdout.
    """
    console = console or terminal()

    def say(line: str, style: str | None = None) -> None:
        console.print(line, style=style, soft_wrap=True, highlight=False)

    say(summary(results.machine), "dim")
    load = (results.machine["load_average"] or [0.0])[0]
    if load > BUSY:
        say(f"the machine was busy at the start (load {load:.1f}): the longest times suffer most")
    dtype, seconds = results.settings["dtype"], results.settings["seconds"]
    period = results.settings["period_us"] / 1000
    loop = f"in a loop of {period:g} ms for {seconds:g} s, {dtype}, 1 thread"
    of_update, of_wake_up = _quantiles(lambda network: network.update), _quantiles(lambda network: network.wake_up)
    say(f"Time of an update, {loop}", "bold")
    console.print(_table(results, [*of_update, ("p99.9 ÷ p50", lambda network: f"{network.tail:.1f}")]))
    say(f"Time from a tick until the loop runs, {loop}", "bold")
    console.print(_table(results, [*of_wake_up, ("missed ticks", lambda network: f"{network.missed:,}")]))
    say(f"Median time of an update without pauses, {dtype}, 1 thread; NumPy is the reference in float64", "bold")
    console.print(_table(results, COMPARED))
    for sentence in results.refusals():
        say(sentence)


def _quantiles(times: Callable[[Network], Times]) -> list[Column]:
    return [
        ("p50", lambda network: duration(times(network).p50)),
        ("p99", lambda network: duration(times(network).p99)),
        ("p99.9", lambda network: duration(times(network).p999)),
        ("max", lambda network: duration(times(network).max)),
    ]


COMPARED: list[Column] = [
    ("C++", lambda network: duration(network.laps.median("cpp"))),
    ("from Python", lambda network: duration(network.laps.median("python"))),
    ("NumPy", lambda network: duration(network.laps.median("numpy"))),
    ("NumPy ÷ C++", lambda network: _speed(network)),
]


def _table(results: Results, columns: list[Column]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("n", justify="right", no_wrap=True)
    for title, _ in columns:
        table.add_column(title, justify="right", no_wrap=True)
    for network in results.networks:
        table.add_row(str(network.n), *(text(network) for _, text in columns))
    return table


def _speed(network: Network) -> str:
    ratio = network.speed
    return f"{short(ratio.median)} ({short(ratio.low)}–{short(ratio.high)})"
