"""Factored weights whose factors are shared out among ranks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from . import _core, factored_store, low_rank, sharded_initial
from .factored_store import FactoredStore
from .memory import require_memory
from .moments import moment
from .parted_checkpoint import own_part
from .ranks import Ranks
from .saved_tensor import Tensor
from .sharded_factored_weights import ShardedFactoredWeights
from .weight_parts import WeightParts
from .weight_store import CORES, SavedWeights


class ShardedFactoredStore(FactoredStore):
    """See :class:`resonance_native.weight_store.WeightStore`. Every method that takes a core is called on all ranks.

    Parameters
    ----------
    ranks : Ranks
        Who shares them; 16 nodes or more for each.
    max_rank : int
        As :class:`FactoredStore` takes it.
    """

    node_axes = factored_store.NODE_AXES

    def __init__(self, ranks: Ranks, max_rank: int = 0) -> None:
        super().__init__(max_rank)
        if not ranks.have_whole_granules:
            raise ValueError(
                f"n_nodes must be at least 16 for each rank where weights are factored, got {ranks.n_nodes} for "
                f"{ranks.size} ranks"
            )
        self.ranks = ranks

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # a copy of a network is on the same ranks

    def __reduce__(self) -> NoReturn:
        raise TypeError("a network that is shared out among ranks can't be pickled: each rank has some of its factors")

    def core(self, n_nodes: int, dtype: np.dtype[Any]) -> _core.Network:
        """A core with the factors of this rank's nodes. Raises on all ranks where one has no room for them."""
        kind, ranks = CORES[dtype.name], self.ranks

        def make() -> _core.Network:
            require_memory(
                kind.factored_bytes(n_nodes, self.max_rank, ranks.last - ranks.first),
                f"rank {ranks.rank}'s part of a network of n_nodes = {n_nodes} in {dtype.name} with factored weights",
                "use more ranks, fewer nodes or a smaller max_rank",
            )
            return kind.shard(n_nodes, ranks.first, ranks.last, ranks, self.max_rank)

        return ranks.together(make)

    def draw(self, core: _core.Network, rng: np.random.Generator, weight_std: float | None) -> None:
        """Zeros, or rows of a dense base of random weights."""
        n, dtype, ranks = len(core.phases()), core.amplitudes().dtype, self.ranks
        base = None
        if weight_std is not None and weight_std > 0:
            base = ranks.together(lambda: self._empty_base(n, dtype))
            for first, rows in sharded_initial.weight_rows(ranks, rng, n, weight_std):
                base[first - ranks.first : first - ranks.first + len(rows)] = rows
        self._set(core, lambda: self._arrays(_nothing(n, dtype), base, 1.0))

    def weights(self, core: _core.Network, view: NDArray[Any] | None) -> ShardedFactoredWeights:  # noqa: ARG002
        """Factors of this rank, and all of them to be asked for: a snapshot of this moment."""
        with moment(core):
            return ShardedFactoredWeights(self.ranks, {**core.factors()}, core.weight_error())

    def set_weights(self, core: _core.Network, values: Any) -> None:
        """As :class:`FactoredStore` takes them; each rank takes its own. Raises on all ranks where one refuses."""
        n, dtype = len(core.phases()), core.amplitudes().dtype

        def arrays() -> dict[str, Any]:
            if isinstance(values, ShardedFactoredWeights):
                if values.shape != (n, n) or values.dtype != dtype:
                    raise ValueError(f"weights must be those of {n} nodes in {dtype.name}, got {values!r}")
                return values.core_arrays()
            if isinstance(values, np.ndarray) and values.shape == (n, n):
                base = self._empty_base(n, dtype)
                low_rank.copy_finite(_core.real_array(values[self._own], "weights"), base, "weights")
                return self._arrays(_nothing(n, dtype), base, 1.0)
            given = low_rank.as_low_rank(values, n, dtype)
            return self._arrays(given, None if given.base is None else given.base[self._own], given.base_factor)

        self._set(core, arrays)

    def tensors(self, core: _core.Network) -> list[Tensor]:
        """What all ranks have alike."""
        return [tensor for tensor in super().tensors(core) if tensor.name not in self.node_axes]

    def part_tensors(self, core: _core.Network) -> list[Tensor]:
        """What this rank has of its own nodes."""
        return [tensor for tensor in super().tensors(core) if tensor.name in self.node_axes]

    @classmethod
    def of_saved(cls, saved: SavedWeights) -> Self:  # noqa: ARG003
        """None: ranks come from elsewhere."""
        raise TypeError("saved weights don't tell which ranks share them")

    def restore(self, core: _core.Network, saved: SavedWeights) -> None:
        """Take over the core's own arrays, of this rank's nodes. Raises on all ranks where one can't."""

        def tensor(name: str) -> NDArray[Any]:
            if name not in self.node_axes:
                return saved.tensor(name)
            return own_part(saved, name, self.node_axes[name], self._own)

        self._set(core, lambda: factored_store.saved_arrays(saved, tensor))

    @property
    def _own(self) -> slice:
        return slice(self.ranks.first, self.ranks.last)

    def _set(self, core: _core.Network, arrays: Callable[[], dict[str, Any]]) -> None:
        """Hand arrays to the core, on all ranks or on none."""

        def checked() -> dict[str, Any]:
            made = arrays()
            core.check_factors(made)
            return made

        core.set_factors(self.ranks.together(checked))

    def _arrays(self, given: WeightParts, base: NDArray[Any] | None, base_factor: float) -> dict[str, Any]:
        """Weights that are given, as the core takes them, of this rank's nodes."""
        arrays = factored_store.core_arrays(given)
        arrays["pairs"] = np.ascontiguousarray(arrays["pairs"][:, self._own])
        arrays["base"] = base
        arrays["numbers"][0] = 0.0 if base is None else base_factor
        return arrays

    def _empty_base(self, n: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        rows = self.ranks.last - self.ranks.first
        what = f"rank {self.ranks.rank}'s rows of dense initial weights of n_nodes = {n} in {dtype.name}"
        require_memory(2 * dtype.itemsize * n * rows, what, "leave them out: factored weights begin at 0")
        return np.empty((rows, n), dtype)


def _nothing(n: int, dtype: np.dtype[Any]) -> WeightParts:
    return WeightParts(np.zeros((0, n), dtype), np.zeros((0, 2, 2)), None, 0.0, 0.0)
