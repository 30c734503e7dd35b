"""The command line's recordings, checkpoints, conditions to stop and pictures."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scripts import HEAR_INTERRUPTS

import resonance_native as rn
from resonance_native import cli_follow, cli_run

pytest.importorskip("zarr")
pytest.importorskip("safetensors")

Command = Callable[..., tuple[int, str, str]]
N = 6
LIVING = ("--seed", 3, "--gain", 4, "--coupling", 0.1)


@pytest.fixture
def rows() -> np.ndarray:
    return np.random.default_rng(7).normal(size=(40, N))


@pytest.fixture
def source(tmp_path: Path, rows: np.ndarray) -> Path:
    path = tmp_path / "rows.npy"
    np.save(path, rows)
    return path


def network() -> rn.ResonanceNetwork:
    return rn.ResonanceNetwork(N, seed=3, gain=4.0, coupling=0.1)


def assert_refused(result: tuple[int, str, str], *words: str) -> None:
    code, out, err = result
    assert (code, out) == (2, ""), err
    assert err.startswith("resonance-native: error: ")
    assert err.count("\n") == 1
    for word in words:
        assert word in err


@pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")
def test_record(command: Command, source: Path, rows: np.ndarray, tmp_path: Path) -> None:
    store = tmp_path / "run.zarr"
    code, out, _ = command("run", source, "--hold", 3, "--record", store, "--record-every", 7, *LIVING)
    assert code == 0
    assert f"recorded: {store}" in out
    wanted = network().run(
        rows, hold=3, record=rn.Recorder(every=7, variables=("order_parameter", "phases", "amplitudes"))
    )
    found = rn.Recording.load(store)
    assert found.variables == wanted.variables
    assert not found.interrupted
    for name in ("step", "time", *wanted.variables):
        np.testing.assert_array_equal(np.asarray(getattr(found, name)), getattr(wanted, name), err_msg=name)
    assert_refused(command("run", source, "--record", store, *LIVING), "run.zarr")  # nothing is overwritten


@pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")
def test_record_what_is_named(command: Command, source: Path, tmp_path: Path) -> None:
    store = tmp_path / "run.zarr"
    assert command("run", source, "--record", store, "--record-variables", "weights, phases", *LIVING)[0] == 0
    assert rn.Recording.load(store).variables == ("phases", "weights")


def test_stop(command: Command, tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.zeros((1, 100)))
    settings = tmp_path / "run.toml"
    settings.write_text("coupling = 5.0\nhold = 50_000\nlearn = false\nweight_std = 0.5\nseed = 0\nfreq_std = 0.0")
    code, out, _ = command("run", tmp_path / "rows.npy", "-c", settings, "--stop", "order=0.2", "--stop", "settled=0")
    assert code == 0
    assert "of 50,000 steps" in out
    net = rn.ResonanceNetwork(100, coupling=5.0, weight_std=0.5, seed=0, freq_std=0.0)
    net.run(0.0, 50_000, learn=False, callback=[rn.stop.when_order_above(0.2), rn.stop.when_settled(0.0)])
    assert f"stopped after {net.step_count:,} of 50,000 steps" in out


@pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")
@pytest.mark.parametrize("done", [0, 3, 60, 61, 119, 120])
def test_a_run_goes_on_from_a_checkpoint(
    done: int, command: Command, source: Path, rows: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any step, within a row or between two; with coupling to the same bits."""
    saved, out, store = tmp_path / "run.safetensors", tmp_path / "result.npz", tmp_path / "rest.zarr"
    whole = network()
    recording = whole.run(rows, hold=3, record=rn.Recorder(every=10, variables="phases"))
    assert recording is not None

    if done == 0:
        run = cli_follow.described(rows, cli_run.Timing(hold=3))
        cli_follow.RunCheckpoint(saved, 60, run).save(network())
    else:
        with monkeypatch.context() as patch:
            patch.setattr(cli_follow, "stops", lambda _: [rn.every(1, lambda net: net.step_count == done)])
            assert command("run", source, "--hold", 3, "--checkpoint", saved, *LIVING)[0] == 0
    assert rn.ResonanceNetwork.load(saved).step_count == done

    code, said, _ = command("run", source, "--hold", 3, "--resume", saved, "--record", store, "-o", out)
    assert code == 0
    assert f"{120 - done:,} steps of" in said
    with np.load(out) as result:
        assert result["step_count"] == 120
        for name in ("phases", "amplitudes", "weights"):
            np.testing.assert_array_equal(result[name], getattr(whole, name), err_msg=name)
    rest = rn.Recording.load(store)  # its samples lie on the grid of the whole run
    steps = np.asarray(rest.step)
    np.testing.assert_array_equal(steps, recording.step[recording.step >= done])
    np.testing.assert_array_equal(np.asarray(rest.phases), recording.phases[recording.step >= done])


