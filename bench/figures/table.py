"""The table of the README: microseconds a step at several sizes."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

import resonance_native as rn
from resonance_native.baselines import blocked_steps, published_step, rank_two_step
from resonance_native.bench.cases import DT, Case, Setting, Start
from resonance_native.bench.interleaved import Contestant, take_turns

from .run import BLOCK, STEPS, from_the_start, native, numpy_network

COLUMNS = (
    "NumPy as published", "NumPy rank-2", "NumPy blocked, 64 steps", "`update`", "`run`, new inputs",
    "`run`, held input", "the same, float32",
)  # fmt: skip


def from_start(net: rn.ResonanceNetwork, case: Case) -> Contestant:
    """A run with a held input, from the same state in every lap."""
    return Contestant(partial(net.run, case.held, STEPS, DT), calls=1, restart=partial(from_the_start, net, case))


def measure_table(sizes: dict[int, tuple[int, int]], threads: int) -> list[str]:
    """Rows in Markdown; ``sizes`` maps n to turns and calls."""
    rows = ["| n | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for n, (turns, calls) in sizes.items():
        case = Case(Setting(n, "float64", threads, "living"), Start(n))
        published, rank_two, blocked = (numpy_network(case) for _ in range(3))
        stepped, noisy, held = (native(case, threads if n >= 512 else 1) for _ in range(3))
        single = rn.ResonanceNetwork(n, gain=30 / n, seed=0, dtype="float32", threads=threads if n >= 512 else 1)
        x = case.held
        block = np.broadcast_to(x, (BLOCK, n))
        contestants: dict[str, tuple[Any, int]] = {
            "published": (Contestant(lambda net=published, x=x: published_step(net, x, DT)), 1),
            "rank two": (Contestant(lambda net=rank_two, x=x: rank_two_step(net, x, DT)), 1),
            "blocked": (Contestant(lambda net=blocked, x=block: blocked_steps(net, x, DT)), BLOCK),
            "update": (Contestant(lambda net=stepped, x=x: net.update(x, DT)), 1),
            "noise": (Contestant(lambda net=noisy, case=case: net.run(case.rows, dt=DT), calls=1), len(case.rows)),
            "held": (from_start(held, case), STEPS),
            "float32": (from_start(single, case), STEPS),
        }
        laps = take_turns({name: c for name, (c, _) in contestants.items()}, turns, calls, rest=0.1)
        cells = [f"{laps.median(name) / steps * 1e6:,.3g}" for name, (_, steps) in contestants.items()]
        rows.append(f"| {n:,} | " + " | ".join(cells) + " |")
        print(rows[-1], flush=True)
    return rows
