"""Several calls on a network that no other thread's call comes between."""

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


@contextmanager
def change(core: _core.Network) -> Iterator[None]:
    """The same, but this thread may also advance and set it."""
    try:
        core.hold_to_change()
        yield
    finally:
        core.let_go()
