"""Weights as n × n numbers whose rows are shared out among ranks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from . import _core, sharded_initial
from .memory import gib, require_memory
from .parted_checkpoint import PartedReader
from .ranks import Ranks
from .saved_tensor import Tensor
from .sharded_weights import ShardedWeights
from .validation import require_representable
from .weight_store import CORES, SavedWeights, Wanted

_WEIGHTS = "weights"


class ShardedStore:
    """See :class:`resonance_native.weight_store.WeightStore`. Every method that takes a core is called on all ranks."""

    name = "dense"
    default_weight_std = 0.01
    may_advise = False
    #: Of the tensors that have numbers of each node, along which axis these are.
    node_axes: ClassVar[dict[str, int]] = {_WEIGHTS: 0}

    def __init__(self, ranks: Ranks) -> None:
        self.ranks = ranks

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # a copy of a network is on the same ranks

    def __reduce__(self) -> NoReturn:
        raise TypeError("a network that is shared out among ranks can't be pickled: each rank has some of its rows")

    def core(self, n_nodes: int, dtype: np.dtype[Any]) -> _core.Network:
        """A core with this rank's rows. Raises on all ranks where one has no room for them."""
        ranks, rows = self.ranks, self.ranks.last - self.ranks.first

        def make() -> _core.Network:
            require_memory(
                dtype.itemsize * n_nodes * rows,
                f"rank {ranks.rank}'s part of a network of n_nodes = {n_nodes} in {dtype.name}",
                f'more ranks take less each, and dtype="float32" takes {gib(4 * n_nodes * rows)}',
            )
            return CORES[dtype.name].shard(n_nodes, ranks.first, ranks.last, ranks)

        return ranks.together(make)

    def draw(self, core: _core.Network, rng: np.random.Generator, weight_std: float | None) -> None:
        """Draw them by whole rows."""
        std = self.default_weight_std if weight_std is None else weight_std
        for first, rows in sharded_initial.weight_rows(self.ranks, rng, len(core.phases()), std):
            core.set_weight_rows(first, rows)

    def view(self, core: _core.Network) -> NDArray[Any]:
        """Rows of this rank, in the core's own memory."""
        return core.weights()

    def weights(self, core: _core.Network, view: NDArray[Any] | None) -> ShardedWeights:
        """The rows of all ranks, to be asked for. In a callback within a block of steps, all ranks meet here."""
        of_moment = core.moment_weights()
        own = view if of_moment is None else of_moment
        assert own is not None
        return ShardedWeights(self.ranks, own)

    def set_weights(self, core: _core.Network, values: Any) -> None:
        """Take this rank's rows out of n × n numbers. Raises on all ranks where one refuses its own."""
        n = len(core.phases())
        if isinstance(values, ShardedWeights):
            own: Any = values.local
        else:
            array = np.asanyarray(values)
            if array.shape != (n, n):
                raise ValueError(f"weights must have shape ({n}, {n}), got shape {array.shape}")
            own = array[self.ranks.first : self.ranks.last]

        def check() -> NDArray[Any]:
            rows = _core.real_array(own, "weights")
            require_representable("weights", rows, core.amplitudes().dtype)
            return rows

        core.set_weight_rows(self.ranks.first, self.ranks.together(check))

    def advice(self, core: _core.Network) -> None:
        """None."""

    def tensors(self, core: _core.Network) -> list[Tensor]:  # noqa: ARG002
        """None: rows are saved by who has them."""
        return []

    def part_tensors(self, core: _core.Network) -> list[Tensor]:
        """Rows of this rank."""
        ranks, shape = self.ranks, (self.ranks.last - self.ranks.first, self.ranks.n_nodes)

        def copy_rows(first: int, out: NDArray[Any]) -> None:
            core.copy_weight_rows(ranks.first + first, out)

        # In a callback within a block of steps they are made of what all ranks meet to bring: now, in the first call.
        copy_rows(0, np.empty((1, ranks.n_nodes), core.amplitudes().dtype))
        return [Tensor(_WEIGHTS, shape, core.amplitudes().dtype, copy_rows)]

    def wanted(self, n_nodes: int, dtype: np.dtype[Any], saved: SavedWeights) -> Wanted:  # noqa: ARG002
        """As dense weights are saved."""
        return {_WEIGHTS: ((n_nodes, n_nodes), dtype)}

    @classmethod
    def of_saved(cls, saved: SavedWeights) -> Self:  # noqa: ARG003
        """None: ranks come from elsewhere."""
        raise TypeError("saved weights don't tell which ranks share them")

    def restore(self, core: _core.Network, saved: SavedWeights) -> None:
        """Copy this rank's rows. Raises on all ranks where one can't."""

        def copy() -> None:
            if isinstance(saved, PartedReader):
                rows = saved.rows(_WEIGHTS, self.ranks.first, self.ranks.last)
            else:
                rows = saved.rows(_WEIGHTS)
            for first, own in self._own(rows):
                core.set_weight_rows(first, own)

        self.ranks.together(copy)

    def _own(self, rows: Iterator[tuple[int, NDArray[Any]]]) -> Iterator[tuple[int, NDArray[Any]]]:
        for first, block in rows:
            begin, end = max(first, self.ranks.first), min(first + len(block), self.ranks.last)
            if begin < end:
                yield begin, block[begin - first : end - first]
