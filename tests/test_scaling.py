"""The picture of time against n: what is measured at a size, and what is written. Never how fast anything is."""

import json
import sys

import numpy as np
import pytest

pytest.importorskip("threadpoolctl")
pytest.importorskip("matplotlib")
from bench.figures.factored import crossing
from bench.scaling import __main__ as command
from bench.scaling import lines

import resonance_native as rn
from resonance_native.bench.interleaved import Ratio

DENSE = {"published", "update", "noise", "held"}


def test_it_writes_picture_and_numbers(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["scaling", "--largest", "150", "--out", str(tmp_path)])
    command.main()
    assert (tmp_path / "scaling.png").read_bytes().startswith(b"\x89PNG")
    written = json.loads((tmp_path / "scaling.json").read_text("utf-8"))["lines"]
    assert set(written) == {line.key for line in lines.LINES}
    for key in DENSE | {"factored"}:
        spread = written[key]["times"]["100"]
        assert 0 < spread["low"] <= spread["median"] <= spread["high"]
    assert "factored, held input" in capsys.readouterr().out


def test_dense_lines_end_where_memory_does(monkeypatch):
    n = 100
    monkeypatch.setattr(lines, "available_bytes", lambda: 4 * n**2 / lines.SHARE)
    assert set(lines.runs(n)) & DENSE == {"update", "noise", "held"}
    assert set(lines.runs(n + 1)) & DENSE == set()
    assert "factored" in lines.runs(n + 1)


def test_a_call_takes_the_steps_that_it_is_counted_for():
    runs = lines.runs(100)
    for key in ("update", "noise", "held"):  # which share a network
        net = runs["held"].restart.__self__
        before = net.step_count
        runs[key].call()
        assert net.step_count - before == runs[key].steps


def test_numpy_takes_the_step_of_the_network():
    n = 50
    run = lines._published(n, np.zeros(n))
    state = run.call.args[0]
    net = rn.reference.ResonanceNetwork.from_state(
        state.phases, state.frequencies, state.amplitudes, state.weights, gain=state.gain
    )
    run.call()
    net.update(0.0, lines.DT)
    assert state.weights.dtype == lines.DTYPE
    np.testing.assert_allclose(state.weights, net.weights, atol=1e-5 * abs(net.weights).max())


def test_every_node_of_the_ring_hears_its_neighbours():
    n, half = 100, lines.EDGES // 2
    columns = lines.sparse(n).weights.indices.reshape(n, lines.EDGES)
    distance = (columns - np.arange(n)[:, None]) % n
    assert (np.sort(distance, axis=1) == np.r_[1 : half + 1, n - half : n]).all()


@pytest.mark.parametrize(
    ("medians", "expected"),
    [
        ((0.25, 2.0, 3.0), "252"),
        ((2.0, 0.25, 2.0), "1,008"),
        ((1.5, 2.0, 3.0), "below 100"),
        ((0.1, 0.2, 0.9), "above 1,600"),
    ],
)
def test_a_crossing_is_interpolated_in_the_logarithm(medians, expected):
    assert crossing((100, 400, 1600), [Ratio(median, median, median) for median in medians]) == expected
