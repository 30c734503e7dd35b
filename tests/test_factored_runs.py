"""Runs of factored networks: their bits, what looks on, and learning from data."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from cases import differences, state_of
from factored_cases import factored, same_future
from hypothesis import strategies as st
from networks import bits

import resonance_native as rn

# Networks that saturate, or whose rank is not small, say so; that is not what is looked at.
pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")

VARIANTS: dict[str, dict[str, float]] = {
    "plain": {},
    "coupled": {"coupling": 0.1, "phase_lag": 0.3},
    "lagged": {"learning_lag": 0.4},
    "noisy": {"noise_std": 0.2},
    "base": {"weight_std": 0.1, "coupling": 0.01},
}
variants = pytest.mark.parametrize("variant", VARIANTS)


def make(n: int, variant: str, dtype: str = "float64", **keywords: Any) -> rn.ResonanceNetwork:
    net = factored(n, dtype=dtype, **VARIANTS[variant], **keywords)
    net.pin(n // 2, 0.5, phases=1.0)
    return net


# Bits


@pytest.mark.usefixtures("isa")
@variants
@pytest.mark.parametrize("n", [1, 2, 9, 64, 257, 520])
def test_any_number_of_threads(n: int, variant: str, dtype: str) -> None:
    inputs, results = np.random.default_rng(0).normal(0, 2, (5, n)), []
    for threads in (1, 2, 3):
        net = make(n, variant, dtype, threads=threads)
        net.run(inputs, hold=9)
        net.update(0.3)
        net.update(0.1, learn=False)
        results.append((bits(net), net.weights.error_bound))
    assert results[0] == results[1] == results[2]


@pytest.mark.usefixtures("isa")
@variants
@pytest.mark.parametrize("n", [1, 17, 64, 300])
def test_steps_runs_and_pieces_of_runs(n: int, variant: str, dtype: str) -> None:
    rows = np.sin(0.05 * np.arange(120)[:, None] + np.arange(n))
    whole, pieces, steps = (make(n, variant, dtype) for _ in range(3))
    whole.run(rows)
    for first in range(0, 120, 40):
        pieces.run(rows[first : first + 40])
    for row in rows:
        steps.update(row)
    assert bits(pieces) == bits(whole)
    assert bits(steps) == bits(whole)
    assert steps.weights.error_bound == pieces.weights.error_bound == whole.weights.error_bound


@variants
def test_float32_inputs_and_numbers(variant: str, dtype: str) -> None:
    """An input has its value, however it is given."""
    ways = [lambda net: net.update(np.full(20, 0.5, "f4")), lambda net: net.update(0.5)]
    ways += [lambda net: net.run(np.full((1, 20), 0.5, "f4")), lambda net: net.run(0.5, 1)]
    results = []
    for way in ways:
        net = make(20, variant, dtype)
        for _ in range(60):
            way(net)
        results.append(bits(net))
    assert all(result == results[0] for result in results)


@variants
def test_reading_changes_nothing(variant: str, dtype: str) -> None:
    quiet, watched = make(33, variant, dtype), make(33, variant, dtype)
    for _ in range(40):
        quiet.run(0.4, 3)
        watched.run(0.4, 3)
        weights = watched.weights
        _ = (weights @ np.ones(33), weights.error_bound, weights[0], repr(weights), watched.copy(), repr(watched))
        watched.update(0.0, learn=False)
        quiet.update(0.0, learn=False)
    assert bits(quiet) == bits(watched)


@pytest.mark.parametrize("call", ["update", "run", "predict"])
def test_refused_inputs_change_nothing(call: str) -> None:
    """Not even where a compression is due: it would change weights, if by little."""
    n, compressed = 12, 0
    net = factored(n)
    for step in range(70):
        before, rank = bits(net), net._core.rank
        for wrong in (np.full(n, np.nan), np.full(n, 1e308)):
            with pytest.raises(ValueError, match="input"):
                getattr(net, call)(wrong, **({} if call == "update" else {"steps": 2}), dt=100.0)
        assert bits(net) == before
        net.update(0.1 * step)
        compressed += net._core.rank < rank
    assert compressed > 2


# What looks on


@pytest.mark.parametrize("recorder", [{"every": 1}, {"every": 7, "nodes": [0, 5, 8]}, {"every": 13, "maxlen": 3}])
@variants
def test_recording_is_of_its_steps_and_changes_no_bit(variant: str, recorder: dict[str, Any], dtype: str) -> None:
    n, steps = 9, 90
    quiet, recorded, stepped = (make(n, variant, dtype) for _ in range(3))
    x = np.linspace(-1, 1, n)
    quiet.run(x, steps)
    variables = ("phases", "amplitudes", "weights", "order_parameter", "resonance")
    recording = recorded.run(x, steps, record=rn.Recorder(**recorder, variables=variables))
    assert bits(recorded) == bits(quiet)
    assert same_future(recorded, quiet)
    nodes, seen = recorder.get("nodes", slice(None)), dict(zip(recording.step.tolist(), range(steps), strict=False))
    for step in range(steps + 1):
        if step in seen:
            k = seen.pop(step)
            dense = stepped.weights.to_dense()
            assert np.array_equal(recording.phases[k], stepped.phases[nodes])
            assert np.array_equal(recording.amplitudes[k], stepped.amplitudes[nodes])
            eps = np.finfo(dtype).eps
            wanted = dense if nodes == slice(None) else dense[np.ix_(nodes, nodes)]
            np.testing.assert_allclose(recording.weights[k], wanted, atol=16 * eps * np.abs(dense).max())
            np.testing.assert_allclose(recording.order_parameter[k], stepped.order_parameter(), atol=8 * eps)
            waves = np.cos(stepped.phases[:, None] - stepped.phases)
            resonance = (dense.astype(float) * waves).sum(axis=1)[nodes]
            np.testing.assert_allclose(recording.resonance[k], resonance, atol=1e3 * eps * np.abs(dense).max())
        stepped.update(x)
    assert not seen


@variants
def test_callbacks_see_the_weights_of_their_moment(variant: str, dtype: str) -> None:
    """Around several compressions, of which none may come too early or too late."""
    net, stepped, quiet = (make(12, variant, dtype) for _ in range(3))
    moments = []

    def look(seen: rn.ResonanceNetwork) -> None:
        moments.append((seen.step_count, bits(seen), seen.weights.error_bound, seen._core.rank))

    net.run(0.3, 70, callback=look)
    quiet.run(0.3, 70)
    assert bits(net) == bits(quiet)
    for step, seen, bound, rank in moments:
        while stepped.step_count < step:
            stepped.update(0.3)
        assert seen == bits(stepped)
        assert (bound, rank) == (stepped.weights.error_bound, stepped._core.rank)
    assert [moment[0] for moment in moments] == list(range(1, 71))
    assert len({moment[3] for moment in moments}) > 2


@variants
@pytest.mark.parametrize("when", [1, 30, 31, 32, 50])
def test_a_callback_that_stops(variant: str, when: int) -> None:
    net, stepped = make(12, variant), make(12, variant)
    net.run(0.3, 70, callback=lambda seen: seen.step_count == when)
    stepped.run(0.3, when)
    assert net.step_count == when
    assert bits(net) == bits(stepped)
    assert same_future(net, stepped)


def test_callbacks_read_and_do_not_set() -> None:
    net = factored(9)
    raised = []

    def meddle(seen: rn.ResonanceNetwork) -> None:
        for change in (
            lambda: seen.update(),
            lambda: setattr(seen, "weights", np.zeros((9, 9))),
            lambda: setattr(seen, "tolerance", 0.1),
        ):
            with pytest.raises(RuntimeError, match="running") as error:
                change()
            raised.append(error)

    net.run(0.3, 3, callback=meddle)
    assert len(raised) == 9
    quiet = factored(9)
    quiet.run(0.3, 3)
    assert bits(net) == bits(quiet)


def test_a_checkpoint_within_a_run_goes_on_with_the_same_bits(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    path = tmp_path / "net.safetensors"
    net = make(15, "coupled")
    net.run(0.3, 100, callback=rn.every(37, lambda seen: seen.save(path)))
    twin = rn.ResonanceNetwork.load(path)
    assert twin.step_count == 74
    twin.run(0.3, 26)
    assert bits(twin) == bits(net)


def test_ctrl_c_ends_a_run_at_a_completed_step() -> None:
    net = factored(3000, max_rank=200)
    x = np.linspace(-1, 1, 3000)
    # A process that was started in the background ignores Ctrl-C.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        timer = threading.Timer(0.3, _thread.interrupt_main)
        timer.start()
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            net.run(x, 10**8)
        assert time.monotonic() - start < 5
        timer.join()
    finally:
        signal.signal(signal.SIGINT, handler)
    twin = factored(3000, max_rank=200)
    twin.run(x, net.step_count)
    for name in ("phases", "amplitudes"):
        assert np.array_equal(getattr(net, name), getattr(twin, name))
    assert np.array_equal(net.weights.rows([0, 2999]), twin.weights.rows([0, 2999]))


# Learning from data


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("fading", [None, 0.0, 0.9, 1.0])
@pytest.mark.parametrize("n", [1, 9, 40])
def test_entrain_equals_the_reference(n: int, fading: float | None, dtype: str) -> None:
    rows = np.random.default_rng(0).normal(0, 1, (70, n))
    rows[::7, 0] = np.nan
    keywords = {"storage": "factored", "seed": 3, "weight_std": 0.1}
    native, reference = rn.ResonanceNetwork(n, dtype=dtype, **keywords), rn.reference.ResonanceNetwork(n, **keywords)
    for net in (native, reference):
        net.entrain(rows, fading_factor=fading)
        net.entrain(rows[:5], fading_factor=fading)
    assert native.presentation_count == 75
    assert differences(state_of(native), state_of(reference))["weights"] <= {"float64": 1e-12, "float32": 1e-5}[dtype]
    bound = native.weights.error_bound
    assert np.abs(native.weights.to_dense() - reference.weights).max() <= bound + 1e-15
    for net in (native, reference):
        net.run(0.3, 50)
    found = differences(state_of(native), state_of(reference))
    assert max(found.values()) <= {"float64": 1e-10, "float32": 1e-4}[dtype]


def test_entrain_with_an_encoder_equals_a_dense_network() -> None:
    pytest.importorskip("sklearn")
    rows = np.random.default_rng(0).normal(0, 1, (60, 4))
    nets = [rn.ResonanceNetwork(50, storage=storage, seed=3) for storage in ("dense", "factored")]
    for net in nets:
        net.entrain(rows, epochs=2, shuffle=True)
    dense, net = nets
    assert np.abs(net.weights.to_dense() - dense.weights).max() <= 1e-12 * np.abs(dense.weights).max()
    assert net.encoder is not None


def test_entrain_of_more_than_there_is_room_for(dtype: str) -> None:
    """Rows without a common structure: those that were shown count, and it stands at the last of them."""
    n, rows = 200, np.random.default_rng(0).normal(0, 3, (150, 200))
    net = rn.ResonanceNetwork(n, storage="factored", max_rank=80, seed=0, dtype=dtype)
    with pytest.raises(RuntimeError, match="max_rank"):
        net.entrain(rows)
    shown = net.presentation_count
    assert 40 <= shown < 80
    reference = rn.reference.ResonanceNetwork(n, storage="factored", seed=0)
    reference.entrain(rows[:shown])
    assert np.abs(net.weights.to_dense() - reference.weights).max() <= {"float64": 1e-12, "float32": 1e-5}[dtype]


# Anything, one after the other


@hypothesis.settings(max_examples=60)
@hypothesis.given(data=st.data())
def test_any_calls(data: st.DataObject) -> None:
    """Against the reference, and against a network that was pickled, or copied, or read after every call."""
    n = data.draw(st.integers(1, 9), "n")
    keywords = {"storage": "factored", "seed": n, "gain": 5 / n, "amplitude_floor": 0.2, "coupling": 0.1 / n}
    keywords["weight_std"] = data.draw(st.sampled_from([None, 0.1]), "weight_std")
    native, reference = rn.ResonanceNetwork(n, **keywords), rn.reference.ResonanceNetwork(n, **keywords)
    for call in data.draw(st.lists(CALLS, min_size=1, max_size=12), "calls"):
        name, *values = call
        for net in (native, reference):
            APPLY[name](net, *values)
        if data.draw(st.booleans(), "copied"):
            native = native.copy()
    found = differences(state_of(native), state_of(reference))
    scale = max(1.0, 1e-3 / max(1e-12, float(np.abs(reference.weights).max())))  # where W cancels, or has died
    assert found["weights"] <= 1e-10 * scale
    assert max(found["amplitudes"], found["phases"]) <= 1e-10


def _set_weights(net: Any, scale: float) -> None:
    n = net.n_nodes
    net.weights = scale * np.cos(np.arange(n * n, dtype=float)).reshape(n, n)


APPLY: dict[str, Any] = {
    "run": lambda net, steps, x, learn: net.run(x, steps, learn=learn),
    "rows": lambda net, rows, hold: net.run(np.linspace(-rows, rows, rows * net.n_nodes).reshape(rows, -1), hold=hold),
    "update": lambda net, x: net.update(x),
    "set": setattr,
    "pin": lambda net, node, value, phase: net.pin(node % net.n_nodes, value, phases=phase),
    "unpin": lambda net: net.unpin(),
    "weights": _set_weights,
}
CALLS = st.one_of(
    st.tuples(st.just("run"), st.integers(0, 60), st.floats(-3, 3), st.booleans()),
    st.tuples(st.just("run"), st.integers(30, 120), st.floats(-3, 3), st.just(True)),
    st.tuples(st.just("rows"), st.integers(1, 5), st.integers(1, 9)),
    st.tuples(st.just("update"), st.floats(-3, 3)),
    st.tuples(st.just("set"), st.just("learning_rate"), st.sampled_from([-0.02, 0.0, 0.01, 0.05])),
    st.tuples(st.just("set"), st.just("learning_lag"), st.floats(-4, 4)),
    st.tuples(st.just("set"), st.just("decay"), st.sampled_from([0.0, 0.5, 0.9, 0.99, 1.0])),
    st.tuples(st.just("pin"), st.integers(0, 8), st.floats(-1, 1), st.none() | st.floats(-7, 7)),
    st.tuples(st.just("unpin")),
    st.tuples(st.just("weights"), st.sampled_from([0.0, 0.1, 1.0])),
)
