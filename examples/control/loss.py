"""A sensor that is lost for ten seconds, and whether the learned weights help over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from examples.claims.report import Table, spread

from .baselines import network_off_when_lost
from .controllers import ResonanceController
from .simulate import Sensor
from .swing import BANG, BASELINES, HOPF
from .trials import Family, Peaks, Runner, Schedule, Trial

BEGIN, END = 40.0, 50.0  # [s]
COUPLINGS = (0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0)  # κ [rad/s]
Loss = Mapping[tuple[str, bool], Sequence[Peaks]]  # by drive and payload: before the loss, and at its end


def coupled(kappa: float, body: bool) -> Family:
    """The network, with the weights fed back through coupling while the sensor is lost."""
    return lambda seed: partial(ResonanceController, loss_coupling=kappa, body_coupled=body, seed=seed)


FAMILIES: dict[str, Family] = {
    "network, motor off": lambda seed: partial(network_off_when_lost, seed=seed),
    "network, bank runs free (κ = 0)": coupled(0.0, False),
    **{f"network, κ = {kappa:g}": coupled(kappa, False) for kappa in COUPLINGS},
    **{f"network, κ = {kappa:g}, body node too": coupled(kappa, True) for kappa in COUPLINGS},
    HOPF: lambda _: BASELINES[HOPF],
    f"{BANG}, motor off": lambda _: BASELINES[BANG],
}


def measure(seeds: int, runner: Runner) -> Loss:
    """Largest angles in the last 2 s before the loss, and in its last 2 s."""
    cases = [(name, payload) for name in FAMILIES for payload in (False, True)]
    trials = {
        (case, seed): Trial(
            FAMILIES[case[0]](seed), Schedule(END, 0.0 if case[1] else None), Sensor(lost=(BEGIN, END))
        )
        for case in cases
        for seed in range(seeds)
    }  # fmt: skip
    recordings = runner.run(trials, "sensor lost")

    def around(case: tuple[str, bool], seed: int) -> Peaks:
        recording = recordings[case, seed]
        return recording.peak(BEGIN - 2, BEGIN), recording.peak(END - 2, END)

    return {case: [around(case, seed) for seed in range(seeds)] for case in cases}


def table(found: Loss) -> Table:
    """Before and at the end, for both bodies."""
    rows = []
    for name in FAMILIES:
        cells = [
            spread([peaks[moment] for peaks in found[name, payload]], 1) + "°"
            for payload in (False, True)
            for moment in (0, 1)
        ]
        rows.append((name, *cells))
    seeds = len(next(iter(found.values())))
    title = (
        f"Sensor lost from {BEGIN:g} s to {END:g} s: largest angle in the 2 s before and in the last 2 s of the loss, "
        f"mean ± sd of {seeds} seeds"
    )
    return Table(
        title, ("drive", "before", "at the end", "before, with payload", "at the end, with payload"), tuple(rows)
    )
