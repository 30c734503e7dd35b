"""Recordings of ensembles hold what each network alone would have recorded, and change no bit."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scripts import output_of

import resonance_native as rn

B, N, STEPS = 3, 21, 50
GAINS = [0.3, 0.5, 0.9]
VARIABLES = ("order_parameter", "phases", "amplitudes", "resonance", "weights")


def build(**keywords: Any) -> rn.ResonanceEnsemble:
    return rn.ResonanceEnsemble(B, N, gain=GAINS, amplitude_floor=0.2, noise_std=0.3, seed=1, **keywords)


def alone(index: int, dtype: str = "float64") -> rn.ResonanceNetwork:
    seed = np.random.SeedSequence(1).spawn(B)[index]
    return rn.ResonanceNetwork(N, gain=GAINS[index], amplitude_floor=0.2, noise_std=0.3, seed=seed, dtype=dtype)


@pytest.mark.parametrize("nodes", [None, [4, 0, 20]])
@pytest.mark.parametrize("threads", [1, 3])
def test_recordings_are_those_of_the_networks(threads: int, nodes: Any, dtype: str) -> None:
    ensemble, plain = build(dtype=dtype, threads=threads), build(dtype=dtype)
    recorder = rn.Recorder(every=7, start=3, nodes=nodes, weights_every=20)
    inputs = np.linspace(-1, 1, N)
    recording = ensemble.run(inputs, STEPS, record=recorder)
    assert recording is not None
    plain.run(inputs, STEPS)
    assert ensemble.phases.tobytes() == plain.phases.tobytes()
    assert ensemble.weights.tobytes() == plain.weights.tobytes()
    k = N if nodes is None else len(nodes)
    assert recording.phases.shape == (7, B, k)
    assert recording.order_parameter.shape == (7, B)
    assert recording.weights.shape == (3, B, k, k)
    for index in range(B):
        wanted = alone(index, dtype).run(inputs, STEPS, record=recorder)
        assert wanted is not None
        for name in ("step", "time", "weights_step", "weights_time"):
            np.testing.assert_array_equal(getattr(recording, name), getattr(wanted, name), err_msg=name)
        for name in VARIABLES:
            np.testing.assert_array_equal(getattr(recording, name)[:, index], getattr(wanted, name), err_msg=name)


def test_a_recording_over_many_segments() -> None:
    """Samples lie on the grid of the whole run, wherever segments end."""
    count = 3000
    ensemble = rn.ResonanceEnsemble(count, 20, gain=0.5, amplitude_floor=0.1, seed=0)
    assert ensemble._core.segment_steps < 200
    recording = ensemble.run(0.3, 500, record=rn.Recorder(every=70, start=5, variables="phases", nodes=[0]))
    assert recording is not None
    assert recording.step.tolist() == list(range(5, 501, 70))
    wanted = ensemble[7].copy()
    wanted.reset()
    found = wanted.run(0.3, 500, record=rn.Recorder(every=70, start=5, variables="phases", nodes=[0]))
    assert found is not None
    np.testing.assert_array_equal(recording.phases[:, 7], found.phases)


def test_the_last_samples() -> None:
    recording = build().run(0.2, STEPS, record=rn.Recorder(every=4, maxlen=5, variables=("phases", "weights")))
    whole = build().run(0.2, STEPS, record=rn.Recorder(every=4, variables=("phases", "weights")))
    assert recording is not None
    assert whole is not None
    assert recording.step.tolist() == [32, 36, 40, 44, 48]
    np.testing.assert_array_equal(recording.phases, whole.phases[-5:])
    np.testing.assert_array_equal(recording.weights, whole.weights[-5:])


def test_no_steps_are_one_sample() -> None:
    ensemble = build()
    recording = ensemble.run(0.2, 0, record=rn.Recorder(variables=("phases", "resonance")))
    assert recording is not None
    assert recording.step.tolist() == [0]
    np.testing.assert_array_equal(recording.phases[0], ensemble.phases)


@pytest.mark.parametrize("chunk_bytes", [2000, 2**22])
def test_streams(chunk_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("zarr")
    xarray = pytest.importorskip("xarray")
    from resonance_native import recording_layout

    monkeypatch.setattr(recording_layout, "CHUNK_BYTES", chunk_bytes)
    count, steps = 2000, 300  # in segments of 96 steps
    ensembles = [rn.ResonanceEnsemble(count, 40, gain=0.1, amplitude_floor=0.1, seed=0) for _ in range(2)]
    assert ensembles[0]._core.segment_steps < steps / 2
    recorder: dict[str, Any] = {
        "every": 3,
        "variables": ("order_parameter", "phases", "weights"),
        "nodes": [1, 5],
        "weights_every": 50,
    }
    streamed = ensembles[0].run(0.1, steps, record=rn.Recorder(**recorder, out=tmp_path / "run.zarr"))
    wanted = ensembles[1].run(0.1, steps, record=rn.Recorder(**recorder))
    assert streamed is not None
    assert wanted is not None
    loaded = rn.Recording.load(tmp_path / "run.zarr")
    for name in ("step", "time", "weights_step", *recorder["variables"]):
        np.testing.assert_array_equal(np.asarray(getattr(loaded, name)), getattr(wanted, name), err_msg=name)
    data = xarray.open_zarr(tmp_path / "run.zarr")
    assert data.phases.dims == ("time", "network", "node")
    assert data.weights.dims == ("weights_time", "network", "node_to", "node_from")
    xarray.testing.assert_equal(data.compute(), wanted.to_xarray())
    wanted.save(tmp_path / "saved.zarr")
    xarray.testing.assert_equal(xarray.open_zarr(tmp_path / "saved.zarr").compute(), wanted.to_xarray())


def test_repr_and_xarray() -> None:
    pytest.importorskip("xarray")
    recording = build().run(0.2, 20, record=rn.Recorder(every=10, variables=("order_parameter", "amplitudes")))
    assert recording is not None
    assert f"{N} nodes of {B} networks" in repr(recording)
    data = recording.to_xarray()
    assert dict(data.sizes) == {"time": 3, "network": B, "node": N}
    assert data.network.values.tolist() == [0, 1, 2]
    assert data.amplitudes.attrs["units"] == "1"
    assert data.attrs["n_networks"] == B


def test_what_would_not_fit_is_refused() -> None:
    ensemble = build()
    with pytest.raises(MemoryError, match=f"{B} networks"):
        ensemble.run(0.1, 10**10, record=rn.Recorder(every=1))
    with pytest.raises(TypeError, match="record must be a Recorder or None"):
        ensemble.run(0.1, 10, record="all")  # type: ignore[arg-type]
    assert ensemble.step_count == 0


def test_a_wrong_input_leaves_no_store(tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    ensemble = build()
    with pytest.raises(ValueError, match="inputs must be finite"):
        ensemble.run(math.nan, 10, record=rn.Recorder(variables="phases", out=tmp_path / "run.zarr"))
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_returns_what_was_recorded() -> None:
    code = """
