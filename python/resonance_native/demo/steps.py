"""Part one of the demo: the same step in NumPy and natively, side by side."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import resonance_native as rn
from resonance_native.baselines import published_step, rank_two_step

DT = 0.01  # time step [s]
REST = 0.1  # [s] before a step: the threads of NumPy's BLAS spin for a while and would take the next one's cores


@dataclass(frozen=True)
class StepComparison:
    """One step in NumPy and in native code: medians [s] and largest differences."""

    published: float
    rank_two: float
    native: float
    weight_error: float  # relative to max|W|
    amplitude_error: float
    sensitivity: float  # what weight_error would be, had native learned 1 % too fast
    same_bits: bool  # with 1 and with 2 threads


def compare_steps(n: int = 4096, repeats: int = 7, seed: int = 0) -> StepComparison:
    """Advance the same network in NumPy and natively, taking turns step by step.

    Parameters
    ----------
    n
        Number of nodes.
    repeats
        Turns: steps that are timed, each after one that is not.
    seed
        Of the initial state.
    """
    start = rn.ResonanceNetwork(n, gain=30 / n, seed=seed)  # amplitudes between 0 and 1, and moving

    def begin(kind: Callable[..., Any], **keywords: Any) -> Any:
        state = (start.phases, start.frequencies, start.amplitudes, start.weights)
        return kind(*state, **{"gain": start.gain, **keywords})

    steps: dict[str, Callable[[Any, float, float], None]] = {
        "published": published_step,
        "rank two": rank_two_step,
        "native": lambda net, input_signal, dt: net.update(input_signal, dt),
    }
    nets = {name: begin((rn if name == "native" else rn.reference).ResonanceNetwork.from_state) for name in steps}
    laps: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(repeats):
        for name, step in steps.items():
            time.sleep(REST)
            step(nets[name], 0.0, DT)  # wakes threads and takes memory from the system, uncounted
            begun = time.perf_counter()
            step(nets[name], 0.0, DT)
            laps[name].append(time.perf_counter() - begun)
    native, expected, amplitudes = nets["native"], nets["published"].weights, nets["published"].amplitudes
    del nets  # their n² weights make room for the next

    def finished(**keywords: Any) -> Any:
        net = begin(rn.ResonanceNetwork.from_state, **keywords)
        net.run(0.0, 2 * repeats, DT)
        return net

    def error(net: Any) -> float:
        return float(np.abs(net.weights - expected).max() / np.abs(expected).max())

    one, two = finished(threads=1), finished(threads=2)
    same_bits = np.array_equal(one.weights, two.weights) and np.array_equal(one.amplitudes, two.amplitudes)
    del one, two
    return StepComparison(
        published=statistics.median(laps["published"]),
        rank_two=statistics.median(laps["rank two"]),
        native=statistics.median(laps["native"]),
        weight_error=error(native),
        amplitude_error=float(np.abs(native.amplitudes - amplitudes).max()),
        sensitivity=error(finished(learning_rate=1.01 * start.learning_rate)),
        same_bits=same_bits,
    )
