"""Phase noise: where its numbers come from, what they are like, and what must not change them."""

from __future__ import annotations

import copy
import math
import pickle
from functools import cache
from typing import Any

import numpy as np
import pytest
from cases import DT, assert_within, state_of
from networks import bits

import resonance_native as rn
from resonance_native.reference import standard_normals

pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")

NETWORKS = pytest.mark.parametrize("network", [rn.ResonanceNetwork, rn.reference.ResonanceNetwork],
                                   ids=["native", "reference"])  # fmt: skip
SIZES = (33, 130, 600, 1500)  # single steps, blocks, and sizes at which runs look for few columns


def still(network: Any, n: int, **keywords: Any) -> Any:
    """Oscillators at phase 0 that only noise moves."""
    zeros = np.zeros(n)
    return network.from_state(zeros, zeros, zeros, np.zeros((n, n)), seed=1, **keywords)


def angle(phases: Any) -> np.ndarray:
    """Phases in [−π, π)."""
    return (np.asarray(phases) + np.pi) % (2 * np.pi) - np.pi


def moves(net: Any, steps: int, dt: float) -> np.ndarray:
    """What each step adds to the phases, (steps, n)."""
    rows = []
    for _ in range(steps):
        before = np.array(net.phases)
        net.update(0.0, dt, learn=False)
        rows.append(angle(net.phases - before))
    return np.array(rows)


