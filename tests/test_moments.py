"""Moments: what is read in one belongs together, and what would change the network waits or is refused."""

from __future__ import annotations

import pickle
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from networks import bits, lively

import resonance_native as rn
from resonance_native import checkpoint_file
from resonance_native.moments import moment

pytest.importorskip("safetensors")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.safetensors"


def test_a_network_that_runs_meanwhile_is_saved_at_one_moment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = checkpoint_file.write

    def write_later(*arguments: Any) -> None:
        time.sleep(0.05)  # the weights are still to come
        write(*arguments)

    monkeypatch.setattr(checkpoint_file, "write", write_later)

    def make() -> rn.ResonanceNetwork:
        return rn.ResonanceNetwork(60, coupling=0.1, gain=0.3, seed=0)

    net, stop = make(), threading.Event()

    def run() -> None:
        while not stop.is_set():
            net.update(0.1)

    runner = threading.Thread(target=run)
    runner.start()
    seen = []
    try:
        for k in range(5):
            net.save(path.with_name(str(k)))
            seen.append(rn.ResonanceNetwork.load(path.with_name(str(k))))
    finally:
        stop.set()
        runner.join()
    twin = make()
    for found in seen:
        while twin.step_count < found.step_count:
            twin.update(0.1)
        assert bits(found) == bits(twin)


def test_within_a_moment_reading_goes_and_setting_does_not(dtype: str) -> None:
    net = lively(dtype=dtype)
    before, rows = bits(net), np.empty((5, 5), dtype)
    with moment(net._core), moment(net._core):
        net._core.copy_weight_rows(0, rows)
        assert net._core.vectors()["step_count"] == net.step_count
        assert pickle.loads(pickle.dumps(net)).step_count == net.copy().step_count == net.step_count
        for call in (net.update, net.unpin, net.reset, lambda: net.run(0.1, 1), lambda: net.pin(0, 1.0)):
            with pytest.raises(RuntimeError, match="the network is running"):
                call()
    assert rows.tobytes() == net.weights.tobytes()
    assert bits(net) == before
    net.update()


def test_other_threads_wait_for_the_end_of_a_moment() -> None:
    net = lively()
    step_count = net.step_count
    other = threading.Thread(target=net.update, daemon=True)
    with moment(net._core):
        with moment(net._core):
            other.start()
        other.join(0.2)
        assert other.is_alive()
        assert net.step_count == step_count
    other.join(60)
    assert net.step_count == step_count + 1


def test_an_error_ends_a_moment() -> None:
    net = lively()
    with pytest.raises(ZeroDivisionError), moment(net._core):
        raise ZeroDivisionError
    net.update()
    net._core.let_go()  # of what is not held
    net.update()
    thread = threading.Thread(target=net.update, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()


def test_rows_of_weights_are_copied_into_what_fits(dtype: str) -> None:
    core = lively(6, dtype=dtype)._core
    other = "float32" if dtype == "float64" else "float64"
    for out in (np.empty((2, 6), other), np.empty((6, 2), dtype).T, np.zeros((2, 6), int), [[0.0] * 6]):
        with pytest.raises(TypeError, match="out"):
            core.copy_weight_rows(0, out)
    for shape in ((2, 5), (6,), (1, 2, 6)):
        with pytest.raises(ValueError, match="out must have shape"):
            core.copy_weight_rows(0, np.empty(shape, dtype))
    for first in (-1, 5, 7):
        with pytest.raises(ValueError, match="first"):
            core.copy_weight_rows(first, np.empty((2, 6), dtype))
    rows = np.empty((2, 6), dtype)
    core.copy_weight_rows(4, rows)
    assert rows.tobytes() == np.ascontiguousarray(core.weights()[4:]).tobytes()
