"""Rows of random initial weights, drawn by the ranks that share them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import initial
from .ranks import Ranks


def weight_rows(
    ranks: Ranks, rng: np.random.Generator, n_nodes: int, weight_std: float
) -> Iterator[tuple[int, NDArray[Any]]]:
    """Rows of this rank as (index of the first row, rows), those that one process would draw.

    The ranks draw in turn, each handing the generator's state on to the next; at the end all have the last one's.
    Every rank has to take all of its rows.
    """
    comm, draws = ranks.comm, weight_std > 0
    if ranks.rank > 0 and draws:
        rng.bit_generator.state = comm.recv(source=ranks.rank - 1)
    yield from initial.weight_rows(rng, n_nodes, weight_std, ranks.first, ranks.last)
    if draws:
        if ranks.rank + 1 < ranks.size:
            comm.send(rng.bit_generator.state, dest=ranks.rank + 1)
        rng.bit_generator.state = comm.bcast(rng.bit_generator.state, root=ranks.size - 1)
