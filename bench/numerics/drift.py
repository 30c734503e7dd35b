"""What is left of the digits after a million steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import mpmath
import numpy as np
from numpy.typing import NDArray

import resonance_native as rn

from .exact import TWO_PI
from .steps import DT, INPUT_STD, PINNED, errors, pin, state_of

Regime = Literal["alive", "quiet"]
SMALL, LARGE = 64, 512  # nodes: few enough for NumPy's reference; enough for runs that are compressed
LARGE_STEPS = 100_000  # of the large ones at most
UNIT_ROUNDOFF = 2.0**-53
SILENT = 1e-30  # max|W| below which a network has died, and nothing is left to compare


@dataclass(frozen=True)
class Curve:
    """Errors at the stops of a run."""

    name: str
    steps: list[int]
    weights: list[float]  # over max|W|
    amplitudes: list[float]
    phases: list[float]  # [rad]


def stops(steps: int) -> list[int]:
    """1, 2, 5, 10 and so on, up to ``steps``."""
    found = [k * 10**decade for decade in range(7) for k in (1, 2, 5)]
    return [stop for stop in found if stop <= steps]


def phase_drift(steps: int) -> Curve:
    """Phases of a million steps against φ₀ + (2πf + x) t, to 50 digits."""
    net, inputs = _network(SMALL, "quiet"), _input(SMALL)
    start, frequencies = net.phases.tolist(), net.frequencies.tolist()
    step = [TWO_PI * mpmath.mpf(f) * mpmath.mpf(DT) + mpmath.mpf(x) * mpmath.mpf(DT)
            for f, x in zip(frequencies, inputs.tolist(), strict=True)]  # fmt: skip
    found = []
    for stop in stops(steps):
        net.run(inputs, stop - net.step_count, DT)
        wanted = [mpmath.mpf(p) + stop * s for p, s in zip(start, step, strict=True)]
        found.append(max(_turn(mpmath.mpf(p) - w) for p, w in zip(net.phases.tolist(), wanted, strict=True)))
    return Curve("phases against exact ones", stops(steps), [], [], found)


def phase_bound(steps: NDArray[Any]) -> NDArray[np.float64]:
    """What rounding can do at most: 2πf·dt and x·dt once and for all, two additions a step, and the 2π of a wrap."""
    net, inputs = _network(SMALL, "quiet"), _input(SMALL)
    turn, push = np.abs(2 * np.pi * net.frequencies * DT), np.abs(inputs * DT)
    # The double nearest to 2π is off by 0.35 u of it. Sums below 8 are rounded by 4 u at most.
    each = (2.35 * turn + push + 2 * 4 + 0.35 * (turn + push)) * UNIT_ROUNDOFF
    return np.asarray(steps * float(each.max()))


def weight_drift(regime: Regime, steps: int) -> list[Curve]:
    """Small networks against NumPy's reference, step by step; large ones that run against native single steps.

    Beside both: the same network, started one ulp apart, which tells how much the model enlarges any error by itself.
    """
    small: dict[str, Any] = {dtype: _network(SMALL, regime, dtype) for dtype in ("float64", "float32")}
    small["one ulp apart"] = _apart(_network(SMALL, regime))
    large: dict[str, Any] = {
        "float64, compressed": _network(LARGE, regime),
        "float64, factored": _network(LARGE, regime, storage="factored"),
        "float32, compressed": _network(LARGE, regime, "float32"),
        "one ulp apart": _apart(_network(LARGE, regime)),
    }
    reference = rn.reference.ResonanceNetwork(SMALL, **_keywords(SMALL, regime))
    return [
        *_follow(small, reference, SMALL, regime, steps),
        *_follow(large, _network(LARGE, regime), LARGE, regime, min(steps, LARGE_STEPS)),
    ]


def _apart(net: rn.ResonanceNetwork) -> rn.ResonanceNetwork:
    net.phases = np.nextafter(net.phases, 7)
    return net


def _follow(nets: dict[str, Any], reference: Any, n: int, regime: Regime, steps: int) -> list[Curve]:
    """All networks beside one that goes step by step."""
    everyone, inputs = [reference, *nets.values()], _input(n)
    released = regime == "alive"
    for net in everyone if released else ():
        pin(net, True)
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in nets}
    for stop in stops(steps):
        _advance(everyone, inputs, stop)
        for net in everyone if released and stop == PINNED else ():
            pin(net, False)
        wanted = state_of(reference)
        for name, net in nets.items():
            silent = np.abs(wanted[0]).max() < SILENT
            found[name].append((math.nan,) * 3 if silent else errors(state_of(net), wanted))
    return [_curve(f"n = {n}, {name}", steps, values) for name, values in found.items()]


def _advance(nets: list[Any], inputs: NDArray[np.float64], stop: int) -> None:
    for _ in range(stop - nets[0].step_count):
        nets[0].update(inputs, DT)
    for net in nets[1:]:
        net.run(inputs, stop - net.step_count, DT)


def _curve(name: str, steps: int, values: list[tuple[float, float, float]]) -> Curve:
    weights, amplitudes, phases = np.array(values).T.tolist()
    return Curve(name, stops(steps), weights, amplitudes, phases)


def _keywords(n: int, regime: Regime) -> dict[str, Any]:
    """Quiet: amplitudes fall to their floor and stay there, so that weights go round small and never end."""
    living = {"gain": 8 / n} if regime == "alive" else {"gain": 0.1 / n, "amplitude_floor": 0.2}
    return {"seed": n, "weight_std": 0.0, **living}


def _network(n: int, regime: Regime, dtype: str = "float64", **keywords: Any) -> rn.ResonanceNetwork:
    return rn.ResonanceNetwork(n, dtype=dtype, **_keywords(n, regime), **keywords)


def _input(n: int) -> NDArray[np.float64]:
    return np.random.default_rng(n).normal(0, INPUT_STD, n)


def _turn(difference: Any) -> float:
    """|difference| on the circle."""
    turned = difference % TWO_PI
    return float(min(turned, TWO_PI - turned))
