"""Networks on graphs: what a graph may be, how weights are read and set, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from cases import assert_within

import resonance_native as rn
from resonance_native import memory

pytest.importorskip("scipy")
import scipy.sparse as sp
from sparse_cases import bits, lively, random_pattern, state_of

pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")


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
