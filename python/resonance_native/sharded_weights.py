"""Weights of which every rank has some rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .memory import require_memory
from .validation import node_indices

if TYPE_CHECKING:
    from .ranks import Ranks


class ShardedWeights:
    """Weights W [1], (n, n), whose rows are shared out among ranks. Current after every call of the network.

    All but :attr:`local` and the attributes beside it is collective: every rank asks for the same, and gets all of it.
    """

    def __init__(self, ranks: Ranks, local: NDArray[Any]) -> None:
        self._ranks, self._local = ranks, local

    @property
    def shape(self) -> tuple[int, int]:
        """(n, n)."""
        return self._local.shape[1], self._local.shape[1]

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64."""
        return self._local.dtype

    @property
    def local(self) -> NDArray[Any]:
        """Rows of this rank, (:attr:`local_rows`, n): a read-only view."""
        return self._local

    @property
    def local_rows(self) -> range:
        """Which rows these are."""
        return range(self._ranks.first, self._ranks.last)

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
        n = self.shape[1]
        i, j = node_indices(rows, n, "rows"), node_indices(columns, n, "columns")
        self._ranks.together(
            lambda: require_memory(
                self.dtype.itemsize * len(i) * len(j), f"{len(i)} × {len(j)} weights", "ask for fewer"
            )
        )
        out = np.zeros((len(i), len(j)), self.dtype)
        mine = (i >= self._ranks.first) & (i < self._ranks.last)
        out[mine] = self._local[(i[mine] - self._ranks.first)[:, None], j]
        self._ranks.sum(out)
        return out

    def to_dense(self) -> NDArray[Any]:
        """All of W, (n, n), on every rank."""
        return self.rows(slice(None))

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(shape={self.shape}, dtype={self.dtype.name!r}, ranks={self._ranks.size}, "
            f"local_rows={self.local_rows})"
        )
