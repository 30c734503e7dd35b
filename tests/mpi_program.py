"""What ``mpiexec`` runs for test_mpi.py: checks that every rank makes, each beside the same network of one process."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from mpi4py import MPI

import resonance_native as rn
from resonance_native import mpi

COMM = MPI.COMM_WORLD
RANK, RANKS = COMM.Get_rank(), COMM.Get_size()
SIZES = (5, 40, 90)  # with few nodes, ranks have single rows
DTYPES = ("float64", "float32")


def case(n: int, dtype: str, **keywords: Any) -> dict[str, Any]:
    """Keywords of a network whose amplitudes and phases move."""
    return {"n_nodes": n, "gain": 30 / n, "dtype": dtype, "seed": 3, **keywords}


def physics(n: int) -> list[dict[str, Any]]:
    """All that a step may have in it."""
    return [
        {},
        {"coupling": 1 / n, "phase_lag": 0.3},
        {"coupling": 0.5 / n, "noise_std": 0.5, "learning_lag": 0.4, "amplitude_floor": 0.2, "decay": 0.9},
    ]


def assert_close(got: Any, wanted: Any, dtype: str) -> None:
    """Within what is promised of runs whose steps share passes over W."""
    bound = 1e-12 if dtype == "float64" else 1e-4
    np.testing.assert_allclose(got, wanted, rtol=0, atol=bound * max(1, np.abs(wanted).max()))


def assert_same(shared: rn.ResonanceNetwork, alone: rn.ResonanceNetwork) -> None:
    """To the bit, where ranks have whole granules of rows; else within rounding."""
    n = alone.n_nodes
    pairs = [
        (shared.phases, alone.phases),
        (shared.amplitudes, alone.amplitudes),
        (shared.weights.to_dense(), alone.weights),
    ]
    for got, wanted in pairs:
        if n >= 16 * RANKS:
            np.testing.assert_array_equal(got, wanted)
        else:
            bound = 1e-12 if alone.dtype == np.float64 else 1e-4
            np.testing.assert_allclose(got, wanted, rtol=0, atol=bound * max(1, np.abs(wanted).max()))
    assert shared.step_count == alone.step_count
    assert shared.time == alone.time


def check_steps() -> None:
    """Single steps, runs and predictions from one seed."""
    for n in SIZES:
        for dtype in DTYPES:
            for more in physics(n):
                shared, alone = (
                    mpi.ResonanceNetwork(**case(n, dtype, **more)),
                    rn.ResonanceNetwork(**case(n, dtype, **more)),
                )
                assert_same(shared, alone)
                x = np.random.default_rng(0).standard_normal((3, n))
                for row in x:
                    shared.update(row)
                    alone.update(row)
                shared.run(x, hold=2)
                shared.predict(0.5, steps=4, learn=False)
                for row in np.repeat(x, 2, axis=0):
                    alone.update(row)
                for _ in range(4):
                    alone.update(0.5, learn=False)
                assert_same(shared, alone)
                shared.reset(seed=8)
                alone.reset(seed=8)
                assert_same(shared, alone)


def check_blocks() -> None:
    """Runs in which 32 steps share a pass, with samples in their midst, against single steps of one process."""
    n, steps = 300, 75
    x = 20 * np.random.default_rng(0).standard_normal((steps, n))
    what = ["phases", "amplitudes", "resonance", "weights", "order_parameter"]
    for dtype in DTYPES:
        for more in ({}, {"learning_lag": 0.4, "amplitude_floor": 0.2, "noise_std": 0.5}):
            shared, plain = (mpi.ResonanceNetwork(**case(n, dtype, **more)) for _ in range(2))
            alone = rn.ResonanceNetwork(**case(n, dtype, **more))
            for net in (shared, plain, alone):
                net.pin([3, n - 2], [0.5, -0.25])
            recorder = rn.Recorder(every=5, variables=what, nodes=[0, 7, 130, n - 1], weights_every=20)
            recording = shared.run(x, record=recorder)
            plain.run(x)
            np.testing.assert_array_equal(shared.amplitudes, plain.amplitudes)
            np.testing.assert_array_equal(shared.weights.local, plain.weights.local)
            # Row by row, so that steps share nothing.
            wanted = rn.Recorder(every=5, variables=what, nodes=[0, 7, 130, n - 1], weights_every=20)
            alone.coupling = 1e-300
            followed = alone.run(x, record=wanted)
            for name in what:
                assert_close(getattr(recording, name), getattr(followed, name), dtype)
            np.testing.assert_array_equal(shared.phases, alone.phases)
            assert_close(shared.amplitudes, alone.amplitudes, dtype)
            assert_close(shared.weights.to_dense(), alone.weights, dtype)
            assert shared.step_count == steps
            everybody = COMM.allgather(shared.amplitudes.tobytes())
            assert everybody == [everybody[0]] * RANKS


def check_long_runs() -> None:
    """Runs whose inputs are held or smooth: few columns stand for many steps, and each rank has its nodes of them."""
    n, steps = 560, 430
    held = np.random.default_rng(0).standard_normal(n)
    smooth = np.sin(0.01 * np.arange(steps)[:, None] + np.arange(n)) + held
    what = ["phases", "amplitudes", "resonance", "weights", "order_parameter"]
    for dtype in DTYPES:
        # With a decay of 0.9 the weights that a run begins with soon have no part in it; without learning they keep it.
        settled = {"decay": 0.9, "learning_lag": 0.4, "noise_std": 0.01, "amplitude_floor": 0.2}
        for more, learn in (({}, True), (settled, True), ({"gain": 3.0}, False)):
            for inputs in (held, smooth):
                shared, alone = (made(**case(n, dtype, **more)) for made in (mpi.ResonanceNetwork, rn.ResonanceNetwork))
                recordings = []
                for net in (shared, alone):
                    net.pin([3, n - 2], [0.5, -0.25])
                    recorder = rn.Recorder(every=50, variables=what, nodes=[0, 300, n - 1], weights_every=200)
                    recordings.append(net.run(inputs, steps, learn=learn, record=recorder))
                for name in what:
                    assert_close(*(getattr(recording, name) for recording in recordings), dtype)
                np.testing.assert_array_equal(shared.phases, alone.phases)
                assert_close(shared.amplitudes, alone.amplitudes, dtype)
                assert_close(shared.weights.to_dense(), alone.weights, dtype)
                everybody = COMM.allgather(shared.amplitudes.tobytes())
                assert everybody == [everybody[0]] * RANKS


def check_entrain() -> None:
    """Rows of data, shown to all ranks, each of which learns its own rows of W."""
    n = 48
    rows = np.random.default_rng(0).standard_normal((150, n))
    for dtype in DTYPES:
        for fading_factor in (None, 0.9):
            shared, alone = (made(**case(n, dtype)) for made in (mpi.ResonanceNetwork, rn.ResonanceNetwork))
            for net in (shared, alone):
                net.entrain(rows, fading_factor=fading_factor, progress=net is shared)
                net.update()
            assert_close(shared.weights.to_dense(), alone.weights, dtype)
            assert shared.presentation_count == alone.presentation_count == 150
        shared, alone = (made(**case(n, dtype)) for made in (mpi.ResonanceNetwork, rn.ResonanceNetwork))
        for net in (shared, alone):
            net.entrain(rows[:, :5])  # an encoder makes phases of them
        assert_close(shared.weights.to_dense(), alone.weights, dtype)


def check_clocks() -> None:
    """A progress bar moves by the clock, on one rank alone, while blocks of steps go on."""
    n, steps = 320, 2000
    x = np.random.default_rng(0).standard_normal((steps, n))
    shared, plain = (mpi.ResonanceNetwork(**case(n, "float64")) for _ in range(2))
    with mock.patch("resonance_native.running._SECONDS_BETWEEN_MOVES", 0.001):
        shared.run(x, progress=True)
    plain.run(x)
    np.testing.assert_array_equal(shared.amplitudes, plain.amplitudes)
    np.testing.assert_array_equal(shared.weights.local, plain.weights.local)


def check_seeds() -> None:
    """Without a seed all ranks take the same, and a seed that draws no weights leaves the same noise."""
    net = mpi.ResonanceNetwork(20)
    everybody = COMM.allgather(net.phases.tobytes())
    assert everybody == [everybody[0]] * RANKS
    shared, alone = (made(20, weight_std=0.0, seed=1) for made in (mpi.ResonanceNetwork, rn.ResonanceNetwork))
    assert shared.noise_seed == alone.noise_seed


def check_state() -> None:
    """A given state, pins, and what is set afterwards, against the reference."""
    n, rng = 23, np.random.default_rng(2)
    state = (rng.uniform(0, 6, n), rng.normal(1, 0.1, n), rng.uniform(0.2, 1, n), rng.normal(0, 0.1, (n, n)))
    shared = mpi.ResonanceNetwork.from_state(*state, gain=1.0, coupling=0.1)
    reference = rn.reference.ResonanceNetwork.from_state(*state, gain=1.0, coupling=0.1)
    x = rng.standard_normal(n)
    for net in (shared, reference):
        net.pin([1, 17], [0.5, -0.25], phases=[0.1, 2.0])
        net.run(x, 40)
        net.unpin(1)
        net.amplitudes = np.full(n, 0.5)
        net.phases = np.linspace(0, 6, n)
        net.run(x, 40)
    np.testing.assert_allclose(shared.amplitudes, reference.amplitudes, rtol=0, atol=1e-12)
    np.testing.assert_allclose(shared.weights.to_dense(), reference.weights, rtol=0, atol=1e-12)
    other = shared.copy()
    other.weights = np.zeros((n, n))
    assert not other.weights.to_dense().any()
    other.weights = shared.weights
    other.update(x)
    shared.update(x)
    np.testing.assert_array_equal(other.weights.to_dense(), shared.weights.to_dense())
    np.testing.assert_array_equal(other.amplitudes, shared.amplitudes)


def check_weights() -> None:
    """Rows and blocks from all ranks, and what would not fit."""
    n = 50
    shared, alone = (made(**case(n, "float32")) for made in (mpi.ResonanceNetwork, rn.ResonanceNetwork))
    shared.update(1.0)
    alone.update(1.0)
    weights = shared.weights
    assert weights.shape == (n, n)
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(weights.local, alone.weights[list(weights.local_rows)])
    assert COMM.allreduce(len(weights.local)) == n
    np.testing.assert_array_equal(weights.rows([40, 2, 2, -1]), alone.weights[[40, 2, 2, -1]])
    np.testing.assert_array_equal(weights.block(slice(0, n, 7), [3, 1]), alone.weights[::7][:, [3, 1]])
    small = 100 if RANK == RANKS - 1 else 10**9  # one rank's memory decides for all
    with mock.patch("resonance_native.memory.available_bytes", return_value=small):
        with pytest.raises(MemoryError, match="50 × 50 weights would take"):
            weights.to_dense()
        with pytest.raises(MemoryError, match=f"rank {RANKS - 1}'s part of a network of n_nodes = 50"):
            mpi.ResonanceNetwork(50)


def check_recording() -> None:
    """A recording is the same on all ranks, weights and resonance too, and changes nothing."""
    n = 48
    what = ["phases", "amplitudes", "resonance", "weights", "order_parameter"]
    keywords = case(n, "float64", coupling=0.3 / n)
    shared, alone, plain = mpi.ResonanceNetwork(**keywords), rn.ResonanceNetwork(**keywords), None
    got, wanted = (net.run(0.3, 12, record=rn.Recorder(every=3, variables=what)) for net in (shared, alone))
    for name in what:
        np.testing.assert_array_equal(np.asarray(getattr(got, name)), np.asarray(getattr(wanted, name)))
    plain = mpi.ResonanceNetwork(**keywords)
    plain.run(0.3, 12)
    assert_same(shared, alone)
    assert_same(plain, alone)
    steps: list[int] = []
    shared.run(0.0, 20, callback=rn.every(5, lambda net: steps.append(net.step_count)), progress=RANK == 0)
    assert steps == [17, 22, 27, 32]


def check_bytes() -> None:
    """What a rank receives is what the formula says."""
    n, steps = 64, 10
    for dtype, size in (("float64", 8), ("float32", 4)):
        net = mpi.ResonanceNetwork(n, dtype=dtype, seed=0)
        others = n - len(net.weights.local_rows)
        assert net.bytes_received == 0
        net.run(0.0, steps)
        assert net.bytes_received == steps * size * others
        net.coupling = 0.01
        net.update()
        assert net.bytes_received == steps * size * others + (size + 8) * others
    # In blocks of 32 steps: at the beginning whether all have room, then sums of dot products and what tells of a
    # divergence and of who looks, and once for each block the amplitudes before each of its steps and behind the last.
    n, blocks = 320, 3
    for dtype, size in (("float64", 8), ("float32", 4)):
        net = mpi.ResonanceNetwork(n, dtype=dtype, seed=0, gain=30 / n)
        others = n - len(net.weights.local_rows)
        net.run(np.random.default_rng(0).standard_normal((32 * blocks, n)))
        sums = sum(4 * (32 - step) + 2 for step in range(32)) + 2
        assert net.bytes_received == 8 * (RANKS - 1) + blocks * (8 * (RANKS - 1) * sums + 33 * size * others)
    # Where few columns stand for many steps. First whether all have room, the node that has grown most, its largest
    # weight, and whether weights count; then sub-blocks of 16 steps, and between them dot products of the growth with
    # all columns. At the end what is left of the growth when it was compressed, and amplitudes.
    n = 560
    for dtype, size in (("float64", 8), ("float32", 4)):
        sums: list[int] = []
        gathers: list[int] = []
        with (
            mock.patch.object(mpi.Ranks, "sum", noting(sums)),
            mock.patch.object(mpi.Ranks, "gather", noting(gathers)),
        ):
            net = mpi.ResonanceNetwork(n, dtype=dtype, seed=0, gain=30 / n)
            net.run(np.random.default_rng(0).standard_normal(n), 64)
        others = n - len(net.weights.local_rows)
        sub_block = [*(4 * (16 - step) + 2 for step in range(16)), 2]
        between = [sums[4 + len(sub_block)]]
        columns, remainder = divmod(between[0], 32)
        assert remainder == 0
        assert columns % (128 // size) == 0
        assert 0 < columns <= 80
        begin = [1, 2 * RANKS, RANKS, 1, *3 * (sub_block + between), *sub_block]
        assert sums[: len(begin)] == begin
        assert len(gathers) % 2 == 1
        assert gathers == [n * size] * len(gathers)
        assert net.bytes_received == 8 * (RANKS - 1) * sum(sums) + size * others * len(gathers)


def noting(sizes: list[int]) -> Any:
    """A method of Ranks that also notes how much it was given: numbers for a sum, bytes for nodes."""
    methods = {name: getattr(mpi.Ranks, name) for name in ("sum", "gather")}

    def noted(ranks: Any, values: Any) -> None:
        sizes.append(values.size)
        methods["gather" if values.dtype == np.uint8 else "sum"](ranks, values)

    return noted


def check_arguments() -> None:
    """What is not the same on all ranks is found by all of them, and so is what is wrong everywhere."""
    if RANKS > 1:
        with pytest.raises(ValueError, match=r"gain must be the same on all ranks, got 0 on rank 0 and 1 on rank 1"):
            mpi.ResonanceNetwork(20, gain=min(RANK, 1))
        with pytest.raises(ValueError, match="phases must be the same on all ranks"):
            mpi.ResonanceNetwork.from_state(np.full(20, RANK), np.ones(20), np.ones(20), np.zeros((20, 20)))
        with pytest.raises(ValueError, match=f"n_nodes must be at least the number of ranks, {RANKS}, got 1"):
            mpi.ResonanceNetwork(1)
    with pytest.raises(ValueError, match="storage must be"):
        mpi.ResonanceNetwork(20, storage="compact")
    with pytest.raises(ValueError, match="max_rank must be None"):
        mpi.ResonanceNetwork(20, max_rank=8)
    with pytest.raises(TypeError, match="comm must be"):
        mpi.ResonanceNetwork(20, comm="world")
    with pytest.raises(ValueError, match="decay must be"):
        mpi.ResonanceNetwork(20, decay=2.0)
    net = mpi.ResonanceNetwork(20, comm=COMM, seed=0, threads=1)
    with pytest.raises(ValueError, match=r"weights must have shape \(20, 20\)"):
        net.weights = np.zeros((3, 20))
    if RANKS > 1:
        wrong = np.zeros((20, 20))
        wrong[-1, 3] = np.nan  # a row of the last rank
        before = net.weights.local.copy()
        with pytest.raises(ValueError, match="weights must be finite"):
            net.weights = wrong
        np.testing.assert_array_equal(net.weights.local, before)
    with pytest.raises(ValueError, match="input_signal must be finite"):
        net.update(np.full(20, np.nan))
    with pytest.raises(NotImplementedError):
        net.from_graph(None)
    with pytest.raises(TypeError, match="can't be pickled"):
        net.__getstate__()
    assert f"ranks={RANKS}" in repr(net)


def check_divergence() -> None:
    """Where one rank's weights diverge all ranks raise, at the same step."""
    n = 20
    weights = np.zeros((n, n))
    weights[n - 1] = 1e308
    net = mpi.ResonanceNetwork.from_state(np.zeros(n), np.ones(n), np.ones(n), weights, decay=1.0)
    with pytest.raises(FloatingPointError, match="grown beyond"):
        net.run(0.0, 5)
    assert net.step_count == 1
    # The same within a block.
    n = 320
    weights = np.zeros((n, n))
    weights[n - 1] = 1e308
    state = (np.zeros(n), np.ones(n), np.ones(n))
    net = mpi.ResonanceNetwork.from_state(*state, weights, decay=1.0, gain=30 / n)
    with pytest.raises(FloatingPointError, match="grown beyond"):
        net.run(0.0, 40)
    assert COMM.allgather(net.step_count) == [net.step_count] * RANKS


