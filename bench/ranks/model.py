"""The cost of a step where ranks share a network, from a few constants.

Every term is a count of what is done, times what one of it costs. Ranks do what is of n² and what is of their own nodes
in parallel, and what is of all nodes each alike; then they wait for each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kinds import BLOCK, KINDS

FEW_RANKS = 8  # up to which sums go from everybody to everybody; beyond, up and down a tree
SUB_BLOCK, COLUMNS = 16, 64  # steps of a held input between two sums of dot products with so many columns


@dataclass(frozen=True)
class Link:
    """What it costs to exchange: a call, each message on a way, and each byte."""

    call: float  # [s], of which the most is Python's
    message: float  # [s]
    byte: float  # [s]

    def gather(self, ranks: int, received: float) -> float:
        """Seconds to bring ``received`` bytes of the others."""
        return 0.0 if ranks == 1 else self.call + ceil(log2(ranks)) * self.message + received * self.byte

    def sum(self, ranks: int, numbers: float) -> float:
        """Seconds to add up ``numbers`` numbers of 8 bytes."""
        if ranks == 1:
            return 0.0
        depth = ceil(log2(ranks))
        if ranks <= FEW_RANKS:
            return self.call + depth * self.message + 8 * numbers * (ranks - 1) * self.byte
        return 2 * (self.call + depth * (self.message + 8 * numbers * self.byte))

    @classmethod
    def fitted(cls, measured: Mapping[int, Mapping[str, float]]) -> Link:
        """The link of exchanges that were measured, by numbers of ranks and what was exchanged."""
        from scipy.optimize import nnls

        from .work import NODES

        rows, seconds = [], []
        for ranks, exchanges in measured.items():
            for what, time in exchanges.items():
                kind, size = what.split()
                # Each cost is linear in the three constants.
                parts = (cls(1, 0, 0), cls(0, 1, 0), cls(0, 0, 1))
                received = int(size) * NODES * (ranks - 1) / ranks
                row = [one.sum(ranks, int(size)) if kind == "sum" else one.gather(ranks, received) for one in parts]
                rows.append(np.array(row) / time)
                seconds.append(1.0)
        call, message, byte = nnls(np.array(rows), np.array(seconds))[0]
        return cls(float(call), float(message), float(byte))


def counts(kind: str, n: int, ranks: int, *, apart: bool = False) -> NDArray[np.float64]:
    """How often each constant of a kind counts in a step.

    What is of n² or of own nodes counts twice: for each rank by itself, and for all of a machine, which has one memory.
    ``apart``: each rank has a machine of its own.
    """
    steps = next(each.steps for each in KINDS if each.name == kind)
    all_nodes = float(n)
    if kind == "factored":
        own, shared = n / ranks, n / ranks if apart else all_nodes
        return np.array([own, shared, 1.0])
    square, shared = n**2 / ranks, n**2 / ranks if apart else float(n**2)
    if kind == "held":
        # Of n² are what a run begins and ends with.
        return np.array([square / steps, shared / steps, n / ranks, all_nodes])
    return np.array([square, shared, all_nodes])


def exchanged(kind: str, n: int, ranks: int, dtype: str, link: Link, rank: int = 0) -> float:
    """Seconds a step in exchanges."""
    others, size = n * (ranks - 1) / ranks, np.dtype(dtype).itemsize
    if kind == "single":
        return link.gather(ranks, 8 * others) + link.gather(ranks, size * others)
    if kind == "blocks":
        sums = sum(link.sum(ranks, 4 * (BLOCK - step) + 2) for step in range(BLOCK)) + link.sum(ranks, 2)
        return (sums + link.gather(ranks, (BLOCK + 1) * size * others)) / BLOCK
    if kind == "held":
        sums = sum(link.sum(ranks, 4 * (SUB_BLOCK - step) + 2) for step in range(SUB_BLOCK)) + link.sum(ranks, 2)
        return (sums + link.sum(ranks, 2 * SUB_BLOCK * COLUMNS)) / SUB_BLOCK
    return link.sum(ranks, 2 * rank + 3)


def seconds(
    kind: str,
    n: int,
    ranks: int,
    dtype: str,
    link: Link,
    constants: NDArray[np.float64],
    *,
    rank: int = 0,
    apart: bool = False,
) -> float:
    """Seconds of a step."""
    return float(counts(kind, n, ranks, apart=apart) @ constants) + exchanged(kind, n, ranks, dtype, link, rank)


def fitted(kind: str, dtype: str, laps: list[dict[str, Any]], link: Link) -> NDArray[np.float64]:
    """The constants of a kind, none below 0, with which the relative errors of the model are least."""
    from scipy.optimize import nnls

    rows, wanted = [], []
    for lap in laps:
        own = lap["seconds"] - exchanged(kind, lap["n"], lap["ranks"], dtype, link, lap["rank"])
        rows.append(counts(kind, lap["n"], lap["ranks"]) / lap["seconds"])
        wanted.append(own / lap["seconds"])
    scale = np.linalg.norm(rows, axis=0)
    scale[scale == 0] = 1.0
    constants: NDArray[np.float64] = nnls(np.array(rows) / scale, np.array(wanted))[0] / scale
    return constants
