"""Checkpoints whose rows of weights lie in files of their own, one for each rank that has written them.

The file at the path is a checkpoint of all but the weights, and names the others, which lie beside it. It is written
last: until then what was there before is whole, and from then on what is new.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import checkpoint, checkpoint_file
from .checkpoint_file import CheckpointReader
from .moments import moment
from .saved_tensor import Tensor

if TYPE_CHECKING:
    from .mpi import ResonanceNetwork

_KIND = "rows"


def save(net: ResonanceNetwork, path: str | os.PathLike[str]) -> None:
    """Save a network that ranks share. Every rank calls it; ``path`` is in a folder that all of them see."""
    ranks, core = net._store.ranks, net._core
    folder, name = os.path.split(os.path.abspath(os.fspath(path)))
    token: str = ranks.comm.bcast(secrets.token_hex(8))
    part = f"{name}.{token}.rows-{ranks.first}-{ranks.last}"
    with moment(core):
        saved = net._all_but_weights()
        _complete_sums(net, saved["vectors"])
        values, tensors = checkpoint.described(net, saved)

        def copy_rows(first: int, out: NDArray[Any]) -> None:
            core.copy_weight_rows(ranks.first + first, out)

        rows = Tensor("weights", (ranks.last - ranks.first, net.n_nodes), net.dtype, copy_rows)
        error: Exception | None = None
        try:
            of_part = {"kind": _KIND, "token": token, "first": ranks.first, "last": ranks.last}
            checkpoint_file.write(os.path.join(folder, part), [rows], of_part)
        except Exception as failed:
            error = failed
        try:
            ranks.succeed_together(error)
            if ranks.rank == 0:
                parts = [
                    {"file": f"{name}.{token}.rows-{first}-{last}", "first": first, "last": last}
                    for first, last in zip(ranks.starts, ranks.starts[1:], strict=False)
                ]
                try:
                    checkpoint_file.write(path, tensors, {**values, "token": token, "parts": parts})
                except Exception as failed:
                    error = failed
            ranks.succeed_together(error)
        except Exception:
            with suppress(OSError):
                os.unlink(os.path.join(folder, part))
            raise
    if ranks.rank == 0:
        _remove_others(folder, name, token)
    ranks.comm.Barrier()


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
    """A checkpoint with the rows of its parts as the tensor ``weights``: see :class:`CheckpointReader`."""

    def __init__(self, reader: CheckpointReader, path: str | os.PathLike[str]) -> None:
        self._reader, self._folder = reader, os.path.dirname(os.path.abspath(os.fspath(path)))
        self.values = reader.values
        n = reader.shapes.get("phases", (0,))[0]
        self.shapes = {**reader.shapes, "weights": (n, n)}
        self.dtypes = {**reader.dtypes, "weights": np.dtype(reader.values["network"]["dtype"])}
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
        if name != "weights":
            return self._reader.tensor(name)
        array = np.empty(self.shapes[name], self.dtypes[name])
        for first, rows in self.rows(name):
            array[first : first + len(rows)] = rows
        return array

    def rows(self, name: str, begin: int = 0, end: int | None = None) -> Iterator[tuple[int, NDArray[Any]]]:
        """A tensor as (index of the first row, rows); of weights, parts that have some from ``begin`` to ``end``."""
        if name != "weights":
            yield from self._reader.rows(name)
            return
        end = self.shapes[name][0] if end is None else end
        for file, first, last in self._parts:
            if first >= end or last <= begin:
                continue
            with checkpoint_file.reading(os.path.join(self._folder, file)) as part:
                described = {key: part.values.get(key) for key in ("kind", "token", "first", "last")}
                wanted = {"kind": _KIND, "token": self.values["token"], "first": first, "last": last}
                shape = (last - first, self.shapes[name][1])
                found = part.shapes.get("weights"), part.dtypes.get("weights")
                if described != wanted or found != (shape, self.dtypes[name]):
                    raise ValueError(f"not the rows {first} to {last} of the checkpoint that names it")
                for row, block in part.rows("weights"):
                    yield first + row, block
