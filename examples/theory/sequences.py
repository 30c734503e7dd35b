"""How long a sequence a network can hold: measured beside the signal-to-noise theory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from examples.claims.report import Table

from .auto_association import LEAST, Kind, advanced, capacities, corrupted, draw, patterns, product, theory
from .page import show

FACTORS = (0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.3)  # load / the theory's capacity
SEEDS = {250: 10, 500: 10, 1000: 5, 2000: 3}
STEPS = 120


def followed(n: int, length: int, kind: Kind, seed: int) -> float:
    """Mean overlap with the row that is due, over the last half of 120 steps from the corrupted first row.

    The sequence of ``length`` random patterns is cyclic; W¹ = Σ_t z_{t+1} z_tᴴ / n, or its real part.
    """
    rng = np.random.default_rng(seed)
    stored = patterns(rng, (length, n), kind)
    following = np.roll(stored, -1, axis=0)
    z, overlaps = corrupted(stored[:1], rng, kind), []
    for step in range(1, STEPS + 1):
        z = advanced(product(z, following, stored, kind), kind)
        if step > STEPS // 2:
            overlaps.append(abs((z[0] * stored[step % length].conj()).mean()))
    return float(np.mean(overlaps))


def measure(images: Path) -> Mapping[str, Table]:
    """Overlaps over a range of lengths, for three kinds of memory and four sizes."""
    found: dict[tuple[Kind, int], tuple[list[float], list[float]]] = {}
    kinds: tuple[Kind, ...] = ("real", "complex", "signs")
    for kind in kinds:
        capacity = theory(kind, sequence=True)[0][-1]
        for n, seeds in SEEDS.items():
            lengths = [round(factor * capacity * n) for factor in FACTORS]
            overlaps = [float(np.mean([followed(n, count, kind, seed) for seed in range(seeds)])) for count in lengths]
            found[kind, n] = [count / n for count in lengths], overlaps
    draw(found, True, images, "sequences", "length")
    title = f"Largest length/n of a cyclic sequence with overlap ≥ {LEAST} from a cue with 25 % of the nodes at random"
    return {"sequence-capacity": capacities(found, True, title)}


if __name__ == "__main__":
    show(measure)
