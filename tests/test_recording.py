"""Recordings: in memory, in xarray, and saved."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recordings import ALL, arrays, assert_same, make, record
from scripts import output_of

import resonance_native as rn

xarray = pytest.importorskip("xarray")
zarr = pytest.importorskip("zarr", minversion="3")

UNITS = {"order_parameter": "1", "phases": "rad", "amplitudes": "1", "resonance": "1", "weights": "1"}
DIMS = {
    "order_parameter": ("time",),
    "phases": ("time", "node"),
    "amplitudes": ("time", "node"),
    "resonance": ("time", "node"),
    "weights": ("weights_time", "node_to", "node_from"),
}


# In memory


def test_a_recording_describes_itself() -> None:
    recording = record(weights_every=50)
    assert repr(recording) == (
        "Recording(order_parameter, phases, amplitudes, resonance, weights; 34 samples of 3 of 9 nodes and 3 of their "
        "weights; over 0.99 s; 0.00362 MiB)"
    )
    size = sum(array.nbytes for array in arrays(recording).values())
    assert f"{size / 2**20:.3g}" == "0.00362"
    assert recording.variables == ALL
    assert repr(record(start=200, variables="phases")) == (
        "Recording(phases; 0 samples of 3 of 9 nodes; over 0 s; 0 MiB)"
    )


def test_a_recording_can_be_pickled() -> None:
    recording = record()
    assert_same(pickle.loads(pickle.dumps(recording)), recording)


@pytest.mark.parametrize("maxlen", [None, 4])
@pytest.mark.parametrize("taken", [0, 3, 4, 6])
def test_interrupted_in_memory(taken: int, maxlen: int | None) -> None:
    """What the core has filled in before it stopped, in the order of time; and nothing of the free slots."""
    recorder = rn.Recorder(every=1, variables=("phases", "weights"), maxlen=maxlen)
    session = recorder._begin(2, np.dtype("float32"), steps=20)
    core = session.core
    for sample in range(taken):
        slot, weights_slot = sample % core["capacity"], sample % core["weights_capacity"]
        core["step"][slot] = core["weights_step"][weights_slot] = 100 + sample
        core["time"][slot] = core["weights_time"][weights_slot] = 0.5 * sample
        core["phases"][slot] = sample
        core["weights"][weights_slot] = sample
    recording = session.finish(interrupted=True)
    kept = list(range(taken))[-(maxlen or 20) :]
    assert recording.interrupted
    assert repr(recording).endswith("; interrupted)")
    assert recording.step.tolist() == recording.weights_step.tolist() == [100 + sample for sample in kept]
    assert recording.time.tolist() == recording.weights_time.tolist() == [0.5 * sample for sample in kept]
    assert recording.phases.tolist() == [[sample, sample] for sample in kept]
    assert recording.weights[:, 1, 0].tolist() == kept
    assert recording.to_xarray().attrs["interrupted"] == 1


# xarray


def test_to_xarray(dtype: str) -> None:
    recording = record(dtype, weights_every=20)
    dataset = recording.to_xarray()
    assert set(dataset.data_vars) == set(ALL)
    for name in ALL:
        assert dataset[name].dims == DIMS[name]
        assert dataset[name].attrs["units"] == UNITS[name]
        assert dataset[name].attrs["long_name"]
        assert dataset[name].dtype == getattr(recording, name).dtype
        assert np.array_equal(dataset[name], getattr(recording, name))
    assert np.array_equal(dataset.time, recording.time)
    assert dataset.time.attrs["units"] == dataset.weights_time.attrs["units"] == "s"
    assert np.array_equal(dataset.weights_time, recording.weights_time)
    assert dataset.step.dims == ("time",)
    assert dataset.weights_step.dims == ("weights_time",)
    assert {"step", "weights_step"} <= set(dataset.coords)
    told = {"dt": 0.01, "every": 3, "weights_every": 20, "start": 0, "n_nodes": 9, "dtype": dtype, "interrupted": 0}
    assert told.items() <= dataset.attrs.items()


def test_nodes_are_looked_up_by_their_number() -> None:
    net = make(9)
    net.run(0.3, 10)
    before = net.weights.copy()
    dataset = net.run(0.3, 10, record=rn.Recorder(nodes=[1, 5, 7])).to_xarray()
    first = dataset.isel(weights_time=0)
    assert first.weights.sel(node_to=7, node_from=1) == before[7, 1] != before[1, 7]
    assert np.array_equal(dataset.amplitudes.sel(node=5), dataset.amplitudes[:, 1])


def test_xarray_without_weights() -> None:
    dataset = record(variables=("phases", "order_parameter")).to_xarray()
    assert set(dataset.sizes) == {"time", "node"}
    assert set(dataset.data_vars) == {"phases", "order_parameter"}


# Saved


@pytest.mark.parametrize(
    "keywords",
    [
        {},
        {"weights_every": 7},
        {"variables": "order_parameter"},
        {"variables": "weights"},
        {"variables": ("amplitudes", "phases")},
        {"start": 200},
        {"maxlen": 5},
        {"nodes": None},
        {"nodes": [7, 1, 1]},
    ],
)
def test_what_is_saved_is_loaded(keywords: dict[str, Any], dtype: str, tmp_path: Path) -> None:
    recording = record(dtype, **keywords)
    recording.save(tmp_path / "run.zarr")
    loaded = rn.Recording.load(tmp_path / "run.zarr")
    assert_same(loaded, recording)
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.zarr"]


def test_xarray_reads_what_is_saved(tmp_path: Path) -> None:
    recording = record()
    recording.save(str(tmp_path / "run.zarr"))
    xarray.testing.assert_identical(xarray.open_zarr(tmp_path / "run.zarr").load(), recording.to_xarray())
    group = zarr.open_group(tmp_path / "run.zarr", mode="r")
    assert group.metadata.zarr_format == 3
    assert group["order_parameter"].dtype == np.complex128
    assert group["weights"].metadata.dimension_names == DIMS["weights"]


def test_a_loaded_recording_is_lazy_and_read_only(tmp_path: Path) -> None:
    record().save(tmp_path / "run.zarr")
    loaded = rn.Recording.load(tmp_path / "run.zarr")
    assert isinstance(loaded.phases, zarr.Array)
    assert not loaded.to_xarray().phases._in_memory
    assert isinstance(loaded.phases[-3:], np.ndarray)
    with pytest.raises(ValueError, match="read-only"):
        loaded.phases[0] = 0
    with pytest.raises(AttributeError, match="resonance was not recorded"):
        rn.Recording.load(saved_without_resonance(tmp_path)).resonance  # noqa: B018
    assert repr(loaded).endswith("run.zarr)")


def saved_without_resonance(folder: Path) -> Path:
    record(variables="phases").save(folder / "phases.zarr")
    return folder / "phases.zarr"


def test_nothing_is_overwritten_silently(tmp_path: Path) -> None:
    path = tmp_path / "run.zarr"
    first, second = record(), record(steps=50)
    first.save(path)
    with pytest.raises(FileExistsError, match=r"run\.zarr exists already.*overwrite=True"):
        second.save(path)
    assert_same(rn.Recording.load(path), first)
    second.save(path, overwrite=True)
    assert_same(rn.Recording.load(path), second)
    rn.Recording.load(path).save(path, overwrite=True)
    assert_same(rn.Recording.load(path), second)


def test_only_recordings_are_overwritten(tmp_path: Path) -> None:
    kept = tmp_path / "thesis"
    kept.mkdir()
    (kept / "chapter.txt").write_text("years of work")
    zarr.create_array(tmp_path / "array.zarr", shape=(3,), dtype="f8")
    for name in ("thesis", "array.zarr", "thesis/chapter.txt"):
        with pytest.raises(FileExistsError, match="is not a recording and is not overwritten"):
            record().save(tmp_path / name, overwrite=True)
    assert (kept / "chapter.txt").read_text() == "years of work"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["array.zarr", "thesis"]


def test_a_save_that_fails_leaves_the_old_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.zarr"
    first = record()
    first.save(path)
    monkeypatch.setattr(zarr.Array, "resize", fail)
    with pytest.raises(OSError, match="disk is full"):
        record(steps=50).save(path, overwrite=True)
    monkeypatch.undo()
    assert_same(rn.Recording.load(path), first)
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.zarr"]


def fail(*arguments: Any, **keywords: Any) -> None:  # noqa: ARG001
    raise OSError("the disk is full")


def test_what_is_no_recording_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"absent\.zarr does not exist"):
        rn.Recording.load(tmp_path / "absent.zarr")
    (tmp_path / "file").write_text("text")
    (tmp_path / "empty").mkdir()
    zarr.create_array(tmp_path / "array", shape=(3,), dtype="f8")
    zarr.open_group(tmp_path / "group", mode="w")
    for name in ("file", "empty", "array", "group"):
        with pytest.raises(ValueError, match=f"{name} is not a recording"):
            rn.Recording.load(tmp_path / name)


def test_a_later_format_is_not_loaded(tmp_path: Path) -> None:
    record().save(tmp_path / "run.zarr")
    zarr.open_group(tmp_path / "run.zarr", mode="r+").attrs["format_version"] = 2
    with pytest.raises(ValueError, match=r"is a recording in format version 2, and .* reads version 1"):
        rn.Recording.load(tmp_path / "run.zarr")


# Without the packages


def test_missing_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording, net = record(), make()
    for name in ("zarr", "xarray"):
        monkeypatch.setitem(sys.modules, name, None)
    for call, needed in (
        (recording.to_xarray, "xarray"),
        (lambda: recording.save(tmp_path / "run.zarr"), "zarr ≥ 3"),
        (lambda: rn.Recording.load(tmp_path / "run.zarr"), "zarr ≥ 3"),
        (lambda: net.run(steps=5, record=rn.Recorder(out=tmp_path / "run.zarr")), "zarr ≥ 3"),
    ):
        with pytest.raises(ImportError, match=rf'need.* {needed}; try: pip install "resonance-native\[sim\]"'):
            call()
    assert net.step_count == 0
    assert len(net.run(steps=5, record=rn.Recorder())) == 1
    assert not list(tmp_path.iterdir())


def test_an_older_zarr_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zarr, "__version__", "2.18.7")
    with pytest.raises(ImportError, match=r"zarr ≥ 3.*got zarr 2\.18\.7"):
        rn.Recording.load(tmp_path / "run.zarr")


def test_recording_to_memory_imports_numpy_alone() -> None:
    code = """
    import sys
    import resonance_native as rn
    rn.ResonanceNetwork(3, amplitude_floor=0.1, seed=0).run(steps=5, record=rn.Recorder())
    print({"zarr", "xarray", "pandas"} & set(sys.modules))
    """
    assert output_of(code) == "set()"
