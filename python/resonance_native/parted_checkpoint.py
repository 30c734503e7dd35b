"""Checkpoints whose weights lie in files of their own, one for each rank that has written those of its nodes.

The file at the path is a checkpoint of all else, and names the others, which lie beside it. It is written last: until
then what was there before is whole, and from then on what is new.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import checkpoint, checkpoint_file
from .checkpoint_file import CheckpointReader
from .moments import moment
from .saved_tensor import Tensor
from .weight_store import SavedWeights

if TYPE_CHECKING:
    from .mpi import ResonanceNetwork

_KIND = "rows"


def save(net: ResonanceNetwork, path: str | os.PathLike[str], user: Mapping[str, Any] | None = None) -> None:
    """Save a network that ranks share. Every rank calls it; ``path`` is in a folder that all of them see.

    Parameters
    ----------
    net : ResonanceNetwork
        The network. It is held while it is written.
    path : path_like
        The file.
    user : mapping, optional
        JSON values that :func:`resonance_native.checkpoint.load` returns.
    """
    ranks, core = net._store.ranks, net._core
    folder, name = os.path.split(os.path.abspath(os.fspath(path)))
    token: str = ranks.comm.bcast(secrets.token_hex(8))
    part = f"{name}.{token}.rows-{ranks.first}-{ranks.last}"
    with moment(core):
        saved = net._all_but_weights()
        _complete_sums(net, saved["vectors"])
        values, tensors = checkpoint.described(net, saved)
        if user is not None:
            values["user"] = dict(user)

        axes, own = net._store.node_axes, net._store.part_tensors(core)
        parted = {
            tensor.name: {"axis": axes[tensor.name], "shape": _whole(tensor, axes, net.n_nodes)} for tensor in own
        }

        def write_part() -> None:
            of_part = {"kind": _KIND, "token": token, "first": ranks.first, "last": ranks.last}
            checkpoint_file.write(os.path.join(folder, part), own, of_part)

        def commit() -> None:
            parts = [
                {"file": f"{name}.{token}.rows-{first}-{last}", "first": first, "last": last}
                for first, last in zip(ranks.starts, ranks.starts[1:], strict=False)
            ]
            of_all = {"token": token, "parted": parted, "parts": parts}
            checkpoint_file.write(path, [*tensors, *net._store.tensors(core)], {**values, **of_all})

        try:
            ranks.together(write_part)
            ranks.together(commit if ranks.rank == 0 else lambda: None)
        except Exception:
            with suppress(OSError):
                os.unlink(os.path.join(folder, part))
            raise
    if ranks.rank == 0:
        _remove_others(folder, name, token)
    ranks.comm.Barrier()


def _whole(tensor: Tensor, axes: Mapping[str, int], n_nodes: int) -> list[int]:
    """The shape that the parts of a tensor have together."""
    shape = list(tensor.shape)
    shape[axes[tensor.name]] = n_nodes
    return shape


def _complete_sums(net: ResonanceNetwork, vectors: dict[str, Any]) -> None:
    """What the next coupled step takes over, of all nodes; each rank has it of its own."""
    names = ("cosine_sums", "sine_sums")
    if any(net.comm.allgather(vectors[names[0]] is None)):
        vectors |= dict.fromkeys(names)
        return
    for name in names:
        net._store.ranks.gather(vectors[name].view(np.uint8).reshape(net.n_nodes, -1))


def _remove_others(folder: str, name: str, token: str) -> None:
    """Remove the rows of checkpoints that this one has replaced, or that never were whole."""
    theirs = re.compile(rf"\.?{re.escape(name)}\.([0-9a-f]{{16}})\.rows-\d+-\d+(\.partial)?")
    for found in os.listdir(folder):
        match = theirs.fullmatch(found)
        if match and match[1] != token:
            with suppress(OSError):
                os.unlink(os.path.join(folder, found))


class PartedReader:
    """A checkpoint with what its parts have of the weights as whole tensors: see :class:`CheckpointReader`."""

    def __init__(self, reader: CheckpointReader, path: str | os.PathLike[str]) -> None:
        self._reader, self._folder = reader, os.path.dirname(os.path.abspath(os.fspath(path)))
        self.values = reader.values
        parted = reader.values["parted"]
        self._axes: dict[str, int] = {name: int(of["axis"]) for name, of in parted.items()}
        self._dtype = np.dtype(reader.values["network"]["dtype"])
        self.shapes = {**reader.shapes, **{name: tuple(of["shape"]) for name, of in parted.items()}}
        self.dtypes = {**reader.dtypes, **dict.fromkeys(parted, self._dtype)}
        n = reader.shapes.get("phases", (0,))[0]
        for name, axis in self._axes.items():
            if not 0 <= axis < len(self.shapes[name]) or self.shapes[name][axis] != n:
                raise ValueError(f"tensor {name!r} of shape {self.shapes[name]} has not {n} nodes along axis {axis}")
        self._parts = [(part["file"], part["first"], part["last"]) for part in reader.values["parts"]]
        end = 0
        for file, first, last in self._parts:
            if os.path.basename(file) != file or first != end or not first < last <= n:
                raise ValueError(f"rows {first} to {last} in {file!r} are not the next of {n}")
            end = last
        if end != n:
            raise ValueError(f"rows from {end} to {n} are in no part")

    def tensor(self, name: str) -> NDArray[Any]:
        """A whole tensor, verified."""
        if name not in self._axes:
            return self._reader.tensor(name)
        return self.own(name, slice(0, self.shapes[name][self._axes[name]]))

    def rows(self, name: str, begin: int = 0, end: int | None = None) -> Iterator[tuple[int, NDArray[Any]]]:
        """A tensor as (index of the first row, rows); of parts of rows, those with some from ``begin`` to ``end``."""
        if name not in self._axes:
            yield from self._reader.rows(name)
        elif self._axes[name] != 0:
            yield 0, self.tensor(name)
        else:
            for first, part in self._open(name, slice(begin, self.shapes[name][0] if end is None else end)):
                for row, block in part.rows(name):
                    yield first + row, block

    def own(self, name: str, nodes: slice) -> NDArray[Any]:
        """What a tensor has of some nodes, from the parts that have some of them."""
        axis, shape = self._axes[name], list(self.shapes[name])
        shape[axis] = nodes.stop - nodes.start
        out = np.empty(shape, self._dtype)
        if axis == 0:
            for first, rows in self.rows(name, nodes.start, nodes.stop):
                _copy_common(rows, first, out, nodes.start, axis)
        else:
            for first, part in self._open(name, nodes):
                _copy_common(part.tensor(name), first, out, nodes.start, axis)
        return out

    def _open(self, name: str, nodes: slice) -> Iterator[tuple[int, CheckpointReader]]:
        """The parts that have some of the nodes, one after the other, and the first node of each."""
        for file, first, last in self._parts:
            if first >= nodes.stop or last <= nodes.start:
                continue
            with checkpoint_file.reading(os.path.join(self._folder, file)) as part:
                described = {key: part.values.get(key) for key in ("kind", "token", "first", "last")}
                wanted = {"kind": _KIND, "token": self.values["token"], "first": first, "last": last}
                shape = list(self.shapes[name])
                shape[self._axes[name]] = last - first
                found = part.shapes.get(name), part.dtypes.get(name)
                if described != wanted or found != (tuple(shape), self._dtype):
                    raise ValueError(f"not the rows {first} to {last} of the checkpoint that names it")
                yield first, part


def own_part(saved: SavedWeights, name: str, axis: int, nodes: slice) -> NDArray[Any]:
    """What a saved tensor has of some nodes, which lie along an axis, without reading all of it at once."""
    if isinstance(saved, PartedReader):
        return saved.own(name, nodes)
    shape = list(saved.shapes[name])
    shape[axis] = nodes.stop - nodes.start
    out: NDArray[Any] | None = None
    for first, rows in saved.rows(name):
        if out is None:
            out = np.empty(shape, rows.dtype)
        if axis == 0:
            _copy_common(rows, first, out, nodes.start, axis)
        else:
            out[first : first + len(rows)] = rows[:, nodes]
    return saved.tensor(name).reshape(shape) if out is None else out


def _copy_common(source: NDArray[Any], source_first: int, out: NDArray[Any], out_first: int, axis: int) -> None:
    """Copy what two arrays of nodes have in common, each beginning at a node of its own."""
    begin = max(source_first, out_first)
    end = min(source_first + source.shape[axis], out_first + out.shape[axis])
    if begin >= end:
        return
    before = (slice(None),) * axis
    place = (*before, slice(begin - out_first, end - out_first))
    out[place] = source[(*before, slice(begin - source_first, end - source_first))]
