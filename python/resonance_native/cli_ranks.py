"""``resonance-native run`` on the ranks that ``mpiexec`` has started. Needs mpi4py."""

from __future__ import annotations

import io
import shutil
import signal
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

import resonance_native as rn
from resonance_native import checkpoint_file, cli_follow, cli_run, mpi, parted_checkpoint
from resonance_native.cli_process import Process
from resonance_native.cli_run import CliError
from resonance_native.memory import gib

# How long a rank that has failed waits for the others to come and say the same.
_PATIENCE_SECONDS = 10.0
_SECONDS_BETWEEN_LOOKS = 0.01
_SECONDS_TO_TELL = 0.3  # a message is on its way through a pipe when all ranks are ended
_BYTES_AT_ONCE = 2**26  # of weights that are gathered to be written


class _Nowhere(io.TextIOBase):
    """Where ranks other than 0 print to."""

    def write(self, text: str) -> int:
        return len(text)


class RankProcess(Process):
    """One of several ranks. Every method is called on all of them.

    Parameters
    ----------
    size
        How many the launcher says there are.
    """

    is_alone = False
    network = mpi.ResonanceNetwork

    def __init__(self, size: int) -> None:
        found = MPI.COMM_WORLD.Get_size()
        if found != size:
            raise CliError(
                f"{size} ranks were started, and mpi4py finds {found}: it is not built for the MPI that started them"
            )
        self._comm = MPI.COMM_WORLD.Dup()
        # Others may wait on the one above, or on a network's, when this rank has failed.
        self._last_comm = MPI.COMM_WORLD.Dup()
        self.is_first = self._comm.Get_rank() == 0
        if not self.is_first:
            sys.stdout = _Nowhere()
        # Ranks would stop at different steps, and wait for each other.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    @contextmanager
    def agreeing(self) -> Iterator[None]:
        """What one rank refuses within this, all do. Nothing collective may be in it."""
        error: CliError | None = None
        try:
            yield
        except CliError as failed:
            error = failed
        except MemoryError as failed:
            error = CliError(str(failed), code=1)
        for refusal in self._comm.allgather(error and (str(error), error.code)):
            if refusal:
                raise CliError(refusal[0], code=refusal[1])

    def require_same(self, **what: Any) -> None:
        """Refuse what differs from one rank to another."""
        everybody = self._comm.allgather(what)
        for name, value in everybody[0].items():
            for rank, theirs in enumerate(everybody):
                if theirs[name] != value:
                    raise CliError(
                        f"{name} must be the same on all ranks, got {value} on rank 0 and {theirs[name]} on rank {rank}"
                    )

    def load(self, path: Path) -> tuple[rn.ResonanceNetwork, dict[str, Any]]:
        """Return the network of a checkpoint, and what was saved beside it."""
        with self.agreeing(), cli_run.naming(path), checkpoint_file.reading(path) as reader:
            user: dict[str, Any] = reader.values.get("user", {})
        return mpi.ResonanceNetwork.load(path), user

    def save(self, net: rn.ResonanceNetwork, path: Path, user: Mapping[str, Any]) -> None:
        """Save the network, and something beside it."""
        assert isinstance(net, mpi.ResonanceNetwork)
        parted_checkpoint.save(net, path, user)

    def require_room(self, path: Path, net: rn.ResonanceNetwork) -> None:
        """Refuse a result that the disk has no room for: it may be larger than any machine's memory."""

        def look() -> None:
            needed, free = net.dtype.itemsize * net.n_nodes**2, shutil.disk_usage(path.parent).free
            if needed > free:
                raise CliError(f"--out {path}: the weights would take {gib(needed)}, and {gib(free)} are free there")

        self._on_first(look)

    def write_result(self, path: Path, net: rn.ResonanceNetwork) -> None:
        """Write the network's state, whole or not at all, some rows of the weights at a time."""
        weights = net.weights
        if not self.is_first:
            # Rank 0 says which rows it wants, and None when it is done.
            while (rows := self._comm.bcast(None)) is not None:
                weights.rows(rows)
            return self._on_first(lambda: None)

        def blocks() -> Iterator[NDArray[Any]]:
            step = max(1, _BYTES_AT_ONCE // (net.n_nodes * net.dtype.itemsize))
            for first in range(0, net.n_nodes, step):
                yield weights.rows(self._comm.bcast(slice(first, first + step)))

        def write() -> None:
            try:
                cli_run.replace(path, lambda file: _write_npz(file, net, blocks()))
            finally:
                self._comm.bcast(None)

        return self._on_first(write)

    def draw(self, path: Path, net: rn.ResonanceNetwork, recording: rn.Recording) -> None:
        """Write the picture of a run."""
        # The recording of a stream is rank 0's alone.
        chosen = self._comm.bcast(cli_follow.nodes_of_weights(recording) if self.is_first else None)
        weights = net.weights.block(chosen, chosen)
        self._on_first(lambda: cli_follow.draw(path, recording, weights))

    def fail(self, message: str, code: int) -> int:
        """Say why the command ends: once, where all ranks have failed; else this one ends the others."""
        met = self._last_comm.Ibarrier()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not met.Test():
            if time.monotonic() > deadline:
                print(message, file=sys.stderr, flush=True)
                time.sleep(_SECONDS_TO_TELL)
                self._last_comm.Abort(code)
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        messages = self._last_comm.allgather(message)
        if self.is_first:
            print(*dict.fromkeys(messages), sep="\n", file=sys.stderr)
        return code

    def _on_first(self, work: Callable[[], None]) -> None:
        """Do something on rank 0, and refuse on all ranks what is refused there."""
        with self.agreeing():
            if self.is_first:
                work()


def _write_npz(file: IO[bytes], net: rn.ResonanceNetwork, blocks: Iterator[NDArray[Any]]) -> None:
    """What ``numpy.savez`` writes, with weights that come in blocks of rows."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, values in cli_run.all_but_weights(net).items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(values), allow_pickle=False)
        with archive.open("weights.npy", "w", force_zip64=True) as member:
            described = np.lib.format.dtype_to_descr(net.dtype)
            header = {"descr": described, "fortran_order": False, "shape": (net.n_nodes, net.n_nodes)}
            np.lib.format.write_array_header_1_0(member, header)
            for block in blocks:
                member.write(np.ascontiguousarray(block, net.dtype).data)
