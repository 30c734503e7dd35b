"""Networks that are shared out among ranks, by programs that ``mpiexec`` starts: see mpi_program.py."""

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

pytestmark = pytest.mark.skipif(
    MPIEXEC is None or importlib.util.find_spec("mpi4py") is None, reason="needs mpi4py and an MPI"
)

PROGRAM = Path(__file__).with_name("mpi_program.py")


def run(ranks: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program on so many ranks, each with one thread."""
    assert MPIEXEC is not None
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [MPIEXEC, "-n", str(ranks), sys.executable, "-W", "error", str(PROGRAM), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)


@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
def test_ranks_compute_what_one_process_does(ranks: int) -> None:
    done = run(ranks, "all")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("passed") == PROGRAM.read_text().count("def check_")


@pytest.mark.parametrize("ranks", [2, 3])
def test_an_exception_on_one_rank_ends_all(ranks: int) -> None:
    done = run(ranks, "fail")
    assert done.returncode != 0
    assert "RuntimeError: the last rank has had enough" in done.stderr
