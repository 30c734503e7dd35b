"""The Python boundary: everything public that takes arrays."""

from __future__ import annotations

from collections.abc import Callable

from .draws import Draws
from .functions import one_function
from .graphs import one_graph
from .networks import made, one_call

_MOST_CALLS = 8


def _network(draws: Draws) -> None:
    subject = made(draws)
    for _ in range(_MOST_CALLS):
        one_call(draws, subject)
        if not draws.left:
            return


_PARTS: tuple[Callable[[Draws], None], ...] = (_network, one_function, _network, one_graph)


def one(data: bytes) -> None:
    """Do what these bytes say, and raise Defect where something does not hold."""
    draws = Draws(data)
    draws.choice(_PARTS)(draws)
