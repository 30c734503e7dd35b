"""What ``mpiexec`` runs for test_mpi_command.py: the command with something amiss."""

from __future__ import annotations

import sys
from typing import Any
from unittest import mock

import pytest
from mpi4py import MPI

import resonance_native as rn
from resonance_native import cli, cli_follow, cli_ranks, cli_run, recording_layout
from resonance_native.recording_store import RecordingStore

COMM = MPI.COMM_WORLD
RANK, RANKS = COMM.Get_rank(), COMM.Get_size()
NO_SPACE = OSError(28, "No space left on device")


def command(amiss: str, arguments: list[str]) -> int:
    """The command, with something amiss."""
    with pytest.MonkeyPatch.context() as patch:
        if amiss == "stops":
            patch.setattr(cli_follow, "stops", lambda _: [rn.every(1, lambda net: net.step_count == 61)])
        elif amiss == "alone" and RANK == RANKS - 1:
            patch.setattr(cli_ranks, "_PATIENCE_SECONDS", 0.3)
            patch.setattr(cli_run, "advance", mock.Mock(side_effect=MemoryError("no room for rank's rows")))
        elif amiss == "store":
            patch.setattr(recording_layout, "CHUNK_BYTES", 2**8)
            patch.setattr(RecordingStore, "write", mock.Mock(side_effect=NO_SPACE))
        elif amiss == "small blocks":
            patch.setattr(cli_ranks, "_BYTES_AT_ONCE", 7 * 50 * 8)  # 50 rows are no multiple
        elif amiss == "no room":
            patch.setattr(cli_ranks.shutil, "disk_usage", lambda _: mock.Mock(free=50 * 50 * 8 - 1))
            patch.delattr(cli_run, "advance")
        elif amiss == "result":
            patch.setattr(cli_ranks, "_BYTES_AT_ONCE", 2**10)
            patch.setattr(cli_ranks, "_write_npz", write_one_block)
        return cli.main(arguments)


def write_one_block(file: Any, _: Any, blocks: Any) -> None:
    file.write(next(blocks).data)
    raise NO_SPACE


if __name__ == "__main__":
    sys.exit(command(sys.argv[1], sys.argv[2:]))
