"""The whole run: every setting of a grid, all contenders in each."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import resonance_native as rn

from .allotment import Clock
from .cases import Case, Gain, Setting, Start
from .ceilings import CEILINGS
from .cell import Effort, Paces, measure
from .contenders import Contender, MissingError, Source
from .machine import describe
from .native_steps import NATIVE
from .numpy_steps import NUMPY
from .results import Results

SMALL = 500  # nodes: cells of this size take about twice the time of the smallest
Progress = Callable[[float, str], object]  # told the share that is done and what comes, before each lap


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Parameters
    ----------
    sizes, dtypes, threads, gains
        The grid: every combination is a cell.
    effort
        How thoroughly each is measured.
    cell_seconds, seconds
        The most time for a cell, and for all (None: no limit). With more contenders than the suite's own it is
        in proportion more, and their compiling does not count.
    """

    sizes: tuple[int, ...]
    dtypes: tuple[str, ...]
    threads: tuple[int, ...]
    gains: tuple[Gain, ...]
    effort: Effort
    cell_seconds: float
    seconds: float | None

    def __len__(self) -> int:
        """How many cells there are."""
        return len(self.sizes) * len(self.dtypes) * len(self.threads) * len(self.gains)

    def cells(self, n: int) -> list[Setting]:
        """Those of one size."""
        return [
            Setting(n, dtype, threads, gain)
            for dtype in self.dtypes
            for gain in self.gains
            for threads in self.threads
        ]  # fmt: skip


def run_suite(plan: Plan, sources: Sequence[Source] = (), progress: Progress | None = None) -> Results:
    """Measure NumPy, the native steps, the ceilings and what ``sources`` bring.

    Parameters
    ----------
    plan
        What to measure.
    sources
        More contenders. Those that are missing are named in the results.
    progress
        Told before each lap.
    """
    begun = time.monotonic()
    contenders: list[Contender] = [*NUMPY, *NATIVE]
    absent = {}
    for source in sources:
        try:
            contenders += source.contenders()
        except MissingError as error:
            absent[source.name] = str(error)
    contenders += CEILINGS
    results = Results(describe(), asdict(plan), contenders, absent)
    sizes = sorted(plan.sizes)
    weights = [SMALL + n for n in sizes for _ in plan.cells(n)]
    more = len(contenders) / (len(NUMPY) + len(NATIVE) + len(CEILINGS))
    clock = Clock(weights, more * plan.cell_seconds, None if plan.seconds is None else more * plan.seconds)
    paces = Paces()

    def tell(done: float, what: str) -> None:
        if progress is not None:
            progress((len(results.cells) + done) / len(plan), what)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rn.ResonanceWarning)  # at the default gain all large networks saturate
        for n in sizes:
            tell(0.0, f"n = {n}: initial state")
            start = Start(n)
            for setting in plan.cells(n):
                cell, compiling = measure(
                    Case(setting, start), setting, contenders, plan.effort, clock.next_cell(), paces, tell
                )
                clock.exclude(compiling)
                results.cells.append(cell)
    results.seconds = time.monotonic() - begun
    return results
