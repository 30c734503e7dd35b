"""One setting, measured: contenders get ready, share the time and take turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

import resonance_native as rn
from resonance_native.memory import available_bytes, gib

from .allotment import FEWEST_TURNS, allot
from .cases import Case, Setting
from .contenders import Contender, MissingError, Trial
from .interleaved import Contestant, Laps, take_turns
from .results import YARDSTICKS, Cell

LEAST_SHARE = 0.25  # of a cell's time that is left for laps, however long it took to get ready
RESTARTED_UP_TO = 1024  # nodes: the laps of larger networks are too short to take the state anywhere


@dataclass(frozen=True)
class Effort:
    """How thoroughly to measure.

    Parameters
    ----------
    turns
        Laps of each contender.
    lap, warm_up
        Seconds of a lap of what is fast, and of uncounted calls before it.
    rest
        Seconds after a lap of who has threads of its own, where there is more than one.
    """

    turns: int
    lap: float
    warm_up: float
    rest: float


class Paces:
    """Seconds a step of each contender at the sizes so far, to foretell those at the next."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, int, str], tuple[int, float]] = {}

    def note(self, key: str, setting: Setting, seconds: float) -> None:
        """Remember what a step took."""
        self._known[key, setting.dtype, setting.threads, setting.gain] = setting.n, seconds

    def forecast(self, key: str, setting: Setting) -> float:
        """What a step may take, growing with n²; 0 where nothing is known."""
        n, seconds = self._known.get((key, setting.dtype, setting.threads, setting.gain), (setting.n, 0.0))
        return seconds * (setting.n / n) ** 2


@dataclass(frozen=True)
class _Entry:
    """A contender that is ready: its trial, and seconds of a call."""

    contender: Contender
    trial: Trial
    seconds: float


def measure(
    case: Case,
    setting: Setting,
    contenders: Sequence[Contender],
    effort: Effort,
    seconds: float,
    paces: Paces,
    progress: Callable[[float, str], object],
) -> tuple[Cell, float]:
    """Measure all contenders in one setting.

    Parameters
    ----------
    case, setting
        What to measure.
    contenders
        Who takes part. Those for whom memory or time does not suffice are skipped, and the cell says why.
    effort
        How thoroughly.
    seconds
        That there are for it.
    paces
        Of smaller sizes; those of this one are added.
    progress
        Told the share that is done and what comes.

    Returns
    -------
    cell
        What was found.
    compiling
        Seconds that went into compiling contenders, beyond those given.
    """
    end = time.monotonic() + seconds
    entries, skipped, compiling = {}, {}, 0.0
    with _thread_limit(setting.threads):
        reserve = 0  # bytes for the temporaries of those that are ready
        for contender in contenders:
            progress(0.0, f"{setting}: {contender.label}")
            begun = time.monotonic()
            temporaries = contender.temporaries * setting.matrix_bytes
            try:
                left = max(end + compiling - time.monotonic(), LEAST_SHARE * seconds)
                _require_time(contender, paces.forecast(contender.key, setting), left)
                _require_memory(setting.matrix_bytes + max(reserve, temporaries))
                entries[contender.key] = _get_ready(contender, case, effort.lap)
                reserve = max(reserve, temporaries)
            except MissingError as error:
                skipped[contender.key] = str(error)
            if contender.compiles:
                compiling += time.monotonic() - begun
        rest = effort.rest if setting.threads > 1 else 0.0
        costs = {key: _lap_seconds(entry, effort, rest) for key, entry in entries.items()}
        left = max(end + compiling - time.monotonic(), LEAST_SHARE * seconds)
        allotted = allot(costs, left, effort.turns, wanted=YARDSTICKS)
        for key, entry in entries.items():
            paces.note(key, setting, entry.seconds / entry.trial.steps)
            if key not in allotted:
                skipped[key] = _too_long(FEWEST_TURNS * costs[key])
        laps = _race({key: entries[key] for key in entries if key in allotted}, allotted, setting, effort, progress)
    steps = {key: entries[key].trial.steps for key in laps.seconds}
    calls = {key: _calls(entries[key].seconds, effort.lap) for key in laps.seconds}
    per_step = Laps({key: list(times / steps[key]) for key, times in laps.seconds.items()})
    return Cell(setting, per_step, steps, calls, skipped), compiling


def _get_ready(contender: Contender, case: Case, lap: float) -> _Entry:
    """Begin a trial and time a call: the shortest of as many as go into a lap."""
    trial = contender.begin(case)
    if contender.compiles:
        trial.advance()
    shortest, begun = float("inf"), time.perf_counter()
    while True:
        before = time.perf_counter()
        trial.advance()
        now = time.perf_counter()
        shortest = min(shortest, now - before)
        if now - begun >= lap:
            return _Entry(contender, trial, shortest)


def _race(
    entries: Mapping[str, _Entry],
    turns: Mapping[str, int],
    setting: Setting,
    effort: Effort,
    progress: Callable[[float, str], object],
) -> Laps:
    """Let them take turns."""
    contestants = {
        key: Contestant(
            entry.trial.advance,
            calls=_calls(entry.seconds, effort.lap),
            turns=turns[key],
            restart=entry.trial.restart if setting.n <= RESTARTED_UP_TO else None,
            own_threads=entry.contender.own_threads,
            expected=entry.seconds,
        )
        for key, entry in entries.items()
    }
    total, done = max(1, sum(turns.values())), 0

    def tell(key: str) -> None:
        nonlocal done
        progress(done / total, f"{setting}: {entries[key].contender.label}")
        done += 1

    rest = effort.rest if setting.threads > 1 else 0.0
    return take_turns(contestants, effort.turns, rest=rest, warm_up=effort.warm_up, progress=tell)


def _calls(seconds: float, lap: float) -> int:
    return max(1, round(lap / seconds))


def _lap_seconds(entry: _Entry, effort: Effort, rest: float) -> float:
    """What a lap takes, with the rest that follows it and the warm-up before it."""
    warm_up = max(effort.warm_up, entry.seconds) if entry.seconds < 10 * effort.warm_up else 0.0
    return entry.seconds * _calls(entry.seconds, effort.lap) + warm_up + (rest if entry.contender.own_threads else 0.0)


def _require_time(contender: Contender, step_seconds: float, seconds: float) -> None:
    needed = FEWEST_TURNS * step_seconds * contender.fewest_steps
    if needed > seconds:
        raise MissingError(_too_long(needed))


def _too_long(seconds: float) -> str:
    return f"{FEWEST_TURNS} laps would take {seconds:.2g} s, longer than there was"


def _require_memory(needed: int) -> None:
    available = available_bytes()
    if available is not None and needed > available:
        raise MissingError(f"needs {gib(needed)} of memory, {gib(available)} are left")


@contextmanager
def _thread_limit(threads: int) -> Iterator[None]:
    """Let NumPy's BLAS and the library use this many threads."""
    rn.set_num_threads(threads)
    try:
        with threadpool_limits(limits=threads, user_api="blas"):
            yield
    finally:
        rn.set_num_threads(None)
