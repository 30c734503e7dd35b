"""Figures of factored weights: how far they are from dense ones, and whether their bits depend on threads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

import resonance_native as rn

from .figure import Figure

N, STEPS = 1500, 3000
LOOKS = 250  # steps between two looks at the error
TOLERANCE = 1e-12
UNCUT = 1e-14  # tolerance of the dense networks: with so little nothing is cut off
REGIMES = ("a: pinned to 1", "b: floor 0.2", "c: pinned to 1 for 500 steps, then gain 8/n", "d: gain 30/n")
VARIANTS = ("plain", "learning_lag 0.7", "η changes sign every 500 steps")
EVENTS = 500  # steps between two changes


@dataclass(frozen=True)
class Errors:
    """The largest of a whole run."""

    of_weights: float  # relative to max|W| of a dense run
    of_bound: float  # relative to net.weights.error_bound, with the amplitudes that the factored network had


def network(storage: str, regime: str, variant: str, weight_std: float) -> rn.ResonanceNetwork:
    """A network at the beginning of the run."""
    keywords: dict[str, Any] = {
        "b": {"amplitude_floor": 0.2},
        "c": {"gain": 8 / N},
        "d": {"gain": 30 / N},
    }.get(regime[0], {})
    if variant == VARIANTS[1]:
        keywords["learning_lag"] = 0.7
    tolerance = TOLERANCE if storage == "factored" else UNCUT
    net = rn.ResonanceNetwork(N, storage=storage, tolerance=tolerance, weight_std=weight_std, seed=0, **keywords)
    if regime[0] in "ac":
        net.pin(slice(None), 1.0)
    return net


def replay(net: rn.ResonanceNetwork, held: Any, amplitudes: Iterable[Any]) -> None:
    """Step after step with given amplitudes."""
    for values in amplitudes:
        net.pin(slice(None), values)
        net.update(held)


def compare(regime: str, variant: str, weight_std: float) -> Errors:
    """Advance factored and dense weights side by side, and look at them on the way.

    What is cut off reaches amplitudes, and through them later weights: a dense run sees that too. The bound is of
    weights given the amplitudes that there were, so dense steps with these are beside it.
    """
    factored, dense, replayed = (
        network(storage, regime, variant, weight_std) for storage in ("factored", "dense", "dense")
    )
    held = np.random.default_rng(1).standard_normal(N)
    every_step = rn.Recorder(every=1, start=1, variables="amplitudes")
    largest = np.zeros(2)
    for step in range(0, STEPS, LOOKS):
        if step == EVENTS and regime[0] == "c":
            factored.unpin()
            dense.unpin()
        if step and step % EVENTS == 0 and variant == VARIANTS[2]:
            for net in (factored, dense, replayed):
                net.learning_rate = -net.learning_rate
        before = factored.amplitudes.copy()
        after: Any = factored.run(held, LOOKS, record=every_step)
        dense.run(held, LOOKS)
        replay(replayed, held, [before, *after.amplitudes[:-1]])
        weights = factored.weights
        error, given_amplitudes = (np.abs(weights.to_dense() - net.weights).max() for net in (dense, replayed))
        largest = np.maximum(largest, [error / np.abs(dense.weights).max(), given_amplitudes / weights.error_bound])
    return Errors(*map(float, largest))


def measure_against_dense() -> list[Figure]:
    """Every regime in every variant from weights 0, and as it is from random weights as well."""
    print(f"factored against dense, n = {N}, {STEPS} steps: error ÷ max|W|, and ÷ error_bound given the amplitudes")
    found = []
    cases = [(regime, variant, 0.0) for regime in REGIMES for variant in VARIANTS]
    for regime, variant, weight_std in [*cases, *((regime, VARIANTS[0], 0.01) for regime in REGIMES)]:
        errors = compare(regime, variant, weight_std)
        found.append(errors)
        line = f"{regime}; {variant}; weight_std {weight_std:g}:"
        print(f"   {line:<90}{errors.of_weights:10.1e}{errors.of_bound:8.2f}", flush=True)
    worst, of_bound = (max(getattr(errors, name) for errors in found) for name in ("of_weights", "of_bound"))
    title = f"factored against dense, n = {N}, {STEPS:,} steps, tolerance {TOLERANCE:g}, {len(found)} cases"
    return [
        Figure(f"{title}: largest error of a weight ÷ largest weight", "≤ 1e-11", f"{worst:.1e}", worst <= 1e-11),
        Figure(
            f"{title}: largest error of a weight, given the amplitudes, ÷ error_bound", "≤ 1", f"{of_bound:.2f}",
            of_bound <= 1,
        ),
    ]  # fmt: skip


def measure_bits(n: int) -> list[Figure]:
    """The same run on one and on two threads."""
    figures = []
    held = np.random.default_rng(1).standard_normal(n)
    for dtype in ("float64", "float32"):
        nets = [
            rn.ResonanceNetwork(n, storage="factored", dtype=dtype, gain=30 / n, seed=0, threads=threads)
            for threads in (1, 2)
        ]
        for net in nets:
            net.run(held, 400)
        states = [
            (net.phases, net.amplitudes, *(part for part in net.weights.parts if part is not None)) for net in nets
        ]
        same = all(np.array_equal(one, two) for one, two in zip(*states, strict=True))
        figures.append(
            Figure(
                f"bits of a factored run on 1 and 2 threads, n = {n:,}, {dtype}", "equal", "equal" if same else "other",
                same,
            )
        )  # fmt: skip
    return figures
