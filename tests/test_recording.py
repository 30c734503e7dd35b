"""Recordings: in memory, in xarray, saved, and streamed to a store."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from networks import bits
from scripts import HEAR_INTERRUPTS, output_of
from test_recorder import ALL, make

import resonance_native as rn
from resonance_native import recording_layout

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


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of a few samples, so that a short run fills several."""
    monkeypatch.setattr(recording_layout, "CHUNK_BYTES", 1000)


def record(dtype: str = "float64", steps: int = 100, **keywords: Any) -> rn.Recording:
    return make(9, dtype).run(0.3, steps, record=rn.Recorder(**{"every": 3, "nodes": [1, 5, 7], **keywords}))


def arrays(recording: rn.Recording) -> dict[str, np.ndarray]:
    names = ("step", "time", *recording.variables)
    names += ("weights_step", "weights_time") if "weights" in recording.variables else ()
    return {name: np.asarray(getattr(recording, name)) for name in names}


def assert_same(actual: rn.Recording, wanted: rn.Recording) -> None:
    """Every bit, every dtype, and all that is told about it."""
    assert actual.variables == wanted.variables
    assert actual.interrupted == wanted.interrupted
    assert np.array_equal(actual.nodes, wanted.nodes)
    assert len(actual) == len(wanted)
    found, expected = arrays(actual), arrays(wanted)
    for name, array in expected.items():
        assert found[name].dtype == array.dtype, name
        assert found[name].shape == array.shape, name
        assert found[name].tobytes() == array.tobytes(), name
    xarray.testing.assert_identical(actual.to_xarray().load(), wanted.to_xarray().load())


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


# Streamed


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize(
    "keywords",
    [{}, {"variables": "order_parameter"}, {"weights_every": 7, "nodes": None}, {"start": 98}, {"start": 200}],
)
def test_a_streamed_recording_equals_one_in_memory(keywords: dict[str, Any], dtype: str, tmp_path: Path) -> None:
    wanted = record(dtype, **keywords)
    streamed = record(dtype, **keywords, out=tmp_path / "run.zarr")
    assert_same(streamed, wanted)
    assert_same(rn.Recording.load(tmp_path / "run.zarr"), wanted)
    xarray.testing.assert_identical(xarray.open_zarr(tmp_path / "run.zarr").load(), wanted.to_xarray())
    assert isinstance(streamed.step, zarr.Array)
    streamed.save(tmp_path / "copy.zarr")
    assert_same(rn.Recording.load(tmp_path / "copy.zarr"), wanted)


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("last", [0, 1, 5, 6, 7, 11, 12])
def test_the_last_chunk_may_be_full_or_not(last: int, tmp_path: Path) -> None:
    keywords = {"every": 1, "nodes": None, "variables": ("phases", "amplitudes"), "steps": last}
    streamed = record(**keywords, out=str(tmp_path / "run.zarr"))  # 6 samples of 9 nodes fill a chunk
    assert streamed.phases.chunks == (min(6, last + 1), 9)
    assert_same(streamed, record(**keywords))


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("kind", ["store", "group", "inner group", "dict"])
def test_zarr_stores_and_groups(kind: str) -> None:
    store = zarr.storage.MemoryStore()
    out = {
        "store": lambda: store,
        "group": lambda: zarr.open_group(store, mode="w"),
        "inner group": lambda: zarr.open_group(store, mode="w").create_group("inner"),
        "dict": dict,
    }[kind]()
    streamed, wanted = record(out=out), record()
    assert_same(streamed, wanted)
    with pytest.raises(ValueError, match="read-only"):
        streamed.phases[0] = 0
    assert_same(rn.Recording.load(out), wanted)


def test_weights_larger_than_a_chunk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(recording_layout, "CHUNK_BYTES", 10_000)
    monkeypatch.setattr("resonance_native.recording_store.CHUNK_BYTES", 10_000)
    keywords = {"variables": "weights", "every": 4}
    streamed = make(50).run(0.3, 12, record=rn.Recorder(**keywords, out=tmp_path / "run.zarr"))
    assert streamed.weights.chunks == (1, 25, 50)
    assert_same(streamed, make(50).run(0.3, 12, record=rn.Recorder(**keywords)))


@pytest.mark.usefixtures("small_chunks")
def test_streaming_changes_no_bit(tmp_path: Path) -> None:
    kept, streamed = make(), make()
    kept.run(0.2, 200, record=rn.Recorder(every=3))
    streamed.run(0.2, 200, record=rn.Recorder(every=3, out=tmp_path / "run.zarr"))
    assert bits(streamed) == bits(kept)


def test_what_is_there_is_not_streamed_over(tmp_path: Path) -> None:
    path = tmp_path / "run.zarr"
    recorder = rn.Recorder(every=3, out=path)
    make().run(steps=100, record=recorder)
    kept = {name: array.copy() for name, array in arrays(rn.Recording.load(path)).items()}
    net = make()
    before = bits(net)
    array = zarr.create_array(tmp_path / "array", shape=(3,), dtype="f8").store
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter.txt").write_text("years of work")
    group, store = zarr.open_group(path, mode="r+"), zarr.storage.LocalStore(path)
    for out in (path, str(path), group, store, array, tmp_path / "thesis", tmp_path / "thesis/chapter.txt"):
        with pytest.raises(FileExistsError, match=r"out must be new or empty, got .*; remove it, or choose another"):
            net.run(steps=100, record=rn.Recorder(out=out))
    with pytest.raises(FileExistsError, match="out must be new or empty"):
        net.run(steps=100, record=recorder)
    assert bits(net) == before
    for name, array in arrays(rn.Recording.load(path)).items():
        assert np.array_equal(array, kept[name])


