"""Order parameters, frequencies and ranks of rn.analysis: formulas, slow literal loops, and what changes nothing."""

from __future__ import annotations

import doctest
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from phase_cases import TURN, in_blocks, mean_phasor, random_phases, rotating, seeds, sizes, small_blocks, trajectories

import resonance_native as rn
from resonance_native import analysis

_small_blocks = pytest.fixture(small_blocks)


# Order parameters


@sizes
@in_blocks
@pytest.mark.parametrize("order", [1, 2, 5])
def test_order_parameter_is_the_mean_phasor(samples: int, nodes: int, order: int) -> None:
    phases = random_phases(samples, nodes)
    r = analysis.order_parameter(phases, order=order)
    assert r.shape == (samples,)
    assert r.dtype == np.complex128
    wanted = [mean_phasor(row, order) for row in phases]
    np.testing.assert_allclose(r, wanted, rtol=0, atol=1e-14)


@sizes
@in_blocks
def test_order_parameter_of_groups(samples: int, nodes: int) -> None:
    phases = random_phases(samples, nodes)
    groups = np.random.default_rng(3).integers(-2, 2, nodes)
    r = analysis.order_parameter(phases, groups=groups, order=2)
    labels = sorted(set(groups.tolist()))
    wanted = [[mean_phasor(row[groups == label], 2) for label in labels] for row in phases]
    assert r.shape == (samples, len(labels))
    np.testing.assert_allclose(r, wanted, rtol=0, atol=1e-14)


@pytest.mark.parametrize("groups", [["b", "a", "b"], [True, False, True], np.array([b"y", b"x", b"y"]), [9, -1, 9]])
def test_columns_are_in_the_order_of_labels(groups: Any) -> None:
    r = analysis.order_parameter([0.0, 1.0, 0.0], groups=groups)
    np.testing.assert_allclose(r, [np.exp(1j), 1], atol=1e-15)


@pytest.mark.parametrize("m", [2, 3, 7])
def test_clusters_spread_over_the_circle_show_in_their_harmonic_alone(m: int) -> None:
    phases = np.repeat(TURN * np.arange(m) / m, 4) + 0.3
    for order in range(1, m):
        assert abs(analysis.order_parameter(phases, order=order)) < 1e-14
    assert analysis.order_parameter(phases, order=m) == pytest.approx(np.exp(0.3j * m), abs=1e-14)


def test_any_leading_axes() -> None:
    phases = random_phases(3, 0, 4)
    assert analysis.order_parameter(phases).shape == (3, 0)
    assert analysis.order_parameter(phases, groups=[0, 1, 1, 2]).shape == (3, 0, 3)
    assert analysis.local_order_parameter(phases, np.eye(4)).shape == (3, 0, 4)
    phases = random_phases(2, 3, 5)
    groups, weights = [1, 0, 1, 0, 0], random_phases(5, 5)
    assert np.array_equal(analysis.order_parameter(phases)[1], analysis.order_parameter(phases[1]))
    by_group = analysis.order_parameter(phases, groups=groups)
    assert np.array_equal(by_group[1, 2], analysis.order_parameter(phases[1, 2], groups=groups))
    local = analysis.local_order_parameter(phases, weights)
    np.testing.assert_allclose(local[1, 2], analysis.local_order_parameter(phases[1, 2], weights), atol=1e-14)


def test_it_is_the_network_s_own_order_parameter() -> None:
    net = rn.ResonanceNetwork(33, seed=0)
    r = analysis.order_parameter(net.phases)
    assert isinstance(r, np.complex128)
    assert r == pytest.approx(net.order_parameter(), abs=1e-15)


@sizes
@in_blocks
def test_local_order_parameter_is_the_formula(samples: int, nodes: int) -> None:
    phases, weights = random_phases(samples, nodes), random_phases(nodes, nodes, seed=1)
    wanted = np.empty((samples, nodes))
    for t in range(samples):
        for i in range(nodes):
            pull = sum(weights[i, j] * np.exp(1j * phases[t, j]) for j in range(nodes))
            wanted[t, i] = abs(pull) / sum(abs(weights[i, j]) for j in range(nodes))
    np.testing.assert_allclose(analysis.local_order_parameter(phases, weights), wanted, atol=1e-13)


