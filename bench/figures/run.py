"""Figures of runs: many steps without coupling, and with it."""

from __future__ import annotations

from functools import partial

import numpy as np

import resonance_native as rn
from bench.peers import numba_peer
from resonance_native import _core
from resonance_native.baselines import blocked_steps, published_step
from resonance_native.bench.cases import DT, Case, Gain, Setting, Start
from resonance_native.bench.contenders import MissingError
from resonance_native.bench.interleaved import Contestant, take_turns

from .figure import Figure, at_least, at_most, per_step, show

STEPS = 512  # of a run
LONG = 10_000
BLOCK = 64  # of NumPy's blocked steps
REST = 0.1  # [s]


def native(case: Case, threads: int) -> rn.ResonanceNetwork:
    """The network of the case."""
    return rn.ResonanceNetwork.from_state(
        case.phases, case.frequencies, np.ones(case.n), case.weights, gain=case.gain, threads=threads
    )


def numpy_network(case: Case) -> rn.reference.ResonanceNetwork:
    """The same for the steps in NumPy."""
    return rn.reference.ResonanceNetwork.from_state(
        case.phases, case.frequencies, np.ones(case.n), case.weights, gain=case.gain
    )


def from_the_start(net: rn.ResonanceNetwork, case: Case) -> None:
    """Every run begins at the same state."""
    net.phases, net.weights, net.amplitudes = case.phases, case.weights, np.ones(case.n)


def measure_held(start: Start, n: int, threads: int, gain: Gain, turns: int, asked: dict[str, float]) -> list[Figure]:
    """A held input. ``asked`` is by contestant; what it does not name is left out."""
    case = Case(Setting(n, "float64", threads, gain), start)
    net, published, blocked = native(case, threads), numpy_network(case), numpy_network(case)
    block = np.broadcast_to(case.held, (BLOCK, n))
    contestants = {
        "published": Contestant(partial(published_step, published, case.held, DT)),
        "NumPy blocked": Contestant(partial(blocked_steps, blocked, block, DT)),
        "run": Contestant(partial(net.run, case.held, STEPS, DT), restart=partial(from_the_start, net, case)),
    }
    steps = {"NumPy blocked": BLOCK, "run": STEPS}
    figures = []
    if "numba rank-2" in asked:
        try:
            numba_peer.contenders()
            contestants["numba rank-2"] = Contestant(numba_peer.NumbaTrial("rank2", case).advance)
        except MissingError as missing:
            figures.append(Figure(f"n = {n}: numba rank-2 ÷ run", f"≥ {asked['numba rank-2']:g}", str(missing), False))
    laps = per_step(take_turns(contestants, turns, rest=REST, warm_up=0.05), steps)
    title = f"run of {STEPS} steps, held input, n = {n}, {'gain 30/n' if gain == 'living' else 'defaults'}"
    print(f"{title}: microseconds a step")
    show(laps, 1e6)
    return figures + [
        at_least(f"{title}: {name} ÷ run", least, laps.ratio(name, "run"))
        for name, least in asked.items()
        if name in contestants
    ]


def measure_long(start: Start, n: int, threads: int, gain: Gain, turns: int, least: float) -> list[Figure]:
    """One run of 10,000 steps."""
    case = Case(Setting(n, "float64", threads, gain), start)
    net, published = native(case, threads), numpy_network(case)
    contestants = {
        "published": Contestant(partial(published_step, published, case.held, DT)),
        "run": Contestant(
            partial(net.run, case.held, LONG, DT), restart=partial(from_the_start, net, case), expected=1.0
        ),
    }
    laps = per_step(take_turns(contestants, turns, rest=REST), {"run": LONG})
    title = f"one run of {LONG:,} steps, n = {n}, {'gain 30/n' if gain == 'living' else 'defaults'}"
    print(f"{title}: microseconds a step")
    show(laps, 1e6)
    return [at_least(f"{title}: NumPy as published ÷ run", least, laps.ratio("published", "run"))]


def measure_noise(start: Start, n: int, threads: int, gain: Gain, turns: int) -> list[Figure]:
    """A new input at every step: full rank. Products and growth are 4 n² multiply-adds a step."""
    case = Case(Setting(n, "float64", threads, gain), start)
    net, published = native(case, threads), numpy_network(case)
    rounds = 100_000
    flops = _core.multiply_add(rounds, False, threads)
    contestants = {
        "published": Contestant(partial(published_step, published, case.held, DT)),
        "run": Contestant(partial(net.run, case.rows, dt=DT), restart=partial(from_the_start, net, case)),
        "multiply-adds": Contestant(partial(_core.multiply_add, rounds, False, threads), own_threads=False),
    }
    steps = {"run": float(len(case.rows)), "multiply-adds": flops / (8 * n**2)}
    laps = per_step(take_turns(contestants, turns, rest=REST, warm_up=0.05), steps)
    title = f"run with white noise, n = {n}, {'gain 30/n' if gain == 'living' else 'defaults'}"
    print(f"{title}: microseconds a step")
    show(laps, 1e6)
    return [
        at_least(f"{title}: NumPy as published ÷ run", 180, laps.ratio("published", "run")),
        at_least(f"{title}: rate of the whole run ÷ peak of multiply-adds", 0.7, laps.ratio("multiply-adds", "run")),
    ]


def measure_coupled(start: Start, n: int, threads: int, turns: int) -> list[Figure]:
    """With coupling every step needs its own pass over W."""
    case = Case(Setting(n, "float64", threads, "living"), start)
    net = native(case, threads)
    net.coupling = 1 / n
    array = case.yardstick
    contestants = {
        "coupled run": Contestant(partial(net.run, case.held, 16, DT), own_threads=False),
        "pass": Contestant(partial(_core.scale, array, 1.0, threads), calls=16, own_threads=False),
    }
    laps = per_step(take_turns(contestants, turns, rest=REST, warm_up=0.05), {"coupled run": 16})
    print(f"run with coupling, n = {n}: milliseconds a step")
    show(laps, 1e3)
    return [
        at_most(f"run with coupling, n = {n}: a step ÷ one read-and-write pass", 1.2, laps.ratio("coupled run", "pass"))
    ]
