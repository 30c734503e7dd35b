"""What ``mpiexec`` runs, and one process beside it: time the laps of all kinds, and print them as JSON.

The time of a lap is that of the slowest rank. Ranks have one thread each, one process as many as there were ranks.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import resonance_native as rn

from .kinds import KINDS, SIZES, keywords, lap, prepare

LAPS, CALLS = 3, 400
NUMBERS = (2, 130)  # of an exchange of sums: the least of a block's steps, and the most
BYTES = (8, 264)  # for each of NODES, of an exchange of nodes
NODES = 16_384


class Alone:
    """One process, measured as ranks are."""

    rank, size = 0, 1

    def wait(self) -> None:
        """Nobody is waited for."""


class Together:
    """The ranks of an MPI program."""

    def __init__(self) -> None:
        from mpi4py import MPI

        from resonance_native.ranks import Ranks

        self.ranks = Ranks(MPI.COMM_WORLD, NODES)
        self.rank, self.size = self.ranks.rank, self.ranks.size
        self._spent, self._timing = 0.0, False
        for name in ("gather", "sum"):
            setattr(Ranks, name, self._timed(getattr(Ranks, name)))

    def _timed(self, method: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        def timed(ranks: Any, values: Any) -> None:
            begun = time.perf_counter()
            method(ranks, values)
            self._spent += time.perf_counter() - begun

        return timed

    def wait(self) -> None:
        """For all ranks."""
        self.ranks.comm.Barrier()

    def spent(self) -> float:
        """Seconds in exchanges since the last call, waiting included: the least of all ranks, who waited least."""
        spent, self._spent = self._spent, 0.0
        return min(self.ranks.comm.allgather(spent))

    def exchanges(self) -> dict[str, float]:
        """Seconds of an exchange, by what is exchanged."""
        found: dict[str, float] = {}
        for count in NUMBERS:
            found[f"sum {count}"] = self._mean(lambda values: self.ranks.sum(values), np.zeros(count))
        for width in BYTES:
            nodes = np.zeros((NODES, width), np.uint8)
            found[f"gather {width}"] = self._mean(lambda values: self.ranks.gather(values), nodes)
        return found

    def _mean(self, call: Callable[[Any], None], values: Any) -> float:
        means = []
        for _ in range(LAPS):
            self.wait()
            begun = time.perf_counter()
            for _ in range(CALLS // 8 if values.nbytes > 1e6 else CALLS):
                call(values)
            means.append((time.perf_counter() - begun) / (CALLS // 8 if values.nbytes > 1e6 else CALLS))
        return float(np.median(means))


def network(n: int, dtype: str, storage: str, who: Alone | Together, threads: int) -> rn.ResonanceNetwork:
    """The network, shared or alone."""
    settings = keywords(storage, n, dtype)
    if isinstance(who, Together):
        from resonance_native import mpi

        return mpi.ResonanceNetwork(threads=1, **settings)
    return rn.ResonanceNetwork(threads=threads, **settings)


def laps(net: rn.ResonanceNetwork, kind: Any, who: Alone | Together) -> dict[str, float]:
    """Median seconds a step, of laps after a first one, and the share of it in exchanges."""
    prepare(net, kind)
    lap(net, kind)
    seconds, spent = [], []
    for _ in range(LAPS):
        prepare(net, kind)
        who.wait()
        if isinstance(who, Together):
            who.spent()
        begun = time.perf_counter()
        lap(net, kind)
        who.wait()
        seconds.append(time.perf_counter() - begun)
        if isinstance(who, Together):
            spent.append(who.spent())
    share = float(np.median(np.array(spent) / seconds)) if spent else 0.0
    return {"seconds": float(np.median(seconds)) / kind.steps, "exchange_share": share}


def main() -> None:
    """Parse the arguments, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alone", type=int, metavar="THREADS", help="one process of so many threads, without MPI")
    parser.add_argument("--dtypes", nargs="+", default=["float64", "float32"])
    parser.add_argument("--largest", type=int, default=10**9, help="leave out dense weights of more nodes")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", rn.ResonanceWarning)
    who = Together() if arguments.alone is None else Alone()
    found = []
    for storage, sizes in SIZES.items():
        kinds = [kind for kind in KINDS if kind.storage == storage]
        for n in sizes:
            for dtype in arguments.dtypes:
                if storage == "dense" and n > arguments.largest:
                    continue
                net = network(n, dtype, storage, who, arguments.alone or 1)
                for kind in kinds:
                    measured = laps(net, kind, who)
                    rank = net.weights.rank if storage == "factored" else 0
                    found.append({"kind": kind.name, "n": n, "dtype": dtype, "rank": rank, **measured})
                del net
    exchanges = who.exchanges() if isinstance(who, Together) else {}
    if who.rank == 0:
        print(json.dumps({"ranks": who.size, "threads": arguments.alone or 1, "laps": found, "exchanges": exchanges}))


if __name__ == "__main__":
    main()
