"""Python programs on several ranks, started by ``mpiexec``."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# A wheel of MPI puts mpiexec beside the interpreter. Importing mpi4py here would make this process one of its ranks.
MPIEXEC = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")

needs_mpi = pytest.mark.skipif(
    MPIEXEC is None or importlib.util.find_spec("mpi4py") is None, reason="needs mpi4py and an MPI"
)


def run_on_ranks(
    ranks: int, *arguments: str, folders: tuple[Path, ...] = (), timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """Python with these arguments on so many ranks, each with one thread; each in a folder of its own, if there are."""
    assert MPIEXEC is not None
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    python = [sys.executable, "-W", "error", *arguments]
    command = [MPIEXEC, "-n", str(ranks), *python]
    if folders:
        command = [MPIEXEC]
        for folder in folders:
            command += ["-n", "1", "-wdir", str(folder), *python, ":"]
        command.pop()
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=timeout, stdin=subprocess.DEVNULL
    )
