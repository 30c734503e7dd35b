"""The ways of taking a step that are measured on ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import resonance_native as rn
from resonance_native.bench.cases import DT, INPUT_STD, LIVING_GAIN

BLOCK = 32  # steps of a run that share a pass over W


@dataclass(frozen=True)
class Kind:
    """One way of taking a step."""

    name: str
    label: str
    storage: str
    steps: int  # of a lap


KINDS = (
    Kind("single", "single steps, coupled", "dense", 4),
    Kind("blocks", "run of white noise", "dense", 2 * BLOCK),
    Kind("held", "run of a held input", "dense", 256),
    Kind("factored", "factored weights, held input", "factored", 128),
)
SIZES = {"dense": (4096, 8192, 12_288), "factored": (50_000, 100_000, 200_000)}


def keywords(kind_storage: str, n: int, dtype: str) -> dict[str, Any]:
    """Those of a network of that size. Weights begin at 0: to draw them takes longer than to measure."""
    tolerance = 1e-5 if kind_storage == "factored" else None
    return {
        "n_nodes": n,
        "dtype": dtype,
        "storage": kind_storage,
        "gain": LIVING_GAIN / n,
        "weight_std": 0.0,
        "tolerance": tolerance,
        "seed": 0,
    }


def prepare(net: rn.ResonanceNetwork, kind: Kind) -> None:
    """What comes before a lap: factors begin with none, since their number grows."""
    net.coupling = 0.1 / net.n_nodes if kind.name == "single" else 0.0
    if kind.storage == "factored":
        net.reset()


def lap(net: rn.ResonanceNetwork, kind: Kind) -> None:
    """Take the steps of one lap."""
    n = net.n_nodes
    if kind.name == "blocks":
        rows = INPUT_STD * np.random.default_rng(2).standard_normal((kind.steps, n))
        net.run(rows, dt=DT)
    else:
        net.run(INPUT_STD * np.random.default_rng(1).standard_normal(n), kind.steps, DT)
