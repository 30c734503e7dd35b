"""How the error of whole steps grows: every engine against long double, from the same doubles."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import resonance_native as rn

from .extended import ExtendedNetwork, require_long_double
from .functions import DTYPES, each_isa

DT = 0.01
CHECKPOINTS = (1, 10, 100, 1000)
PINNED = 500  # steps, after which amplitudes are free at gain 8/n
INPUT_STD = 1.0  # [rad/s]
State = tuple[NDArray[Any], ...]  # weights, amplitudes, phases


@dataclass(frozen=True)
class Engine:
    """A way of taking the steps, and a network that takes this way."""

    name: str
    n: int
    keywords: dict[str, Any] = field(default_factory=dict)
    rows: bool = False  # a new input for every step instead of a held one
    single: bool = False  # update by update instead of runs
    released: bool = True  # pinned for PINNED steps at first
    edges: int = 0  # of a node; 0: all


# Runs are blocked from 224 nodes on in float64 with AVX-512, from 96 on in float32; see docs/engines.md.
ENGINES = (
    Engine("fused: `update`", 64, single=True),
    Engine("fused: `update`", 512, single=True),
    Engine("compressed: `run`, held input", 512),
    Engine("blocked: `run`, new inputs", 512, rows=True),
    Engine("factored: `run`, held input", 512, {"storage": "factored"}),
    Engine("sparse: `run`, 20 edges a node", 512, edges=20),
)
# Weights reach the phases: errors go round.
COUPLED = Engine("coupled: `run`, κ = 1/n", 64, {"coupling": 1 / 64, "phase_lag": 0.3})
# Its own dynamics enlarge any error.
CHAOTIC = Engine(
    "coupled, κ = 2: chaotic",
    24,
    {"gain": 30 / 24, "coupling": 2.0, "phase_lag": 0.3, "learning_rate": 0.2},
    released=False,
)


@dataclass(frozen=True)
class Growth:
    """Errors of one engine after each checkpoint, the largest of all instruction sets."""

    engine: str
    n: int
    dtype: str
    given_phases: bool  # against long double with the phases of float64, else with exact ones
    weights: list[float]  # over max|W|
    amplitudes: list[float]
    phases: list[float]  # [rad]


def measure() -> Iterator[Growth]:
    """All engines; beside the small ones NumPy's reference; beside the chaotic one that reference one ulp apart."""
    require_long_double()
    exact: dict[Any, list[State]] = {}
    for engine in (*ENGINES, COUPLED, CHAOTIC):
        uncoupled = engine in ENGINES
        for given in (True, False) if uncoupled else (False,):
            key = (engine.n, engine.rows, engine.edges, str(engine.keywords), given)
            if key not in exact:
                exact[key] = _states(_extended(engine, given), engine)
            for dtype in DTYPES:
                found = [_errors(_states(_build(engine, dtype), engine), exact[key]) for _ in each_isa()]
                yield _growth(engine.name, engine.n, dtype, given, found)
            if engine.n <= 64:
                twin = _reference(engine)
                name = "NumPy reference"
                if engine is COUPLED:
                    name = "NumPy reference, coupled"
                elif engine is CHAOTIC:
                    name = "NumPy reference, one ulp apart"
                    twin.phases = np.nextafter(twin.phases, 7)
                yield _growth(name, engine.n, "float64", given, [_errors(_states(twin, engine), exact[key])])


def _growth(name: str, n: int, dtype: str, given: bool, found: list[NDArray[np.float64]]) -> Growth:
    weights, amplitudes, phases = np.max(found, axis=0).T.tolist()
    return Growth(name, n, dtype, given, weights, amplitudes, phases)


def inputs_of(engine: Engine) -> NDArray[np.float64]:
    """One row a step."""
    rng = np.random.default_rng(engine.n)
    if engine.rows:
        return rng.normal(0, INPUT_STD, (CHECKPOINTS[-1], engine.n))
    return np.broadcast_to(rng.normal(0, INPUT_STD, engine.n), (CHECKPOINTS[-1], engine.n))


