"""Copies, pickles and files of networks on graphs."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from networks import HYPERPARAMETERS

import resonance_native as rn

pytest.importorskip("scipy")
from sparse_cases import PATTERNS, bits, lively, random_pattern

pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")

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
