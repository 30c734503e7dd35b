"""What ``mpiexec`` runs for test_mpi_recording.py: what is recorded and saved while ranks run."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from mpi4py import MPI

import resonance_native as rn
from resonance_native import mpi
from resonance_native.recording_store import RecordingStore

COMM = MPI.COMM_WORLD
RANK, RANKS = COMM.Get_rank(), COMM.Get_size()
NO_SPACE = OSError(28, "No space left on device")
VARIABLES = ("order_parameter", "phases", "resonance", "weights")


def network(coupling: float = 0.01, n: int = 320) -> mpi.ResonanceNetwork:
    return mpi.ResonanceNetwork(n, gain=20 / n, coupling=coupling, seed=3)


def inputs(steps: int = 200) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((steps, 320))


def small_chunks() -> Any:
    """So that the store is written on the way."""
    return mock.patch("resonance_native.recording_layout.CHUNK_BYTES", 2**14)


def check_recording(path: str) -> None:
    """Rank 0 streams what all have in memory otherwise; the others' recordings have no samples."""
    for coupling in (0.0, 0.01):
        out = f"{path}-{coupling}.zarr"
        recorder = {"every": 3, "variables": VARIABLES, "weights_every": 60, "nodes": slice(0, 300, 7)}
        shared, plain = network(coupling), network(coupling)
        with small_chunks():
            streamed = shared.run(inputs(), record=rn.Recorder(**recorder, out=out))
        kept = plain.run(inputs(), record=rn.Recorder(**recorder))
        assert len(streamed) == (67 if RANK == 0 else 0)
        assert not streamed.interrupted
        COMM.Barrier()
        found = rn.Recording.load(out)
        for name in ("step", "time", "weights_step", "weights_time", *VARIABLES):
            np.testing.assert_array_equal(np.asarray(getattr(found, name)), getattr(kept, name), err_msg=name)
        np.testing.assert_array_equal(shared.weights.local, plain.weights.local)
        with pytest.raises(FileExistsError, match="must be new or empty"):
            shared.run(inputs(), record=rn.Recorder(out=out))


def require(room: int, needed: int, *_: str) -> None:
    """As on a machine with so much memory."""
    if needed > room:
        raise MemoryError("no room")


def check_refused_recording(path: str) -> None:
    """One rank's memory, and rank 0's disk, decide for all; nothing is left where nothing was recorded."""
    out = Path(path + "-refused.zarr")
    room = 10 if RANK == RANKS - 1 else 10**12
    with (
        mock.patch("resonance_native.recording_session.require_memory", partial(require, room)),
        pytest.raises(MemoryError, match="no room"),
    ):
        network().run(inputs(), record=rn.Recorder(variables="weights", out=out))
    COMM.Barrier()
    assert not out.exists()
    write = RecordingStore.write

    def fill_up(self: RecordingStore, first: int, block: Any) -> None:
        if first > 0:
            raise NO_SPACE
        write(self, first, block)

    net = network()
    with (
        mock.patch.object(RecordingStore, "write", fill_up),
        small_chunks(),
        pytest.raises(OSError, match="No space left"),
    ):
        net.run(inputs(), record=rn.Recorder(every=1, variables="phases", out=out))
    assert COMM.allgather(net.step_count) == [net.step_count] * RANKS
    assert 0 < net.step_count < 200
    COMM.Barrier()
    found = rn.Recording.load(out)
    assert found.interrupted
    assert len(found) > 0


def check_clock(path: str) -> None:
    """Checkpoints by the clock are saved by all ranks after the same steps, are of that moment, and change no bit."""
    steps: list[int] = []

    class Noted(rn.Checkpoint):
        def save(self, net: rn.ResonanceNetwork) -> None:
            steps.append(net.step_count)
            super().save(net)
            if net.step_count == 96:
                net.save(f"{path}-96")

    held = np.repeat(np.random.default_rng(0).standard_normal((1, 530)), 200, axis=0)  # steps that are compressed
    for coupling, x in ((0.01, inputs()), (0.0, inputs()), (0.0, held)):
        shared, plain, there = (network(coupling, x.shape[1]) for _ in range(3))
        steps.clear()
        with mock.patch("resonance_native.checkpoint_file._BLOCK_BYTES", 2**14):  # ranks have unlike numbers of blocks
            shared.run(x, callback=Noted(path, seconds=1e-9))
        assert steps == [32, 64, 96, 128, 160, 192, 200]
        plain.run(x)
        np.testing.assert_array_equal(shared.weights.local, plain.weights.local)
        np.testing.assert_array_equal(mpi.ResonanceNetwork.load(path).weights.local, plain.weights.local)
        saved = mpi.ResonanceNetwork.load(f"{path}-96")
        there.run(x[:96])
        assert saved.step_count == 96
        for name in ("phases", "amplitudes"):
            np.testing.assert_allclose(getattr(saved, name), getattr(there, name), rtol=0, atol=1e-12)
        np.testing.assert_allclose(saved.weights.local, there.weights.local, rtol=0, atol=1e-12)
    steps.clear()
    network().run(inputs(), callback=Noted(path, seconds=60))
    assert steps == [200]


def check_callback(_: str) -> None:
    """A callback within a block sees the weights of its moment, and may copy the network."""
    held = np.random.default_rng(0).standard_normal(512)
    for x in (inputs(), held):
        shared, there = (network(0.0, x.shape[-1]) for _ in range(2))
        seen: list[mpi.ResonanceNetwork] = []

        def look(at: rn.ResonanceNetwork, seen: list[Any] = seen) -> None:
            weights = at.weights
            copied = at.copy()
            np.testing.assert_array_equal(copied.weights.local, weights.local)
            np.testing.assert_array_equal(weights.rows([0, -1]), weights.to_dense()[[0, -1]])
            seen.append(copied)

        shared.run(x, 200, callback=rn.every(77, look))
        assert [copied.step_count for copied in seen] == [77, 154]
        for copied in seen:
            there.run(*((held, 77) if x is held else (x[there.step_count : there.step_count + 77],)))
            np.testing.assert_allclose(copied.weights.local, there.weights.local, rtol=0, atol=1e-12)
            np.testing.assert_allclose(copied.amplitudes, there.amplitudes, rtol=0, atol=1e-12)
            copied.update(0.1)
        np.testing.assert_array_equal(shared.weights.local, shared.copy().weights.local)


if __name__ == "__main__":
    for name, check in list(vars().items()):
        if name.startswith("check_"):
            check(sys.argv[1])
            COMM.Barrier()
            if RANK == 0:
                print(name, "passed", flush=True)