def network_to_save() -> mpi.ResonanceNetwork:
    """One that has something of everything to be saved."""
    net = mpi.ResonanceNetwork(101, gain=0.3, coupling=0.01, noise_std=0.1, learning_lag=0.2, seed=5, tolerance=1e-9)
    net.pin([3, 90], [0.5, -0.25])
    net.run(1.0, 30)
    return net


def save(path: str) -> None:
    """A checkpoint, and what comes of the network after it."""
    net = network_to_save()
    net.save(path)
    goes_on(net, path)


def goes_on(net: rn.ResonanceNetwork, path: str, compare: bool = False) -> None:
    """Take some steps; keep where they lead, or compare with what was kept."""
    net.run(0.5, 20)
    weights = net.weights if isinstance(net.weights, np.ndarray) else net.weights.to_dense()
    found = {"weights": weights, "amplitudes": net.amplitudes, "phases": net.phases, "time": np.array([net.time])}
    if compare:
        with np.load(path + ".npz") as kept:
            for name, values in found.items():
                np.testing.assert_array_equal(values, kept[name])
    elif RANK == 0:
        np.savez(path + ".npz", **found)


def load(path: str) -> None:
    """The checkpoint goes on with the same bits on any number of ranks, and in one process."""
    goes_on(mpi.ResonanceNetwork.load(path), path, compare=True)
    if RANK == 0:
        goes_on(rn.ResonanceNetwork.load(path), path, compare=True)
    net = mpi.ResonanceNetwork.load(path)
    net.save(path)  # over what it was loaded from
    goes_on(mpi.ResonanceNetwork.load(path), path, compare=True)
    if RANK == 0:
        parts = [found for found in os.listdir(os.path.dirname(path)) if ".rows-" in found]
        assert len(parts) == RANKS, parts
        rn.ResonanceNetwork.load(path).save(path + ".one")
    COMM.Barrier()
    goes_on(mpi.ResonanceNetwork.load(path + ".one"), path, compare=True)