def test_empty_places_are_streamed_to(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    zarr.open_group(tmp_path / "group", mode="w")
    for name in ("folder", "group", "new/below"):
        assert_same(record(out=tmp_path / name), record())


@pytest.mark.parametrize("out", [3, 2.5, ["a"], object()])
def test_out_of_a_wrong_kind(out: Any) -> None:
    net = make()
    with pytest.raises(TypeError, match="out must be a path, a zarr store or a zarr group, got"):
        net.run(steps=5, record=rn.Recorder(out=out))
    assert net.step_count == 0


def test_a_run_with_wrong_inputs_leaves_no_store(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("new", "folder"):
        with pytest.raises(ValueError, match="shape"):
            make().run([1.0, np.nan, 2.0], 5, record=rn.Recorder(out=tmp_path / name))
    assert not (tmp_path / "new").exists()
    assert_same(record(out=tmp_path / "folder"), record())


def test_attributes_of_an_empty_group_are_kept() -> None:
    group = zarr.open_group({}, mode="w", attributes={"experiment": 7})
    with pytest.raises(ValueError, match="shape"):
        make().run([1.0, 2.0], 5, record=rn.Recorder(out=group))
    assert dict(zarr.open_group(group.store, mode="r").attrs) == {"experiment": 7}
    assert record(out=group).to_xarray().attrs.items() >= {"experiment": 7, "n_nodes": 9}.items()


class FillingStore(zarr.storage.MemoryStore):
    """A store on a disk that is full after two chunks of phases."""

    left = 2

    async def set(self, key: str, value: Any, byte_range: Any = None) -> None:
        if key.startswith("phases/c/"):
            if self.left == 0:
                raise OSError("the disk is full")
            self.left -= 1
        await super().set(key, value, byte_range)


@pytest.mark.usefixtures("small_chunks")
def test_a_full_disk_stops_the_run_and_leaves_what_was_written() -> None:
    store, net = FillingStore(), make()
    with pytest.raises(OSError, match="the disk is full"):
        net.run(0.3, 300, record=rn.Recorder(every=3, variables=("phases", "amplitudes"), out=store))
    assert 0 < net.step_count < 300
    loaded = rn.Recording.load(store)
    assert loaded.interrupted
    assert len(loaded) == 12  # two chunks of six
    wanted = make().run(0.3, 33, record=rn.Recorder(every=3, variables=("phases", "amplitudes")))
    for name, array in arrays(wanted).items():
        assert np.array_equal(getattr(loaded, name), array)
        assert zarr.open_group(store, mode="r", use_consolidated=False)[name].shape == array.shape
    assert loaded.to_xarray().sizes["time"] == 12


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


# Interrupted and killed


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


ENDLESS = """
import resonance_native as rn
from resonance_native import recording_layout
recording_layout.CHUNK_BYTES = 2000
net = rn.ResonanceNetwork(20, gain=0.1, amplitude_floor=0.1, seed=0)
print("begins", flush=True)
net.run(0.1, 10**10, record=rn.Recorder(every=2, out={path!r}))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_store_is_whole_after(number: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "run.zarr"
    code = HEAR_INTERRUPTS + ENDLESS.format(path=str(path))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        wait_for_chunks(path, 3)
        process.send_signal(number)
        process.wait(60)
        assert process.returncode == (0 if number == signal.SIGINT else -number)  # Ctrl-C only ends the run
    loaded = rn.Recording.load(path)
    assert loaded.interrupted
    assert "interrupted" in repr(loaded)
    count = len(loaded)
    assert count >= 6  # two chunks at least
    assert np.array_equal(loaded.step, 2 * np.arange(count))
    of_weights = loaded.weights.shape[0]  # written in chunks of their own
    assert np.array_equal(loaded.weights_step, 2 * np.arange(of_weights))
    wanted = rn.ResonanceNetwork(20, gain=0.1, amplitude_floor=0.1, seed=0).run(
        0.1, 2 * max(count, of_weights), record=rn.Recorder(every=2)
    )
    np.testing.assert_allclose(loaded.phases, wanted.phases[:count], rtol=0, atol=1e-12)
    np.testing.assert_allclose(loaded.weights, wanted.weights[:of_weights], rtol=0, atol=1e-12)
    assert xarray.open_zarr(path).sizes["time"] == count


def wait_for_chunks(path: Path, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(list(path.glob("phases/c/*"))) < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells peak memory")
def test_a_million_samples_take_little_memory(tmp_path: Path) -> None:
    code = f"""
    import resonance_native as rn

    def peak():
        return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024

    net = rn.ResonanceNetwork(16, gain=0.1, amplitude_floor=0.1, seed=0)
    net.run(0.1, 1000)
    before = peak()
    recorder = rn.Recorder(every=1, variables=("order_parameter", "amplitudes"), out={str(tmp_path / "run.zarr")!r})
    recording = net.run(0.1, 1_000_000, record=recorder)
    assert len(recording) == 1_000_001
    print(peak() - before)
    """
    assert float(output_of(code)) < 64  # all samples take 164 MiB