# The numbers


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
@pytest.mark.parametrize("step", [0, 1, 2**40])
def test_numbers_of_the_reference_one_by_one(seed: int, step: int) -> None:
    normals = standard_normals(seed, step, 10)
    for node in range(10):
        # Block k is the one behind the counter's k-th increment.
        key, counter = np.array([seed, 0], np.uint64), np.array([node // 4, step, 0, 0], np.uint64)
        words = np.random.Philox(key=key, counter=counter).random_raw(4)
        first, second = (int(word) >> 11 for word in words[2 * (node % 4 // 2) :][:2])
        radius = math.sqrt(-2 * math.log((first + 1) / 2**53))
        part = (math.cos, math.sin)[node % 2]
        assert normals[node] == pytest.approx(radius * part(2 * math.pi * second / 2**53), abs=1e-14)


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 15, 17, 63, 257, 1001])
def test_native_numbers_are_the_reference_s(n: int, dtype: str) -> None:
    net = still(rn.ResonanceNetwork, n, noise_std=1.0, dtype=dtype)
    for seed in (0, 12345678901234567890):
        net.noise_seed = seed
        net.phases = np.zeros(n)
        net.update(0.0, 0.25)
        wanted = 0.5 * standard_normals(seed, net.step_count - 1, n)
        assert np.abs(angle(net.phases - wanted)).max() < 1e-14


@pytest.mark.usefixtures("isa")
def test_numbers_of_a_node_do_not_depend_on_how_many_there_are() -> None:
    large = still(rn.ResonanceNetwork, 700, noise_std=0.4)
    large.run(0.0, 20)
    for n in (1, 2, 15, 16, 17, 130, 600):
        small = still(rn.ResonanceNetwork, n, noise_std=0.4)
        small.noise_seed = large.noise_seed
        small.run(0.0, 20)
        assert small.phases.tobytes() == large.phases[:n].tobytes(), n


# What they are like


@NETWORKS
def test_moments_and_independence(network: Any) -> None:
    """200,000 numbers: each estimate within four and a half of its own standard deviations."""
    steps, n, sigma = 400, 500, 0.3
    normals = moves(still(network, n, noise_std=sigma), steps, DT) / (sigma * math.sqrt(DT))
    count = normals.size

    def assert_small(estimate: float, variance: float) -> None:
        assert abs(estimate) < 4.5 * math.sqrt(variance / count)

    assert_small(normals.mean(), 1)
    assert_small((normals**2).mean() - 1, 2)
    assert_small((normals**3).mean(), 15)
    assert_small((normals**4).mean() - 3, 96)
    for shift in (1, 2, 3, 4):
        assert_small((normals[:, shift:] * normals[:, :-shift]).mean(), 1.02)  # nodes: the two of a pair, and others
        assert_small((normals[shift:] * normals[:-shift]).mean(), 1.02)  # steps
        assert_small(((normals[:, shift:] ** 2 - 1) * (normals[:, :-shift] ** 2 - 1)).mean(), 4.1)
    ordered = np.sort(normals, axis=None)
    below = 0.5 * (1 + np.vectorize(math.erf)(ordered / math.sqrt(2)))
    assert np.abs(below - np.arange(count) / count).max() < 1.95 / math.sqrt(count)  # Kolmogorov and Smirnov, 0.1 %


def test_two_half_steps_have_the_variance_of_one() -> None:
    whole = moves(still(rn.ResonanceNetwork, 500, noise_std=0.3), 200, DT)
    halves = moves(still(rn.ResonanceNetwork, 500, noise_std=0.3), 400, DT / 2).reshape(200, 2, 500).sum(axis=1)
    assert whole.var() == pytest.approx(0.3**2 * DT, rel=0.02)
    assert halves.var() == pytest.approx(whole.var(), rel=0.03)


@NETWORKS
def test_order_parameter_decays_as_theory_has_it(network: Any) -> None:
    """Equal phases diffuse: the mean of exp(iφ) is exp(−σ²t/2)."""
    n, sigma = 1000, 1.2
    net = still(network, n, noise_std=sigma)
    for _ in range(5):
        net.run(0.0, 25, DT, learn=False)
        wanted = math.exp(-(sigma**2) * net.time / 2)
        assert abs(net.order_parameter() - wanted) < 4.5 * math.sqrt((1 - wanted**2) / n)
    assert wanted < 0.5  # it has decayed


@NETWORKS
def test_noise_comes_on_top_of_all_else(network: Any) -> None:
    n, sigma, dt = 9, 0.7, 0.04
    keywords = {"coupling": 0.8, "phase_lag": 0.3, "weight_std": 0.5, "seed": 6}
    quiet, noisy = (network(n, **keywords, noise_std=std) for std in (0.0, sigma))
    for net in (quiet, noisy):
        net.update(np.linspace(-3, 3, n), dt)
    added = angle(noisy.phases - quiet.phases)
    np.testing.assert_allclose(added, sigma * math.sqrt(dt) * standard_normals(noisy.noise_seed, 0, n), atol=1e-14)


# What must not change them


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("held", [True, False])
def test_runs_have_the_phases_of_single_steps(n: int, held: bool, dtype: str) -> None:
    steps = 70
    rows = np.random.default_rng(n).normal(0, 1, (1 if held else steps, n))
    nets = [rn.ResonanceNetwork(n, gain=30 / n, noise_std=0.5, seed=n, dtype=dtype) for _ in range(3)]
    whole, halves, single = nets
    for net in nets:
        net.pin(2, 0.5, phases=1.0)
    everything = np.repeat(rows, steps // len(rows), axis=0)
    whole.run(rows[0] if held else rows, steps)
    for half in np.split(everything, 2):
        halves.run(half[0] if held else half, len(half))
    for row in everything:
        single.update(row)
    for net in (whole, halves):
        assert net.phases.tobytes() == single.phases.tobytes()
        assert_within(state_of(net), state_of(single), dtype)
    assert whole.phases[2] == 1.0
    assert np.abs(angle(whole.phases - still(rn.ResonanceNetwork, n).phases)).max() > 0.1


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("coupling", [0.0, 0.5])
@pytest.mark.parametrize("n", [17, 600, 1500])
def test_any_number_of_threads(n: int, coupling: float, dtype: str) -> None:
    results = []
    for threads in (1, 2, 3):
        keywords = {"noise_std": 0.5, "coupling": coupling / n, "seed": 0, "dtype": dtype, "threads": threads}
        net = rn.ResonanceNetwork(n, gain=30 / n, **keywords)
        net.run(np.linspace(-1, 1, n), 40)
        net.update(0.3)
        results.append(bits(net))
    assert results[0] == results[1] == results[2]


@cache
def large_run(n: int, noise_std: float) -> tuple[dict[str, Any], np.ndarray, rn.reference.ResonanceNetwork]:
    """Settings, input, and the reference after 60 steps."""
    keywords: dict[str, Any] = {"gain": 30 / n, "noise_std": noise_std, "seed": n}
    reference = rn.reference.ResonanceNetwork(n, **keywords)
    row = np.random.default_rng(n).normal(0, 1, n)
    reference.run(row, 60)
    return keywords, row, reference


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("noise_std", [1e-7, 0.5])
@pytest.mark.parametrize("n", [600, 1500])
def test_large_runs_equal_the_reference(n: int, noise_std: float) -> None:
    """With noise that float32 can't tell, runs still find few columns; with more, they don't."""
    keywords, row, reference = large_run(n, noise_std)
    nets = [rn.ResonanceNetwork(n, **keywords, dtype=dtype) for dtype in ("float64", "float32")]
    for net in nets:
        net.run(row, 60)
        assert_within(state_of(net), state_of(reference), net.dtype)
        assert np.abs(angle(net.phases - reference.phases)).max() < 1e-12
    quiet = rn.ResonanceNetwork(n, **{**keywords, "noise_std": 0.0})
    quiet.run(row, 60)
    assert np.abs(angle(nets[1].phases - quiet.phases)).max() > noise_std / 10


@NETWORKS
def test_a_pinned_phase_feels_none(network: Any) -> None:
    net = still(network, 8, noise_std=0.5)
    net.pin([1, 6], phases=[2.0, 3.0])
    net.run(0.0, 9)
    assert net.phases[1] == 2.0
    assert net.phases[6] == 3.0
    assert np.all(net.phases[[0, 2, 3, 4, 5, 7]] != 0)
    net.unpin()
    net.run(0.0, 1)
    assert net.phases[1] != 2.0


@NETWORKS
def test_predict_is_a_run(network: Any) -> None:
    one, two = (network(9, gain=3.0, noise_std=0.5, coupling=0.1, seed=4) for _ in range(2))
    amplitudes = one.predict(0.5, 20)
    two.run(0.5, 20)
    assert np.array_equal(amplitudes, two.amplitudes)
    assert np.array_equal(one.phases, two.phases)


# The seed


@pytest.mark.parametrize("weight_std", [None, 0.0])
@pytest.mark.parametrize("network", [rn.ResonanceNetwork, rn.reference.ResonanceNetwork])
def test_the_seed_is_drawn_last(network: Any, weight_std: float | None) -> None:
    rng = np.random.default_rng(7)
    rng.uniform(0, 2 * np.pi, 5)
    rng.normal(1, 0.1, 5)
    if weight_std is None:
        rng.standard_normal((5, 5))
    assert network(5, weight_std=weight_std, seed=7).noise_seed == int(rng.integers(2**64, dtype=np.uint64))


@pytest.mark.parametrize("weight_std", [None, 0.0, 0.3])
def test_both_networks_draw_the_same_seed(weight_std: float | None) -> None:
    keywords: dict[str, Any] = {"weight_std": weight_std, "seed": 3}
    state = (np.zeros(6), np.ones(6), np.ones(6), np.eye(6))
    for make in (lambda kind: kind(6, **keywords), lambda kind: kind.from_state(*state, **keywords)):
        native, reference = make(rn.ResonanceNetwork), make(rn.reference.ResonanceNetwork)
        assert native.noise_seed == reference.noise_seed
        for seed in (None, 8):
            native.reset(seed)
            reference.reset(seed)
            assert native.noise_seed == reference.noise_seed


def test_fresh_networks_have_noise_of_their_own() -> None:
    state = (np.zeros(3), np.ones(3), np.ones(3), np.eye(3))
    nets = [rn.ResonanceNetwork(3), rn.ResonanceNetwork(3), *(rn.ResonanceNetwork.from_state(*state) for _ in range(2))]
    assert len({net.noise_seed for net in nets}) == 4


def test_reset_repeats_the_noise() -> None:
    net = rn.ResonanceNetwork(9, noise_std=0.5, seed=4)
    seed = net.noise_seed
    net.run(0.1, 20)
    first = bits(net)
    net.noise_seed = 5
    net.reset()
    assert net.noise_seed == seed
    net.run(0.1, 20)
    assert bits(net) == first
    net.reset(5)
    assert net.noise_seed == rn.ResonanceNetwork(9, seed=5).noise_seed != seed


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, lambda net: net.copy(), lambda net: pickle.loads(
    pickle.dumps(net))], ids=["copy.copy", "deepcopy", "copy", "pickle"])  # fmt: skip
def test_copies_go_on_with_the_same_noise_until_reseeded(make: Any) -> None:
    net = rn.ResonanceNetwork(17, noise_std=0.5, coupling=0.1, seed=4)
    net.run(0.1, 20)
    net.noise_seed = 2**64 - 1
    twin = make(net)
    assert twin.noise_seed == 2**64 - 1
    for each in (net, twin):
        each.run(0.1, 20)
    assert bits(twin) == bits(net)
    twin.noise_seed = np.uint64(8)
    assert (net.noise_seed, twin.noise_seed, type(twin.noise_seed)) == (2**64 - 1, 8, int)
    for each in (net, twin):
        each.update()
    assert not np.array_equal(net.phases, twin.phases)


@pytest.mark.parametrize(
    ("value", "error"),
    [(-1, ValueError), (2**64, ValueError), (10**30, ValueError), (1.0, TypeError), ("1", TypeError), (None, TypeError),
     (True, TypeError), (np.float64(2), TypeError), ([1], TypeError)],
)  # fmt: skip
def test_what_is_no_seed(value: Any, error: Any) -> None:
    net = rn.ResonanceNetwork(3, seed=0)
    before = net.noise_seed
    with pytest.raises(error, match=r"\bnoise_seed\b"):
        net.noise_seed = value
    assert net.noise_seed == before


@pytest.mark.parametrize("advance", [lambda net: net.update(0.0, 1e4), lambda net: net.run(0.0, 10, 1e4)])
@pytest.mark.parametrize("n", [5, 600])
def test_noise_beyond_float64_is_refused(n: int, advance: Any) -> None:
    """Before the first step of a run: blocks of steps do not look at their phases."""
    net = rn.ResonanceNetwork(n, noise_std=1e308, seed=0)
    before = bits(net)
    with pytest.raises(ValueError, match=r"\bnoise_std\b"):
        advance(net)
    assert bits(net) == before
    net.noise_std = 1e300
    net.run(0.0, 10)
    assert np.all((net.phases >= 0) & (net.phases < 2 * np.pi))
