"""What weights have in common of which every rank has a part."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .memory import require_memory
from .validation import node_indices

if TYPE_CHECKING:
    from .ranks import Ranks


class SharedWeights(ABC):
    """Weights W [1], (n, n), of which each rank has what belongs to its nodes."""

    def __init__(self, ranks: Ranks) -> None:
        self._ranks = ranks

    @property
    def shape(self) -> tuple[int, int]:
        """(n, n)."""
        return self._ranks.n_nodes, self._ranks.n_nodes

    @property
    @abstractmethod
    def local(self) -> NDArray[Any]:
        """What this rank has, read-only."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64."""
        dtype: np.dtype[Any] = self.local.dtype
        return dtype

    def rows(self, indices: Any) -> NDArray[Any]:
        """W[indices, :], (k, n).

        Parameters
        ----------
        indices : int, slice, array_like of int, or mask (n,)
            Which rows, the same on all ranks.

        Raises
        ------
        MemoryError
            If it would not fit in memory, on all ranks, before it is put together.
        """
        return self.block(indices, slice(None))

    def block(self, rows: Any, columns: Any) -> NDArray[Any]:
        """W[rows, columns], (k, l), for selections as :meth:`rows` takes them."""
        n = self._ranks.n_nodes
        i, j = node_indices(rows, n, "rows"), node_indices(columns, n, "columns")
        needed = self.dtype.itemsize * self._numbers_for(len(i), len(j))
        self._require_memory(needed, f"{len(i)} × {len(j)} weights", "ask for fewer")
        return self._block(i, j)

    def to_dense(self) -> NDArray[Any]:
        """All of W, (n, n), on every rank."""
        return self.rows(slice(None))

    @abstractmethod
    def _numbers_for(self, rows: int, columns: int) -> int:
        """How many numbers a block takes, and what it is made of."""

    @abstractmethod
    def _block(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[Any]:
        """A block, from whoever has something of it."""

    def _from_owners(self, nodes: NDArray[np.intp], out: NDArray[Any], own: Any) -> NDArray[Any]:
        """Fill zeros by nodes: ``own`` gives this rank's, for their places in ``local``, and others' come on top."""
        mine = (nodes >= self._ranks.first) & (nodes < self._ranks.last)
        out[mine] = own(nodes[mine] - self._ranks.first)
        self._ranks.sum(out)
        return out

    def _require_memory(self, needed: int, what: str, way_out: str) -> None:
        """Raise MemoryError on all ranks where one has not so many bytes."""
        self._ranks.together(lambda: require_memory(needed, what, way_out))
