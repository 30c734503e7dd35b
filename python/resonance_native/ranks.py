"""The ranks that share a network: which rows each of them has, and what they tell each other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

_GRANULE = 16  # rows: whole tiles of every instruction set, so that a row has the same bits on whatever rank

# Ranks and bytes up to which every rank adds up everybody's numbers itself: one message's way instead of two.
_FEW_RANKS, _FEW_BYTES = 8, 65_536

T = TypeVar("T")

_duplicates: dict[int, Any] = {}


class Ranks:
    """The ranks of a communicator, each with some rows of n × n weights: what the core calls an exchange.

    Parameters
    ----------
    comm : mpi4py.MPI.Intracomm
        All of its ranks take part. Messages go over a duplicate of it, and meet no others.
    n_nodes : int
        n, at least the number of ranks.

    Raises
    ------
    ValueError
        If there are more ranks than nodes.
    """

    def __init__(self, comm: Any, n_nodes: int) -> None:
        self.comm = _own(comm)
        self.rank: int = self.comm.Get_rank()
        self.size: int = self.comm.Get_size()
        if self.size > n_nodes:
            raise ValueError(f"n_nodes must be at least the number of ranks, {self.size}, got {n_nodes}")
        self.n_nodes = n_nodes
        #: Whether each rank has a granule of rows or more: with fewer nodes, rows are shared out one by one.
        self.have_whole_granules = n_nodes >= _GRANULE * self.size
        granule = _GRANULE if self.have_whole_granules else 1
        granules = -(-n_nodes // granule)
        #: First row of each rank, and n.
        self.starts: list[int] = [min(granules * rank // self.size * granule, n_nodes) for rank in range(self.size + 1)]
        self._counts, self._places = np.diff(self.starts).tolist(), self.starts[:-1]
        #: Bytes that this rank has received in exchanges of steps.
        self.bytes_received = 0

    @property
    def first(self) -> int:
        """The first row of this rank."""
        return self.starts[self.rank]

    @property
    def last(self) -> int:
        """The row behind its last one."""
        return self.starts[self.rank + 1]

    def gather(self, values: NDArray[np.uint8]) -> None:
        """Fill an array of the bytes of each node, (n, bytes), of which this rank has set its rows, from all ranks."""
        width = values.shape[1]
        counts, places = [count * width for count in self._counts], [place * width for place in self._places]
        self.comm.Allgatherv(MPI.IN_PLACE, [values, (counts, places), MPI.BYTE])
        self.bytes_received += values.nbytes - counts[self.rank]

    def sum(self, values: NDArray[Any]) -> None:
        """Add up an array over all ranks, in place: the same bits on all, which MPI's Allreduce does not promise."""
        if self.size == 1:
            return
        if self.size <= _FEW_RANKS and values.nbytes <= _FEW_BYTES:
            everybody = np.empty((self.size, *values.shape), values.dtype)
            self.comm.Allgather(values, everybody)
            np.sum(everybody, axis=0, out=values)
            self.bytes_received += everybody.nbytes - values.nbytes
        else:
            if self.rank == 0:
                self.comm.Reduce(MPI.IN_PLACE, values)
            else:
                self.comm.Reduce(values, None)
            self.comm.Bcast(values)
            # On the average of all ranks: each but the first sends its numbers, or sums with them, and gets the total.
            self.bytes_received += 2 * values.nbytes * (self.size - 1) // self.size

    def agree(self, **arguments: Any) -> None:
        """Raise ValueError on every rank where an argument is not the same on all of them, and name it."""
        mine = {name: _digest(value) for name, value in arguments.items()}
        everybody: list[dict[str, str]] = self.comm.allgather(mine)
        for name, value in everybody[0].items():
            for rank, theirs in enumerate(everybody):
                if theirs[name] != value:
                    raise ValueError(
                        f"{name} must be the same on all ranks, got {value} on rank 0 and {theirs[name]} on rank {rank}"
                    )

    def together(self, work: Callable[[], T]) -> T:
        """Do something on each rank, and return what came of it here, or raise on all what any of them has raised."""
        result: list[T] = []
        error: Exception | None = None
        try:
            result.append(work())
        except Exception as failed:
            error = failed
        self.succeed_together(error)
        return result[0]

    def succeed_together(self, error: Exception | None) -> None:
        """Raise on every rank what any of them has failed with."""
        errors: list[Exception | None] = self.comm.allgather(error)
        for failed in errors:
            if failed is not None:
                raise failed

    def threads_for_each(self, threads: int) -> int:
        """The part of a machine's ``threads`` that is this rank's, at least 1."""
        machine = self.comm.Split_type(MPI.COMM_TYPE_SHARED)
        ranks: int = machine.Get_size()
        machine.Free()
        return max(1, threads // ranks)


def _own(comm: Any) -> Any:
    """A duplicate of a communicator, one for all networks: MPI has only so many of them."""
    if not isinstance(comm, MPI.Intracomm):
        raise TypeError(f"comm must be an mpi4py.MPI.Intracomm, got {comm!r}")
    if comm.handle not in _duplicates:
        _duplicates[comm.handle] = comm.Dup()
    return _duplicates[comm.handle]


def _digest(value: Any) -> str:
    """Arrays by their content, the rest as it shows itself."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} ({hashlib.blake2b(value.tobytes(), digest_size=8).hexdigest()})"
    return repr(value)
