"""Figures of single steps."""

from __future__ import annotations

from typing import Any

import numpy as np

import resonance_native as rn
from resonance_native import _core
from resonance_native.baselines import published_step, rank_two_step
from resonance_native.bench.cases import DT
from resonance_native.bench.interleaved import take_turns

from .figure import Figure, show


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