def die_while_saving(path: str) -> None:
    """The last rank is killed when its rows are written and the checkpoint is not."""
    net = network_to_save()
    net.run(0.0, 5)
    if RANK == RANKS - 1:
        killed = mock.Mock(side_effect=lambda *_: os.kill(os.getpid(), 9))
        with mock.patch.object(type(net._store.ranks), "succeed_together", killed):
            net.save(path)
    net.save(path)


def damage(path: str) -> None:
    """A part that is gone, or not the one that was written, is told on all ranks, by its name."""
    folder = os.path.dirname(path)
    part = os.path.join(folder, sorted(found for found in os.listdir(folder) if ".rows-" in found)[0])
    COMM.Barrier()
    if RANK == 0:
        data = bytearray(Path(part).read_bytes())
        data[-5] ^= 1
        Path(part).write_bytes(data)
    COMM.Barrier()
    with pytest.raises(ValueError, match="checksum differs"):
        mpi.ResonanceNetwork.load(path)
    COMM.Barrier()
    if RANK == 0:
        os.unlink(part)
    COMM.Barrier()
    with pytest.raises(FileNotFoundError, match=r"rows-0-"):
        mpi.ResonanceNetwork.load(path)
    net = mpi.ResonanceNetwork(20, seed=0)
    with pytest.raises(OSError, match="nowhere"):
        net.save("/nowhere/at/all")


