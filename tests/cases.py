"""The networks that native code and reference are compared on: the same script drives both."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import resonance_native as rn

SIZES = (1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100)
LARGE = 257
STEPS = 1000
# A comparison after few steps tells a wrong formula from one that loses digits.
CHECKPOINTS = (1, 10, 100, STEPS)
BOUNDS = {"float64": 1e-12, "float32": 1e-4}
DT = 0.01


@dataclass(frozen=True, eq=False)
class Case:
    """A network of n nodes, and what is done to it on its way.

    ``events`` maps a step count to what happens there; event 0 follows construction.
    ``live`` says that weights depend on the learning rate, so that the comparison could fail.
    """

    name: str
    keywords: Callable[[int], dict[str, Any]] = lambda _n: {}
    events: dict[int, Callable[[Any], None]] = field(default_factory=dict)
    live: bool = True


def _pin_all(net: Any) -> None:
    net.pin(slice(None), 1.0)


def _pin_some(net: Any) -> None:
    """Amplitudes of every third node, and the phase of the first."""
    n = net.n_nodes
    net.pin(np.arange(0, n, 3), np.linspace(-0.5, 0.9, len(range(0, n, 3))))
    net.pin(0, 0.7, phases=-1.0)


PINNED = Case("pinned", events={0: _pin_all})
FLOOR = Case("floor", lambda _n: {"amplitude_floor": 0.2})
RELEASED = Case("released", lambda n: {"gain": 8 / n}, {0: _pin_all, 500: lambda net: net.unpin()})
GAIN = Case("gain", lambda n: {"gain": 30 / n})
DEFAULTS = Case("defaults", live=False)
# Couplings of 1/n keep the phases from chaos.
COUPLED = Case("coupled", lambda n: {"gain": 30 / n, "coupling": 1 / n, "phase_lag": 0.4})
LAGGED = Case("lagged", lambda n: {"gain": 60 / n, "learning_lag": -0.7, "amplitude_floor": 0.3})
# Here nodes leave 1 for the floor one by one. At n = 17 one lingers, and errors of every step grow 300-fold.
FALLING = Case("falling", lambda n: {"gain": 30 / n, "learning_lag": -0.7, "amplitude_floor": 0.3})
EVERYTHING = Case(
    "everything",
    lambda n: {"gain": 20 / n, "coupling": -1 / n, "phase_lag": 0.3, "learning_lag": 0.5, "amplitude_floor": 0.1},
    {0: _pin_some, 300: lambda net: net.unpin(0), 600: lambda net: net.pin(-1, None, phases=2.0)},
)
NOISY = Case("noisy", lambda n: {"gain": 30 / n, "noise_std": 0.5}, {0: _pin_some})
COUPLED_NOISY = Case("coupled and noisy", lambda n: {"gain": 30 / n, "coupling": 1 / n, "noise_std": 0.5})
CASES = (PINNED, FLOOR, RELEASED, GAIN, DEFAULTS, COUPLED, LAGGED, FALLING, EVERYTHING, NOISY, COUPLED_NOISY)
COUPLED_CASES = (COUPLED, EVERYTHING, COUPLED_NOISY)


@dataclass(frozen=True)
class State:
    """What a network was at one moment."""

    phases: np.ndarray
    amplitudes: np.ndarray
    weights: np.ndarray


def state_of(net: Any) -> State:
    return State(np.array(net.phases), np.array(net.amplitudes), np.array(net.weights))


def build(network: Any, case: Case, n: int, **keywords: Any) -> Any:
    """A network of the class ``network`` as the case wants it; ``keywords`` come on top."""
    return network(n, seed=1000 + n, **{**case.keywords(n), **keywords})


def drive(net: Any, case: Case, steps: int = STEPS) -> dict[int, State]:
    """Run the case and return the states at the checkpoints. Inputs differ by node and change on the way."""
    rng = np.random.default_rng(net.n_nodes)
    stops = sorted({stop for stop in (0, *case.events, *CHECKPOINTS, steps) if stop <= steps})
    states = {}
    for start, stop in zip(stops, [*stops[1:], steps], strict=True):
        if start in case.events:
            case.events[start](net)
        net.run(rng.normal(0, 1, net.n_nodes), stop - start, DT)
        states[stop] = state_of(net)
    return {stop: states[stop] for stop in (*CHECKPOINTS, steps) if stop <= steps}


@functools.cache
def reference_states(case: Case, n: int) -> dict[int, State]:
    """The reference's states: slow, and the same for every native variant, so computed once."""
    return drive(build(rn.reference.ResonanceNetwork, case, n), case)


def differences(got: State, wanted: State) -> dict[str, float]:
    """What the bounds of the contract limit: weights relative to the largest, amplitudes, phases on the circle."""
    turn = np.abs(got.phases - wanted.phases)
    scale = np.abs(wanted.weights).max()
    weights = np.abs(got.weights - wanted.weights).max()
    return {
        "weights": float(weights / scale) if scale > 0 else float(weights),
        "amplitudes": float(np.abs(got.amplitudes - wanted.amplitudes).max()),
        "phases": float(np.minimum(turn, 2 * np.pi - turn).max()),
    }


def assert_within(got: State, wanted: State, dtype: Any, where: str = "") -> None:
    """The equivalence that the library promises for a dtype."""
    bound = BOUNDS[np.dtype(dtype).name]
    found = differences(got, wanted)
    assert max(found.values()) <= bound, f"{where}: {found} above {bound}"
