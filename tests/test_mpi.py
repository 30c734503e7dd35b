"""Networks that are shared out among ranks, by programs that ``mpiexec`` starts: mpi_program.py and its like."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from mpi_launcher import needs_mpi, run_on_ranks

pytestmark = needs_mpi

PROGRAM, FACTORED = (Path(__file__).with_name(name) for name in ("mpi_program.py", "mpi_factored_program.py"))


def run(ranks: int, *arguments: str, program: Path = PROGRAM) -> subprocess.CompletedProcess[str]:
    """The program on so many ranks."""
    return run_on_ranks(ranks, str(program), *arguments)


@pytest.mark.parametrize("program", [PROGRAM, FACTORED], ids=["dense", "factored"])
@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_ranks_compute_what_one_process_does(ranks: int, program: Path) -> None:
    done = run(ranks, "all", program=program)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("passed") == program.read_text().count("def check_")


def test_many_ranks_compute_what_one_process_does() -> None:
    done = run(10, "many")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("program", "ranks"), [(PROGRAM, 1), (PROGRAM, 3), (FACTORED, 2)])
def test_a_checkpoint_goes_on_on_other_ranks(ranks: int, program: Path, tmp_path: Path) -> None:
    path = str(tmp_path / "net.safetensors")
    saved = run(ranks, "save", path, program=program)
    assert saved.returncode == 0, saved.stderr
    for others in (2, 3, 1):
        loaded = run(others, "load", path, program=program)
        assert loaded.returncode == 0, loaded.stderr


def test_a_rank_that_is_killed_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    path = str(tmp_path / "net.safetensors")
    assert run(2, "save", path).returncode == 0
    killed = run(2, "die", path)
    assert killed.returncode != 0
    assert len(list(tmp_path.glob("*.rows-*"))) > 2  # of both
    loaded = run(2, "load", path)
    assert loaded.returncode == 0, loaded.stderr


def test_a_damaged_part_is_told_by_its_name(tmp_path: Path) -> None:
    path = str(tmp_path / "net.safetensors")
    assert run(3, "save", path).returncode == 0
    damaged = run(2, "damage", path)
    assert damaged.returncode == 0, damaged.stderr


@pytest.mark.parametrize("ranks", [2, 3])
def test_an_exception_on_one_rank_ends_all(ranks: int) -> None:
    done = run(ranks, "fail")
    assert done.returncode != 0
    assert "RuntimeError: the last rank has had enough" in done.stderr