def many_ranks() -> None:
    """With more than eight, sums go up and down a tree."""
    n = 32 * RANKS
    x = np.random.default_rng(0).standard_normal(n)
    for more, steps in (({"coupling": 1 / n}, 3), ({}, 40), ({"storage": "factored"}, 10)):
        shared, alone = (made(**case(n, "float64", **more)) for made in (mpi.ResonanceNetwork, rn.ResonanceNetwork))
        for net in (shared, alone):
            net.run(x, steps)
        assert_close(shared.amplitudes, alone.amplitudes, "float64")
        wanted = alone.weights if isinstance(alone.weights, np.ndarray) else alone.weights.to_dense()
        assert_close(shared.weights.to_dense(), wanted, "float64")
        everybody = COMM.allgather(shared.amplitudes.tobytes())
        assert everybody == [everybody[0]] * RANKS


def fail_on_one_rank() -> None:
    """An exception on the last rank while others wait for it."""
    net = mpi.ResonanceNetwork(20, seed=0)
    if RANK == RANKS - 1:
        raise RuntimeError("the last rank has had enough")
    net.run(0.0, 10**9)


def run_checks(module: dict[str, Any]) -> None:
    """Everything that a module checks, one after the other on all ranks."""
    for name, check in list(module.items()):
        if name.startswith("check_"):
            check()
            COMM.Barrier()
            if RANK == 0:
                print(name, "passed", flush=True)


if __name__ == "__main__":
    programs = {"save": save, "load": load, "die": die_while_saving, "damage": damage}
    if sys.argv[1] == "fail":
        fail_on_one_rank()
    elif sys.argv[1] == "many":
        many_ranks()
    elif sys.argv[1] in programs:
        programs[sys.argv[1]](sys.argv[2])
    else:
        run_checks(vars())
