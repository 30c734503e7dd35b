"""Figures of factored weights: a step of a million nodes, how it grows with n, and where it overtakes dense weights."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

import resonance_native as rn
from resonance_native import _core
from resonance_native.bench.cases import LIVING_GAIN, Gain, counted
from resonance_native.bench.interleaved import Contestant, Ratio, take_turns
from resonance_native.memory import available_bytes

from .figure import Figure, at_most, per_step, show

STEPS = 200  # of a run, from the initial state
TOLERANCE = 1e-5
PASSES = 20  # in a lap
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
DENSE_SHARE = 0.25  # of the memory that is left, for n × n weights
REST = 0.1  # [s] after the short laps of the smallest networks
WARM_UP = 0.05  # [s]

MEMORY = """
import re, sys, warnings
from pathlib import Path
import numpy as np
import resonance_native as rn
n, threads, gain = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
warnings.simplefilter("ignore", rn.ResonanceWarning)
net = rn.ResonanceNetwork(
    n, storage="factored", dtype="float32", tolerance=1e-5, gain=gain, seed=0, threads=threads
)
net.run(np.random.default_rng(1).standard_normal(n), 200)
print(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def held_input(n: int) -> Any:
    """One input for the whole run, of standard deviation 1 [rad/s]."""
    return np.random.default_rng(1).standard_normal(n)


def gain_of(gain: Gain, n: int) -> float:
    """1 as published, at which amplitudes stay at 1; or the gain at which they move below it and rank is higher."""
    return 1.0 if gain == "default" else LIVING_GAIN / n


def named(gain: Gain) -> str:
    """The gain in a title."""
    return "defaults" if gain == "default" else "gain 30/n"


def factored(n: int, gain: Gain, threads: int) -> rn.ResonanceNetwork:
    """The network of the figures; its weights begin at 0."""
    return rn.ResonanceNetwork(
        n, storage="factored", dtype="float32", tolerance=TOLERANCE, gain=gain_of(gain, n), seed=0, threads=threads
    )


def runner(net: rn.ResonanceNetwork, steps: int) -> Contestant:
    """Held runs from the initial state. One goes before all laps: it takes memory, and tells how long they are."""
    run = partial(net.run, held_input(net.n_nodes), steps)
    begun = time.perf_counter()
    run()
    return Contestant(run, restart=net.reset, expected=time.perf_counter() - begun)


def measure_step(n: int, gain: Gain, threads: int, turns: int) -> list[Figure]:
    """A step beside one reading pass over as many columns as a compression leaves."""
    net = factored(n, gain, threads)
    run = runner(net, STEPS)
    rank = net._core.compressed_rank
    columns = np.ones((rank, n), np.float32)
    contestants = {
        "run": run,
        "pass": Contestant(partial(_core.total, columns, threads), calls=PASSES, own_threads=False),
    }
    laps = per_step(take_turns(contestants, turns, rest=REST, warm_up=WARM_UP), {"run": STEPS})
    title = (
        f"run of {STEPS} steps, held input, n = {n:,}, float32, tolerance {TOLERANCE:g}, {named(gain)}, "
        f"{counted(threads, 'thread')}"
    )
    print(f"{title}: milliseconds a step, and for a reading pass over n × {rank}")
    show(laps, 1e3)
    return [at_most(f"{title}: a step ÷ one reading pass over n × {rank}", 4, laps.ratio("run", "pass"))]


def measure_peak(n: int, gain: Gain, threads: int, most: float) -> Figure:
    """Peak memory of a whole process that does nothing else."""
    command = [sys.executable, "-c", MEMORY, str(n), str(threads), str(gain_of(gain, n))]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / 2**20
    return Figure(
        f"peak memory of a process with that run, n = {n:,}, {named(gain)}", f"≤ {most:g} GiB", f"{peak:.2f} GiB",
        peak <= most,
    )  # fmt: skip


def measure_growth(gain: Gain, threads: int, turns: int) -> list[Figure]:
    """How the time of a step grows with n: as n to the power of the exponent."""
    nets = {str(n): factored(n, gain, threads) for n in SIZES}
    contestants = {name: runner(net, STEPS) for name, net in nets.items()}
    laps = per_step(take_turns(contestants, turns, rest=REST, warm_up=WARM_UP), dict.fromkeys(nets, STEPS))
    title = (
        f"time of a step from n = {SIZES[0]:,} to {SIZES[-1]:,}, {named(gain)}, {counted(threads, 'thread')} "
        f"({SIZES[0]:,} nodes fit the caches, {SIZES[-1]:,} don't)"
    )
    print(f"{title}: milliseconds")
    show(laps, 1e3)
    times = np.log([laps.seconds[name] for name in nets])  # (sizes, turns)
    least_squares = np.polyfit(np.log(SIZES), times, 1)[0]
    end_to_end = (times[-1] - times[0]) / np.log(SIZES[-1] / SIZES[0])
    return [
        at_most(f"{title}: exponent of n, {how}", 1.1, spread(exponents))
        for how, exponents in (("least squares over five sizes", least_squares), ("end to end", end_to_end))
    ]


def spread(values: Any) -> Ratio:
    """Median and quartiles over the turns."""
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
    return Ratio(float(median), float(low), float(high))


def measure_crossing(dtype: str, gain: Gain, steps: int, threads: int, turns: int) -> list[Figure]:
    """Dense and factored runs from weights 0, n after n, and the n at which they take as long."""
    most = DENSE_SHARE * (available_bytes() or 2**32)
    sizes = [2**k for k in range(6, 17) if np.dtype(dtype).itemsize * 4**k <= most]
    title = f"run of {steps} steps, held input, W = 0 at first, {dtype}, {named(gain)}, {counted(threads, 'thread')}"
    print(f"{title}: milliseconds a step")
    print(f"   {'n':>8}{'dense':>12}{'factored':>12}")
    ratios = []
    for n in sizes:
        nets = {
            storage: rn.ResonanceNetwork(
                n, storage=storage, dtype=dtype, gain=gain_of(gain, n), weight_std=0.0, seed=0, threads=threads
            )
            for storage in ("dense", "factored")
        }
        contestants = {storage: runner(net, steps) for storage, net in nets.items()}
        laps = per_step(take_turns(contestants, turns, rest=REST, warm_up=WARM_UP), dict.fromkeys(nets, steps))
        print(f"   {n:>8,}" + "".join(f"{1e3 * laps.median(storage):12.4f}" for storage in nets), flush=True)
        ratios.append(laps.ratio("dense", "factored"))
        del nets, contestants
        gc.collect()  # a network of that n goes before the next one comes
    largest = f"{title}: dense ÷ factored at n = {sizes[-1]:,}"
    return [
        Figure(f"{title}: n from which factored overtakes dense", "reported", crossing(sizes, ratios), True),
        Figure(largest, "reported", str(ratios[-1]), True),
    ]


def crossing(sizes: Sequence[int], ratios: Sequence[Ratio]) -> str:
    """Where medians last rise through 1, interpolated in log n."""
    logs = np.log([ratio.median for ratio in ratios])
    slower = np.flatnonzero(logs <= 0)
    if len(slower) == 0:
        return f"below {sizes[0]:,}"
    last = slower[-1]
    if last == len(sizes) - 1:
        return f"above {sizes[-1]:,}"
    (n, larger), (before, after) = sizes[last : last + 2], logs[last : last + 2]
    return f"{n * (larger / n) ** (before / (before - after)):,.0f}"


def measure_factored(turns: int, threads: int) -> list[Figure]:
    """All of them."""
    from .factored_errors import measure_against_dense, measure_bits

    few, teams = max(3, turns // 2), sorted({1, threads})
    gains: tuple[Gain, ...] = ("default", "living")
    million = SIZES[-1]
    figures = [figure for gain in gains for team in teams for figure in measure_step(million, gain, team, few)]
    figures += [measure_peak(million, gain, threads, 2) for gain in gains]
    figures += [figure for gain in gains for figure in measure_growth(gain, threads, 3)]
    figures += [
        figure
        for dtype in ("float32", "float64")
        for steps in (100, 1000)
        for figure in measure_crossing(dtype, "default", steps, threads, 3)
    ]
    return figures + measure_against_dense() + measure_bits(20_000)