def test_local_order_parameter_of_a_ring_that_is_half_coherent() -> None:
    n = 40
    ring = np.roll(np.eye(n), 1, axis=1) + np.roll(np.eye(n), -1, axis=1)
    phases = np.where(np.arange(n) < 20, 0.7, np.pi * (np.arange(n) // 2 % 2))
    local = analysis.local_order_parameter(phases, ring)
    np.testing.assert_allclose(local[1:19], 1, atol=1e-15)
    np.testing.assert_allclose(local[21:39], 0, atol=1e-15)


def test_all_to_all_is_the_global_order_parameter() -> None:
    phases = random_phases(5, 9)
    local = analysis.local_order_parameter(phases, np.ones((9, 9)))
    np.testing.assert_allclose(local, np.abs(analysis.order_parameter(phases))[:, None].repeat(9, axis=1), atol=1e-14)


def test_antiphase_through_a_negative_weight_is_coherent() -> None:
    weights = np.array([[0, 1, -3], [0, 0, 0], [1, 1, 0]])
    local = analysis.local_order_parameter([0.0, 0.0, np.pi], weights)
    np.testing.assert_allclose(local, [1, np.nan, 1], atol=1e-15)


@pytest.mark.parametrize("scale", [1e-310, 1e-200, 1e200, 1e308])
def test_local_order_parameter_at_the_ends_of_the_range(scale: float) -> None:
    phases, weights = random_phases(4), np.sign(random_phases(4, 4, seed=1))
    wanted = analysis.local_order_parameter(phases, weights)
    np.testing.assert_allclose(analysis.local_order_parameter(phases, weights * scale), wanted, atol=1e-14)


@hypothesis.given(trajectories(), st.floats(-100, 100), seeds)
def test_a_common_rotation_turns_r_and_changes_no_measure(phases: np.ndarray, angle: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal((phases.shape[1],) * 2)
    turned = phases + angle
    tolerance = 1e-13 * (1 + np.abs(phases).max())
    for order in (1, 3):
        r = analysis.order_parameter(phases, order=order)
        wanted = r * np.exp(1j * order * angle)
        np.testing.assert_allclose(analysis.order_parameter(turned, order=order), wanted, atol=1e-12 + 4 * tolerance)
    for measure in (lambda x: analysis.local_order_parameter(x, weights), analysis.phase_locking_matrix):
        np.testing.assert_allclose(measure(turned), measure(phases), atol=1e-12 + 4 * tolerance)


@hypothesis.given(trajectories(at_least=2), seeds)
def test_the_order_of_nodes_does_not_matter(phases: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = phases.shape[1]
    new = rng.permutation(n)
    groups, weights = rng.integers(0, 3, n), rng.standard_normal((n, n))
    moved, pairs = phases[:, new], np.ix_(new, new)

    def close(got: Any, wanted: Any) -> None:
        np.testing.assert_allclose(got, wanted, atol=1e-13)

    close(analysis.order_parameter(moved), analysis.order_parameter(phases))
    close(analysis.order_parameter(moved, groups=groups[new]), analysis.order_parameter(phases, groups=groups))
    local = analysis.local_order_parameter(phases, weights)
    close(analysis.local_order_parameter(moved, weights[pairs]), local[:, new])
    close(analysis.metastability(moved, groups=groups[new]), analysis.metastability(phases, groups=groups))
    close(analysis.mean_frequency(moved, dt=1), analysis.mean_frequency(phases, dt=1)[new])
    locking = analysis.phase_locking_matrix(phases)
    close(analysis.phase_locking_matrix(moved), locking[pairs])
    close(analysis.effective_rank(weights[pairs]), analysis.effective_rank(weights))
    before, after = analysis.locked_clusters(locking, 0.5), analysis.locked_clusters(locking[pairs], 0.5)
    assert np.array_equal(before[new][:, None] == before[new], after[:, None] == after)


@hypothesis.given(trajectories(), seeds)
def test_coherence_is_between_0_and_1(phases: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = phases.shape[1]
    r = np.abs(analysis.order_parameter(phases, groups=rng.integers(0, 3, n)))
    local = analysis.local_order_parameter(phases, rng.standard_normal((n, n)))
    for coherence in (r, local):
        assert coherence.min() >= 0
        assert coherence.max() <= 1 + 1e-15 * (n + 1)


# Metastability and chimeras


def coherences(phases: np.ndarray, groups: np.ndarray) -> np.ndarray:
    return np.array([[abs(mean_phasor(row[groups == label])) for label in np.unique(groups)] for row in phases])


def sample_variance(values: np.ndarray) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


@pytest.mark.parametrize(("samples", "nodes"), [(2, 3), (5, 7), (17, 33)])
@in_blocks
def test_metastability_and_chimera_index_are_the_formulas(samples: int, nodes: int) -> None:
    phases, groups = random_phases(samples, nodes), np.arange(nodes) % 3
    rho = coherences(phases, groups)
    metastability = np.mean([sample_variance(column) for column in rho.T])
    chimera = np.mean([sample_variance(row) for row in rho])
    assert analysis.metastability(phases, groups=groups) == pytest.approx(metastability, rel=1e-11, abs=1e-16)
    assert analysis.chimera_index(phases, groups) == pytest.approx(chimera, rel=1e-11, abs=1e-16)
    alone = sample_variance(coherences(phases, np.zeros(nodes, int))[:, 0])
    assert analysis.metastability(phases) == pytest.approx(alone, rel=1e-11)


def test_coherence_spread_uniformly_has_a_variance_of_one_twelfth() -> None:
    half = np.arccos((np.arange(2000) + 0.5) / 2000)  # two phases ±x have |r| = cos x
    assert analysis.metastability(np.stack([half, -half], axis=1)) == pytest.approx(1 / 12, rel=1e-3)


def test_a_perfect_chimera() -> None:
    phases = np.tile([0.3, 0.3, 0.0, np.pi], (6, 1))  # ρ = 1 and 0 at every sample
    groups = ["coherent", "coherent", "not", "not"]
    assert analysis.chimera_index(phases, groups) == pytest.approx(0.5)
    assert analysis.metastability(phases, groups=groups) == pytest.approx(0, abs=1e-30)


# Frequencies


@pytest.mark.parametrize("samples", [2, 3, 10, 101])
@in_blocks
def test_steady_rotation(samples: int) -> None:
    dt = 0.125
    frequencies = np.array([0.0, 1e-3, 1.0, -2.5, 3.9, -3.9])  # up to 4 Hz is less than half a turn a sample
    phases = rotating(frequencies, samples, dt)
    np.testing.assert_allclose(analysis.mean_frequency(phases, dt=dt), frequencies, atol=1e-14)
    time = 7 + dt * np.arange(samples)
    np.testing.assert_allclose(analysis.mean_frequency(phases, time), frequencies, atol=1e-14)


@hypothesis.given(trajectories(at_least=2), st.booleans())
def test_it_is_the_span_of_the_unwrapped_phases(phases: np.ndarray, uneven: bool) -> None:
    steps = np.linspace(1, 3, len(phases)) if uneven else np.ones(len(phases))
    time = np.cumsum(steps)
    unwrapped = np.unwrap(phases % TURN, axis=0)
    wanted = (unwrapped[-1] - unwrapped[0]) / (TURN * (time[-1] - time[0]))
    for given in (phases, phases % TURN):
        np.testing.assert_allclose(analysis.mean_frequency(given, time), wanted, atol=1e-9)


def test_uneven_samples_of_a_phase_that_is_modulated() -> None:
    time = np.sort(np.random.default_rng(0).uniform(0, 100, 5000))
    time[[0, -1]] = 0, 100
    phases = (TURN * 0.4 * time + np.sin(TURN * time))[:, None] % TURN  # 40 turns; the modulation ends where it began
    np.testing.assert_allclose(analysis.mean_frequency(phases, time), [0.4], atol=1e-14)


def test_more_than_half_a_turn_a_sample_is_seen_backwards() -> None:
    assert analysis.mean_frequency(rotating([0.6], 50, 1.0), dt=1.0)[0] == pytest.approx(-0.4)


def test_free_nodes_of_a_network_turn_at_their_natural_frequencies() -> None:
    net = rn.ResonanceNetwork(9, seed=0)
    phases = [net.phases.copy()]
    for _ in range(200):
        net.update(dt=0.02)
        phases.append(net.phases.copy())
    np.testing.assert_allclose(analysis.mean_frequency(phases, dt=0.02), net.frequencies, atol=1e-12)


# Ranks


@pytest.mark.parametrize("measure", [analysis.effective_rank, analysis.participation_ratio])
def test_rank_of_equal_singular_values(measure: Callable[..., Any]) -> None:
    rng = np.random.default_rng(0)
    q, _ = np.linalg.qr(rng.standard_normal((9, 9)))
    for rank in (1, 2, 5, 9):
        matrix = 3.5 * q[:, :rank] @ q[:, :rank].T
        assert measure(matrix) == pytest.approx(rank, rel=1e-12)
        assert measure(matrix[:, :7] * 0) == 0
    assert isinstance(measure(q), float)


@hypothesis.given(st.lists(st.floats(0, 100), min_size=1, max_size=6).filter(lambda values: max(values) > 1e-3))
def test_ranks_are_the_formulas(values: list[float]) -> None:
    rng = np.random.default_rng(0)
    k = len(values)
    left, _ = np.linalg.qr(rng.standard_normal((k + 2, k)))
    right, _ = np.linalg.qr(rng.standard_normal((k, k)))
    matrix = left * values @ right
    p = [value / sum(values) for value in values]
    entropy = -sum(x * np.log(x) for x in p if x > 0)
    assert analysis.effective_rank(matrix) == pytest.approx(np.exp(entropy), rel=1e-9)
    ratio = sum(value**2 for value in values) ** 2 / sum(value**4 for value in values)
    assert analysis.participation_ratio(matrix) == pytest.approx(ratio, rel=1e-9)
    assert 1 - 1e-9 <= ratio <= np.exp(2 * entropy) + 1e-9


def test_participation_ratio_of_data_is_that_of_their_covariance() -> None:
    data = random_phases(50, 6) * [1, 2, 3, 1, 1, 5]
    eigenvalues = np.linalg.eigvalsh(np.cov(data.T))
    wanted = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
    assert analysis.participation_ratio(data - data.mean(axis=0)) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("measure", [analysis.effective_rank, analysis.participation_ratio])
def test_ranks_of_a_stack(measure: Callable[..., Any]) -> None:
    stack = random_phases(2, 3, 4, 6)
    stack[1, 1] = 0
    ranks = measure(stack)
    assert ranks.shape == (2, 3)
    assert ranks[1, 1] == 0
    assert ranks[0, 2] == pytest.approx(measure(stack[0, 2]), rel=1e-14)
    uneven = stack[0] * np.array([1e-250, 1, 1e250])[:, None, None]
    np.testing.assert_allclose(measure(uneven), ranks[0], rtol=1e-12)
    for scale in (1e-310, 1e-200, 1e300):
        np.testing.assert_allclose(measure(stack[0] * scale), ranks[0], rtol=1e-9 if scale > 1e-300 else 1e-2)


# The module


def test_examples_in_docstrings() -> None:
    from resonance_native.analysis import synchrony

    result = doctest.testmod(synchrony)
    assert result.attempted >= 4
    assert result.failed == 0


def test_importing_it_needs_numpy_alone() -> None:
    code = (
        "import sys, resonance_native.analysis\n"
        "print({name.partition('.')[0] for name in sys.modules} & {'scipy', 'sklearn', 'matplotlib', 'xarray', 'zarr'})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
