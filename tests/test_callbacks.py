"""Callbacks see what single steps would lead to, change no bit, may stop a run, and can do nothing else."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import BOUNDS
from numpy.typing import NDArray

import resonance_native as rn

STEPS = 150
#: (n, keywords): single steps, blocks, few columns, and coupling.
NETWORKS = [
    pytest.param(33, {}, id="single steps"),
    pytest.param(300, {}, id="blocks"),
    pytest.param(530, {}, id="few columns"),
    pytest.param(512, {}, id="whole chunks"),
    pytest.param(65, {"coupling": 0.01, "phase_lag": 0.2}, id="coupled"),
]


def build(n: int, keywords: dict[str, Any], dtype: str = "float64") -> tuple[rn.ResonanceNetwork, NDArray[np.float64]]:
    net = rn.ResonanceNetwork(n, gain=30 / n, seed=n, dtype=dtype, **keywords)
    net.pin(2, 0.5, phases=1.0)
    return net, np.random.default_rng(n).normal(size=n)


def assert_same(a: rn.ResonanceNetwork, b: rn.ResonanceNetwork) -> None:
    for name in ("phases", "amplitudes", "weights"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)
    assert (a.step_count, a.time) == (b.step_count, b.time)


@pytest.mark.parametrize(("n", "keywords"), NETWORKS)
def test_a_callback_sees_the_network_after_its_step(n: int, keywords: dict[str, Any], dtype: str) -> None:
    net, x = build(n, keywords, dtype)
    single, _ = build(n, keywords, dtype)
    plain, _ = build(n, keywords, dtype)
    seen: list[tuple[Any, ...]] = []

    def look(at: rn.ResonanceNetwork) -> None:
        assert at is net
        seen.append(
            (at.step_count, at.time, at.phases.copy(), at.amplitudes.copy(), at.weights.copy(), at.order_parameter())
        )

    net.run(x, STEPS, callback=rn.every(37, look))
    plain.run(x, STEPS)
    assert_same(net, plain)
    assert [moment[0] for moment in seen] == [37, 74, 111, 148]
    bound = BOUNDS[dtype]
    for step_count, time, phases, amplitudes, weights, order in seen:
        while single.step_count < step_count:
            single.update(x)
        assert time == single.time
        np.testing.assert_allclose(phases, single.phases, rtol=0, atol=bound if keywords else 0)
        np.testing.assert_allclose(amplitudes, single.amplitudes, rtol=0, atol=bound)
        np.testing.assert_allclose(weights, single.weights, rtol=0, atol=bound * np.abs(single.weights).max())
        assert abs(order - single.order_parameter()) <= bound


@pytest.mark.parametrize(("n", "keywords"), NETWORKS)
def test_a_run_stops_where_a_callback_says_so(n: int, keywords: dict[str, Any]) -> None:
    net, x = build(n, keywords)
    net.run(x, STEPS, callback=lambda at: at.step_count == 77)
    assert net.step_count == 77
    single, _ = build(n, keywords)
    for _ in range(77):
        single.update(x)
    np.testing.assert_allclose(net.weights, single.weights, rtol=0, atol=1e-12 * np.abs(single.weights).max())
    np.testing.assert_allclose(net.amplitudes, single.amplitudes, rtol=0, atol=1e-12)
    net.run(x, 10)  # and goes on from there
    assert net.step_count == 87


@pytest.mark.parametrize(("n", "keywords"), NETWORKS)
@pytest.mark.parametrize(
    "act",
    [
        lambda net: net.update(),
        lambda net: net.run(0.0, 3),
        lambda net: net.predict(0.0, 3),
        lambda net: net.entrain(np.zeros((1, net.n_nodes))),
        lambda net: setattr(net, "phases", np.zeros(net.n_nodes)),
        lambda net: setattr(net, "weights", np.zeros((net.n_nodes,) * 2)),
        lambda net: setattr(net, "amplitudes", np.zeros(net.n_nodes)),
        lambda net: setattr(net, "frequencies", np.zeros(net.n_nodes)),
        lambda net: setattr(net, "gain", 0.0),
        lambda net: setattr(net, "threads", 1),
        lambda net: setattr(net, "tolerance", 1e-3),
        lambda net: net.pin(0),
        lambda net: net.unpin(),
        lambda net: net.reset(3),
    ],
)
def test_a_callback_can_neither_advance_nor_set(n: int, keywords: dict[str, Any], act: Callable[[Any], Any]) -> None:
    net, x = build(n, keywords)
    plain, _ = build(n, keywords)

    def attempt(at: rn.ResonanceNetwork) -> None:
        with pytest.raises(RuntimeError, match="the network is running"):
            act(at)

    net.run(x, STEPS, callback=rn.every(50, attempt))
    plain.run(x, STEPS)
    assert_same(net, plain)


@pytest.mark.parametrize(("n", "keywords"), NETWORKS)
def test_an_exception_stops_the_run_after_its_step(n: int, keywords: dict[str, Any]) -> None:
    net, x = build(n, keywords)

    def fail(at: rn.ResonanceNetwork) -> None:
        raise LookupError(f"at {at.step_count}")

    with pytest.raises(LookupError, match="at 40"):
        net.run(x, STEPS, callback=rn.every(40, fail))
    assert net.step_count == 40
    net.run(x, STEPS)
    assert net.step_count == 40 + STEPS


@pytest.mark.parametrize(("n", "keywords"), NETWORKS)
@pytest.mark.parametrize("way", ["copy", "pickle", "save"])
def test_a_callback_may_keep_the_network(
    n: int, keywords: dict[str, Any], way: str, dtype: str, tmp_path: Path
) -> None:
    net, x = build(n, keywords, dtype)
    kept: list[rn.ResonanceNetwork] = []

    def keep(at: rn.ResonanceNetwork) -> None:
        if way == "save":
            at.save(tmp_path / "net")
            kept.append(rn.ResonanceNetwork.load(tmp_path / "net"))
        else:
            kept.append(at.copy() if way == "copy" else pickle.loads(pickle.dumps(at)))
        for name in ("phases", "amplitudes", "weights"):
            np.testing.assert_array_equal(getattr(kept[-1], name), getattr(at, name), err_msg=name)
        assert (kept[-1].step_count, kept[-1].time) == (at.step_count, at.time)

    net.run(x, STEPS, callback=rn.every(70, keep))
    plain, _ = build(n, keywords, dtype)
    plain.run(x, STEPS)
    assert_same(net, plain)
    for each in kept:  # what was kept goes on as the run did
        each.run(x, STEPS - each.step_count)
        np.testing.assert_allclose(each.phases, net.phases, rtol=0, atol=BOUNDS[dtype] if keywords else 0)
        scale = np.abs(net.weights).max()
        np.testing.assert_allclose(each.weights, net.weights, rtol=0, atol=BOUNDS[dtype] * scale)
        if keywords or n < 90:
            assert_same(each, net)


@pytest.mark.parametrize(("n", "keywords"), NETWORKS)
def test_checkpoint(n: int, keywords: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net, x = build(n, keywords)
    saved: list[int] = []
    original = rn.ResonanceNetwork.save

    def save(self: rn.ResonanceNetwork, path: Path) -> None:
        original(self, path)
        saved.append(rn.ResonanceNetwork.load(path).step_count)

    monkeypatch.setattr(rn.ResonanceNetwork, "save", save)
    net.run(x, STEPS, callback=rn.Checkpoint(tmp_path / "net", seconds=1e-9))
    assert len(saved) > 2
    assert saved == sorted(saved)
    assert saved[-1] == STEPS
    assert_same(rn.ResonanceNetwork.load(tmp_path / "net"), net)
    plain, _ = build(n, keywords)
    plain.run(x, STEPS)
    assert_same(net, plain)
    saved.clear()
    net.run(x, 20, callback=rn.Checkpoint(tmp_path / "net"))  # the end is always saved
    assert saved == [STEPS + 20]


def test_a_checkpoint_that_can_not_be_written_ends_the_run(tmp_path: Path) -> None:
    net, x = build(33, {})
    with pytest.raises(FileNotFoundError, match="none"):
        net.run(x, STEPS, callback=rn.Checkpoint(tmp_path / "none" / "net", seconds=1e-9))
    assert 0 < net.step_count < STEPS


def test_weights_in_a_callback_are_read_only_and_stay() -> None:
    net, x = build(300, {})
    kept: list[NDArray[Any]] = []

    def look(at: rn.ResonanceNetwork) -> None:
        assert at.weights is at.weights  # put together once
        assert not at.weights.flags.writeable
        kept.append(at.weights)

    net.run(x, 100, callback=rn.every(50, look))
    assert not np.array_equal(kept[0], kept[1])
    np.testing.assert_allclose(kept[1], net.weights, rtol=0, atol=1e-12)
    assert net.weights is net.weights
    assert net.weights is not kept[1]


def test_several_callbacks_each_have_their_steps() -> None:
    net, x = build(300, {})
    calls: list[str] = []
    net.run(
        x,
        20,
        callback=[rn.every(5, lambda _: calls.append("a")), rn.every(7, lambda _: calls.append("b"))],
    )
    assert calls == ["a", "b", "a", "b", "a", "a"]
    with pytest.raises(TypeError, match="what a callback returns, if not None, must be True or False"):
        net.run(x, 5, callback=lambda at: at.order_parameter())  # what is no answer is no reason to go on


def test_a_callback_serves_many_runs() -> None:
    calls: list[int] = []
    callback = rn.every(10, lambda at: calls.append(at.step_count))
    for n in (33, 34):
        net, x = build(n, {})
        net.run(x, 25, callback=callback)
        net.run(x, 25, callback=callback)
    assert calls == [10, 20, 35, 45] * 2


def test_stop_when_order_above() -> None:
    def coupled() -> rn.ResonanceNetwork:
        net = rn.ResonanceNetwork(100, coupling=2.0, seed=0)
        net.weights = np.full((100, 100), 0.01)
        return net

    net = coupled()
    net.run(0.0, 10_000, learn=False, callback=rn.stop.when_order_above(0.9))
    assert abs(net.order_parameter()) > 0.9
    stopped, net = net.step_count, coupled()
    net.run(0.0, stopped - 1, learn=False)
    assert abs(net.order_parameter()) <= 0.9
    net = coupled()
    net.run(0.0, 10_000, learn=False, callback=rn.stop.when_order_above(0.9, every=50))
    assert net.step_count == -(-stopped // 50) * 50


def test_stop_when_settled(dtype: str) -> None:
    net = rn.ResonanceNetwork(100, coupling=1.0, freq_std=0.0, learning_rate=0.0, decay=1.0, seed=0, dtype=dtype)
    net.weights = np.full((100, 100), 0.01)
    net.run(0.0, 100_000, callback=rn.stop.when_settled(1e-6))
    assert 100 < net.step_count < 100_000
    assert net.step_count % 100 == 0
    assert abs(net.order_parameter()) > 0.999
    before = net.amplitudes.copy()
    net.run(0.0, 100)
    assert np.abs(net.amplitudes - before).max() <= 1e-6


def test_progress(capsys: pytest.CaptureFixture[str]) -> None:
    net, x = build(33, {})
    plain, _ = build(33, {})
    assert net.run(x, 150, progress=True) is None
    plain.run(x, 150)
    assert_same(net, plain)
    shown = capsys.readouterr().err
    assert "150/150" in shown
    assert "steps/s" in shown


def test_progress_moves_during_the_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("resonance_native.running._SECONDS_BETWEEN_MOVES", 1e-9)
    net, x = build(33, {})
    moves: list[int] = []
    monkeypatch.setattr("resonance_native.running._move", lambda _bar, done: moves.append(done))
    net.run(x, 50, progress=True)
    capsys.readouterr()
    assert moves[-1] == 50
    assert len(moves) > 10
    assert moves == sorted(moves)


@pytest.mark.parametrize(
    ("callback", "kind", "message"),
    [
        (3, TypeError, "callback must be a callback or a list of them, got 3"),
        ([3], TypeError, "got 3"),
        ("every", TypeError, "got 'e'"),
    ],
)
def test_what_is_no_callback(callback: Any, kind: type[Exception], message: str) -> None:
    net, x = build(33, {})
    with pytest.raises(kind, match=message):
        net.run(x, 10, callback=callback)
    assert net.step_count == 0


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: rn.every(0, print), ValueError, "k must be at least 1, got 0"),
        (lambda: rn.every(1.5, print), TypeError, "k must be an integer, got 1.5"),
        (lambda: rn.every(1, 3), TypeError, "f must be a function of a network, got 3"),
        (lambda: rn.stop.when_order_above(1.0), ValueError, r"threshold must be in \[0, 1\), got 1.0"),
        (lambda: rn.stop.when_order_above(np.nan), ValueError, "threshold must be finite"),
        (lambda: rn.stop.when_order_above(0.5, every=0), ValueError, "every must be at least 1"),
        (lambda: rn.stop.when_settled(-1e-3), ValueError, "tol must be ≥ 0"),
        (lambda: rn.Checkpoint("x", seconds=0), ValueError, "seconds must be > 0"),
    ],
)
def test_a_callback_refuses_what_it_cant_be(make: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        make()


def test_bad_arguments_are_found_before_anything_begins() -> None:
    net, x = build(33, {})
    calls: list[int] = []
    follow = rn.every(1, lambda at: calls.append(at.step_count))
    for wrong in (
        {"inputs": x[:5], "steps": 5},
        {"inputs": x, "steps": -1},
        {"inputs": x},
        {"inputs": np.full(33, np.nan), "steps": 5},
        {"inputs": x, "steps": 5, "dt": 0.0},
        {"inputs": np.zeros((2, 33)), "hold": 0},
        {"inputs": x, "steps": 5, "progress": 1},
        {"inputs": x, "steps": 5, "learn": None},
    ):
        with pytest.raises((TypeError, ValueError)):
            net.run(**wrong, callback=follow)
    assert not calls
    assert net.step_count == 0
