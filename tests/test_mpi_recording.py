"""What is recorded and saved while ranks run, by programs that ``mpiexec`` starts: see mpi_recording_program.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from mpi_launcher import needs_mpi, run_on_ranks

pytest.importorskip("zarr")
pytest.importorskip("safetensors")
pytestmark = needs_mpi

PROGRAM = Path(__file__).with_name("mpi_recording_program.py")


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_ranks_record_and_save_together(ranks: int, tmp_path: Path) -> None:
    done = run_on_ranks(ranks, str(PROGRAM), str(tmp_path / "net"), timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("passed") == PROGRAM.read_text().count("def check_")
