"""Factored weights of which every rank has the factors of some nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import factored_arithmetic, factored_store
from .factored_weights import FactoredWeights
from .shared_weights import SharedWeights
from .weight_parts import WeightParts

if TYPE_CHECKING:
    from .ranks import Ranks


class ShardedFactoredWeights(SharedWeights):
    """Factored weights W [1], (n, n), whose factors are shared out among ranks: a snapshot that never changes.

    All methods, and :attr:`error_bound`, are collective: every rank asks for the same, and gets all of it.
    """

    def __init__(self, ranks: Ranks, arrays: dict[str, Any], error: tuple[float, float, float, float]) -> None:
        super().__init__(ranks)
        self._arrays, self._error = arrays, error
        arrays["pairs"].flags.writeable = False

    @property
    def rank(self) -> int:
        """The rank that W can have at most: the number of factors, n with a base, never above n."""
        n = self.shape[0]
        return n if self._arrays["base"] is not None else min(n, len(self.local))

    @property
    def error_bound(self) -> float:
        """See :attr:`resonance_native.FactoredWeights.error_bound`."""
        discarded, rounding, *own = self._error
        terms: list[float] = np.max(self._ranks.comm.allgather(own), axis=0).tolist()
        bound = discarded + rounding * sum(terms)
        return bound if bound >= 0 else float("inf")

    @property
    def local(self) -> NDArray[Any]:
        """Factors of this rank's nodes, (2·pairs, :attr:`local_nodes`), read-only."""
        pairs: NDArray[Any] = self._arrays["pairs"]
        return pairs

    @property
    def local_nodes(self) -> range:
        """Which nodes these are."""
        return range(self._ranks.first, self._ranks.last)

    def _numbers_for(self, rows: int, columns: int) -> int:
        both = rows + columns
        return rows * columns + len(self.local) * both + (0 if self._arrays["base"] is None else rows * both)

    def _block(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[Any]:
        # Weights of the nodes that are rows, and behind them those that are columns, as if there were no others.
        parts = self._parts(np.concatenate([self._factors(rows), self._factors(columns)], axis=1), 0.0)
        base, nodes = self._arrays["base"], np.arange(len(rows) + len(columns))
        if base is not None:
            of_base = np.zeros((len(rows), len(nodes)), self.dtype)
            out = np.zeros((len(rows), len(columns)), self.dtype)
            of_base[:, len(rows) :] = self._from_owners(rows, out, lambda places: base[places[:, None], columns])
            parts = parts._replace(base=of_base, base_factor=self._base_factor)
        return factored_arithmetic.entries(parts, nodes[: len(rows)], nodes[len(rows) :])

    def gather(self) -> FactoredWeights:
        """All factors on every rank: an operator.

        Returns
        -------
        FactoredWeights

        Raises
        ------
        MemoryError
            If they would not fit in memory, on all ranks, before they are gathered.
        """
        n, size = self.shape[0], self.dtype.itemsize
        base = self._arrays["base"]
        needed = 2 * size * n * (len(self.local) + (0 if base is None else n))
        what, way_out = f"all {len(self.local)} factors of {n} nodes", "ask for rows or blocks of W"
        self._require_memory(needed, what, way_out)
        parts = self._parts(self._of_all(self.local.T).T, self.error_bound)
        if base is not None:
            parts = parts._replace(base=self._of_all(base), base_factor=self._base_factor)
        return FactoredWeights.from_parts(parts)

    def core_arrays(self) -> dict[str, Any]:
        """The part of this rank, as the core takes it."""
        return self._arrays

    @property
    def _base_factor(self) -> float:
        return float(self._arrays["numbers"][0])

    def _parts(self, factors: NDArray[Any], error_bound: float) -> WeightParts:
        return WeightParts(factors, factored_store.cores_of(self._arrays), None, 0.0, error_bound)

    def _factors(self, nodes: NDArray[np.intp]) -> NDArray[Any]:
        """Factors of some nodes, from whoever has them."""
        out = np.zeros((len(nodes), len(self.local)), self.dtype)
        return self._from_owners(nodes, out, lambda places: self.local[:, places].T).T

    def _of_all(self, own: NDArray[Any]) -> NDArray[Any]:
        """Rows of all nodes, from those of this rank's nodes."""
        out = np.empty((self.shape[0], own.shape[1]), own.dtype)
        out[self._ranks.first : self._ranks.last] = own
        self._ranks.gather(out.view(np.uint8).reshape(len(out), -1))
        return out

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(shape={self.shape}, dtype={self.dtype.name!r}, rank={self.rank}, "
            f"ranks={self._ranks.size}, local_nodes={self.local_nodes})"
        )
