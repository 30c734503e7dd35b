"""Networks on graphs: some graphs, and what such networks are compared by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from cases import State

import resonance_native as rn

Pattern = sp.csr_array


def of_degrees(degrees: Any, n: int, seed: int = 0) -> Pattern:
    """Rows with so many edges each, self-loops among them, and values around 0."""
    rng = np.random.default_rng(seed)
    columns = [np.sort(rng.choice(n, degree, replace=False)) for degree in degrees]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in columns])])
    values = rng.normal(0, 0.1, starts[-1])
    return sp.csr_array((values, np.concatenate(columns).astype(np.int32), starts), shape=(n, n))


def random_pattern(n: int, degree: int, seed: int = 0) -> Pattern:
    rng = np.random.default_rng(seed)
    return of_degrees(np.minimum(rng.poisson(degree, n), n), n, seed)


PATTERNS: dict[str, Callable[[], Pattern]] = {
    "degrees 0 to 40": lambda: of_degrees(range(41), 41),
    "random": lambda: random_pattern(60, 9),
    "rows without edges": lambda: of_degrees([5, 0, 0, 3, 0] * 4, 20),
    "complete": lambda: of_degrees([13] * 13, 13),
    "one node": lambda: of_degrees([1], 1),
    "one node alone": lambda: of_degrees([0], 1),
    "no edges": lambda: of_degrees([0] * 5, 5),
}


def state_of(net: Any) -> State:
    weights = net.weights.toarray() if sp.issparse(net.weights) else np.array(net.weights)
    return State(np.array(net.phases), np.array(net.amplitudes), weights)


def bits(net: rn.ResonanceNetwork) -> tuple[Any, ...]:
    arrays = (net.phases, net.amplitudes, net.weights.data, net.weights.indices, net.weights.indptr, net.frequencies)
    return (*(array.tobytes() for array in arrays), net.step_count, net.time, net.presentation_count)


def lively(pattern: Pattern, **keywords: Any) -> rn.ResonanceNetwork:
    settings = {
        "gain": 2.0,
        "coupling": 0.05,
        "phase_lag": 0.2,
        "learning_lag": 0.1,
        "amplitude_floor": 0.05,
        "seed": 3,
    }
    net = rn.ResonanceNetwork.from_graph(pattern, **{**settings, **keywords})
    net.pin(0, 0.4, phases=1.0)
    net.run(0.3, 7)
    return net
