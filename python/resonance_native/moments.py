"""Several reads of one moment of a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import _core


@contextmanager
def moment(core: _core.Network) -> Iterator[None]:
    """Keep a network as it is: other threads wait, and this one may read it, but not advance or set it."""
    try:
        core.hold()
        yield
    finally:
        core.let_go()  # nothing where Ctrl-C came before it held
