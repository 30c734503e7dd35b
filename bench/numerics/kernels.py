"""Every kernel with its errors: what is measured in full for the page, and in part by the tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import attention, functions, sums
from .exact import Errors
from .functions import Row


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    points: int  # random arguments of each range of a function
    nodes: int  # all pairs of them
    rows: int  # of each kind of sum
    sizes: tuple[int, ...] = sums.SIZES  # nodes of a sum


FULL = Effort(points=100_000, nodes=400, rows=64)


def measure(effort: Effort) -> Iterator[Row]:
    """All kernels in all dtypes on all instruction sets; some come several times, from several kinds of arguments."""
    yield from functions.measure(effort.points)
    yield from sums.phase_advance(effort.points)
    yield from sums.measure(effort.rows, effort.nodes, effort.sizes)
    yield from attention.measure()


def gather(rows: Iterator[Row]) -> dict[tuple[str, str, str], Errors]:
    """The largest error of each kernel, dtype and instruction set, and the mean over all its arguments."""
    found: dict[tuple[str, str, str], Errors] = {}
    for kernel, dtype, isa, errors in rows:
        before = found.get((kernel, dtype, isa), Errors(-1.0, 0.0, "", 0))
        points = before.points + errors.points
        worse = errors if errors.largest > before.largest else before
        mean = (before.mean * before.points + errors.mean * errors.points) / points
        found[kernel, dtype, isa] = Errors(worse.largest, mean, worse.where, points)
    return found
