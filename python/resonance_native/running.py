"""A run that others look on in: recorder, callbacks, progress and Ctrl-C put together. The core does the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from . import _core, callbacks, progress
from .validation import truth

if TYPE_CHECKING:
    from .network import ResonanceNetwork
    from .recorder import Recorder
    from .recording import Recording
    from .recording_session import RecordingSession

_SECONDS_BETWEEN_MOVES = 0.1  # of a progress bar


def watched_run(
    net: ResonanceNetwork,
    inputs: ArrayLike,
    steps: int | None,
    dt: float,
    hold: int,
    learn: bool,
    record: Recorder | None,
    callback: Any,
    with_bar: bool,
    skip: int = 0,
) -> Recording | None:
    """``net.run`` with a recorder, callbacks or a progress bar. The arguments are checked before anything begins.

    ``skip`` steps of the first row are left out: they are done already.
    """
    followers = callbacks.listed(callback)
    with_bar = truth("progress", with_bar)
    inputs = _core.real_array(inputs, "inputs")
    total = net._core.check_run(inputs, steps, dt, hold, learn) - skip
    session = None if record is None else net._begin_recording(record, total, dt)
    arrays = None if session is None else session.core
    specifications = [follower.specify(net) for follower in followers]
    first = net.step_count
    interrupt: KeyboardInterrupt | None = None
    ended = False
    try:
        with progress.bar(with_bar, total, unit="steps", what="run") as bar:
            if bar is not None:
                specifications.append(("seconds", _SECONDS_BETWEEN_MOVES, lambda: _move(bar, net.step_count - first)))
            try:
                net._core.watched_run(inputs, steps, dt, hold, learn, arrays, specifications, skip)
                ended = True
            except KeyboardInterrupt as error:
                interrupt = error
            if bar is not None:
                _move(bar, net.step_count - first)
        for follower in followers:
            follower.finish(net)
    finally:
        # Whatever has happened: what was recorded is kept, and a store is closed.
        recording = None if session is None else session.finish(interrupted=not ended)
    if interrupt is not None and record is None:
        raise interrupt
    return recording


def begin(record: Any, n_nodes: int, dtype: np.dtype[Any], steps: int, dt: float, **keywords: Any) -> RecordingSession:
    """The session of a recorder for a run of ``steps`` steps, or of an ensemble of ``networks``."""
    from .recorder import Recorder

    if not isinstance(record, Recorder):
        raise TypeError(f"record must be a Recorder or None, got {record!r}")
    session = record._begin(n_nodes, dtype, steps, dt, **keywords)
    session.open()
    return session


def _move(bar: Any, done: int) -> None:
    bar.update(done - bar.n)
