"""``resonance-native run`` on the ranks of an MPI program: one result, one output, and no rank that waits forever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mpi_launcher import MPIEXEC, needs_mpi, run_on_ranks

import resonance_native as rn

pytest.importorskip("zarr")
pytest.importorskip("safetensors")
pytestmark = [needs_mpi, pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")]

Command = Callable[..., tuple[int, str, str]]
PROGRAM = str(Path(__file__).with_name("mpi_command_program.py"))
N = 50
SETTINGS = ("--seed", "3", "--gain", "0.1", "--coupling", "0.02", "--hold", "3")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "rows.npy"
    np.save(path, np.random.default_rng(7).normal(size=(40, N)))
    return path


def on_ranks(ranks: int, *arguments: object, amiss: str | None = None) -> subprocess.CompletedProcess[str]:
    start = ("-m", "resonance_native") if amiss is None else (PROGRAM, amiss)
    return run_on_ranks(ranks, *start, *map(str, arguments), timeout=60)


def assert_same_content(found: Path, wanted: Path) -> None:
    with np.load(found, allow_pickle=False) as one, np.load(wanted, allow_pickle=False) as other:
        assert set(one.files) == set(other.files)
        for name in one.files:
            assert one[name].dtype == other[name].dtype
            np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def assert_refused(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """One line, of one rank."""
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("resonance-native: error: ")
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_ranks_write_and_say_what_one_process_does(ranks: int, command: Command, source: Path, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "ranks"]
    for folder in folders:
        folder.mkdir()
    settings = [*SETTINGS, "--record-every", 7, "--plot"]
    alone, shared = ([*settings, f / "run.png", "-o", f / "run.npz", "--record", f / "run.zarr"] for f in folders)
    code, said, _ = command("run", source, *alone)
    assert code == 0
    done = on_ranks(ranks, "run", source, *shared)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:] == said.replace(str(folders[0]), str(folders[1])).splitlines()[1:]
    assert done.stdout.startswith("120 steps of 50 nodes in ")
    assert_same_content(folders[1] / "run.npz", folders[0] / "run.npz")
    wanted, found = (rn.Recording.load(folder / "run.zarr") for folder in folders)
    assert not found.interrupted
    for name in ("step", "time", *wanted.variables):
        np.testing.assert_array_equal(np.asarray(getattr(found, name)), np.asarray(getattr(wanted, name)))
    assert (folders[1] / "run.png").read_bytes() == (folders[0] / "run.png").read_bytes()
    assert {path.name for path in folders[1].iterdir()} == {"run.png", "run.npz", "run.zarr"}


def test_a_run_goes_on_from_a_checkpoint_on_other_ranks(command: Command, source: Path, tmp_path: Path) -> None:
    whole, saved = tmp_path / "whole.npz", tmp_path / "run.safetensors"
    assert command("run", source, *SETTINGS, "-o", whole)[0] == 0
    done = on_ranks(2, "run", source, *SETTINGS, "--checkpoint", saved, amiss="stops")
    assert done.returncode == 0, done.stderr
    assert "stopped after 61 of 120 steps" in done.stdout
    rest = ["run", source, "--hold", 3, "--resume", saved, "-o"]
    assert command(*rest, tmp_path / "1.npz")[0] == 0
    assert_same_content(tmp_path / "1.npz", whole)
    done = on_ranks(3, *rest, tmp_path / "3.npz", "--checkpoint", saved, amiss="small blocks")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("59 steps of 50 nodes in ")
    assert_same_content(tmp_path / "3.npz", whole)
    assert_refused(on_ranks(2, "run", source, "--hold", 4, "--resume", saved), 2, "is of a run with hold 3, got 4")


def test_factored_weights_are_written_as_one_process_does(command: Command, source: Path, tmp_path: Path) -> None:
    settings = tmp_path / "run.toml"
    settings.write_text('storage = "factored"\ngain = 0.1\nseed = 1')
    assert command("run", source, "-c", settings, "-o", tmp_path / "1.npz")[0] == 0
    done = on_ranks(2, "run", source, "-c", settings, "-o", tmp_path / "2.npz", amiss="small blocks")
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "1.npz") as wanted, np.load(tmp_path / "2.npz") as found:
        assert found["weights"].shape == (N, N)
        for name in wanted.files:
            np.testing.assert_allclose(found[name], wanted[name], rtol=0, atol=1e-12, err_msg=name)


def test_one_bar_and_one_warning(source: Path) -> None:
    done = on_ranks(2, "run", source, *SETTINGS, "--gain", 30, "--progress")
    assert done.returncode == 0
    assert done.stderr.count("120/120") == 1
    assert done.stderr.count("resonance-native: warning: the network is saturated") == 1
    assert "120/120" not in on_ranks(2, "run", source, *SETTINGS).stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "none.npy"], "none.npy: No such file"),
        (["run", "rows.npy", "--decay", "2"], "decay must be"),
        (["run", "rows.npy", "--speed", "2"], "--speed"),
        (["bench"], "run is what several ranks can share, got bench"),
        (["run", "rows.npy", "--record", "full.zarr"], "must be new or empty"),
    ],
)
@pytest.mark.usefixtures("source")
def test_what_all_ranks_refuse_is_said_once(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full.zarr").mkdir()
    (tmp_path / "full.zarr" / "letter.txt").write_text("dear")
    assert_refused(on_ranks(3, *arguments), 2, words)


@pytest.mark.usefixtures("source")
def test_what_one_rank_refuses_ends_all(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    np.save(tmp_path / "other" / "rows.npy", np.zeros((40, N)))
    arguments = ("-m", "resonance_native", "run", "rows.npy")
    done = run_on_ranks(2, *arguments, folders=(tmp_path, tmp_path / "empty"), timeout=60)
    assert_refused(done, 2, "rows.npy: No such file")
    done = run_on_ranks(2, *arguments, folders=(tmp_path, tmp_path / "other"), timeout=60)
    assert_refused(done, 2, "INPUT and its timing must be the same on all ranks")


def test_a_rank_that_fails_alone_says_so_and_ends_all(source: Path) -> None:
    done = on_ranks(3, "run", source, *SETTINGS, amiss="alone")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("resonance-native: error: no room for rank's rows\n") == 1


def test_an_mpi_that_does_not_know_its_launcher_is_told_once(source: Path) -> None:
    for rank, words in ((0, "2 ranks were started, and mpi4py finds 1"), (1, "")):
        launcher = {"MV2_COMM_WORLD_RANK": str(rank), "MV2_COMM_WORLD_SIZE": "2"}
        command = [sys.executable, "-m", "resonance_native", "run", str(source)]
        done = subprocess.run(command, env={**os.environ, **launcher}, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (2, "")
        assert ("resonance-native: error: " in done.stderr) == bool(words)
        assert words in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_ends_all_ranks_and_leaves_the_last_checkpoint(source: Path, tmp_path: Path) -> None:
    saved = tmp_path / "run.safetensors"
    arguments = ["run", str(source), "--hold", "100000000", "--checkpoint", str(saved), "--checkpoint-seconds", "0.05"]
    command = [str(MPIEXEC), "-n", "2", sys.executable, "-m", "resonance_native", *arguments]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        patience = time.monotonic() + 60
        while not saved.exists() and time.monotonic() < patience:
            time.sleep(0.02)
        time.sleep(0.5)  # amid the steps
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=20)
        finally:
            process.terminate()  # mpiexec ends its ranks then
    assert process.returncode != 0
    assert rn.ResonanceNetwork.load(saved).step_count > 0


def test_a_result_that_the_disk_has_no_room_for_is_refused_before_the_run(source: Path, tmp_path: Path) -> None:
    done = on_ranks(2, "run", source, "-o", tmp_path / "result.npz", amiss="no room")
    assert_refused(done, 2, f"--out {tmp_path / 'result.npz'}: the weights would take 0.0 GiB")


@pytest.mark.parametrize("amiss", ["store", "result"])
def test_a_full_disk_ends_all_ranks(amiss: str, source: Path, tmp_path: Path) -> None:
    out, store = tmp_path / "result.npz", tmp_path / "run.zarr"
    out.write_bytes(b"old")
    done = on_ranks(2, "run", source, *SETTINGS, "--record", store, "--record-every", 1, "-o", out, amiss=amiss)
    assert done.returncode == 1
    assert done.stderr.count("No space left on device\n") == 1
    assert done.stderr.startswith("resonance-native: error: ")
    assert done.stderr.count("\n") == 1
    assert out.read_bytes() == b"old"
    assert not list(tmp_path.glob(".*"))
