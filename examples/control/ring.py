"""A ring between two threads: one writes records of a fixed size and never waits, the other reads them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Ring:
    """A ring of records for one writing and one reading thread, without a lock.

    All memory is there from the beginning. Where the reader is too slow the newest record is dropped and counted, so
    that the writer never waits and the reader never sees a record half written.

    Parameters
    ----------
    capacity
        Number of records it holds.
    record
        Structured type of a record.

    Raises
    ------
    ValueError
        If the capacity is not positive.
    """

    def __init__(self, capacity: int, record: np.dtype[np.void]) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1 record, got {capacity!r}")
        self._records = np.zeros(capacity, record)
        # Counts that only grow, each of them set by one thread alone.
        self._written = self._read = self._dropped = 0

    @property
    def dropped(self) -> int:
        """Number of records that found no room."""
        return self._dropped

    def put(self, *values: object) -> None:
        """Write one record, a value for each field, or drop it where there is no room; for the writing thread."""
        written = self._written
        if written - self._read == len(self._records):
            self._dropped += 1
            return
        self._records[written % len(self._records)] = values
        self._written = written + 1  # last, since from here on the reader may read it

    def take(self) -> NDArray[np.void]:
        """Copy all records not read so far, the oldest first, and make room; for the reading thread."""
        written = self._written
        unread = np.arange(self._read, written) % len(self._records)
        records = self._records[unread]
        self._read = written  # last, since from here on the writer may overwrite them
        return records
