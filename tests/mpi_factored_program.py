"""What ``mpiexec`` runs for test_mpi.py with factored weights: each network beside the same one of one process."""

from __future__ import annotations

import sys
from typing import Any
from unittest import mock

import numpy as np
import pytest
from mpi_program import COMM, DTYPES, RANK, RANKS, run_checks

import resonance_native as rn
from resonance_native import mpi
from resonance_native.sharded_factored_store import ShardedFactoredStore

N = 333


def pair(dtype: str, **keywords: Any) -> tuple[mpi.ResonanceNetwork, rn.ResonanceNetwork]:
    """The same network on ranks and in one process."""
    tolerance = 1e-11 if dtype == "float64" else 1e-5
    settings = {
        "gain": 15 / N,
        "amplitude_floor": 0.1,
        "dtype": dtype,
        "seed": 3,
        "storage": "factored",
        "tolerance": tolerance,
        **keywords,
    }
    return mpi.ResonanceNetwork(N, **settings), rn.ResonanceNetwork(N, threads=1, **settings)


def assert_near(shared: mpi.ResonanceNetwork, alone: rn.ResonanceNetwork) -> None:
    """Within what is promised, and the same on all ranks."""
    bound = 1e-11 if alone.dtype == np.float64 else 1e-4
    got, wanted = shared.weights, alone.weights
    dense = got.to_dense()
    np.testing.assert_allclose(dense, wanted.to_dense(), rtol=0, atol=bound * np.abs(wanted.to_dense()).max())
    np.testing.assert_array_equal(got.gather().to_dense(), dense)
    np.testing.assert_allclose(shared.amplitudes, alone.amplitudes, rtol=0, atol=bound)
    np.testing.assert_allclose(np.exp(1j * shared.phases), np.exp(1j * alone.phases), rtol=0, atol=bound)
    assert got.error_bound == pytest.approx(wanted.error_bound, rel=0.2)
    assert shared.step_count == alone.step_count
    everybody = COMM.allgather(shared.amplitudes.tobytes() + shared.phases.tobytes())
    assert everybody == [everybody[0]] * RANKS


def check_runs() -> None:
    """Runs and single steps with all that a step may have in it, and samples of everything."""
    held = np.random.default_rng(0).standard_normal(N)
    smooth = np.sin(0.01 * np.arange(100)[:, None] + np.arange(N))
    what = ["phases", "amplitudes", "resonance", "weights", "order_parameter"]
    physics: list[dict[str, Any]] = [
        {},
        {"coupling": 1 / N, "phase_lag": 0.2},
        {"learning_lag": 0.4, "noise_std": 1e-5, "gain": 18 / N},
        {"weight_std": 0.01, "coupling": 0.5 / N},  # with a base
    ]
    for dtype in DTYPES:
        for more in physics:
            for inputs in (held, smooth):
                nets = pair(dtype, **more)
                recordings = []
                for net in nets:
                    net.pin([3, N - 2], [0.5, -0.25], phases=[0.1, 2.0])
                    recorder = rn.Recorder(every=20, variables=what, nodes=[0, 5, N - 1], weights_every=40)
                    recordings.append(net.run(inputs, 100, record=recorder))
                    net.update(held)
                    net.update(0.3, learn=False)
                    net.learning_lag, net.learning_rate = 1.0, -0.005  # another direction of growth
                    net.run(0.0, 40)
                for name in what:
                    got, wanted = (np.asarray(getattr(recording, name)) for recording in recordings)
                    atol = (1e-11 if dtype == "float64" else 1e-4) * max(1, np.abs(wanted).max())
                    np.testing.assert_allclose(got, wanted, rtol=0, atol=atol)
                assert_near(*nets)


def check_entrain() -> None:
    """Rows of data, of which each rank learns its nodes' factors."""
    rows = np.sin(np.arange(120)[:, None] / 40 + np.arange(N))
    for dtype in DTYPES:
        for fading_factor in (None, 0.95):
            nets = pair(dtype, gain=1 / N)
            for net in nets:
                net.entrain(rows, fading_factor=fading_factor)
                net.run(0.1, 10)
            assert_near(*nets)
        nets = pair(dtype, gain=1 / N)
        for net in nets:
            net.entrain(rows[:20, :5])  # an encoder makes phases of them
        assert_near(*nets)


