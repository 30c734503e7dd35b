"""How much nodes are locked to each other, and the clusters of those that are."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from phase_cases import TURN, in_blocks, mean_phasor, random_phases, rotating, seeds, sizes, small_blocks, trajectories

from resonance_native import analysis

_small_blocks = pytest.fixture(small_blocks)


@sizes
@in_blocks
def test_phase_locking_is_the_formula(samples: int, nodes: int) -> None:
    phases = random_phases(samples, nodes)
    wanted = np.empty((nodes, nodes))
    for i in range(nodes):
        for j in range(nodes):
            wanted[i, j] = abs(mean_phasor(phases[:, i] - phases[:, j]))
    np.testing.assert_allclose(analysis.phase_locking_matrix(phases), wanted, atol=1e-14)


def test_a_drift_of_a_whole_turn_is_no_locking_and_a_lag_is() -> None:
    samples = 64
    drift = 2.0 + np.array([0, 0, 1, 2.5]) / samples  # Hz, with one sample a second
    locking = analysis.phase_locking_matrix(rotating(drift, samples, 1.0))
    partly = abs(np.sinc(2.5) / np.sinc(2.5 / samples))  # a geometric series
    wanted = [[1, 1, 0, partly], [1, 1, 0, partly], [0, 0, 1, 0], [partly, partly, 0, 1]]
    wanted[2][3] = wanted[3][2] = abs(np.sinc(1.5) / np.sinc(1.5 / samples))
    np.testing.assert_allclose(locking, wanted, atol=1e-12)


def test_independent_phases_have_the_locking_of_chance() -> None:
    samples = 100
    locking = analysis.phase_locking_matrix(np.random.default_rng(0).uniform(0, TURN, (samples, 200)))
    chance = locking[np.triu_indices(200, 1)].mean()
    assert chance == pytest.approx(np.sqrt(np.pi / (4 * samples)), rel=0.02)


@hypothesis.given(trajectories())
def test_a_locking_matrix_is_symmetric_with_ones_on_its_diagonal(phases: np.ndarray) -> None:
    locking = analysis.phase_locking_matrix(phases)
    assert np.array_equal(locking, locking.T)
    assert np.all(locking.diagonal() == 1)
    assert locking.min() >= 0
    assert locking.max() <= 1


def test_large_locking_matrices_are_symmetric_to_the_bit() -> None:
    locking = analysis.phase_locking_matrix(random_phases(301, 257))
    assert np.array_equal(locking, locking.T)


def test_the_angles_of_locking_obey_the_triangle_inequality() -> None:
    angles = np.arccos(analysis.phase_locking_matrix(random_phases(4, 30)))
    assert np.all(angles[:, None, :] <= angles[:, :, None] + angles[None, :, :] + 1e-7)


def joined(*pairs: tuple[int, int], n: int, value: float = 0.97) -> np.ndarray:
    locking = np.eye(n)
    for i, j in pairs:
        locking[i, j] = locking[j, i] = value
    return locking


def test_clusters_by_size_then_by_first_node() -> None:
    locking = joined((1, 6), (6, 3), (1, 3), (2, 8), (4, 7), n=9)
    assert analysis.locked_clusters(locking).tolist() == [3, 0, 1, 0, 2, 4, 0, 2, 1]
    for n in (0, 1, 2):
        labels = analysis.locked_clusters(np.eye(n))
        assert labels.dtype == np.int64
        assert labels.tolist() == list(range(n))


def test_the_threshold_itself_joins() -> None:
    locking = joined((0, 1), n=3, value=0.75)
    assert analysis.locked_clusters(locking, 0.75).tolist() == [0, 0, 1]
    assert analysis.locked_clusters(locking, 0.76).tolist() == [0, 1, 2]
    assert analysis.locked_clusters(locking).tolist() == [0, 1, 2]


def agglomerated(locking: np.ndarray, threshold: float, pooled: Callable[[np.ndarray], float]) -> list[list[int]]:
    clusters = [[i] for i in range(len(locking))]
    while len(clusters) > 1:
        pairs = [(pooled(locking[np.ix_(a, b)]), a, b) for k, a in enumerate(clusters) for b in clusters[:k]]
        value, a, b = max(pairs, key=lambda pair: pair[0])
        if value < threshold:
            break
        clusters = [c for c in clusters if c not in (a, b)] + [sorted(a + b)]
    return sorted(clusters, key=lambda cluster: (-len(cluster), cluster[0]))


@pytest.mark.parametrize(("linkage", "pooled"), [("average", np.mean), ("single", np.max), ("complete", np.min)])
@hypothesis.given(seed=seeds, n=st.integers(0, 9), threshold=st.sampled_from([0.3, 0.6, 0.8]))
@hypothesis.settings(max_examples=50)
def test_clusters_are_those_of_plain_agglomeration(
    linkage: Any, pooled: Any, seed: int, n: int, threshold: float
) -> None:
    values = np.random.default_rng(seed).uniform(0, 1, (n, n))
    locking = np.maximum(values, values.T)
    np.fill_diagonal(locking, 1)
    labels = analysis.locked_clusters(locking, threshold, linkage=linkage)
    clusters = agglomerated(locking, threshold, pooled)
    assert [np.flatnonzero(labels == k).tolist() for k in range(len(clusters))] == clusters
    if linkage == "average":
        assert np.array_equal(analysis.locked_clusters(locking, threshold), labels)


@pytest.mark.parametrize(("linkage", "largest"), [("single", 81), ("average", 20)])
def test_what_is_documented_of_chains(linkage: Any, largest: int) -> None:
    rng = np.random.default_rng(0)
    frequencies, start = rng.normal(1.0, 0.02, 100), rng.uniform(0, TURN, 100)
    phases = start + TURN * frequencies * np.arange(0, 40, 0.1)[:, None]
    labels = analysis.locked_clusters(analysis.phase_locking_matrix(phases), linkage=linkage)
    assert np.sum(labels == 0) == largest


def test_clusters_of_drifting_populations() -> None:
    rng = np.random.default_rng(0)
    member = rng.permutation(np.repeat([0, 1, 2], [9, 6, 1]))
    phases = rotating(np.array([1.0, 1.3, 1.7])[member], 2000, 0.05) + rng.normal(0, 0.1, (2000, 16))
    assert np.array_equal(analysis.locked_clusters(analysis.phase_locking_matrix(phases)), member)


def test_a_locking_matrix_of_float32_will_do() -> None:
    locking = analysis.phase_locking_matrix(random_phases(3, 20)).astype("f4")
    locking[0, 1] = np.nextafter(locking[1, 0], np.float32(2))  # as another library may round
    locking[2, 2] = locking[3, 4] = locking[4, 3] = np.nextafter(np.float32(1), np.float32(2))
    labels = analysis.locked_clusters(locking, 0.9)
    assert labels[3] == labels[4]


def test_the_extra_is_named_where_scipy_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.cluster", None)
    with pytest.raises(ImportError, match=r"locked_clusters needs SciPy.*resonance-native\[sim\]"):
        analysis.locked_clusters(np.eye(3))


def test_a_locking_matrix_that_would_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resonance_native.memory.available_bytes", lambda: 2**20)
    analysis.phase_locking_matrix(np.zeros((2, 209)))
    with pytest.raises(MemoryError, match=r"phase locking of 210 nodes.*GiB.*fewer nodes"):
        analysis.phase_locking_matrix(np.zeros((2, 210)))
