"""The swing: the network beside its baselines, without and with the payload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from examples.claims.report import Table, spread

from .baselines import AdaptiveHopf, BodyPhaseDrive, FixedSine, bang_bang
from .controllers import ResonanceController
from .pendulum import Pendulum, natural_frequency
from .simulate import Recording
from .traced import Traced, trace_network
from .trials import Make, Peaks, Runner, Schedule, Trial

NETWORK, SINE, HOPF, HOPF_LOW, PHASE, BANG = (
    "network", "best fixed sine", "adaptive Hopf, from 1.5 Hz", "adaptive Hopf, from 0.5 Hz",
    "measured phase alone, no bank", "bang-bang",
)  # fmt: skip
BASELINES: dict[str, Make] = {
    HOPF: partial(AdaptiveHopf, frequency=1.5),
    HOPF_LOW: partial(AdaptiveHopf, frequency=0.5),
    PHASE: BodyPhaseDrive,
    BANG: bang_bang,
}
LOWEST_SINE, HIGHEST_SINE = 0.4, 1.2  # [Hz]


@dataclass(frozen=True)
class Swing:
    """The network of several seeds, and its baselines, on one schedule."""

    schedule: Schedule
    traced: Traced  # the first seed
    networks: Sequence[Recording]
    baselines: Mapping[str, Recording]
    sines: Mapping[float, Peaks]  # by frequency [Hz]

    def best_sine(self, payload: bool) -> float:
        """The fixed sine that swings highest without or with payload [Hz]."""
        return max(self.sines, key=lambda frequency: self.sines[frequency][payload])

    def compromise_sine(self) -> float:
        """The fixed sine with the largest share of the best on either body, by the worse of its two shares [Hz]."""
        best = np.max(list(self.sines.values()), axis=0)
        return max(self.sines, key=lambda frequency: float(np.min(np.asarray(self.sines[frequency]) / best)))


def measure(schedule: Schedule, seeds: int, sine_step: float, runner: Runner) -> Swing:
    """The network and all baselines; fixed sines from 0.4 to 1.2 Hz in steps [Hz]."""
    first = trace_network(schedule)
    trials: dict[str | int, Trial] = {name: Trial(make, schedule) for name, make in BASELINES.items()}
    trials |= {seed: Trial(partial(ResonanceController, seed=seed), schedule) for seed in range(1, seeds)}
    recordings = runner.run(trials, "baselines")
    steps = round((HIGHEST_SINE - LOWEST_SINE) / sine_step)
    frequencies = np.round(np.linspace(LOWEST_SINE, HIGHEST_SINE, steps + 1), 3).tolist()
    sine_trials = {f: Trial(partial(FixedSine, frequency=f), schedule) for f in frequencies}
    sine_recordings = runner.run(sine_trials, "fixed sines")
    sines = {f: schedule.peaks(recording) for f, recording in sine_recordings.items()}
    best = sine_recordings[max(sines, key=lambda f: sines[f][0])]
    baselines = {SINE: best} | {name: recordings[name] for name in BASELINES}
    return Swing(schedule, first, [first.recording, *(recordings[k] for k in range(1, seeds))], baselines, sines)


def rise(recording: Recording, schedule: Schedule) -> float:
    """When the swing first reaches nine tenths of its largest angle before the payload [s]."""
    times, degrees = recording.envelope()
    before = times < (schedule.seconds if schedule.payload_at is None else schedule.payload_at)
    return float(times[before][np.argmax(degrees[before] >= 0.9 * degrees[before].max())])


def table(swing: Swing) -> Table:
    """Peaks and rise of the network and of each baseline."""
    schedule = swing.schedule

    def row(name: str, recordings: Sequence[Recording]) -> tuple[str, ...]:
        bare, loaded = zip(*map(schedule.peaks, recordings), strict=True)
        rises = [rise(recording, schedule) for recording in recordings]
        return name, spread(bare) + "°", spread(loaded) + "°", spread(rises, 1) + " s"

    rows = [row(f"**{NETWORK}**", swing.networks)]
    for name, recording in swing.baselines.items():
        label = f"{name}, {swing.best_sine(False):.2f} Hz" if name == SINE else name
        rows.append(row(label, [recording]))
    title = (
        f"Largest angle in the last seconds without and with payload, {schedule.seconds:g} s in all; "
        f"network: mean ± sd of {len(swing.networks)} seeds"
    )
    return Table(title, ("drive", "without payload", "with payload", "nine tenths of the former after"), tuple(rows))


def sine_table(swing: Swing) -> Table:
    """The fixed sines that do best."""
    rows = []
    for title, frequency in (
        ("best without payload", swing.best_sine(False)),
        ("best with payload", swing.best_sine(True)),
        ("best compromise", swing.compromise_sine()),
    ):
        peaks = swing.sines[frequency]
        rows.append((title, f"{frequency:.2f} Hz", f"{peaks[0]:.1f}°", f"{peaks[1]:.1f}°"))
    title = f"Of {len(swing.sines)} fixed sines from {LOWEST_SINE:g} to {HIGHEST_SINE:g} Hz"
    return Table(title, ("sine", "frequency", "without payload", "with payload"), tuple(rows))


def body_table() -> Table:
    """What the body is, as the simulator has it."""
    bare, loaded = Pendulum(), Pendulum()
    loaded.hang_payload()
    rows = [
        (
            name,
            f"{natural_frequency(payload):.3f} Hz",
            f"{pendulum.static_load():.2f} N·m",
            f"{pendulum.torque_limit:.2f} N·m, {100 * pendulum.torque_limit / pendulum.static_load():.1f} %",
        )
        for name, pendulum, payload in (("without payload", bare, False), ("with payload", loaded, True))
    ]
    columns = (
        "body",
        "natural frequency, small swings",
        "torque that holds the rod level",
        "largest torque of the motor",
    )
    return Table("The body", columns, tuple(rows))


def power_table(swing: Swing) -> Table:
    """How well the learned weights measure power."""
    rows = (("correlation of W[body, i] with the mean of a_i cos φ_i · ω", f"{swing.traced.power_correlation():.3f}"),)
    return Table(
        "The learned weights as a power meter, all oscillators and times from 10 s on", ("what", "measured"), rows
    )
