"""A run that is recorded where ranks share the network: all take the same samples, and rank 0 writes the store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .recording import Recording
from .recording_session import RecordingSession

if TYPE_CHECKING:
    from .ranks import Ranks


class SharedSession(RecordingSession):
    """See :class:`resonance_native.recording_session.RecordingSession`. Every method is called on all ranks.

    What one of them raises, all raise. Of a stream, ranks other than 0 keep nothing: their recording has no samples.
    """

    def __init__(self, ranks: Ranks, **arguments: Any) -> None:
        self._ranks = ranks
        self._ranks.together(partial(super().__init__, **arguments))

    def open(self) -> None:
        """Make the store, if there is to be one, on rank 0."""
        self._ranks.together(super().open if self._ranks.rank == 0 else lambda: None)

    def finish(self, *, interrupted: bool = False) -> Recording:
        """Put the samples in order, and close the store."""
        if self._out is not None and self._store is None:
            for series in self._names:
                self._write(series)
        finish = partial(super().finish, interrupted=interrupted)
        # What has ended the run may have done so on this rank alone: nobody waits for the others then.
        return finish() if interrupted else self._ranks.together(finish)

    def _flush(self, series: str) -> None:
        self._ranks.together(partial(super()._flush, series))

    def _write(self, series: str) -> None:
        if self._store is not None:
            super()._write(series)
        elif self._names[series]:
            self._empty(series)