import os, signal, threading
import numpy as np
import resonance_native as rn
ensemble = rn.ResonanceEnsemble(50, 40, gain=0.2, amplitude_floor=0.1, seed=0)
press = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
press.start()
recording = ensemble.run(0.1, 10**9, record=rn.Recorder(every=10, maxlen=100, variables="phases"))
assert recording.interrupted and len(recording) == 100
counts = {network.step_count for network in ensemble}
assert len(counts) == 1 and 0 < ensemble.step_count < 10**9
assert recording.step[-1] == ensemble.step_count // 10 * 10
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    ensemble.run(0.1, 10**9)
except KeyboardInterrupt:
    print("raised")
"""
    assert output_of(code) == "raised"


@pytest.mark.parametrize("place", [0, 2])
def test_a_network_that_diverges_leaves_nan_in_a_store(place: int, tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    rates = [0.01, 0.01, 0.01]
    rates[place] = 1e38
    keywords = {"dtype": "float32", "amplitude_floor": 0.2, "decay": 1.0, "seed": 0}
    ensemble = rn.ResonanceEnsemble(3, 10, learning_rate=rates, **keywords)
    with pytest.raises(FloatingPointError, match=str(place)):
        ensemble.run(0.3, 60, record=rn.Recorder(every=5, variables="phases", out=tmp_path / "run.zarr"))
    recording = rn.Recording.load(tmp_path / "run.zarr")
    assert recording.interrupted
    assert np.asarray(recording.step).tolist() == list(range(0, 61, 5))
    phases = np.asarray(recording.phases)
    assert np.isnan(phases[-1, place]).all()
    healthy = np.delete(np.arange(3), place)
    assert np.isfinite(phases[:, healthy]).all()
    np.testing.assert_array_equal(phases[-1, healthy], ensemble.phases[healthy])
