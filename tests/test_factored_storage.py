"""Initial weights of factored networks, and what copies, pickles and files keep of them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import differences, state_of
from factored_cases import ExactWeights, factored, same_future, steps_to_compression
from networks import bits, everything

import resonance_native as rn

# Networks that saturate say so; that is not what is looked at.
pytestmark = pytest.mark.filterwarnings("ignore:the network is:resonance_native.ResonanceWarning")


def dense_weights(n: int, scale: float = 0.5) -> np.ndarray:
    return np.random.default_rng(n).normal(0, scale, (n, n))


# A dense base


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("coupling", [0.0, 0.02])
@pytest.mark.parametrize("n", [1, 2, 17, 40])
def test_random_initial_weights_are_those_of_the_reference(n: int, coupling: float, dtype: str) -> None:
    keywords = {"weight_std": 0.1, "seed": 5, "gain": 8 / n, "coupling": coupling, "amplitude_floor": 0.1}
    native = rn.ResonanceNetwork(n, storage="factored", dtype=dtype, **keywords)
    reference = rn.reference.ResonanceNetwork(n, **keywords)
    assert np.array_equal(native.weights, reference.weights.astype(dtype))
    for steps in (1, 10, 100, 700):
        for net in (native, reference):
            net.run(np.linspace(-1, 1, n), steps)
        found = differences(state_of(native), state_of(reference))
        assert max(found.values()) <= {"float64": 1e-11, "float32": 1e-4}[dtype]
    assert native.weights.parts.base is not None


def test_a_base_is_kept_until_the_tolerance_allows_to_drop_it(dtype: str) -> None:
    """Then what is left of it is in the error bound."""
    n = 20
    net = factored(n, dtype=dtype, tolerance=1e-8 if dtype == "float64" else 1e-4)
    net.weights = dense_weights(n)
    exact = ExactWeights(net, net.weights.to_dense())
    steps, bound = 0, 0.0
    while net.weights.parts.base is not None:
        assert steps < 5000
        bound = net.weights.error_bound
        exact.update(0.3)
        assert exact.error() <= net.weights.error_bound
        steps += 1
    left = 0.99**steps * np.abs(dense_weights(n)).max()
    assert net.weights.error_bound >= bound + 0.9 * left
    assert left <= net.tolerance / 8 * exact.largest() * 1.001
    assert left > net.tolerance / 1000 * exact.largest(), "it was kept for too long"
    net.run(0.3, 100)
    assert net.weights.factors()[0].shape[0] == n


def test_a_base_that_only_decays(dtype: str) -> None:
    net = factored(9, dtype=dtype, learning_rate=0.0)
    net.weights = dense_weights(9)
    net.run(0.1, 100)
    rtol = {"float64": 1e-13, "float32": 1e-6}[dtype]
    np.testing.assert_allclose(net.weights.to_dense(), dense_weights(9) * 0.99**100, rtol=rtol)
    net.decay = 0.5
    net.run(0.1, 1200)  # smaller than any number
    assert not net.weights.to_dense().any()
    assert net.weights.parts.base is None


# Weights that are given


def test_two_thin_matrices(dtype: str) -> None:
    n, k = 30, 3
    a, b = np.random.default_rng(0).normal(0, 0.3, (2, n, k))
    net = factored(n, dtype=dtype)
    net.weights = (a, b)
    np.testing.assert_allclose(net.weights.to_dense(), a @ b.T, atol={"float64": 1e-15, "float32": 1e-6}[dtype])
    exact = ExactWeights(net, net.weights.to_dense())
    for _ in range(400):
        exact.update(np.linspace(-1, 1, n))
        assert exact.error() <= net.weights.error_bound
    assert net.weights.rank >= 2 * k


def test_thin_matrices_fade_as_a_base_does() -> None:
    n = 12
    net = factored(n, tolerance=1e-6)
    net.weights = (np.ones((n, 2)), np.linspace(-1, 1, 2 * n).reshape(n, 2))
    exact = ExactWeights(net, net.weights.to_dense())
    for _ in range(2500):
        exact.update(0.2)
        assert exact.error() <= net.weights.error_bound
    assert len(net._core.factors()["groups"]) == 1


@pytest.mark.parametrize("kind", ["base", "thin", "grown", "twelve lags"])
@pytest.mark.parametrize("how", ["set", "from_state", "other dtype"])
def test_weights_of_another_network(how: str, kind: str, dtype: str) -> None:
    net = grown(kind, dtype=dtype)
    other_dtype = {"float64": "float32", "float32": "float64"}[dtype] if how == "other dtype" else dtype
    if how == "from_state":
        twin = rn.ResonanceNetwork.from_state(
            net.phases, net.frequencies, net.amplitudes, net.weights, storage="factored", dtype=dtype
        )
    else:
        twin = factored(net.n_nodes, dtype=other_dtype)
        twin.weights = net.weights
    scale = np.abs(net.weights.to_dense()).max()
    eps = np.finfo(np.float32 if "float32" in (dtype, other_dtype) else np.float64).eps
    np.testing.assert_allclose(twin.weights.to_dense(), net.weights.to_dense(), atol=4 * eps * scale)
    assert twin.weights.error_bound >= 0.99 * net._core.factors()["numbers"][1]  # what was cut off stays known
    exact = ExactWeights(twin, net.weights.to_dense())
    for _ in range(100):
        exact.update(0.3)
    assert exact.error() <= twin.weights.error_bound + 0.4 * eps * scale


def grown(kind: str, **keywords: Any) -> rn.ResonanceNetwork:
    """A network in the middle of something."""
    n = 17
    net = factored(n, **keywords)
    if kind == "base":
        net.weights = dense_weights(n)
    if kind == "thin":
        net.weights = (np.linspace(-1, 1, n), np.linspace(0, 1, n))
    for k in range(24):
        if kind == "twelve lags":
            net.learning_lag = 0.1 + 0.5 * (k % 12)
        net.run(np.linspace(-1, 1, n), 5)
    return net


def test_setting_keeps_what_was_shown() -> None:
    net = grown("grown")
    shown = net.weights
    before = shown.to_dense()
    net.weights = np.zeros((17, 17))
    net.run(0.3, 50)
    assert np.array_equal(shown.to_dense(), before)
    with pytest.raises((AttributeError, TypeError)):
        shown[0, 0] = 1.0


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.zeros((4, 5)), "shape"),
        (np.full((5, 5), np.nan), "finite"),
        ((np.zeros((5, 2)), np.zeros((5, 3))), "columns"),
        ((np.zeros((4, 2)), np.zeros((5, 2))), "shape"),
        ((np.full((5, 1), np.inf), np.zeros((5, 1))), "finite"),
        ((np.zeros((5, 500)), np.zeros((5, 500))), "max_rank"),
        ("weights", "weights"),
    ],
)
def test_weights_that_cannot_be(value: Any, message: str) -> None:
    net = factored(5)
    net.run(0.3, 40)
    before = everything(net)
    with pytest.raises((ValueError, TypeError), match=message):
        net.weights = value
    assert everything(net) == before


def test_weights_of_a_network_of_another_size() -> None:
    with pytest.raises(ValueError, match="5 nodes"):
        factored(5).weights = factored(6).weights


def test_dense_networks_take_factored_weights() -> None:
    net = grown("grown")
    dense = rn.ResonanceNetwork(17, seed=0)
    dense.weights = net.weights.to_dense()
    assert np.array_equal(dense.weights, net.weights)


# Keeping them


def saved_and_loaded(net: rn.ResonanceNetwork, path: Path) -> rn.ResonanceNetwork:
    pytest.importorskip("safetensors")
    net.save(path / "net.safetensors")
    return type(net).load(path / "net.safetensors")


COPIES: dict[str, Callable[[rn.ResonanceNetwork, Path], rn.ResonanceNetwork]] = {
    "copy": lambda net, _: net.copy(),
    "deepcopy": lambda net, _: copy.deepcopy(net),
    "pickle": lambda net, _: pickle.loads(pickle.dumps(net)),
    "file": saved_and_loaded,
}
copies = pytest.mark.parametrize("how", COPIES)


@pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")  # twelve lags leave no small rank
@copies
@pytest.mark.parametrize("kind", ["fresh", "base", "thin", "grown", "twelve lags"])
def test_copies_go_on_with_the_same_bits(kind: str, how: str, dtype: str, tmp_path: Path) -> None:
    keywords = {"coupling": 0.05, "noise_std": 0.1, "max_rank": 301, "tolerance": 3e-7, "dtype": dtype}
    net = factored(17, **keywords) if kind == "fresh" else grown(kind, **keywords)
    net.pin([0, 5], [0.4, 0.6], phases=[1.0, 2.0])
    before = everything(net)
    twin = COPIES[how](net, tmp_path)
    assert everything(twin) == everything(net) == before
    assert twin.weights.error_bound == net.weights.error_bound
    assert twin._core.max_rank == net._core.max_rank
    assert same_future(net, twin)


@copies
@pytest.mark.parametrize("left", [0, 1, 2])
@pytest.mark.parametrize("kind", ["base", "grown"])
def test_copies_right_before_a_compression(kind: str, left: int, how: str, tmp_path: Path) -> None:
    net = grown(kind)
    net.run(0.3, steps_to_compression(net) + 1)
    net.run(0.3, steps_to_compression(net) - left)
    rank = net._core.rank
    twin = COPIES[how](net, tmp_path)
    for each in (net, twin):
        each.run(0.3, left)
        assert each._core.rank == rank + 2 * left
        each.run(0.3, 1)
        assert each._core.rank < rank
    assert same_future(net, twin)


@copies
def test_copies_where_there_is_no_room_left(how: str, tmp_path: Path) -> None:
    net = factored(100, max_rank=40)
    with pytest.raises(RuntimeError, match="max_rank"):
        net.run(np.random.default_rng(0).normal(0, 100, (200, 100)))
    twin = COPIES[how](net, tmp_path)
    assert bits(twin) == bits(net)
    for each in (net, twin):
        with pytest.raises(RuntimeError, match="max_rank"):
            each.update()
        each.tolerance = 0.9
    with pytest.warns(rn.ResonanceWarning, match="columns"):
        assert same_future(net, twin)


@pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")
def test_reset_repeats_the_draw(dtype: str) -> None:
    for weight_std in (None, 0.1):
        net = rn.ResonanceNetwork(9, storage="factored", weight_std=weight_std, seed=3, dtype=dtype)
        twin = net.copy()
        net.learning_lag = 0.7
        net.run(0.3, 100)
        net.reset()
        net.learning_lag = 0.0
        assert same_future(net, twin)


# Files and pickles that can't be


def parts_of(net: rn.ResonanceNetwork) -> dict[str, Any]:
    return net._core.factors()


DAMAGE: dict[str, Callable[[dict[str, Any]], None]] = {
    "group that is not there": lambda parts: parts["pair_groups"].fill(9),
    "negative weight": lambda parts: parts["pair_weights"].fill(-1.0),
    "NaN among weights": lambda parts: parts["pair_weights"].fill(np.nan),
    "NaN among vectors": lambda parts: parts["pairs"].fill(np.nan),
    "no rotation": lambda parts: parts["groups"].__setitem__((0, 0), 0.5),
    "no unit": lambda parts: parts["groups"].__setitem__((0, slice(0, 4)), [0.5, 0, 0, 0.5]),
    "same direction twice": lambda parts: parts.update(groups=np.repeat(parts["groups"], 2, axis=0)),
    "too many groups": lambda parts: parts.update(groups=np.repeat(parts["groups"], 10, axis=0)),
    "negative reach": lambda parts: parts["groups"].__setitem__((0, 5), -1.0),
    "NaN as reach": lambda parts: parts["groups"].__setitem__((0, 5), np.nan),
    "negative bound": lambda parts: parts["numbers"].__setitem__(1, -1e-9),
    "infinite bound": lambda parts: parts["numbers"].__setitem__(1, np.inf),
    "negative room": lambda parts: parts["numbers"].__setitem__(4, -1.0),
    "room beyond the memory": lambda parts: parts["numbers"].__setitem__(4, 1e8),
    "NaN as room": lambda parts: parts["numbers"].__setitem__(4, np.nan),
    "pivot that is no node": lambda parts: parts.update(pivots=np.array([17])),
    "too many pivots": lambda parts: parts.update(pivots=np.zeros(10_000, np.int64)),
    "base of another size": lambda parts: parts.update(base=np.zeros((3, 3))),
    "too few vectors": lambda parts: parts.update(pairs=parts["pairs"][1:]),
    "too few numbers": lambda parts: parts.update(numbers=parts["numbers"][1:]),
    "too many pairs": lambda parts: parts.update(
        pairs=np.zeros((2000, 17)), pair_weights=np.ones(1000), pair_groups=np.zeros(1000, np.uint8)
    ),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_parts_that_cannot_be(what: str) -> None:
    net = grown("grown")
    before, parts = everything(net), parts_of(net)
    DAMAGE[what](parts)
    with pytest.raises(ValueError):  # noqa: PT011  # each with a message of its own
        net._core.set_factors(parts)
    assert everything(net) == before
    net._core.set_factors(parts_of(net))
    assert everything(net) == before, "what is right is refused, too"


TENSOR_DAMAGE: dict[str, Callable[[dict[str, np.ndarray]], None]] = {
    "missing": lambda tensors: tensors.pop("weights.pivots"),
    "no largest rank": lambda tensors: tensors.pop("weights.max_rank"),
    "empty largest rank": lambda tensors: tensors.update({"weights.max_rank": np.zeros(0, np.int64)}),
    "negative largest rank": lambda tensors: tensors.update({"weights.max_rank": np.array([-4], np.int64)}),
    "of another dtype": lambda tensors: tensors.update({"weights.pairs": tensors["weights.pairs"].astype("f4")}),
    "of fewer nodes": lambda tensors: tensors.update({"weights.pairs": tensors["weights.pairs"][:, 1:].copy()}),
    "a group that is not there": lambda tensors: tensors["weights.pair_groups"].fill(7),
    "none of its own": lambda tensors: tensors.update({"weights.other": np.zeros(3)}),
}


@pytest.mark.parametrize("what", TENSOR_DAMAGE)
def test_files_whose_weights_cannot_be(what: str, tmp_path: Path) -> None:
    """With all checksums right, so that it is the values that are looked at."""
    pytest.importorskip("safetensors")
    from resonance_native import checkpoint, checkpoint_file
    from resonance_native.checkpoint_file import Tensor

    net, path = grown("base"), tmp_path / "net.safetensors"
    values, others = checkpoint.described(net, net._all_but_weights())
    tensors: dict[str, np.ndarray] = {}
    for tensor in (*others, *net._store.tensors(net._core)):
        tensors[tensor.name] = np.empty(tensor.shape, tensor.dtype)
        tensor.copy_rows(0, tensors[tensor.name])
    checkpoint_file.write(path, [Tensor.of(*item) for item in tensors.items()], values)
    assert same_future(rn.ResonanceNetwork.load(path), net.copy())
    TENSOR_DAMAGE[what](tensors)
    checkpoint_file.write(path, [Tensor.of(*item) for item in tensors.items()], values)
    with pytest.raises(ValueError, match=str(path.name)):
        rn.ResonanceNetwork.load(path)
