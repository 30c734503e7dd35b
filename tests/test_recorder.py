"""What a Recorder takes, and which samples a run gives for it."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import hypothesis
import numpy as np
import pytest
from cases import BOUNDS
from hypothesis import strategies as st
from networks import bits
from recordings import ALL, make

import resonance_native as rn
from resonance_native import memory


def states(net: Any, inputs: Any, steps: int, learn: bool = True) -> dict[str, np.ndarray]:
    """Every variable before the first step and after each, all nodes, step by step."""
    kept: dict[str, list[Any]] = {name: [] for name in ("step", "time", *ALL)}
    for step in range(steps + 1):
        if step:
            net.update(inputs, learn=learn)
        kept["step"].append(net.step_count)
        kept["time"].append(net.time)
        kept["order_parameter"].append(np.exp(1j * net.phases).mean())
        differences = net.phases[:, None] - net.phases
        kept["resonance"].append((net.weights.astype(float) * np.cos(differences)).sum(axis=1))
        for name in ("phases", "amplitudes", "weights"):
            kept[name].append(getattr(net, name).copy())
    return {name: np.array(values) for name, values in kept.items()}


def assert_close(actual: Any, wanted: np.ndarray, dtype: str) -> None:
    actual = np.asarray(actual)
    assert actual.shape == wanted.shape
    np.testing.assert_allclose(actual, wanted, rtol=0, atol=BOUNDS[dtype] * max(1, np.abs(wanted).max(initial=0)))


# Which samples


@pytest.mark.parametrize("coupling", [0.0, 0.3])
@pytest.mark.parametrize("n", [1, 9, 40])
def test_every_variable_is_the_state_at_its_step(n: int, coupling: float, dtype: str) -> None:
    inputs = np.linspace(-1, 1, n)
    recording = make(n, dtype, coupling=coupling).run(inputs, 60, record=rn.Recorder(every=4, weights_every=10))
    wanted = states(make(n, dtype, coupling=coupling), inputs, 60)
    assert np.array_equal(recording.step, np.arange(0, 61, 4))
    assert np.array_equal(recording.weights_step, np.arange(0, 61, 10))
    for name in ("order_parameter", "phases", "amplitudes", "resonance", "time"):
        assert_close(getattr(recording, name), wanted[name][::4], dtype)
    assert_close(recording.weights, wanted["weights"][::10], dtype)
    assert_close(recording.weights_time, wanted["time"][::10], dtype)
    assert recording.amplitudes.dtype == recording.weights.dtype == np.dtype(dtype)
    assert recording.phases.dtype == recording.resonance.dtype == recording.time.dtype == np.float64
    assert recording.order_parameter.dtype == np.complex128
    assert recording.step.dtype == recording.weights_step.dtype == np.int64


def test_the_comparison_would_tell_neighbouring_steps_apart(dtype: str) -> None:
    wanted = states(make(9, dtype), np.linspace(-1, 1, 9), 60)
    for name in ("order_parameter", "phases", "amplitudes", "resonance", "weights"):
        differences = np.abs(np.diff(wanted[name], axis=0)).reshape(60, -1).max(axis=1)
        assert differences.min() > 10 * BOUNDS[dtype]


def test_the_documented_counts() -> None:
    assert np.array_equal(make().run(steps=100, record=rn.Recorder()).step, np.arange(0, 101, 10))
    assert np.array_equal(make().run(steps=7, record=rn.Recorder(start=1, every=1)).step, np.arange(1, 8))


@hypothesis.given(
    steps=st.integers(0, 40),
    every=st.integers(1, 50),
    start=st.integers(0, 50),
    weights_every=st.none() | st.integers(1, 50),
    maxlen=st.none() | st.integers(1, 12),
)
@hypothesis.example(steps=30, every=1, start=0, weights_every=1, maxlen=10)
@hypothesis.example(steps=30, every=1, start=0, weights_every=2, maxlen=31)
@hypothesis.example(steps=3, every=1, start=4, weights_every=None, maxlen=None)
def test_which_steps_are_sampled(
    steps: int, every: int, start: int, weights_every: int | None, maxlen: int | None
) -> None:
    recorder = rn.Recorder(every, start, ("phases", "weights"), weights_every=weights_every, maxlen=maxlen)
    net = make(3)
    net.update(0.5)  # samples have the network's step count, not the run's
    recording = net.run(0.5, steps, record=recorder)
    completed = range(steps + 1)
    wanted = [s + 1 for s in completed if s >= start and (s - start) % every == 0]
    of_weights = [s + 1 for s in completed if s >= start and (s - start) % (weights_every or every) == 0]
    if maxlen is not None:
        wanted, of_weights = wanted[-maxlen:], of_weights[-maxlen:]
    assert recording.step.tolist() == wanted
    assert recording.weights_step.tolist() == of_weights
    assert len(recording) == len(wanted)
    np.testing.assert_allclose(recording.time, 0.01 * np.array(wanted), rtol=1e-12)
    everything = states(make(3), 0.5, steps + 1)
    assert_close(recording.phases, everything["phases"][wanted], "float64")
    assert_close(recording.weights, everything["weights"][of_weights], "float64")
    assert not recording.interrupted


def test_rows_of_input_are_steps_too() -> None:
    rows = np.random.default_rng(0).normal(size=(5, 9))
    recording = make().run(rows, hold=3, record=rn.Recorder(every=2, variables="phases"))
    net = make()
    wanted = [net.phases.copy()]
    for row in np.repeat(rows, 3, axis=0):
        net.update(row)
        wanted.append(net.phases.copy())
    assert np.array_equal(recording.step, np.arange(0, 16, 2))
    assert_close(recording.phases, np.array(wanted)[::2], "float64")


@pytest.mark.parametrize(
    "nodes", [0, -1, np.int64(3), slice(2, 7, 2), [5, 1, 1], (8,), np.arange(9) % 2 == 0, [True] * 9, range(4)]
)
def test_nodes(nodes: Any, dtype: str) -> None:
    chosen = np.atleast_1d(np.arange(9)[list(nodes) if isinstance(nodes, range | tuple) else nodes])
    recording = make(9, dtype).run(0.3, 12, record=rn.Recorder(every=5, nodes=nodes))
    everything = make(9, dtype).run(0.3, 12, record=rn.Recorder(every=5))
    assert recording.nodes.tolist() == chosen.tolist()
    assert np.array_equal(recording.order_parameter, everything.order_parameter)
    for name in ("phases", "amplitudes", "resonance"):
        assert np.array_equal(getattr(recording, name), getattr(everything, name)[:, chosen])
    assert np.array_equal(recording.weights, everything.weights[:, chosen][:, :, chosen])


@pytest.mark.parametrize("coupling", [0.0, 0.3])
@pytest.mark.parametrize("learn", [True, False])
def test_recording_changes_no_bit(coupling: float, learn: bool, dtype: str) -> None:
    plain, recorded = make(200, dtype, coupling=coupling), make(200, dtype, coupling=coupling)
    plain.run(0.2, 300, learn=learn)
    recorded.run(0.2, 300, learn=learn, record=rn.Recorder(every=7))
    for net in (plain, recorded):
        net.run(0.1, 100)
    assert bits(recorded) == bits(plain)


def test_a_recorder_serves_many_runs() -> None:
    recorder = rn.Recorder(every=5, nodes=slice(0, 2), maxlen=2)
    first = make(9).run(steps=20, record=recorder)
    kept = first.phases.copy()
    second = make(4).run(steps=50, record=recorder)
    assert first.step.tolist() == [15, 20]
    assert second.step.tolist() == [45, 50]
    assert np.array_equal(first.phases, kept)


def test_recordings_own_their_samples() -> None:
    net = make()
    recording = net.run(steps=10, record=rn.Recorder())
    before = net.weights.copy()
    recording.weights[...] = 7
    recording.amplitudes[...] = 7
    assert np.array_equal(net.weights, before)


# What it takes


@pytest.mark.parametrize("name", ALL)
def test_one_variable(name: str) -> None:
    recording = make().run(steps=10, record=rn.Recorder(variables=name))
    assert recording.variables == (name,)
    assert getattr(recording, name).shape[0] == 2
    for other in set(ALL) - {name}:
        with pytest.raises(AttributeError, match=f"{other} was not recorded, only {name}"):
            getattr(recording, other)
    if name != "weights":
        with pytest.raises(AttributeError, match="weights_step was not recorded"):
            recording.weights_step  # noqa: B018


def test_the_order_of_variables_is_irrelevant() -> None:
    for variables in (["weights", "phases"], {"phases", "weights"}, ("phases", "weights"), iter(["weights", "phases"])):
        assert rn.Recorder(variables=variables).variables == ("phases", "weights")


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"every": 0}, ValueError, "every must be at least 1, got 0"),
        ({"every": 1.0}, TypeError, "every must be an integer"),
        ({"every": True}, TypeError, "every must be an integer"),
        ({"start": -1}, ValueError, "start must be at least 0, got -1"),
        ({"weights_every": 0}, ValueError, "weights_every must be at least 1"),
        ({"weights_every": 5, "variables": "phases"}, ValueError, 'weights_every must be None.*"weights", got 5'),
        ({"maxlen": 0}, ValueError, "maxlen must be at least 1"),
        ({"maxlen": 2.5}, TypeError, "maxlen must be an integer"),
        ({"maxlen": 2, "out": "there.zarr"}, ValueError, "maxlen and out exclude each other.*maxlen = 2.*there.zarr"),
        ({"variables": "phase"}, ValueError, "'order_parameter', 'phases', .*'weights', got 'phase'"),
        ({"variables": ["phases", "time"]}, ValueError, "among 'order_parameter'.*got 'time'"),
        ({"variables": ["phases", "phases"]}, ValueError, "at most once, got 'phases' 2 times"),
        ({"variables": []}, ValueError, "got none"),
        ({"variables": [1]}, TypeError, "got 1"),
        ({"variables": 3}, TypeError, "got 3"),
        ({"nodes": []}, ValueError, "nodes must select at least one node"),
        ({"nodes": 1.5}, TypeError, "nodes must be an int, a slice, indices or a mask"),
        ({"nodes": True}, TypeError, "nodes must be"),
        ({"nodes": "all"}, TypeError, "nodes must be"),
        ({"nodes": [[1]]}, ValueError, r"shape \(1, 1\)"),
        ({"nodes": [[1], [1, 2]]}, ValueError, "nodes must be"),
    ],
)
def test_wrong_arguments(keywords: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        rn.Recorder(**keywords)


@pytest.mark.parametrize(
    ("nodes", "error", "message"),
    [
        (9, IndexError, "mask of 9 nodes, got"),
        ([0, 12], IndexError, "mask of 9 nodes"),
        ([True, False], ValueError, "mask of 9 nodes"),
        (slice(5, 5), ValueError, "at least one of 9 nodes"),
        (np.zeros(9, bool), ValueError, "at least one of 9 nodes"),
    ],
)
def test_nodes_that_a_network_lacks(nodes: Any, error: type[Exception], message: str) -> None:
    net = make()
    before = bits(net)
    with pytest.raises(error, match=message):
        net.run(steps=5, record=rn.Recorder(nodes=nodes))
    assert bits(net) == before


@pytest.mark.parametrize("record", [10, "phases", rn.Recorder, {"every": 10}])
def test_record_must_be_a_recorder(record: Any) -> None:
    net = make()
    before = bits(net)
    with pytest.raises(TypeError, match="record"):
        net.run(steps=5, record=record)
    assert bits(net) == before


def test_a_recorder_cannot_be_changed() -> None:
    indices = np.array([0, 2])
    recorder = rn.Recorder(nodes=indices)
    with pytest.raises(dataclasses.FrozenInstanceError):
        recorder.every = 2  # type: ignore[misc]
    indices[0] = 5
    assert make().run(steps=1, record=recorder).nodes.tolist() == [0, 2]
    with pytest.raises(ValueError, match="read-only"):
        recorder.nodes[0] = 5


def test_repr_and_pickle() -> None:
    assert repr(rn.Recorder()) == "Recorder(every=10)"
    recorder = rn.Recorder(2, start=1, variables="phases", nodes=[4, 7], maxlen=3)
    assert repr(recorder) == "Recorder(every=2, start=1, variables=('phases',), nodes=<2 of them>, maxlen=3)"
    assert repr(rn.Recorder(nodes=3)) == "Recorder(every=10, nodes=3)"
    assert repr(pickle.loads(pickle.dumps(recorder))) == repr(recorder)


# Memory


def test_what_would_not_fit_is_refused_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    net = make(1000)
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**30)
    with pytest.raises(MemoryError) as caught:
        net.run(steps=10_000, record=rn.Recorder())
    message = str(caught.value)
    assert message.startswith("1001 samples of order_parameter, phases, amplitudes, resonance, weights, 1000 nodes, ")
    assert "7.5 GiB" in message
    for way_out in ("every", "nodes", '"weights"', "maxlen", "out"):
        assert way_out in message
    assert net.step_count == 0
    net.run(steps=10, record=rn.Recorder())


def test_memory_beyond_any_machine() -> None:
    with pytest.raises(MemoryError, match="GiB"):
        make().run(steps=10**12, record=rn.Recorder(every=1, variables="phases"))


def test_a_ring_needs_room_to_be_put_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    net, recorder = make(1000), rn.Recorder(variables="weights", maxlen=10)  # 76 MiB, turned in a copy
    monkeypatch.setattr(memory, "available_bytes", lambda: 100 * 2**20)
    net.run(steps=50, record=recorder)  # 6 samples
    with pytest.raises(MemoryError, match=r"10 samples of weights.* 0\.1 GiB"):
        net.run(steps=100, record=recorder)
    assert net.step_count == 50
