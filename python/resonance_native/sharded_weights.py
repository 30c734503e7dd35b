"""Weights of which every rank has some rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .shared_weights import SharedWeights

if TYPE_CHECKING:
    from .ranks import Ranks


class ShardedWeights(SharedWeights):
    """Weights W [1], (n, n), whose rows are shared out among ranks. Current after every call of the network.

    All but :attr:`local` and the attributes beside it is collective: every rank asks for the same, and gets all of it.
    """

    def __init__(self, ranks: Ranks, local: NDArray[Any]) -> None:
        super().__init__(ranks)
        self._local = local

    @property
    def local(self) -> NDArray[Any]:
        """Rows of this rank, (:attr:`local_rows`, n): a read-only view."""
        return self._local

    @property
    def local_rows(self) -> range:
        """Which rows these are."""
        return range(self._ranks.first, self._ranks.last)

    def _numbers_for(self, rows: int, columns: int) -> int:
        return rows * columns

    def _block(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[Any]:
        out = np.zeros((len(rows), len(columns)), self.dtype)
        return self._from_owners(rows, out, lambda places: self._local[places[:, None], columns])

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(shape={self.shape}, dtype={self.dtype.name!r}, ranks={self._ranks.size}, "
            f"local_rows={self.local_rows})"
        )
