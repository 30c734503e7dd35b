"""Weights on the edges of a graph, against the dense reference with W masked to the pattern at every step."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from cases import BOUNDS, EVERYTHING, State, assert_within, differences
from hypothesis import strategies as st
from networks import HYPERPARAMETERS

import resonance_native as rn
from resonance_native import memory

pytest.importorskip("scipy")
import scipy.sparse as sp

pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")

Pattern = sp.csr_array


def of_degrees(degrees: Any, n: int, seed: int = 0) -> Pattern:
    """Rows with so many edges each, self-loops among them, and values around 0."""
    rng = np.random.default_rng(seed)
    columns = [np.sort(rng.choice(n, degree, replace=False)) for degree in degrees]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in columns])])
    values = rng.normal(0, 0.1, starts[-1])
    return sp.csr_array((values, np.concatenate(columns).astype(np.int32), starts), shape=(n, n))


def random_pattern(n: int, degree: int, seed: int = 0) -> Pattern:
    rng = np.random.default_rng(seed)
    return of_degrees(np.minimum(rng.poisson(degree, n), n), n, seed)


def hub() -> Pattern:
    """One node that hears all others, and one that all others hear; the rest have few edges, or none."""
    n = 3000
    rows = [np.full(n, 7), np.arange(n), np.arange(0, n, 3)]
    columns = [np.arange(n), np.full(n, 11), (np.arange(0, n, 3) * 7 + 1) % n]
    pattern = sp.coo_array((np.ones(7000), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n)).tocsr()
    pattern.data = np.random.default_rng(4).normal(0, 0.01, pattern.nnz)
    return pattern


PATTERNS: dict[str, Callable[[], Pattern]] = {
    "degrees 0 to 40": lambda: of_degrees(range(41), 41),
    "random": lambda: random_pattern(60, 9),
    "rows without edges": lambda: of_degrees([5, 0, 0, 3, 0] * 4, 20),
    "complete": lambda: of_degrees([13] * 13, 13),
    "one node": lambda: of_degrees([1], 1),
    "one node alone": lambda: of_degrees([0], 1),
    "no edges": lambda: of_degrees([0] * 5, 5),
}


def state_of(net: Any) -> State:
    weights = net.weights.toarray() if sp.issparse(net.weights) else np.array(net.weights)
    return State(np.array(net.phases), np.array(net.amplitudes), weights)


def bits(net: rn.ResonanceNetwork) -> tuple[Any, ...]:
    arrays = (net.phases, net.amplitudes, net.weights.data, net.weights.indices, net.weights.indptr, net.frequencies)
    return (*(array.tobytes() for array in arrays), net.step_count, net.time, net.presentation_count)


def lively(pattern: Pattern, **keywords: Any) -> rn.ResonanceNetwork:
    settings = {
        "gain": 2.0,
        "coupling": 0.05,
        "phase_lag": 0.2,
        "learning_lag": 0.1,
        "amplitude_floor": 0.05,
        "seed": 3,
    }
    net = rn.ResonanceNetwork.from_graph(pattern, **{**settings, **keywords})
    net.pin(0, 0.4, phases=1.0)
    net.run(0.3, 7)
    return net


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


COPIES: dict[str, Callable[[rn.ResonanceNetwork, Path], rn.ResonanceNetwork]] = {
    "copy": lambda net, _: net.copy(),
    "deepcopy": lambda net, _: copy.deepcopy(net),
    "pickle": lambda net, _: pickle.loads(pickle.dumps(net)),
    "file": lambda net, path: (net.save(path), type(net).load(path))[1],
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("pattern", ["random", "no edges", "one node"])
@pytest.mark.parametrize("reorder", [False, True])
def test_copies_go_on_with_the_same_bits(how: str, pattern: str, reorder: bool, dtype: str, tmp_path: Path) -> None:
    if how == "file":
        pytest.importorskip("safetensors")
    net = lively(PATTERNS[pattern](), dtype=dtype, reorder=reorder, threads=2)
    twin = COPIES[how](net, tmp_path / "net.safetensors")
    assert bits(twin) == bits(net)
    assert (twin.storage, twin.dtype, twin.weight_std, repr(twin)) == ("sparse", net.dtype, None, repr(net))
    assert [getattr(twin, name) for name in HYPERPARAMETERS] == [getattr(net, name) for name in HYPERPARAMETERS]
    twin.run(0.1, 5)
    assert (bits(twin) == bits(net)) is False, "it is the same network"
    net.run(0.1, 5)
    assert bits(twin) == bits(net)
    for each in (net, twin):
        each.reset()
    assert bits(twin) == bits(net)


def test_a_pickle_holds_the_edges_once() -> None:
    net = rn.ResonanceNetwork.from_graph(random_pattern(2000, 30), seed=0)
    edges = net.weights.nnz
    assert len(pickle.dumps(net)) < edges * (8 + 8 + 4) * 1.1 + 2000 * 120


# Graphs


def test_what_a_network_is() -> None:
    net = rn.ResonanceNetwork.from_graph(random_pattern(60, 9), seed=0)
    assert net.storage == "sparse"
    assert net.weight_std is None
    assert f"n_nodes=60, n_edges={net.weights.nnz}, dtype='float64', storage='sparse'" in repr(net)


def test_weights_are_a_canonical_snapshot(dtype: str) -> None:
    graph = sp.coo_array(([1.0, 2.0, 4.0, 0.0], ([2, 0, 0, 1], [1, 2, 2, 1])), shape=(3, 3))
    net = rn.ResonanceNetwork.from_graph(graph, dtype=dtype)
    weights = net.weights
    assert isinstance(weights, sp.csr_array)
    assert weights.dtype == dtype
    assert weights.has_canonical_format
    assert weights.nnz == 4 - 1  # the duplicate is summed, and the zero is an edge
    assert np.array_equal(weights.toarray(), [[0, 0, 6], [0, 0, 0], [0, 1, 0]])
    with pytest.raises(ValueError, match="read-only"):
        weights.data[0] = 5
    net.update(0.0)
    assert net.weights[1, 1] != 0
    assert np.array_equal(weights.toarray(), [[0, 0, 6], [0, 0, 0], [0, 1, 0]])
    again = weights @ np.ones(3)
    assert np.array_equal(again, [6, 0, 1])


def test_the_users_matrix_stays(dtype: str) -> None:
    graph = sp.csr_array((np.ones(3), np.array([1, 0, 1]), np.array([0, 3, 3])), shape=(2, 2))
    before = graph.copy()
    net = rn.ResonanceNetwork.from_graph(graph, dtype=dtype)
    net.weights = graph
    net.update(0.1)
    for name in ("data", "indices", "indptr"):
        assert np.array_equal(getattr(graph, name), getattr(before, name))
    assert not np.shares_memory(net.weights.data, graph.data)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "bsr", "dia"])
@pytest.mark.parametrize("kind", [sp.csr_array, sp.csr_matrix])
@pytest.mark.parametrize("number", [np.float32, np.float64, np.int8, bool])
def test_kinds_of_matrices(kind: Any, form: str, number: Any) -> None:
    dense = np.array([[0, 1, 0], [1, 0, 0], [1, 0, 1]]).astype(number)
    net = rn.ResonanceNetwork.from_graph(kind(dense).asformat(form))
    assert np.array_equal(net.weights.toarray(), dense.astype(float))


def test_networkx_graphs() -> None:
    nx = pytest.importorskip("networkx")
    directed = nx.DiGraph()
    directed.add_nodes_from("cab")  # this order
    directed.add_edge("a", "b", weight=0.5)
    directed.add_edge("b", "c")
    directed.add_edge("c", "c", weight=0.0)
    net = rn.ResonanceNetwork.from_graph(directed)
    assert np.array_equal(net.weights.toarray(), [[0, 0, 1], [0, 0, 0], [0, 0.5, 0]])
    assert net.weights.nnz == 3
    undirected = nx.Graph()
    undirected.add_edge(0, 1, weight=2)
    undirected.add_edge(1, 1, weight=3)
    net = rn.ResonanceNetwork.from_graph(undirected)
    assert np.array_equal(net.weights.toarray(), [[0, 2], [2, 3]])
    for graph in (nx.watts_strogatz_graph(30, 4, 0.2, seed=1), nx.scale_free_graph(30, seed=1)):
        simple = nx.DiGraph(graph) if graph.is_multigraph() else graph
        wanted = nx.to_scipy_sparse_array(simple).T
        assert (rn.ResonanceNetwork.from_graph(simple).weights != wanted).nnz == 0


def test_initial_weights_and_reset() -> None:
    graph = random_pattern(30, 5)
    net = rn.ResonanceNetwork.from_graph(graph, seed=4)
    first = bits(net)
    assert np.array_equal(net.weights.data, graph.data)
    net.run(0.3, 20)
    net.reset()
    assert bits(net) == first
    rng = np.random.default_rng(4)
    assert np.array_equal(net.phases, rng.uniform(0, 2 * np.pi, 30))
    assert np.array_equal(net.frequencies, rng.normal(1.0, 0.1, 30))
    drawn = rn.ResonanceNetwork.from_graph(graph, seed=4, weight_std=0.5)
    assert np.array_equal(drawn.weights.data, rng.standard_normal(graph.nnz) * 0.5)
    before = bits(drawn)
    drawn.run(0.3, 20)
    drawn.reset()
    assert bits(drawn) == before
    assert not rn.ResonanceNetwork.from_graph(graph, weight_std=0).weights.data.any()
    net.weight_std = 0.5
    net.reset()
    assert np.array_equal(net.weights.data, drawn.weights.data)
    net.weight_std = None
    net.reset()
    assert bits(net) == first


def test_setting_weights(dtype: str) -> None:
    graph = random_pattern(20, 5)
    net = rn.ResonanceNetwork.from_graph(graph, dtype=dtype, coupling=0.5, seed=1)
    net.update(0.1)
    pattern = net.weights
    given = pattern * 2
    given.data[::2] = 0
    for values in (given, given.tocsc(), sp.coo_matrix(given), given.toarray(), given.toarray().tolist()):
        net.weights = sp.csr_array(pattern.shape)
        assert net.weights.nnz == pattern.nnz
        assert not net.weights.data.any()
        net.weights = values
        assert np.array_equal(net.weights.toarray(), given.toarray())
    less = given.copy()
    less.eliminate_zeros()
    net.weights = less
    assert np.array_equal(net.weights.toarray(), given.toarray())
    # The coupled step that follows is of the weights that were set.
    twin = rn.reference.ResonanceNetwork.from_state(net.phases, net.frequencies, net.amplitudes, less.toarray())
    twin.coupling, twin.mask = 0.5, pattern.toarray() != 0
    for each in (net, twin):
        each.update(0.1)
    assert_within(state_of(net), state_of(twin), dtype)


def bad_weights() -> dict[str, tuple[Any, type[Exception], str]]:
    outside = np.zeros((4, 4))
    outside[3, 0] = 1
    huge = sp.csr_array(np.diag(np.full(4, 1e300)))
    return {
        "outside": (outside, ValueError, r"weights must be 0 where the graph has no edge, got another at \[3, 0\]"),
        "sparse outside": (sp.csr_array(outside), ValueError, r"got another at \[3, 0\]"),
        "nan outside": (outside * np.nan, ValueError, "no edge"),
        "shape": (np.zeros((3, 3)), ValueError, r"weights must have shape \(4, 4\), got shape \(3, 3\)"),
        "sparse shape": (sp.csr_array((3, 4)), ValueError, r"weights must have shape \(4, 4\)"),
        "nan": (np.diag([1, 2, np.nan, 3]), ValueError, "weights must be finite"),
        "beyond float32": (huge, ValueError, "weights must be finite and within"),
        "complex": (sp.csr_array(np.eye(4) * 1j), TypeError, "weights must have real values"),
        "text": ("weights", TypeError, "weights"),
        "none": (None, TypeError, "weights"),
    }


@pytest.mark.parametrize("what", bad_weights())
def test_weights_that_can_not_be_set(what: str) -> None:
    values, error, message = bad_weights()[what]
    net = lively(sp.csr_array(np.eye(4) * 0.1), dtype="float32")
    before = bits(net)
    with pytest.raises(error, match=message):
        net.weights = values
    assert bits(net) == before


def bad_graphs() -> dict[str, tuple[Any, type[Exception], str]]:
    graphs: dict[str, tuple[Any, type[Exception], str]] = {
        "array": (np.eye(3), TypeError, "graph must be a scipy.sparse matrix .*csr_array"),
        "list": ([[0, 1], [1, 0]], TypeError, "graph must be .* got list"),
        "none": (None, TypeError, "graph must be"),
        "text": ("ring", TypeError, "graph must be"),
        "not square": (sp.csr_array((3, 4)), ValueError, r"graph must have shape \(n, n\), got shape \(3, 4\)"),
        "empty": (sp.csr_array((0, 0)), ValueError, "graph must have from 1"),
        "row": (sp.coo_array(np.ones(3)), ValueError, "graph must have shape"),
        "nan": (sp.csr_array(np.array([[1, 0], [0, np.nan]])), ValueError, r"finite values, got nan at \[1, 1\]"),
        "complex": (sp.csr_array(np.eye(2) * 1j), TypeError, "graph must have real values, got dtype complex"),
        "beyond float32": (sp.csr_array(np.eye(2) * 1e300), ValueError, "graph must have values within the range"),
    }
    try:
        import networkx as nx
    except ImportError:
        return graphs
    words = nx.Graph()
    words.add_edge("a", "b", weight="much")
    graphs["multigraph"] = (nx.MultiDiGraph([(0, 1), (0, 1)]), ValueError, "at most one edge .* got a MultiDiGraph")
    graphs["weights of text"] = (words, TypeError, "weights of its edges, got 'much' from 'a' to 'b'")
    graphs["graph without nodes"] = (nx.Graph(), ValueError, "graph must have from 1")
    return graphs


@pytest.mark.parametrize("what", bad_graphs())
def test_graphs_that_are_none(what: str) -> None:
    graph, error, message = bad_graphs()[what]
    with pytest.raises(error, match=message):
        rn.ResonanceNetwork.from_graph(graph, dtype="float32")


@pytest.mark.parametrize(
    ("keywords", "error"),
    [
        ({"storage": "sparse"}, TypeError),
        ({"n_nodes": 3}, TypeError),
        ({"reorder": 1}, TypeError),
        ({"weight_std": -1.0}, ValueError),
        ({"decay": 2.0}, ValueError),
        ({"dtype": "float16"}, TypeError),
        ({"seed": -1}, ValueError),
    ],
)
def test_bad_keywords(keywords: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=next(iter(keywords))):
        rn.ResonanceNetwork.from_graph(sp.eye_array(3), **keywords)


def test_storage_by_name_points_to_from_graph() -> None:
    state = (np.zeros(2), np.ones(2), np.ones(2), np.eye(2))
    for make in (
        lambda: rn.ResonanceNetwork(3, storage="sparse"),
        lambda: rn.ResonanceNetwork.from_state(*state, storage="sparse"),
    ):
        with pytest.raises(ValueError, match=r"storage.*from_graph"):
            make()


def test_what_would_not_fit_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 1000)
    with pytest.raises(MemoryError, match=r"60 nodes and \d+ edges in float64 .*float32"):
        rn.ResonanceNetwork.from_graph(random_pattern(60, 9))


def test_a_subclass_stays_one() -> None:
    class Own(rn.ResonanceNetwork):
        def __init__(self) -> None:
            raise AssertionError

    net = Own.from_graph(sp.eye_array(3))
    assert type(net) is type(net.copy()) is Own


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


# Files


def damaged(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The checkpoint with other edges, whose checksums are right."""
    from resonance_native import checkpoint_file
    from resonance_native.saved_tensor import Tensor

    with checkpoint_file.reading(path) as reader:
        arrays = {name: reader.tensor(name).copy() for name in reader.shapes}
        values = dict(reader.values)
    change(arrays)
    checkpoint_file.write(path, [Tensor.of(name, array) for name, array in arrays.items()], values)
    return path


