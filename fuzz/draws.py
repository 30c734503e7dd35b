"""Choices out of the bytes that a fuzzer makes."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

#: Numbers near which arithmetic, conversions and checks go wrong.
NUMBERS = (
    *(0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 0.01, 100.0, 6.283185307179586, 6.28318530717958, -1e-17),
    *(float("nan"), float("inf"), -float("inf"), 5e-324, -2.2e-308, 1e-45, 1.2e-38),
    *(1e308, -1.7976931348623157e308, 1e300, 3.4028234663852886e38, 3.41e38, -1e39, 65504.0, 65520.0),
    *(2.0**53, 2.0**63, -(2.0**63), 2.0**64, 1e-300),
)
#: Of those, what a network takes for any of its numbers.
CALM = tuple(number for number in NUMBERS if abs(number) <= 100)
INTEGERS = (
    0,
    1,
    -1,
    2,
    3,
    7,
    100,
    2**31 - 1,
    2**31,
    -(2**31),
    2**53 + 1,
    2**62,
    2**63 - 1,
    -(2**63),
    2**63,
    2**64,
    10**400,
)


class Draws:
    """Reads choices from bytes, one after the other; behind their end all are the first one.

    Parameters
    ----------
    data : bytes
        What the fuzzer made.
    """

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def byte(self) -> int:
        """From 0 to 255."""
        if self._place >= len(self._data):
            return 0
        self._place += 1
        return self._data[self._place - 1]

    def below(self, end: int) -> int:
        """From 0 to ``end`` − 1."""
        return self.byte() % end

    def one_in(self, times: int) -> bool:
        """True for one byte of so many; False behind the end."""
        return self.byte() % times == times - 1

    def choice(self, values: Sequence[T]) -> T:
        """One of up to 256."""
        return values[self.below(len(values))]

    def number(self) -> float:
        """Any float64: mostly a calm one, sometimes one from :data:`NUMBERS` or of any bits."""
        kind = self.below(16)
        if kind < 10:
            return (self.byte() - 128) / 32
        if kind < 13:
            return self.choice(CALM)
        if kind < 15:
            return self.choice(NUMBERS)
        (bits,) = struct.unpack("<d", bytes(self.byte() for _ in range(8)))
        return float(bits)

    @property
    def left(self) -> bool:
        """Whether bytes are left."""
        return self._place < len(self._data)

    def rest(self) -> bytes:
        """All that is left."""
        left, self._place = self._data[self._place :], len(self._data)
        return left
