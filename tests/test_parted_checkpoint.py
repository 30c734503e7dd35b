"""Checkpoints whose rows lie in several files, as ranks write them: here by hand, to be read by one process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import resonance_native as rn
from resonance_native import checkpoint, checkpoint_file
from resonance_native.saved_tensor import Tensor

pytest.importorskip("safetensors")

N, TOKEN = 20, "0123456789abcdef"
Parts = list[dict[str, Any]]


def write(
    folder: Path, change: Callable[[Parts], Any] = lambda _: None, token: str = TOKEN, **parted: Any
) -> rn.ResonanceNetwork:
    """A network in two parts, after ``change`` of how the file at the path describes them."""
    net = rn.ResonanceNetwork(N, coupling=0.1, seed=0)
    net.run(0.5, 10)
    parts: Parts = []
    for first, last in ((0, 12), (12, N)):
        name = f"net.rows-{first}-{last}"
        rows = Tensor.of("weights", net.weights[first:last].copy())
        values = {"kind": "rows", "token": token, "first": first, "last": last}
        checkpoint_file.write(folder / name, [rows], values)
        parts.append({"file": name, "first": first, "last": last})
    change(parts)
    values, tensors = checkpoint.described(net, net._all_but_weights())
    values["parted"] = {"weights": {"axis": 0, "shape": [N, N], **parted}}
    checkpoint_file.write(folder / "net", tensors, {**values, "token": TOKEN, "parts": parts})
    return net


def test_one_process_loads_what_ranks_have_saved(tmp_path: Path) -> None:
    net = write(tmp_path)
    loaded = rn.ResonanceNetwork.load(tmp_path / "net")
    for each in (net, loaded):
        each.run(0.2, 10)
    np.testing.assert_array_equal(loaded.weights, net.weights)
    np.testing.assert_array_equal(loaded.amplitudes, net.amplitudes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda parts: parts.pop(), "rows from 12 to 20 are in no part"),
        (lambda parts: parts.pop(0), "rows 12 to 20 in 'net.rows-12-20' are not the next of 20"),
        (lambda parts: parts[1].update(last=21), "rows 12 to 21"),
        (lambda parts: parts[0].update(first=0, last=0), "rows 0 to 0"),
        (lambda parts: parts[0].update(file="../net.rows-0-12"), "in '../net.rows-0-12' are not the next"),
        (lambda parts: parts[0].update(file="net.rows-12-20"), "not the rows 0 to 12 of the checkpoint that names it"),
        (lambda parts: parts[0].pop("file"), "'file' is missing"),
        (lambda parts: parts[0].update(last="12"), "'<' not supported"),
    ],
)
def test_parts_that_are_not_all_of_it_are_refused(tmp_path: Path, change: Callable[[Parts], Any], message: str) -> None:
    write(tmp_path, change)
    with pytest.raises(ValueError, match=message):
        rn.ResonanceNetwork.load(tmp_path / "net")


def test_parts_of_another_save_are_refused(tmp_path: Path) -> None:
    write(tmp_path, token="f" * 16)
    with pytest.raises(ValueError, match="not the rows 0 to 12"):
        rn.ResonanceNetwork.load(tmp_path / "net")


@pytest.mark.parametrize(
    ("parted", "message"),
    [
        ({"axis": 2}, r"tensor 'weights' of shape \(20, 20\) has not 20 nodes along axis 2"),
        ({"shape": [12, N]}, r"tensor 'weights' of shape \(12, 20\) has not 20 nodes along axis 0"),
        ({"axis": 1}, "not the rows 0 to 12"),
        ({"shape": [N, 12]}, r"tensor 'weights' must have shape \(20, 20\)"),
        ({"axis": "first"}, "invalid literal"),
    ],
)
def test_parts_along_another_axis_are_refused(tmp_path: Path, parted: dict[str, Any], message: str) -> None:
    write(tmp_path, **parted)
    with pytest.raises(ValueError, match=message):
        rn.ResonanceNetwork.load(tmp_path / "net")


def test_a_part_has_some_columns_of_what_is_shared_out_by_columns(tmp_path: Path) -> None:
    net = rn.ResonanceNetwork(N, gain=0.5, storage="factored", seed=0)
    net.run(0.5, 10)
    tensors = {tensor.name: tensor for tensor in net._store.tensors(net._core)}
    pairs = net._core.factors()["pairs"]
    del tensors["weights.pairs"]
    parts: Parts = []
    for first, last in ((0, 12), (12, N)):
        part = {"first": first, "last": last}
        own = Tensor.of("weights.pairs", np.ascontiguousarray(pairs[:, first:last]))
        checkpoint_file.write(tmp_path / f"net.{first}", [own], {"kind": "rows", "token": TOKEN, **part})
        parts.append({"file": f"net.{first}", **part})
    values, others = checkpoint.described(net, net._all_but_weights())
    parted = {"weights.pairs": {"axis": 1, "shape": list(pairs.shape)}}
    values |= {"token": TOKEN, "parts": parts, "parted": parted}
    checkpoint_file.write(tmp_path / "net", [*tensors.values(), *others], values)
    loaded = rn.ResonanceNetwork.load(tmp_path / "net")
    np.testing.assert_array_equal(loaded.weights.to_dense(), net.weights.to_dense())
    for each in (net, loaded):
        each.run(0.2, 10)
    np.testing.assert_array_equal(loaded.amplitudes, net.amplitudes)
