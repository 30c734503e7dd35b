"""The 1 kHz loop in one thread, and what looks at it in another: a ring between them, so that neither waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import numpy as np
from numpy.typing import NDArray

from .controllers import OSCILLATORS, ResonanceController
from .pendulum import Pendulum
from .ring import Ring
from .simulate import Recording, simulate
from .trials import Schedule

RECORD = np.dtype([
    ("time", np.float64),  # [s]
    ("angle", np.float64),  # measured at that time [rad]
    ("drive", np.float64),  # the answer [1]
    ("update_time", np.int64),  # what the controller took for it [ns]
    ("phases", np.float64, (OSCILLATORS + 1,)),  # after it, the body's last [rad]
    ("learned", np.float64, (OSCILLATORS,)),  # W[body, :], likewise
])  # fmt: skip
CAPACITY = 32_768  # records of the ring: half a minute of real time, 18 MB
LOOK_PERIOD = 0.02  # between two looks into the ring [s]
Records = NDArray[np.void]  # of RECORD


@dataclass(frozen=True)
class Streamed:
    """A run, and how many of its time steps the ring had no room for."""

    recording: Recording
    dropped: int


class StreamedController:
    """A controller that writes every time step into a ring.

    Parameters
    ----------
    controller
        What drives.
    dt
        Time step [s].
    ring
        Of :data:`RECORD`.
    real_time
        Whether each time step waits until it is due.
    """

    def __init__(self, controller: ResonanceController, dt: float, ring: Ring, *, real_time: bool) -> None:
        self._controller, self._dt, self._ring, self._real_time = controller, dt, ring, real_time
        self._step = 0
        self._began = time.perf_counter()

    def drive(self, angle: float, velocity: float) -> float:
        """The controller's drive."""
        now = self._step * self._dt
        if self._real_time:
            time.sleep(max(0.0, self._began + now - time.perf_counter()))
        before = time.perf_counter_ns()
        drive = self._controller.drive(angle, velocity)
        update_time = time.perf_counter_ns() - before
        net, body = self._controller.net, self._controller.body
        self._ring.put(now, angle, drive, update_time, net.phases, net.weights[body, :body])
        self._step += 1
        return drive


def run_streamed(
    log: Callable[[Records], None],
    schedule: Schedule,
    *,
    seed: int = 0,
    capacity: int = CAPACITY,
    real_time: bool = False,
    progress: str | None = None,
) -> Streamed:
    """Run the network's controller here, while a second thread gives what it does to ``log``.

    Parameters
    ----------
    log
        Takes records, in the order of time; called by the second thread.
    schedule
        How long, and when the payload is hung on.
    seed
        Of the initial phases.
    capacity
        Records that fit between the two threads; what finds no room is dropped and counted.
    real_time
        Whether simulated time passes as fast as time does, or else as fast as it can.
    progress
        Title of a progress bar; None shows none.

    Returns
    -------
    Streamed
    """
    ring, ended = Ring(capacity, RECORD), Event()
    pendulum = Pendulum()
    controller = ResonanceController(pendulum.dt, seed=seed)
    with ThreadPoolExecutor(1) as pool:
        draining = pool.submit(_drain, ring, log, ended)
        try:
            recording = simulate(
                pendulum,
                StreamedController(controller, pendulum.dt, ring, real_time=real_time),
                schedule.seconds,
                payload_at=schedule.payload_at,
                progress=progress,
            )
        finally:
            ended.set()
        draining.result()
    return Streamed(recording, ring.dropped)


def _drain(ring: Ring, log: Callable[[Records], None], ended: Event) -> None:
    """Give ``log`` what is in the ring, until the run has ended and the ring is empty."""
    last = False
    while not last:
        last = ended.wait(LOOK_PERIOD)  # asked before taking, so that nothing written since is left
        records = ring.take()
        if len(records) > 0:
            log(records)