def longer(arrays: dict[str, Any]) -> None:
    arrays["weights.values"] = np.append(arrays["weights.values"], 1.0)


def swapped(arrays: dict[str, Any]) -> None:
    columns = arrays["weights.columns"]
    columns[[0, 1]] = columns[[1, 0]]


DAMAGES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "column beyond n": (lambda a: np.put(a["weights.columns"], 3, 60), r"columns must be in \[0, 60\)"),
    "negative column": (lambda a: np.put(a["weights.columns"], 3, -1), "columns must be in"),
    "columns in no order": (swapped, "ascend within each row"),
    "row starts": (lambda a: np.put(a["weights.row_starts"], 1, 10**6), "row_starts must ascend"),
    "end": (lambda a: np.put(a["weights.row_starts"], -1, 3), "row_starts must ascend"),
    "values": (longer, "weights.values"),
    "no values": (lambda a: a.pop("weights.values"), "weights.values' is missing"),
    "no columns": (lambda a: a.pop("weights.columns"), "weights.columns.* is missing"),
    "order": (lambda a: np.put(a["weights.order"], 0, a["weights.order"][1]), "order must have each node once"),
    "initial": (lambda a: a.update({"weights.initial": np.ones(3)}), "initial"),
    "columns of int64": (lambda a: a.update({"weights.columns": a["weights.columns"].astype(np.int64)}), "int32"),
    "other weights": (lambda a: a.update({"weights": np.eye(60)}), "'weights' is none of"),
    "fewer nodes": (lambda a: a.update({"phases": a["phases"][:-1]}), "must have shape"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_refused(damage: str, tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    change, message = DAMAGES[damage]
    path = tmp_path / "net.safetensors"
    lively(random_pattern(60, 9), reorder=True).save(path)
    assert bits(rn.ResonanceNetwork.load(damaged(path, lambda _: None)))
    with pytest.raises(ValueError, match=message):
        rn.ResonanceNetwork.load(damaged(path, change))


def test_without_scipy_the_extra_is_named() -> None:
    script = """
import sys
import numpy as np
sys.modules["scipy"] = sys.modules["scipy.sparse"] = None
import resonance_native as rn
try:
    rn.ResonanceNetwork.from_graph(np.eye(3))
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "resonance-native[sim]" in done.stdout
