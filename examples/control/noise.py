"""White noise on the sensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from examples.claims.report import Table, spread

from .baselines import FilteredBangBang
from .controllers import ResonanceController
from .simulate import Sensor
from .swing import BANG, BASELINES, HOPF, NETWORK, PHASE
from .trials import Family, Peaks, Runner, Schedule, Trial

DEVIATIONS = (0.0, 0.05, 0.2, 0.5)  # on the angle [rad]; on the velocity five times that [rad/s]
LOW_PASSES = (0.03, 0.1)  # time constants [s]


def filtered(time_constant: float) -> Family:
    """Bang-bang behind a low-pass."""
    return lambda _: partial(FilteredBangBang, time_constant=time_constant)


FAMILIES: dict[str, Family] = {
    NETWORK: lambda seed: partial(ResonanceController, seed=seed),
    HOPF: lambda _: BASELINES[HOPF],
    PHASE: lambda _: BASELINES[PHASE],
    BANG: lambda _: BASELINES[BANG],
    **{f"{BANG} behind a low-pass of {seconds:g} s": filtered(seconds) for seconds in LOW_PASSES},
}
Noise = Mapping[tuple[str, float], Sequence[Peaks]]


def measure(schedule: Schedule, seeds: int, runner: Runner) -> Noise:
    """Peaks by controller and noise; a seed draws the noise, and the network's phases."""
    trials = {
        (name, deviation, seed): Trial(family(seed), schedule, Sensor(noise=deviation, seed=seed))
        for name, family in FAMILIES.items()
        for deviation in DEVIATIONS
        for seed in range(seeds)
    }
    recordings = runner.run(trials, "noise")
    return {
        (name, deviation): [schedule.peaks(recordings[name, deviation, seed]) for seed in range(seeds)]
        for name in FAMILIES
        for deviation in DEVIATIONS
    }


def table(found: Noise) -> Table:
    """Peaks without and with payload in one cell, a column for each noise."""
    rows = []
    for name in FAMILIES:
        cells = [
            " / ".join(spread([peaks[payload] for peaks in found[name, deviation]], 1) + "°" for payload in (0, 1))
            for deviation in DEVIATIONS
        ]
        rows.append((name, *cells))
    seeds = len(next(iter(found.values())))
    columns = ("drive", *(f"{d:g} rad, {5 * d:g} rad/s" for d in DEVIATIONS))
    return Table(f"Largest angle without / with payload under noise on angle, velocity; mean ± sd of {seeds} seeds",
                 columns, tuple(rows))  # fmt: skip
