"""Figures of learning from data: entrain beside its two matrix products and a loop over rows, and the clusterer."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

import resonance_native as rn
from resonance_native.bench.interleaved import Contestant, take_turns

from .figure import Figure, at_least, at_most, per_step, show

ROWS_IN_LOOP = 40


def literal_loop(weights: Any, initial_phases: Any, features: Any, rows: Any) -> None:
    """The running mean of presentations in NumPy, one row after the other, as the formula stands."""
    for count, row in enumerate(rows, start=1):
        z = np.exp(1j * (initial_phases + features @ row))
        weights += (np.outer(z, z.conj()).real - weights) / count


def rank_two_loop(weights: Any, initial_phases: Any, features: Any, rows: Any) -> None:
    """The same in real numbers: cosines and sines."""
    for count, row in enumerate(rows, start=1):
        phases = initial_phases + features @ row
        cosines, sines = np.cos(phases), np.sin(phases)
        weights += (np.outer(cosines, cosines) + np.outer(sines, sines) - weights) / count


def measure_entrain(rows: int, columns: int, n: int, dtype: str, turns: int, threads: int) -> list[Figure]:
    """Random rows into a network that has seen nothing; its encoder is fitted within the time."""
    rng = np.random.default_rng(0)
    data = rng.standard_normal((rows, columns), dtype=np.float32)
    net = rn.ResonanceNetwork(n, dtype=dtype, seed=0, threads=threads)
    features = rng.standard_normal((n, columns)).astype(dtype)
    weights, phases = np.zeros((n, n), dtype), net.initial_phases.astype(dtype)
    in_dtype = data.astype(dtype)
    angles = in_dtype @ features.T
    presented = np.concatenate([np.cos(angles), np.sin(angles)])

    def two_products() -> None:
        np.matmul(in_dtype, features.T, out=angles)
        np.matmul(presented.T, presented, out=weights)  # NumPy sees the same array twice and computes one triangle

    laps = take_turns(
        {
            "two products": Contestant(two_products),
            "entrain": Contestant(partial(net.entrain, data), restart=net.reset),
            "literal loop": Contestant(partial(literal_loop, weights, phases, features, in_dtype[:ROWS_IN_LOOP])),
            "rank-two loop": Contestant(partial(rank_two_loop, weights, phases, features, in_dtype[:ROWS_IN_LOOP])),
        },
        turns,
        rest=0.1,
        warm_up=0.0,
    )
    laps = per_step(laps, {"literal loop": ROWS_IN_LOOP / rows, "rank-two loop": ROWS_IN_LOOP / rows})
    title = f"entrain, {rows:,} × {columns} float32 rows into {n:,} nodes of {dtype}, {threads} threads"
    print(f"{title}: seconds (loops from {ROWS_IN_LOOP} rows)")
    show(laps, 1)
    rank_two = laps.ratio("rank-two loop", "entrain")
    return [
        at_most(f"{title} ÷ its two matrix products in NumPy", 1.5, laps.ratio("entrain", "two products")),
        at_least(f"NumPy loop over rows, as the formula stands ÷ {title}", 60, laps.ratio("literal loop", "entrain")),
        Figure(f"NumPy loop over rows, in cosines and sines ÷ {title}", "beside it", str(rank_two), True),
    ]


def measure_clusterer(turns: int) -> list[Figure]:
    """The clusterer on handwritten digits beside k-means on their pixels."""
    from sklearn.cluster import KMeans
    from sklearn.datasets import load_digits

    images = load_digits().data
    clusterer = rn.learn.ResonanceClusterer(10, scale="global", random_state=0)
    laps = take_turns(
        {
            "KMeans": partial(KMeans(10, random_state=0).fit, images),
            "KMeans, 3 starts": partial(KMeans(10, n_init=3, random_state=0).fit, images),
            "clusterer": partial(clusterer.fit, images),
        },
        turns,
        rest=0.1,
    )
    title = "ResonanceClusterer on digits"
    print(f"{title}: milliseconds")
    show(laps, 1e3)
    equal = laps.ratio("clusterer", "KMeans, 3 starts")
    return [
        at_most(
            f"{title} ÷ KMeans of scikit-learn, both as they come (3 starts, 1 start)",
            5,
            laps.ratio("clusterer", "KMeans"),
        ),
        Figure(f"{title} ÷ KMeans with 3 starts as well", "beside it", str(equal), True),
    ]
