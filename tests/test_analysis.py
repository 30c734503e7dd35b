"""Analysis against closed forms and literal loops."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import resonance_native as rn
from resonance_native import analysis

TURN = 2 * np.pi
phase_values = st.floats(-20, 20)
trajectories = hnp.arrays(float, st.tuples(st.integers(2, 9), st.integers(1, 7)), elements=phase_values)


# --- order


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_order_parameter_is_the_mean_phasor(order: int, dtype: Any) -> None:
    phases = np.random.default_rng(0).uniform(-9, 9, (4, 5, 7)).astype(dtype)
    found = analysis.order_parameter(phases, order=order)
    assert found.shape == (4, 5)
    for t, k in itertools.product(range(4), range(5)):
        wanted = sum(complex(np.cos(order * p), np.sin(order * p)) for p in phases[t, k].astype(float)) / 7
        assert found[t, k] == pytest.approx(wanted, abs=1e-14)
    alone = analysis.order_parameter(phases[0, 0], order=order)
    assert isinstance(alone, complex)
    assert alone == pytest.approx(found[0, 0], abs=1e-15)


def test_order_parameter_of_groups() -> None:
    rng = np.random.default_rng(1)
    phases, groups = rng.uniform(0, TURN, (6, 11)), np.array(list("bacbbacacab"))
    found = analysis.order_parameter(phases, groups=groups)
    assert found.shape == (6, 3)
    for column, name in enumerate("abc"):
        np.testing.assert_allclose(found[:, column], np.exp(1j * phases[:, groups == name]).mean(axis=1), atol=1e-15)


def test_order_parameter_is_the_network_s() -> None:
    net = rn.ResonanceNetwork(33, seed=0)
    assert analysis.order_parameter(net.phases) == pytest.approx(net.order_parameter(), abs=1e-15)
    two = np.repeat([0.3, 0.3 + np.pi], 8)
    assert abs(analysis.order_parameter(two)) < 1e-15
    assert abs(analysis.order_parameter(two, order=2)) == pytest.approx(1)


@given(trajectories, phase_values)
def test_order_turns_with_all_phases(phases: np.ndarray, angle: float) -> None:
    r = analysis.order_parameter(phases)
    assert np.all(np.abs(r) <= 1 + 1e-12)
    np.testing.assert_allclose(analysis.order_parameter(phases + angle), r * np.exp(1j * angle), atol=1e-12)
    order = np.random.default_rng(0).permutation(phases.shape[1])
    np.testing.assert_allclose(analysis.order_parameter(phases[:, order]), r, atol=1e-14)


def test_local_order_parameter() -> None:
    rng = np.random.default_rng(2)
    phases, weights = rng.uniform(0, TURN, (3, 6)), rng.normal(size=(6, 6))
    weights[4] = 0
    found = analysis.local_order_parameter(phases, weights)
    for t, i in itertools.product(range(3), range(6)):
        total = sum(abs(weights[i, j]) for j in range(6))
        wanted = abs(sum(abs(weights[i, j]) * np.exp(1j * phases[t, j]) for j in range(6))) / total if total else 0
        assert found[t, i] == pytest.approx(wanted, abs=1e-14)
    np.testing.assert_allclose(
        analysis.local_order_parameter(phases[0], np.ones((6, 6))), abs(rn.analysis.order_parameter(phases[0]))
    )


# --- frequencies


@pytest.mark.parametrize("blocks", [2, 2**22])
def test_mean_frequency_of_steady_rotation(blocks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "_NUMBERS_AT_A_TIME", blocks)
    frequencies, time = np.array([-3.3, 0.0, 0.7, 4.9]), 0.1 * np.arange(57)
    phases = (TURN * frequencies * time[:, None] + [1, 2, 3, 4]) % TURN
    np.testing.assert_allclose(analysis.mean_frequency(phases, time), frequencies, atol=1e-12)
    np.testing.assert_allclose(analysis.mean_frequency(phases, 0.1), frequencies, atol=1e-12)


def test_mean_frequency_of_a_recording() -> None:
    net = rn.ResonanceNetwork(20, seed=3, freq_std=0.5, amplitude_floor=0.2)
    recording = net.run(0.2, 500, 0.01, record=rn.Recorder(every=5, variables="phases"))
    assert recording is not None
    found = analysis.mean_frequency(recording.phases, recording.time)
    np.testing.assert_allclose(found, net.frequencies + 0.2 / TURN, atol=1e-10)


def test_mean_frequency_with_gaps() -> None:
    time = np.array([0.0, 0.1, 0.25, 0.3])
    np.testing.assert_allclose(analysis.mean_frequency((TURN * 2 * time)[:, None] % TURN, time), [2])


# --- locking


@pytest.mark.parametrize("blocks", [3, 2**22])
def test_phase_locking_matrix(blocks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "_NUMBERS_AT_A_TIME", blocks)
    phases = np.random.default_rng(4).uniform(0, TURN, (9, 5))
    found = analysis.phase_locking_matrix(phases)
    for i, j in itertools.product(range(5), range(5)):
        wanted = abs(sum(np.exp(1j * (phases[t, i] - phases[t, j])) for t in range(9))) / 9
        assert found[i, j] == pytest.approx(wanted, abs=1e-14)


@given(trajectories)
def test_phase_locking_is_symmetric_and_between_0_and_1(phases: np.ndarray) -> None:
    found = analysis.phase_locking_matrix(phases)
    np.testing.assert_array_equal(np.diag(found), 1)
    np.testing.assert_allclose(found, found.T, atol=1e-15)
    assert found.min() >= 0
    assert found.max() <= 1
    turned = phases + np.arange(phases.shape[1])  # a constant difference is no less locked
    np.testing.assert_allclose(analysis.phase_locking_matrix(turned), found, atol=1e-12)


def test_locked_clusters() -> None:
    locking = np.eye(7)
    for i, j in [(1, 4), (4, 6), (0, 3)]:  # 1-4-6 by way of 4, and 0-3
        locking[i, j] = locking[j, i] = 0.97
    locking[2, 5] = locking[5, 2] = 0.9
    np.testing.assert_array_equal(analysis.locked_clusters(locking), [1, 0, 2, 1, 0, 3, 0])
    np.testing.assert_array_equal(analysis.locked_clusters(locking, 0.9), [1, 0, 2, 1, 0, 2, 0])
    np.testing.assert_array_equal(analysis.locked_clusters(locking, 0.99), np.arange(7))


def test_clusters_of_groups_that_lock() -> None:
    """Three groups of frequencies with coupling within: what locks is what was built."""
    group = np.arange(30) % 3
    weights = np.where(group[:, None] == group, 0.1, 0.0)
    rng = np.random.default_rng(5)
    net = rn.ResonanceNetwork.from_state(
        rng.uniform(0, TURN, 30), 1 + 0.5 * group + rng.normal(0, 0.02, 30), np.ones(30), weights, coupling=4.0
    )
    net.run(0.0, 2000, learn=False)
    recording = net.run(0.0, 2000, learn=False, record=rn.Recorder(every=10, variables="phases"))
    assert recording is not None
    labels = analysis.locked_clusters(analysis.phase_locking_matrix(recording.phases))
    assert labels.max() == 2
    assert all(len(set(labels[group == k])) == 1 for k in range(3))
    r = np.abs(analysis.order_parameter(recording.phases, groups=group))
    assert r.min() > 0.9
    assert analysis.metastability(recording.phases, groups=group) < 1e-3


# --- metastability


def test_metastability_and_chimera_index() -> None:
    rng = np.random.default_rng(6)
    phases, groups = rng.uniform(0, TURN, (8, 9)), np.arange(9) % 3
    r = np.array([[abs(np.exp(1j * phases[t, groups == k]).mean()) for k in range(3)] for t in range(8)])
    wanted = sum(sum((r[t, k] - r[:, k].mean()) ** 2 for t in range(8)) / 7 for k in range(3)) / 3
    assert analysis.metastability(phases, groups=groups) == pytest.approx(wanted)
    wanted = sum(sum((r[t, k] - r[t].mean()) ** 2 for k in range(3)) / 2 for t in range(8)) / 8
    assert analysis.chimera_index(phases, groups) == pytest.approx(wanted)
    whole = np.abs(np.exp(1j * phases).mean(axis=1))
    assert analysis.metastability(phases) == pytest.approx(whole.var(ddof=1))


def test_a_chimera_of_eight_groups() -> None:
    groups = np.repeat(np.arange(8), 4)
    ordered, spread = np.zeros(4), np.arange(4) * np.pi / 2
    phases = np.concatenate([ordered, spread] * 4)
    assert analysis.chimera_index(np.tile(phases, (5, 1)), groups) == pytest.approx(2 / 7)
    assert analysis.metastability(np.tile(phases, (5, 1)), groups=groups) == pytest.approx(0)


# --- rank


def test_effective_rank() -> None:
    rng = np.random.default_rng(7)
    assert analysis.effective_rank(np.eye(6)) == pytest.approx(6)
    assert analysis.effective_rank(np.outer(rng.normal(size=5), rng.normal(size=8))) == pytest.approx(1)
    assert analysis.effective_rank(np.zeros((4, 4))) == 0
    q, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    s = np.array([4.0, 2.0, 1.0, 1.0, 0.0])
    p = s[:4] / 8
    assert analysis.effective_rank(q * s) == pytest.approx(np.exp(-(p * np.log(p)).sum()))
    many = rng.normal(size=(3, 4, 5)).astype(np.float32)
    np.testing.assert_allclose(analysis.effective_rank(many), [analysis.effective_rank(each) for each in many])


@given(hnp.arrays(float, (4, 3), elements=st.floats(-5, 5)), st.floats(0.1, 10))
def test_effective_rank_is_of_directions_alone(matrix: np.ndarray, scale: float) -> None:
    rank = analysis.effective_rank(matrix)
    assert rank == 0 or 1 - 1e-9 <= rank <= 3 + 1e-9
    assert analysis.effective_rank(matrix * scale) == pytest.approx(rank, rel=1e-6, abs=1e-9)
    assert analysis.effective_rank(matrix.T) == pytest.approx(rank, rel=1e-6, abs=1e-9)


# --- what is refused


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: analysis.order_parameter([]), r"phases must have shape \(..., n\)"),
        (lambda: analysis.order_parameter(1.0), r"got shape \(\)"),
        (lambda: analysis.order_parameter([np.nan]), "phases must be finite"),
        (lambda: analysis.order_parameter([1.0], order=0), "order must be at least 1"),
        (lambda: analysis.order_parameter([1.0, 2.0], groups=[1]), r"groups must have shape \(2,\)"),
        (lambda: analysis.local_order_parameter([1.0, 2.0], np.ones((3, 3))), r"adjacency must have shape \(2, 2\)"),
        (lambda: analysis.mean_frequency(np.zeros((1, 3)), 1.0), "T ≥ 2"),
        (lambda: analysis.mean_frequency(np.zeros((4, 3)), np.zeros(4)), "time must increase"),
        (lambda: analysis.mean_frequency(np.zeros((4, 3)), np.arange(3)), r"got shape \(3,\)"),
        (lambda: analysis.mean_frequency(np.zeros((4, 3)), -1.0), "time must increase"),
        (lambda: analysis.phase_locking_matrix(np.zeros(3)), r"phases must have shape \(T, n\)"),
        (lambda: analysis.locked_clusters(np.eye(3)[:2]), "locking must have shape"),
        (lambda: analysis.locked_clusters(np.triu(np.ones((3, 3)))), "locking must be symmetric"),
        (lambda: analysis.locked_clusters(np.eye(3), 0), r"threshold must be in \(0, 1\], got 0"),
        (lambda: analysis.metastability(np.zeros((1, 3))), "T ≥ 2"),
        (lambda: analysis.chimera_index(np.zeros((2, 3)), [1, 1, 1]), "at least two groups"),
        (lambda: analysis.effective_rank(np.zeros(3)), "weights must have shape"),
        (lambda: analysis.effective_rank(np.full((2, 2), np.inf)), "weights must be finite"),
    ],
)
def test_wrong_arrays_are_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_words_are_no_phases() -> None:
    with pytest.raises(TypeError, match="phases"):
        analysis.order_parameter(["a", "b"])