def check_weights() -> None:
    """Weights that are given in each way come to the right ranks, or to none."""
    rng = np.random.default_rng(5)
    thin = rng.standard_normal((N, 2)), rng.standard_normal((N, 2))
    dense = rng.standard_normal((N, N))
    for dtype in DTYPES:
        shared, alone = pair(dtype, gain=1 / N)
        for net in (shared, alone):
            net.run(1.0, 20)
        for given in (thin, dense, dense.tolist(), shared.weights.gather()):
            shared.weights = given
            alone.weights = given
            np.testing.assert_allclose(shared.weights.to_dense(), alone.weights.to_dense(), rtol=1e-6, atol=1e-6)
            for net in (shared, alone):
                net.run(0.2, 5)
            block = shared.weights.block([7, N - 1, 7], slice(1, None, 50))
            np.testing.assert_allclose(block, alone.weights.block([7, N - 1, 7], slice(1, None, 50)), atol=1e-5)
        other = shared.copy()
        other.weights = shared.weights
        other.update(0.1)
        shared.update(0.1)
        np.testing.assert_array_equal(other.weights.to_dense(), shared.weights.to_dense())
        np.testing.assert_array_equal(other.amplitudes, shared.amplitudes)
    weights = shared.weights
    assert weights.shape == (N, N)
    assert weights.local.shape == (len(weights.local), len(weights.local_nodes))
    if RANK == 0:  # to look at them, nobody else is needed
        assert f"ranks={RANKS}" in repr(shared.weights)
        assert shared.weights.rank == weights.rank
    before = weights.to_dense()
    wrong = dense.copy()
    wrong[-1, 3] = np.nan  # a row of the last rank
    with pytest.raises(ValueError, match="weights must be finite"):
        shared.weights = wrong
    np.testing.assert_array_equal(shared.weights.to_dense(), before)


def check_limits() -> None:
    """Too many columns, too few nodes, no memory: the same on all ranks."""
    x = np.random.default_rng(0).standard_normal((200, N)) * 30
    shared, alone = pair("float64", max_rank=40)
    ends = []
    for net in (shared, alone):
        with pytest.raises(RuntimeError, match="max_rank"):
            net.run(x)
        ends.append(net.step_count)
    assert COMM.allgather(ends) == [ends] * RANKS
    assert abs(ends[0] - ends[1]) <= 1
    # One rank's memory for its rows of a dense base decides for all.
    room = mock.Mock(side_effect=MemoryError("no room")) if RANK == RANKS - 1 else ShardedFactoredStore._empty_base
    with mock.patch.object(ShardedFactoredStore, "_empty_base", room), pytest.raises(MemoryError, match="no room"):
        pair("float64", weight_std=0.01)
    # Where one rank's weights diverge all ranks raise, at the same step.
    weights = np.zeros((N, N))
    weights[N - 1] = 1e308
    net = mpi.ResonanceNetwork.from_state(np.zeros(N), np.ones(N), np.ones(N), weights, decay=1.0, storage="factored")
    with pytest.raises(FloatingPointError, match="grown beyond"):
        net.run(0.0, 5)
    assert COMM.allgather(net.step_count) == [1] * RANKS
    if RANKS > 1:
        with pytest.raises(ValueError, match=r"n_nodes must be at least 16 for each rank"):
            mpi.ResonanceNetwork(16 * RANKS - 1, storage="factored")


def check_bytes() -> None:
    """What a rank receives is what the formula says."""
    net = mpi.ResonanceNetwork(N, storage="factored", seed=0, learning_rate=0.0, amplitude_floor=0.5)
    others = N - len(net.weights.local_nodes)
    assert net.weights.rank == 0
    received = net.bytes_received
    net.run(0.0, 10)
    # No pairs: three flags a step and one at the end, then amplitudes and phases.
    assert net.bytes_received - received == 8 * (3 * 10 + 1) * (RANKS - 1) + 16 * others


def network_to_save() -> mpi.ResonanceNetwork:
    """One with pairs, pivots and a base."""
    net = mpi.ResonanceNetwork(
        N, gain=10 / N, coupling=0.5 / N, seed=5, storage="factored", weight_std=0.01, max_rank=120, tolerance=1e-9
    )
    net.pin([3, 90], [0.5, -0.25])
    net.run(1.0, 60)
    return net


def goes_on(net: rn.ResonanceNetwork, path: str, compare: bool) -> None:
    """Take some steps; keep where they lead, or compare with what was kept."""
    assert net.weights.rank == N  # the base is there
    net.run(0.5, 45)
    found = {"weights": net.weights.to_dense(), "amplitudes": net.amplitudes, "phases": net.phases}
    if compare:
        with np.load(path + ".npz") as kept:
            for name, values in found.items():
                np.testing.assert_allclose(values, kept[name], rtol=0, atol=1e-12)
    elif RANK == 0:
        np.savez(path + ".npz", **found)


def save(path: str) -> None:
    """A checkpoint, and what comes of the network after it."""
    net = network_to_save()
    net.save(path)
    goes_on(net, path, compare=False)


def load(path: str) -> None:
    """The checkpoint goes on, on any number of ranks, and in one process, whose own goes on on ranks."""
    net = mpi.ResonanceNetwork.load(path)
    assert net._core.max_rank == 120
    goes_on(net, path, compare=True)
    if RANK == 0:
        alone = rn.ResonanceNetwork.load(path)
        alone.save(path + ".one")
        goes_on(alone, path, compare=True)
    COMM.Barrier()
    goes_on(mpi.ResonanceNetwork.load(path + ".one"), path, compare=True)


if __name__ == "__main__":
    programs = {"save": save, "load": load}
    if sys.argv[1] in programs:
        programs[sys.argv[1]](sys.argv[2])
    else:
        run_checks(vars())