def _mask(engine: Engine) -> NDArray[np.bool_] | None:
    """A ring on which every node hears those next to it."""
    if engine.edges == 0:
        return None
    distance = np.abs(np.arange(engine.n)[:, None] - np.arange(engine.n))
    distance = np.minimum(distance, engine.n - distance)
    return np.asarray((distance > 0) & (distance <= engine.edges // 2))


def _start(engine: Engine) -> NDArray[np.float32]:
    """First weights, the same in both dtypes; none where there are only factors."""
    if "storage" in engine.keywords:
        return np.zeros((engine.n, engine.n), np.float32)
    weights = np.random.default_rng(0).normal(0, 0.01, (engine.n, engine.n)).astype(np.float32)
    mask = _mask(engine)
    return weights if mask is None else weights * mask


def _keywords(engine: Engine) -> dict[str, Any]:
    return {"gain": 8 / (engine.edges or engine.n), "seed": engine.n, "weight_std": 0.0, **engine.keywords}


def _build(engine: Engine, dtype: str) -> Any:
    if engine.edges > 0:
        from scipy.sparse import csr_array

        graph = csr_array(_start(engine))
        return rn.ResonanceNetwork.from_graph(graph, dtype=dtype, **{**_keywords(engine), "weight_std": None})
    net = rn.ResonanceNetwork(engine.n, dtype=dtype, **_keywords(engine))
    if "storage" not in engine.keywords:
        net.weights = _start(engine)
    return net


def _reference(engine: Engine) -> Any:
    net = rn.reference.ResonanceNetwork(engine.n, **_keywords(engine))
    net.weights = _start(engine).astype(float)
    return net


def _extended(engine: Engine, given_phases: bool) -> ExtendedNetwork:
    return ExtendedNetwork(_build(engine, "float64"), _start(engine), _mask(engine), given_phases=given_phases)


def _states(net: Any, engine: Engine) -> list[State]:
    """Weights, amplitudes and phases at the checkpoints."""
    if engine.released:
        pin(net, True)
    inputs, states = inputs_of(engine), []
    stops = sorted({0, *CHECKPOINTS, *([PINNED] if engine.released else [])})
    for start, stop in itertools.pairwise(stops):
        if engine.released and start == PINNED:
            pin(net, False)
        if engine.single or isinstance(net, ExtendedNetwork):
            for row in inputs[start:stop]:
                net.update(row, DT)
        elif engine.rows:
            net.run(inputs[start:stop], dt=DT)
        else:
            net.run(inputs[0], stop - start, DT)
        if stop in CHECKPOINTS:
            states.append(state_of(net))
    return states


def pin(net: Any, pinned: bool) -> None:
    """Hold all amplitudes at 1, or let them go."""
    if isinstance(net, ExtendedNetwork):
        net.pinned = pinned
    elif pinned:
        net.pin(slice(None), 1.0)
    else:
        net.unpin()


def state_of(net: Any) -> State:
    """Copies of weights, in full, amplitudes and phases."""
    weights = net.weights
    if hasattr(weights, "to_dense"):  # factored
        weights = weights.to_dense()
    elif hasattr(weights, "toarray"):  # on edges
        weights = weights.toarray()
    return np.array(weights), np.array(net.amplitudes), np.array(net.phases)


def _errors(got: list[State], wanted: list[State]) -> NDArray[np.float64]:
    """Of weights, amplitudes and phases, (checkpoints, 3)."""
    return np.array([errors(*pair) for pair in zip(got, wanted, strict=True)])


def errors(got: State, wanted: State) -> tuple[float, float, float]:
    """Of weights over max|W|, amplitudes, and phases on the circle."""
    weights, amplitudes, phases = (np.abs(g.astype(np.longdouble) - w) for g, w in zip(got, wanted, strict=True))
    turn = np.minimum(phases, 2 * np.longdouble(np.pi) - phases)
    scale = np.abs(wanted[0]).max()
    return float(weights.max() / scale if scale > 0 else weights.max()), float(amplitudes.max()), float(turn.max())
