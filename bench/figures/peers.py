"""Figures of single steps beside compilers for Python: numba, torch.compile and jax.jit."""

from __future__ import annotations

from functools import partial

import numpy as np

import resonance_native as rn
from bench.peers import SOURCES
from resonance_native.bench.cases import DT, Case, Setting, Start
from resonance_native.bench.contenders import MissingError
from resonance_native.bench.interleaved import Contestant, take_turns

from .figure import Figure, at_least, per_step, show


def measure_peers(n: int, threads: int, turns: int) -> list[Figure]:
    """The best of all compiled contenders against ``update``."""
    case = Case(Setting(n, "float64", threads, "living"), Start(n))
    net = rn.ResonanceNetwork.from_state(
        case.phases, case.frequencies, np.ones(n), case.weights, gain=case.gain, threads=None
    )
    calls = max(3, 20_000_000 // n**2)  # a fraction of a tenth of a second
    contestants = {"update": Contestant(partial(net.update, case.held, DT), calls=calls)}
    steps: dict[str, float] = {}
    missing: list[str] = []
    for source in SOURCES:
        try:
            for contender in source.contenders():
                if not contender.compiles:
                    continue
                trial = contender.begin(case)
                trial.advance()  # compiles
                contestants[contender.key] = Contestant(trial.advance, calls=calls)
                steps[contender.key] = trial.steps
        except MissingError as error:
            missing.append(f"{source.name} is missing: {error}")
    name = f"best of torch.compile, jax.jit and numba ÷ update, n = {n}"
    if len(contestants) == 1:
        return [Figure(name, "> 1", "; ".join(missing), False)]
    laps = per_step(take_turns(contestants, turns, rest=0.1, warm_up=0.05), steps)
    print(f"{name}: microseconds a step")
    show(laps, 1e6)
    best = min((key for key in contestants if key != "update"), key=laps.median)
    return [at_least(f"{name} ({'; '.join([best, *missing])})", 1, laps.ratio(best, "update"))]
