"""How the command knows that it is one of several ranks, before it loads MPI."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scripts import output_of

import resonance_native as rn
from resonance_native.launcher import launched

Command = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, None),
        ({"PMI_RANK": "2", "PMI_SIZE": "4"}, (2, 4)),  # Hydra, Intel MPI, srun --mpi=pmi2
        ({"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "3", "PMIX_RANK": "0"}, (0, 3)),
        ({"MV2_COMM_WORLD_RANK": "1", "MV2_COMM_WORLD_SIZE": "2"}, (1, 2)),
        ({"PMIX_RANK": "1", "SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2", "SLURM_NTASKS": "8"}, (1, 2)),
        # One rank; the shell of a job; tasks that srun has not told how to meet; half of what there should be.
        ({"PMI_RANK": "0", "PMI_SIZE": "1"}, None),
        ({"SLURM_NTASKS": "4", "SLURM_PROCID": "0", "SLURM_JOB_ID": "7"}, None),
        ({"SLURM_NTASKS": "4", "SLURM_PROCID": "3", "SLURM_STEP_NUM_TASKS": "4"}, None),
        ({"PMIX_RANK": "1", "SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "2"}, None),
        ({"PMI_SIZE": "4"}, None),
        ({"PMI_RANK": "0", "PMI_SIZE": "four"}, None),
    ],
)
def test_launchers(environment: dict[str, str], wanted: tuple[int, int] | None) -> None:
    assert launched(environment) == wanted


@pytest.fixture
def source(tmp_path: Path) -> Path:
    np.save(tmp_path / "rows.npy", np.zeros((3, 4)))
    return tmp_path / "rows.npy"


def test_a_run_alone_loads_no_mpi(source: Path) -> None:
    code = f"""
    import sys
    from resonance_native.__main__ import main
    assert main(["run", {str(source)!r}, "--gain", "5"]) == 0
    print("mpi4py" in sys.modules)
    """
    assert output_of(code, environment={"SLURM_NTASKS": "4", "SLURM_PROCID": "0"}).splitlines()[-1] == "False"


@pytest.fixture
def _without_mpi4py(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("cli_ranks", "mpi", "ranks"):
        monkeypatch.delitem(sys.modules, f"resonance_native.{module}", raising=False)
        monkeypatch.delattr(rn, module, raising=False)
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    monkeypatch.setenv("PMI_SIZE", "2")


@pytest.mark.usefixtures("_without_mpi4py")
def test_without_mpi4py_one_rank_says_what_to_install(
    command: Command, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PMI_RANK", "0")
    code, out, err = command("run", source)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(
        "resonance-native: error: 2 ranks were started, which need mpi4py and an MPI; try: pip install"
    )
    assert "resonance-native[mpi]" in err
    monkeypatch.setenv("PMI_RANK", "1")
    assert command("run", source) == (2, "", "")
