"""Sweeps: what they keep of each network, what they refuse, and how they go on after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scripts import output_of

import resonance_native as rn
from resonance_native import sweep_job, sweeping
from resonance_native.sweep_samples import Journey
from resonance_native.sweeping import sweep

xarray = pytest.importorskip("xarray")
pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")

N, STEPS = 10, 24
GRID = {"coupling": [0.0, 0.5, 2.0], "gain": [0.5, 3.0]}
COMMON = {"n_nodes": N, "weight_std": 0.3}
REDUCTIONS = {"mean": np.mean, "std": np.std, "min": np.min, "max": np.max, "last": lambda values: values[-1]}


def samples(start: int, every: int, inputs: Any = 0.4, hold: int = 1, **keywords: Any) -> tuple[list[float], ...]:
    """What one network shows at the same steps, driven step by step."""
    net = rn.ResonanceNetwork(N, weight_std=0.3, **keywords)
    order, amplitude = [], []
    for step in range(STEPS + 1):
        if step > 0:
            net.update(inputs if np.ndim(inputs) < 2 else inputs[(step - 1) // hold])
        if step >= start and (step - start) % every == 0:
            order.append(abs(net.order_parameter()))
            amplitude.append(float(np.abs(net.amplitudes).mean()))
    return order, amplitude


@pytest.mark.parametrize("reduce", REDUCTIONS)
@pytest.mark.parametrize(("start", "every"), [(0, 1), (5, 4)])
def test_every_combination_is_a_network_of_its_own(reduce: str, start: int, every: int) -> None:
    variables = ("order_parameter", "amplitude", "regime")
    found = sweep(GRID, 0.4, STEPS, start=start, every=every, reduce=reduce, variables=variables, seed=3, **COMMON)
    assert found.order_parameter.dims == ("coupling", "gain")
    assert found.order_parameter.shape == (3, 2)
    for coupling in GRID["coupling"]:
        for gain in GRID["gain"]:
            order, amplitude = samples(start, every, coupling=coupling, gain=gain, seed=3)
            here = found.sel(coupling=coupling, gain=gain)
            assert float(here.order_parameter) == pytest.approx(REDUCTIONS[reduce](order), abs=1e-13)
            assert float(here.amplitude) == pytest.approx(REDUCTIONS[reduce](amplitude), abs=1e-13)
            net = rn.ResonanceNetwork(N, weight_std=0.3, coupling=coupling, gain=gain, seed=3)
            net.run(0.4, STEPS)
            assert str(here.regime.item()) == net.regime()


def test_rows_and_seeds() -> None:
    rows = np.random.default_rng(0).normal(0, 1, (8, N))
    found = sweep({"seed": [4, 2]}, rows, start=2, every=5, hold=3, coupling=0.5, **COMMON)
    for seed in (4, 2):
        order, _ = samples(2, 5, rows, 3, coupling=0.5, seed=seed)
        assert float(found.order_parameter.sel(seed=seed)) == pytest.approx(np.mean(order), abs=1e-13)


def test_batches_give_the_same_results(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sweep(GRID, 0.4, STEPS, **COMMON)
    monkeypatch.setattr(sweeping, "_FEWEST", 4)
    monkeypatch.setattr(sweeping, "_BATCH_WORK", 1)
    assert sweep(GRID, 0.4, STEPS, **COMMON).identical(whole)
    monkeypatch.setattr(sweeping, "_BATCH_BYTES", 1)
    assert sweep(GRID, 0.4, STEPS, **COMMON).identical(whole)


def test_the_dataset_tells_what_it_is() -> None:
    found = sweep(GRID, np.full(N, 0.4), STEPS, dtype="float32", start=3, variables="amplitude", **COMMON)
    assert found.coupling.attrs["units"] == "rad/s"
    assert found.gain.attrs["units"] == "1"
    assert found.amplitude.attrs["units"] == "1"
    assert "mean over time" in found.amplitude.attrs["long_name"]
    told = found.attrs
    assert told["version"] == rn.__version__
    assert told["dtype"] == "float32"
    assert told["inputs"] == [0.4] * N
    assert (told["n_nodes"], told["steps"], told["start"], told["dt"], told["seed"]) == (N, STEPS, 3, 0.01, 0)
    assert told["weight_std"] == 0.3
    assert told["decay"] == 0.99
    assert "gain" not in told
    many = sweep({"gain": [1.0]}, np.zeros((2000, N)), **COMMON)
    assert many.attrs["inputs_shape"] == [2000, N]
    assert len(many.attrs["inputs_sha256"]) == 64


@pytest.mark.filterwarnings("ignore:.*not.*in the Zarr format 3 specification")
@pytest.mark.filterwarnings("ignore:.*does not have a Zarr V3 specification")
@pytest.mark.filterwarnings("ignore:Consolidated metadata")
def test_the_dataset_can_be_stored(tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    found = sweep(GRID, 0.4, STEPS, variables=("order_parameter", "regime"), **COMMON)
    found.to_zarr(tmp_path / "found.zarr")
    xarray.testing.assert_equal(xarray.open_zarr(tmp_path / "found.zarr").load(), found)


def test_networks_that_diverge_leave_the_others_alone() -> None:
    grid = {"learning_rate": [0.01, 1e38, 0.02]}
    keywords = {"dtype": "float32", "decay": 1.0, "variables": ("order_parameter", "regime"), **COMMON}
    found = sweep(grid, 0.4, STEPS, **keywords)
    assert np.isnan(found.order_parameter).values.tolist() == [False, True, False]
    assert str(found.regime[1].item()) == "diverged"
    healthy = sweep({"learning_rate": [0.01, 0.02]}, 0.4, STEPS, **keywords)
    assert np.array_equal(found.order_parameter.values[[0, 2]], healthy.order_parameter.values)
    none = sweep({"learning_rate": [1e38]}, 0.4, STEPS, **keywords)
    assert np.isnan(none.order_parameter.values).all()


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("reduce", ["mean", "std", "last"])
def test_whichever_network_diverges_the_others_are_sampled(reduce: str, place: int) -> None:
    rates = [0.01, 0.02]
    keywords = {
        "dtype": "float32",
        "reduce": reduce,
        "every": 2,
        "variables": ("order_parameter", "amplitude"),
        **COMMON,
    }
    healthy = sweep({"learning_rate": rates}, 0.4, STEPS, **keywords)
    rates.insert(place, 1e38)
    found = sweep({"learning_rate": rates}, 0.4, STEPS, **keywords)
    for name in ("order_parameter", "amplitude"):
        values = found[name].values
        assert np.isnan(values[place])
        np.testing.assert_array_equal(np.delete(values, place), healthy[name].values)


def test_the_others_go_on_to_the_end() -> None:
    # So many networks do 32 steps at a time: the one that diverges stops the run after these, twice more.
    rates = np.full(160, 0.01)
    rates[70] = 1e38
    found = sweep({"learning_rate": rates}, 0.4, 100, reduce="last", n_nodes=250, dtype="float32")
    net = rn.ResonanceNetwork(250, seed=0)
    net.run(0.4, 100)
    wanted = np.full(160, abs(net.order_parameter()))
    wanted[70] = np.nan
    # Samples of a float32 network are taken from float32 cosines.
    np.testing.assert_allclose(found.order_parameter.values, wanted, rtol=0, atol=1e-7)


def test_out_keeps_what_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "_FEWEST", 2)
    monkeypatch.setattr(sweeping, "_BATCH_WORK", 1)
    whole = sweep(GRID, 0.4, STEPS, **COMMON)
    calls = []
    monkeypatch.setattr(sweep_job, "Journey", lambda *a: calls.append(len(a[0])) or Journey(*a))
    assert sweep(GRID, 0.4, STEPS, out=tmp_path / "s", **COMMON).identical(whole)
    assert calls == [2, 2, 2]
    (tmp_path / "s" / "batch-0000000002.npz").unlink()
    (tmp_path / "s" / "batch-0000000002.tmp").write_bytes(b"half")
    assert sweep(GRID, 0.4, STEPS, out=tmp_path / "s", threads=1, **COMMON).identical(whole)
    assert calls == [2, 2, 2, 2]
    assert sweep(GRID, 0.4, STEPS, out=tmp_path / "s", **COMMON).identical(whole)
    assert len(calls) == 4


def test_out_refuses_what_is_not_its_own(tmp_path: Path) -> None:
    sweep(GRID, 0.4, STEPS, out=tmp_path / "s", **COMMON)
    for change, name in (({"inputs": 0.5}, "inputs"), ({"grid": {"gain": [1.0]}}, "grid"), ({"seed": 1}, "seed")):
        arguments: dict[str, Any] = {"grid": GRID, "inputs": 0.4, "steps": STEPS, **COMMON, **change}
        with pytest.raises(ValueError, match=f"^out must be .* another one: it differs in {name}"):
            sweep(out=tmp_path / "s", **arguments)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    with pytest.raises(ValueError, match=r"^out must be a new or empty folder"):
        sweep(GRID, 0.4, STEPS, out=tmp_path / "full", **COMMON)
    with pytest.raises(ValueError, match=r"^out must be a folder, got the file"):
        sweep(GRID, 0.4, STEPS, out=tmp_path / "full" / "letter.txt", **COMMON)
    assert [each.name for each in (tmp_path / "full").iterdir()] == ["letter.txt"]


KILLED = """
import sys
from resonance_native import sweeping
sweeping._FEWEST, sweeping._BATCH_WORK = 2, 1
grid = {"coupling": [0.0, 0.1, 0.2, 0.3], "gain": [0.1 * k for k in range(20)]}
found = sweeping.sweep(grid, 0.4, 1500, every=3, n_nodes=24, out=sys.argv[1])
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_sweep_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(folder)])
    deadline = time.monotonic() + 60
    while len(list(folder.glob("batch-*.npz"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL  # it had not come to its end
    finished = {file.name: file.stat().st_mtime_ns for file in folder.glob("batch-*.npz")}
    assert 3 <= len(finished) < 40
    grid = {"coupling": [0.0, 0.1, 0.2, 0.3], "gain": [0.1 * k for k in range(20)]}
    found = sweep(grid, 0.4, 1500, every=3, n_nodes=24, out=folder)
    assert found.identical(sweep(grid, 0.4, 1500, every=3, n_nodes=24))
    assert {name: (folder / name).stat().st_mtime_ns for name in finished} == finished


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"grid": {}}, TypeError, r"^grid must be a dict"),
    ({"grid": {"gian": [1]}}, ValueError, r"^grid must name hyperparameters .* got 'gian'"),
    ({"grid": {"gain": 1.0}}, ValueError, r"^grid\['gain'\] must have shape \(k,\)"),
    ({"grid": {"gain": []}}, ValueError, r"^grid\['gain'\] must have shape"),
    ({"grid": {"seed": [0.5]}}, ValueError, r"^grid\['seed'\] must be integers"),
    ({"gain": 1.0}, TypeError, r"^gain must be in the grid or a keyword, got both"),
    ({"grid": {"decay": [0.5, 2.0]}}, ValueError, r"^decay must be in \[0, 1\], got 2.0"),
    ({"gian": 1.0}, TypeError, r"unexpected keyword argument 'gian'"),
    ({"decay": [0.9]}, ValueError, r"^decay must be a number; values to go through"),
    ({"reduce": "median"}, ValueError, r"^reduce must be one of mean, std"),
    ({"variables": ("weights",)}, ValueError, r"^variables must be different ones of order_parameter"),
    ({"variables": ()}, ValueError, r"^variables must be"),
    ({"start": STEPS + 1}, ValueError, r"^start must be at most steps = 24, got 25"),
    ({"every": 0}, ValueError, r"^every must be at least 1"),
    ({"steps": None}, ValueError, r"^steps must be given"),
    ({"hold": 2}, ValueError, r"^hold is for inputs of shape"),
    ({"inputs": np.zeros((3, 4))}, ValueError, r"^inputs must be a number or have shape \(10,\)"),
    ({"inputs": np.nan}, ValueError, r"^inputs must be finite"),
    ({"dt": 0}, ValueError, r"^dt must be > 0"),
    ({"learn": 1}, TypeError, r"^learn must be"),
    ({"seed": None}, TypeError, r"^seed must be an integer"),
    ({"progress": 1}, TypeError, r"^progress must be"),
    ({"dtype": "int8"}, TypeError, r"^dtype must be"),
]


