"""Progress bars, in a notebook or a terminal."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any


def bar(wanted: bool, total: int, *, unit: str, what: str) -> AbstractContextManager[Any]:
    """A progress bar with rate and time left, or None where none is wanted.

    Parameters
    ----------
    wanted
        Whether to show one (needs tqdm).
    total
        How many there are to do.
    unit
        What is counted, in the plural.
    what
        What is being done.
    """
    if not wanted:
        return nullcontext()
    try:
        from tqdm.auto import tqdm
    except ImportError:
        raise ImportError('progress needs tqdm; try: pip install "resonance-native[sim]"') from None
    progress: AbstractContextManager[Any] = tqdm(total=total, unit=f" {unit}", unit_scale=True, desc=what)
    return progress
