"""An array that is to be saved, by rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray


class Tensor(NamedTuple):
    """A tensor to be written, whose rows are copied when their turn comes."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    #: Copies rows from ``first`` on into an array of these rows.
    copy_rows: Callable[[int, NDArray[Any]], None]

    @classmethod
    def of(cls, name: str, array: NDArray[Any]) -> Self:
        """The tensor of an array that is there."""

        def copy_rows(first: int, out: NDArray[Any]) -> None:
            out[...] = array[first : first + len(out)]

        return cls(name, array.shape, array.dtype, copy_rows)

    @property
    def nbytes(self) -> int:
        """Bytes of the data."""
        return self.dtype.itemsize * int(np.prod(self.shape, dtype=object))