@pytest.mark.parametrize(("change", "error", "message"), WRONG)
def test_errors_come_before_anything_is_made(
    change: dict[str, Any], error: type[Exception], message: str, tmp_path: Path
) -> None:
    arguments: dict[str, Any] = {"grid": GRID, "inputs": 0.4, "steps": STEPS, **COMMON, **change}
    with pytest.raises(error, match=message):
        sweep(out=tmp_path / "s", **arguments)
    assert not (tmp_path / "s").exists()


def test_progress(capsys: pytest.CaptureFixture[str]) -> None:
    sweep(GRID, 0.4, STEPS, progress=True, **COMMON)
    assert "sweep: 100%" in capsys.readouterr().err


def test_missing_packages_are_named() -> None:
    code = """
    import sys
    sys.modules["xarray"] = None
    from resonance_native.sweeping import sweep
    try:
        sweep({"gain": [1.0]}, 0.0, 1)
    except ImportError as error:
        print(error)
    """
    assert output_of(code) == 'sweep needs xarray; try: pip install "resonance-native[sim]"'


def test_a_sweep_is_drawn() -> None:
    plot = pytest.importorskip("resonance_native.plot")
    from matplotlib.figure import Figure

    found = sweep({"coupling": [0.0, 1.0, 2.0], "seed": [1, 2]}, 0.0, 20, n_nodes=10)
    ax = plot.sweep(found, ax=Figure().subplots())
    assert "coupling" in ax.get_xlabel()
    assert "rad/s" in ax.get_xlabel()
    drawn = ax.lines[0].get_ydata()
    np.testing.assert_allclose(drawn, found.order_parameter.mean("seed").values)
