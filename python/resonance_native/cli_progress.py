"""The bar of a measurement that knows which share of itself is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def share_bar() -> Iterator[Callable[[float, str], None]]:
    """Show a bar on a terminal; it vanishes at the end.

    Yields
    ------
    callable
        To be called with the share that is done, from 0 to 1, and a word on what comes next.
    """
    layout = "{percentage:3.0f}% {bar:20} {elapsed}, {desc}"
    with tqdm(total=1.0, bar_format=layout, disable=None, leave=False) as bar:

        def progress(done: float, what: str) -> None:
            bar.set_description_str(what, refresh=False)
            bar.update(done - bar.n)

        yield progress
