"""Recordings that are streamed to a store: as in memory, over nothing that is there, and whole after a kill."""

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
from networks import bits
from recordings import arrays, assert_same, make, record
from scripts import HEAR_INTERRUPTS, output_of

import resonance_native as rn
from resonance_native import recording_layout

xarray = pytest.importorskip("xarray")
zarr = pytest.importorskip("zarr", minversion="3")


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of a few samples, so that a short run fills several."""
    monkeypatch.setattr(recording_layout, "CHUNK_BYTES", 1000)


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
