"""Runs of the loop side by side, in processes of their own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from tqdm import tqdm

from .controllers import Controller
from .pendulum import Pendulum
from .simulate import Recording, Sensor, simulate

Key = TypeVar("Key")
Make = Callable[[float], Controller]  # a controller for a time step [s]
Family = Callable[[int], Make]  # one for each seed
Peaks = tuple[float, float]  # largest angles [degrees], at two times


@dataclass(frozen=True)
class Schedule:
    """How long a run is, and when the payload is hung on.

    Parameters
    ----------
    seconds
        Length [s].
    payload_at
        Moment of the payload [s]; None is never.
    """

    seconds: float = 120.0
    payload_at: float | None = 60.0

    @classmethod
    def half_and_half(cls, seconds: float) -> Schedule:
        """The payload in the middle."""
        return cls(seconds, seconds / 2)

    def peaks(self, recording: Recording) -> Peaks:
        """Largest angles [degrees] at the end without and at the end with payload, in 10 s or a sixth of a run."""
        if self.payload_at is None:
            raise ValueError("payload_at must be a time for peaks before and after it, got None")
        window = min(10.0, self.seconds / 6)
        return (
            recording.peak(self.payload_at - window, self.payload_at),
            recording.peak(self.seconds - window, self.seconds),
        )


@dataclass(frozen=True)
class Trial:
    """One run: what makes its controller, when the payload comes, and what is measured."""

    make: Make
    schedule: Schedule = field(default_factory=Schedule)
    sensor: Sensor = field(default_factory=Sensor)


def run(trial: Trial) -> Recording:
    """Run one trial in this process."""
    pendulum = Pendulum()
    controller = trial.make(pendulum.dt)
    schedule = trial.schedule
    return simulate(pendulum, controller, schedule.seconds, payload_at=schedule.payload_at, sensor=trial.sensor)


class Runner:
    """Processes that run trials, one for each of ``jobs``; see :func:`runner`."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def run(self, trials: Mapping[Key, Trial], title: str) -> dict[Key, Recording]:
        """Run all trials, with a progress bar, and give their recordings by the same keys."""
        recordings = tqdm(self._pool.map(run, trials.values()), desc=title, total=len(trials), unit="run")
        return dict(zip(trials, recordings, strict=True))


@contextmanager
def runner(jobs: int) -> Iterator[Runner]:
    """Processes for trials, as long as they are needed."""
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield Runner(pool)
