"""Weights on the edges of a graph, against the dense reference with W masked to the pattern at every step."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import hypothesis
import numpy as np
import pytest
from cases import BOUNDS, EVERYTHING, State, assert_within, differences
from hypothesis import strategies as st

import resonance_native as rn

pytest.importorskip("scipy")
import scipy.sparse as sp
from sparse_cases import PATTERNS, Pattern, bits, lively, random_pattern, state_of

pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")


def hub() -> Pattern:
    """One node that hears all others, and one that all others hear; the rest have few edges, or none."""
    n = 3000
    rows = [np.full(n, 7), np.arange(n), np.arange(0, n, 3)]
    columns = [np.arange(n), np.full(n, 11), (np.arange(0, n, 3) * 7 + 1) % n]
    pattern = sp.coo_array((np.ones(7000), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n)).tocsr()
    pattern.data = np.random.default_rng(4).normal(0, 0.01, pattern.nnz)
    return pattern


# Against the reference


STEPS = 400


def pin_all(net: Any) -> None:
    net.pin(slice(None), 1.0)


def pin_some(net: Any) -> None:
    net.pin(np.arange(0, net.n_nodes, 3), 0.6)
    net.pin(0, 0.7, phases=-1.0)


REGIMES: dict[str, tuple[dict[str, Any], Callable[[Any], None] | None]] = {
    "pinned": ({}, pin_all),
    "floor": ({"amplitude_floor": 0.2}, None),
    "gain": ({"gain": 2.0}, None),
    "lagged": ({"gain": 3.0, "learning_lag": -0.7, "amplitude_floor": 0.3}, pin_some),
    "coupled": ({"gain": 2.0, "coupling": 0.02, "phase_lag": 0.4}, pin_some),
    "noisy": ({"gain": 2.0, "noise_std": 0.5, "coupling": 0.02}, pin_some),
    "drawn": ({"gain": 2.0, "weight_std": 0.3}, None),
}


def drive(net: Any, event: Callable[[Any], None] | None, steps: int) -> State:
    rng = np.random.default_rng(7)
    if event is not None:
        event(net)
    net.run(rng.normal(0, 1, net.n_nodes), steps // 2, 0.01)
    net.update(rng.normal(0, 1, net.n_nodes), 0.02, learn=False)
    net.run(rng.normal(0, 1, (steps // 4, net.n_nodes)), None, 0.01, hold=2)
    return state_of(net)


@cache
def reference_state(pattern: str, regime: str) -> State:
    """Computed once for all instruction sets and dtypes."""
    keywords, event = REGIMES[regime]
    net = rn.reference.ResonanceNetwork.from_graph(PATTERNS[pattern](), **{"seed": 1, **keywords})
    return drive(net, event, STEPS)


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_native_equals_reference(pattern: str, regime: str, dtype: str) -> None:
    keywords, event = REGIMES[regime]
    graph = PATTERNS[pattern]()
    keywords = {"seed": 1, **keywords}
    wanted = reference_state(pattern, regime)
    net = rn.ResonanceNetwork.from_graph(graph, dtype=dtype, **keywords)
    assert_within(drive(net, event, STEPS), wanted, dtype)
    if regime == "pinned" and graph.nnz > 0:
        wrong = rn.ResonanceNetwork.from_graph(graph, dtype=dtype, **keywords, learning_rate=0.0101)
        assert differences(drive(wrong, event, STEPS), wanted)["weights"] > 10 * BOUNDS[dtype]


@pytest.mark.usefixtures("isa")
def test_released(dtype: str) -> None:
    """Pinned for 500 steps, then free and alive."""
    graph = random_pattern(60, 12)
    nets = [
        rn.ResonanceNetwork.from_graph(graph, dtype=dtype, gain=0.6, seed=2),
        rn.reference.ResonanceNetwork.from_graph(graph, gain=0.6, seed=2),
    ]
    for net in nets:
        pin_all(net)
        net.run(0.0, 500)
        net.unpin()
        net.run(0.0, 500)
    assert_within(state_of(nets[0]), state_of(nets[1]), dtype)
    assert 0.05 < np.abs(nets[1].amplitudes).mean() < 0.999


def test_everything_on_a_complete_graph_is_the_dense_network(dtype: str) -> None:
    n = 17
    dense = rn.ResonanceNetwork(n, dtype=dtype, seed=5, **EVERYTHING.keywords(n))
    sparse = rn.ResonanceNetwork.from_graph(
        sp.csr_array(np.ones((n, n))), dtype=dtype, seed=5, weight_std=0.01, **EVERYTHING.keywords(n)
    )
    assert np.array_equal(sparse.weights.toarray(), dense.weights)  # drawn in the same order
    assert sparse.noise_seed == dense.noise_seed
    for net in (dense, sparse):
        net.run(0.2, 300)
    assert_within(state_of(sparse), state_of(dense), dtype)


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("fading", [None, 0.9])
@pytest.mark.parametrize("rows", [1, 3, 4, 5, 22])
def test_entrain(rows: int, fading: float | None, dtype: str) -> None:
    graph = PATTERNS["degrees 0 to 40"]()
    data = np.random.default_rng(1).normal(0, 2, (rows, 41))
    data[0, 3] = np.nan
    native = rn.ResonanceNetwork.from_graph(graph, dtype=dtype, seed=1).entrain(data, fading_factor=fading)
    wanted = rn.reference.ResonanceNetwork.from_graph(graph, seed=1).entrain(data, fading_factor=fading)
    assert_within(state_of(native), state_of(wanted), dtype)
    for net in (native, wanted):
        net.entrain(data[:1], fading_factor=fading)
        net.coupling = 0.01
        net.update(0.1)
    assert_within(state_of(native), state_of(wanted), dtype)
    assert native.presentation_count == rows + 1


def test_entrain_through_an_encoder() -> None:
    pytest.importorskip("sklearn")
    graph, data = random_pattern(50, 9), np.random.default_rng(1).normal(0, 1, (30, 4))
    native = rn.ResonanceNetwork.from_graph(graph, seed=1).entrain(data)
    wanted = rn.reference.ResonanceNetwork.from_graph(graph, seed=1).entrain(data, encoder=native.encoder)
    assert_within(state_of(native), state_of(wanted), "float64")


@st.composite
def graphs(draw: st.DrawFn) -> Pattern:
    n = draw(st.integers(1, 30))
    edges = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=200))
    values = np.random.default_rng(draw(st.integers(0, 2**32))).uniform(-1, 1, len(edges))
    rows, columns = np.array(edges, int).reshape(-1, 2).T
    return sp.coo_array((values, (rows, columns)), shape=(n, n))


@hypothesis.settings(max_examples=80)
@hypothesis.given(
    graph=graphs(),
    dtype=st.sampled_from(["float64", "float32"]),
    isa=st.sampled_from(rn.available_isas()),
    reorder=st.booleans(),
    coupling=st.sampled_from([0.0, 0.3, -1.0]),
    decay=st.just(0.0) | st.floats(1e-3, 1),
    learning_rate=st.floats(-1, 1),
    learning_lag=st.floats(-7, 7),
)
def test_any_graph(graph: Pattern, dtype: str, isa: str, reorder: bool, **keywords: float) -> None:
    keywords = {**keywords, "gain": 0.5, "seed": 6}
    native = rn.ResonanceNetwork.from_graph(graph.astype(dtype), dtype=dtype, reorder=reorder, **keywords)
    wanted = rn.reference.ResonanceNetwork.from_graph(graph.astype(dtype), **keywords)
    with rn.use_isa(isa):
        for net in (native, wanted):
            net.pin(0, 0.5)
            net.run(np.linspace(-3, 3, net.n_nodes), 4, 0.05)
    assert_within(state_of(native), state_of(wanted), dtype)


# Bits


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("pattern", [hub, lambda: random_pattern(20_000, 6)], ids=["hub", "many nodes"])
def test_any_number_of_threads_has_the_same_bits(pattern: Callable[[], Pattern], dtype: str) -> None:
    """Many nodes: what is O(n) in a step is shared too."""
    graph, states = pattern(), []
    for threads in (1, 2, 3):
        net = lively(graph, dtype=dtype, threads=threads, noise_std=0.1)
        net.run(np.linspace(-1, 1, net.n_nodes), 5)
        net.update(0.1, learn=False)
        net.entrain(np.linspace(-1, 1, 5 * net.n_nodes).reshape(5, -1))
        net.run(0.1, 3)
        states.append(bits(net))
    assert states[0] == states[1] == states[2]


@pytest.mark.usefixtures("isa")
def test_a_long_row_sums_in_parts(dtype: str) -> None:
    """Beyond 1,024 edges sums go on in double: a float32 sum of 3,000 like terms would be 1e-5 off."""
    net = rn.ResonanceNetwork.from_graph(hub(), dtype=dtype, seed=1, gain=0.3)
    net.pin(slice(None), 1.0)
    net.run(0.0, 3)
    net.unpin(7)
    weights = net.weights
    net.update(0.1, learn=False)
    row, phases = weights[[7], :].toarray()[0].astype(float), np.array(net.phases)
    wanted = np.tanh(0.3 * (row * np.cos(phases[7] - phases)).sum())
    assert abs(net.amplitudes[7] - wanted) <= (1e-13 if dtype == "float64" else 2e-6)


def test_reorder_changes_nothing_but_the_order_in_memory(dtype: str) -> None:
    n = 400
    places = np.random.default_rng(0).permutation(n)  # a ring whose neighbours are far apart
    rows, columns = np.repeat(places, 3), places[(np.repeat(np.arange(n), 3) + np.tile([-1, 0, 1], n)) % n]
    graph = sp.coo_array((np.full(3 * n, 0.1), (rows, columns)), shape=(n, n))
    plain, ordered = (lively(graph, dtype=dtype, reorder=reorder) for reorder in (False, True))
    assert bits(plain) == bits(ordered)
    data = np.random.default_rng(1).normal(size=(6, n))
    for net in (plain, ordered):
        net.pin(np.arange(0, n, 7), 0.2)
        net.run(np.linspace(-1, 1, n), 50)
        net.entrain(data)
        net.update(0.3)
    assert bits(plain) == bits(ordered)
    assert ordered._store._order is not None
    # In that order neighbours are near each other.
    order = np.argsort(ordered._store._order)
    assert np.abs(order[rows] - order[columns]).max() <= 4


def test_update_and_run_have_the_same_bits(dtype: str) -> None:
    graph = random_pattern(600, 12)
    x = np.random.default_rng(0).normal(size=600)
    one, other, halves = (lively(graph, dtype=dtype) for _ in range(3))
    one.run(x, 40)
    for _ in range(40):
        other.update(x)
    halves.run(x, 15)
    halves.run(x, 25)
    assert bits(one) == bits(other) == bits(halves)


def test_runs_of_many_nodes_take_single_steps_as_well(dtype: str) -> None:
    """From some hundred nodes on, runs of dense networks share passes over weights that are not there here."""
    graph, held = random_pattern(700, 5), np.linspace(-1, 1, 700)
    ran, stepped = (rn.ResonanceNetwork.from_graph(graph, dtype=dtype, seed=1, gain=3.0) for _ in range(2))
    ran.run(held, 100)
    for _ in range(100):
        stepped.update(held)
    assert np.array_equal(ran.amplitudes, stepped.amplitudes)
    assert np.array_equal(ran.weights.data, stepped.weights.data)


def test_a_ring_goes_on_like_a_dense_network_in_memory() -> None:
    """10⁵ nodes, where dense weights would take 75 GiB."""
    n = 100_000
    ring = sp.diags_array([np.ones(n - 1), np.ones(n - 1)], offsets=[-1, 1], shape=(n, n))
    net = rn.ResonanceNetwork.from_graph(ring, learning_rate=0.0, decay=1.0, coupling=1.0, freq_std=0.0, seed=0)
    phases = np.array(net.phases)
    net.update(0.0, 0.1)
    pull = np.zeros(n)
    pull[:-1] += np.sin(phases[1:] - phases[:-1])
    pull[1:] += np.sin(phases[:-1] - phases[1:])
    moved = np.exp(1j * (phases + 2 * np.pi * 0.1 + 0.1 * pull))
    assert np.abs(np.exp(1j * net.phases) - moved).max() < 1e-12


# Looking on


def test_recorder_and_callbacks(dtype: str) -> None:
    graph = random_pattern(30, 5)
    watched, alone = lively(graph, dtype=dtype), lively(graph, dtype=dtype)
    seen = []
    nodes = [3, 17, 4]
    recording = watched.run(
        0.2,
        20,
        record=rn.Recorder(5, variables=("resonance", "weights"), nodes=nodes, weights_every=10),
        callback=rn.every(10, lambda net: seen.append(net.weights.toarray())),
    )
    alone.run(0.2, 20)
    assert bits(watched) == bits(alone)
    assert recording is not None
    assert np.array_equal(recording.weights[-1], alone.weights.toarray()[np.ix_(nodes, nodes)])
    assert np.array_equal(seen[-1], alone.weights.toarray())
    assert np.array_equal(recording.weights[1], seen[0][np.ix_(nodes, nodes)])
    weights, phases = alone.weights.toarray().astype(float), np.array(alone.phases)
    resonance = (weights * np.cos(phases[:, None] - phases)).sum(axis=1)[nodes]
    assert np.abs(recording.resonance[-1] - resonance).max() < (1e-14 if dtype == "float64" else 1e-5)


def test_recorder_of_all_nodes() -> None:
    net = lively(random_pattern(30, 5))
    recording = net.run(0.2, 4, record=rn.Recorder(2, variables="weights"))
    assert recording is not None
    assert np.array_equal(recording.weights[-1], net.weights.toarray())