def test_resume_refuses_another_run(command: Command, source: Path, rows: np.ndarray, tmp_path: Path) -> None:
    saved = tmp_path / "run.safetensors"
    command("run", source, "--hold", 3, "--checkpoint", saved, *LIVING)
    other = tmp_path / "other.npy"
    np.save(other, rows + 1)
    assert_refused(command("run", other, "--hold", 3, "--resume", saved), str(saved), "other rows")
    assert_refused(command("run", source, "--hold", 4, "--resume", saved), "hold 3, got 4")
    assert_refused(command("run", source, "--hold", 3, "--dt", 0.1, "--resume", saved), "dt 0.01, got 0.1")
    assert_refused(command("run", source, "--hold", 3, "--no-learn", "--resume", saved), "learn True, got False")
    assert_refused(command("run", source, "--hold", 3, "--seed", 1, "--resume", saved), "leave out seed")
    assert_refused(command("run", source, "--resume", tmp_path / "none"), "none", "No such file")
    assert_refused(command("run", source, "--resume", source), str(source))
    network().save(tmp_path / "net.safetensors")
    assert_refused(command("run", source, "--resume", tmp_path / "net.safetensors"), "--checkpoint")


@pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_was_ended_goes_on(number: signal.Signals, tmp_path: Path) -> None:
    saved, store = tmp_path / "run.safetensors", tmp_path / "run.zarr"
    np.save(tmp_path / "rows.npy", np.ones((3, 4)))
    arguments = [
        "run", str(tmp_path / "rows.npy"), "--hold", "1000000000", "--gain", "5", "--seed", "1", "--checkpoint",
        str(saved), "--checkpoint-seconds", "0.05", "--record", str(store), "--record-every", "100000",
    ]  # fmt: skip
    code = f"{HEAR_INTERRUPTS}import sys; from resonance_native.cli import main; sys.exit(main({arguments!r}))"
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        patience = time.monotonic() + 60
        while not saved.exists() and time.monotonic() < patience:
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    if number == signal.SIGINT:
        assert said.decode().splitlines()[-1] == "resonance-native: interrupted"
        assert rn.Recording.load(store).interrupted
    net = rn.ResonanceNetwork.load(saved)
    assert net.step_count > 0
    wanted = rn.ResonanceNetwork(4, gain=5.0, seed=1)
    if net.step_count < 20_000_000:  # a quick machine would take long to get there again
        wanted.run(np.ones(4), net.step_count)
        np.testing.assert_array_equal(net.weights, wanted.weights)


def test_a_run_that_fails_ends_with_1(command: Command, source: Path) -> None:
    code, out, err = command("run", source, "--learning-rate", 1e308, "--decay", 1, "--hold", 50, "--seed", 0)
    assert code == 1
    assert out == ""
    assert err.startswith("resonance-native: error: the run failed after ")
    assert err.count("\n") == 1


@pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")
@pytest.mark.parametrize("recorded", [False, True])
def test_plot(recorded: bool, command: Command, source: Path, tmp_path: Path) -> None:
    picture = tmp_path / "run.png"
    record = ["--record", tmp_path / "run.zarr"] if recorded else []
    code, out, _ = command("run", source, "--plot", picture, *record, *LIVING)
    assert code == 0
    assert f"drawn: {picture}" in out
    assert picture.read_bytes().startswith(b"\x89PNG")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"rows.npy", "run.png", *(["run.zarr"] if recorded else [])}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--stop", "rest=1"), "--stop must be order=VALUE or settled=VALUE, got 'rest=1'"),
        (("--stop", "order"), "--stop order"),
        (("--stop", "order=1.5"), "threshold must be in [0, 1)"),
        (("--stop", "settled=-1"), "tol must be ≥ 0"),
        (("--record", "none/run.zarr"), "--record none/run.zarr"),
        (("--record", "run.txt"), "the suffix must be .zarr"),
        (("--record", "run.zarr", "--record-every", 0), "every must be at least 1"),
        (("--record", "run.zarr", "--record-variables", "phase"), "'phase'"),
        (("--record", "run.zarr", "--record-variables", "weights", "--plot", "run.png"), "--record-variables"),
        (("--checkpoint", "none/run"), "--checkpoint none/run"),
        (("--checkpoint", "run", "--checkpoint-seconds", 0), "--checkpoint-seconds"),
        (("--plot", "run.gif"), "--plot run.gif: the suffix must be"),
    ],
)
def test_what_can_not_be_is_refused_before_the_run(
    arguments: tuple[Any, ...], words: str, command: Command, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(source.parent)
    assert_refused(command("run", source, *arguments, *LIVING), words)
    assert [path.name for path in source.parent.iterdir()] == ["rows.npy"]


@pytest.mark.parametrize(
    ("option", "module", "extra"),
    [("--record", "zarr", "sim"), ("--checkpoint", "safetensors", "sim"), ("--plot", "matplotlib", "plot")],
)
def test_without_its_package_an_option_says_what_to_install(
    option: str, module: str, extra: str, command: Command, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_follow, "find_spec", lambda name: None if name == module else name)
    assert_refused(command("run", source, option, source.with_suffix(".png")), module, f"resonance-native[{extra}]")
