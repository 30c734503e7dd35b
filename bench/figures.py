"""The figures that the documentation quotes, measured side by side on this machine.

Run it on a quiet machine: ``python bench/figures.py``. NumPy's BLAS should be free to choose its
kernels (no ``OPENBLAS_CORETYPE``).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

import resonance_native as rn
from resonance_native import _core
from resonance_native.baselines import blocked_steps, published_step, rank_two_step
from resonance_native.bench.interleaved import Laps, take_turns

DT = 0.01  # [s]


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    asked: str
    measured: str
    met: bool


def networks(n: int, **keywords: Any) -> tuple[rn.ResonanceNetwork, Any, Any]:
    """The same living network natively and twice in NumPy."""
    return (
        rn.ResonanceNetwork(n, gain=30 / n, seed=0, **keywords),
        rn.reference.ResonanceNetwork(n, gain=30 / n, seed=0),
        rn.reference.ResonanceNetwork(n, gain=30 / n, seed=0),
    )


def measure_large(n: int, turns: int, threads: int) -> list[Figure]:
    """A large network: bound by memory."""
    net, published, rank_two = networks(n, threads=threads)
    coupled = rn.ResonanceNetwork(n, gain=30 / n, seed=0, coupling=1 / n, threads=threads)
    single = rn.ResonanceNetwork(n, gain=30 / n, seed=0, dtype="float32", threads=threads)
    array = np.ones((n, n))
    x = np.random.default_rng(1).standard_normal(n)
    laps = take_turns(
        {
            "published": lambda: published_step(published, x, DT),
            "rank two": lambda: rank_two_step(rank_two, x, DT),
            "native": lambda: net.update(x, DT),
            "coupled": lambda: coupled.update(x, DT),
            "float32": lambda: single.update(x, DT),
            "pass": lambda: _core.scale(array, 0.9999, threads),
        },
        turns,
        rest=0.1,
    )
    title = f"update, n = {n}, float64, {threads} threads"
    print(f"{title}: milliseconds a step")
    show(laps, 1e3)
    ratios = {
        f"{title}: NumPy as published ÷ native": ("≥ 60", laps.ratio("published", "native"), True, 60),
        f"{title}: NumPy rank-2 ÷ native": ("beside it", laps.ratio("rank two", "native"), True, 1),
        "the same: native ÷ one read-and-write pass": ("≤ 1.25", laps.ratio("native", "pass"), False, 1.25),
        "the same with coupling": ("≤ 1.3", laps.ratio("coupled", "pass"), False, 1.3),
        f"float32 ÷ float64 throughput, n = {n}": ("≥ 1.8", laps.ratio("native", "float32"), True, 1.8),
    }
    return [
        Figure(name, asked, str(ratio), ratio.median >= bound if more else ratio.median <= bound)
        for name, (asked, ratio, more, bound) in ratios.items()
    ]


def measure_small(n: int, turns: int) -> list[Figure]:
    """A small network: bound by arithmetic and by the call from Python."""
    net, published, rank_two = networks(n, threads=1)
    reference = rn.reference.ResonanceNetwork(n, gain=30 / n, seed=0)
    x = np.random.default_rng(1).standard_normal(n)
    laps = take_turns(
        {
            "reference": lambda: reference.update(x, DT),
            "published": lambda: published_step(published, x, DT),
            "rank two": lambda: rank_two_step(rank_two, x, DT),
            "native": lambda: net.update(x, DT),
        },
        turns,
        calls=200,
    )
    title = f"update, n = {n}, 1 thread, called from Python"
    print(f"{title}: microseconds a step")
    show(laps, 1e6)
    rows = (("reference", "≥ 20", 20.0), ("published", "beside it", 1.0), ("rank two", "beside it", 1.0))
    names = {"reference": "reference", "published": "NumPy as published", "rank two": "NumPy rank-2"}
    ratios = [(names[name], asked, laps.ratio(name, "native"), least) for name, asked, least in rows]
    return [
        Figure(f"{title}: {name} ÷ native", asked, str(ratio), ratio.median >= least)
        for name, asked, ratio, least in ratios
    ]


MEMORY = """
import re, sys
from pathlib import Path
import numpy as np
import resonance_native as rn
n = int(sys.argv[1])
peak = lambda: 1024 * int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
before = peak()
net = rn.ResonanceNetwork(n, seed=0, gain=30 / n)
net.update(np.zeros(n))
net.run(0.0, 2)
print((peak() - before) / (8 * n * n) - 1)
"""


def measure_memory(n: int) -> list[Figure]:
    """Peak memory of a process that builds and steps a network, above its weights."""
    command = [sys.executable, "-W", "ignore", "-c", MEMORY, str(n)]
    above = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    name = f"memory above W itself, n = {n}, construction included"
    return [Figure(name, "≤ 3 %", f"{above:.2%}", above <= 0.03)]


STEPS = 64  # of a block, and of a run beside it


def measure_table(sizes: dict[int, tuple[int, int]]) -> list[str]:
    """Microseconds a step at several sizes, as rows of a table: sizes maps n to turns and calls."""
    rows = [
        "| n | NumPy as published | NumPy rank-2 | NumPy blocked, 64 steps "
        "| `update` | `run`, 64 steps | `update`, float32 |",
        "|---|---|---|---|---|---|---|",
    ]
    for n, (turns, calls) in sizes.items():
        net, published, rank_two = networks(n)
        blocked = rn.reference.ResonanceNetwork(n, gain=30 / n, seed=0)
        single = rn.ResonanceNetwork(n, gain=30 / n, seed=0, dtype="float32")
        x = np.random.default_rng(1).standard_normal(n)
        block = np.broadcast_to(x, (STEPS, n))
        contestants: dict[str, tuple[Any, int]] = {
            "published": (lambda net=published, x=x: published_step(net, x, DT), 1),
            "rank two": (lambda net=rank_two, x=x: rank_two_step(net, x, DT), 1),
            "blocked": (lambda net=blocked, x=block: blocked_steps(net, x, DT), STEPS),
            "update": (lambda net=net, x=x: net.update(x, DT), 1),
            "run": (lambda net=net, x=x: net.run(x, STEPS, DT), STEPS),
            "float32": (lambda net=single, x=x: net.update(x, DT), 1),
        }
        laps = take_turns({name: call for name, (call, _) in contestants.items()}, turns, calls, rest=0.1)
        cells = [f"{laps.median(name) / steps * 1e6:,.3g}" for name, (_, steps) in contestants.items()]
        rows.append(f"| {n} | " + " | ".join(cells) + " |")
    return rows


def show(laps: Laps, unit: float) -> None:
    """Print the medians of all contestants."""
    for name in laps.seconds:
        print(f"   {name:<14}{laps.median(name) * unit:10.3f}")


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=15, help="turns of each contestant (15)")
    arguments = parser.parse_args()
    rn.show_config()
    print()
    figures = measure_large(4096, arguments.turns, min(2, rn.get_num_threads()))
    figures += measure_small(64, arguments.turns)
    figures += measure_memory(8192)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rn.ResonanceWarning)  # held for so long, the smallest saturate
        table = measure_table({64: (15, 200), 256: (15, 20), 1024: (11, 3), 4096: (7, 1)})
    print("\nMicroseconds a step\n\n" + "\n".join(table))
    print("\n| figure | asked | measured: median (quartiles) | |\n|---|---|---|---|")
    for figure in figures:
        print(f"| {figure.name} | {figure.asked} | {figure.measured} | {'yes' if figure.met else 'NO'} |")


if __name__ == "__main__":
    main()
