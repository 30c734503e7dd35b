"""The ablation: the learned read-out against a uniform one, over the pull K on the bank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from examples.claims.report import Table, spread

from .controllers import ReadOut, ResonanceController
from .trials import Peaks, Runner, Schedule, Trial

ENTRAINMENTS = (0.3, 1.0, 2.0, 4.0, 8.0)  # K [rad/s]
READ_OUTS: tuple[ReadOut, ...] = ("learned", "uniform")
Ablation = Mapping[tuple[ReadOut, float], Sequence[Peaks]]


def measure(schedule: Schedule, seeds: int, entrainments: Sequence[float], runner: Runner) -> Ablation:
    """Peaks of both read-outs, for each K and seed."""
    cases = [(read_out, pull) for read_out in READ_OUTS for pull in entrainments]
    trials = {
        (case, seed): Trial(partial(ResonanceController, read_out=case[0], entrainment=case[1], seed=seed), schedule)
        for case in cases
        for seed in range(seeds)
    }
    recordings = runner.run(trials, "learned and uniform read-out")
    return {case: [schedule.peaks(recordings[case, seed]) for seed in range(seeds)] for case in cases}


def table(found: Ablation) -> Table:
    """Peaks by K."""
    rows = []
    for pull in sorted({pull for _, pull in found}):
        cells = [
            spread([peaks[payload] for peaks in found[read_out, pull]], 1) + "°"
            for payload in (0, 1)
            for read_out in READ_OUTS
        ]
        rows.append((f"{pull:g} rad/s", *cells))
    seeds = len(next(iter(found.values())))
    columns = ("K", "learned", "uniform", "learned, with payload", "uniform, with payload")
    return Table(f"Largest angle by read-out, mean ± sd of {seeds} seeds", columns, tuple(rows))
