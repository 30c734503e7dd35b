"""What is measured at each n: ways of taking a step, each of which is a line of the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np

import resonance_native as rn
from resonance_native.baselines import published_step
from resonance_native.bench.cases import DT, FREQ_STD, INPUT_STD, LIVING_GAIN
from resonance_native.memory import available_bytes

DTYPE = "float32"
TOLERANCE = 1e-5
SIZES = (100, 316, 1000, 3162, 10_000, 31_623, 50_000, 100_000, 316_228, 1_000_000)
STEPS, ROWS, FEW = 200, 64, 5  # of a run with a held input, with white noise, and of steps of their own
EDGES = 20  # of a node of the graph
SHARE = 0.5  # of the memory that is left, for n × n arrays
PUBLISHED_ARRAYS = 5  # of n × n numbers, that NumPy's step needs: W, differences, coherence, two products
PUBLISHED_UP_TO = 10_000  # nodes

Storage = Literal["NumPy", "dense", "factored", "sparse"]


@dataclass(frozen=True)
class Run:
    """Steps that are timed: one call takes ``steps`` of them; ``restart`` goes back to the initial state."""

    call: Callable[[], object]
    steps: int
    restart: Callable[[], object] | None = None


@dataclass(frozen=True)
class Line:
    """One line of the picture."""

    key: str
    label: str
    storage: Storage


LINES = (
    Line("published", "NumPy as published", "NumPy"),
    Line("update", "dense, single steps", "dense"),
    Line("noise", "dense, white noise", "dense"),
    Line("held", "dense, held input", "dense"),
    Line("factored", "factored, held input", "factored"),
    Line("sparse", f"sparse, {EDGES} edges a node", "sparse"),
)


def runs(n: int) -> dict[str, Run]:
    """All that fit in memory, by the keys of their lines, at the initial state. Weights begin at 0."""
    held = INPUT_STD * np.random.default_rng(1).standard_normal(n)
    found: dict[str, Run] = {}
    if n <= PUBLISHED_UP_TO and _fits(PUBLISHED_ARRAYS, n):
        found["published"] = _published(n, held)
    if _fits(1, n):
        found |= _dense(n, held)
    net = rn.ResonanceNetwork(n, storage="factored", **_keywords(LIVING_GAIN / n))
    found["factored"] = _run(net, held)
    found["sparse"] = _run(sparse(n), held)
    return found


def sparse(n: int) -> rn.ResonanceNetwork:
    """A ring on which every node hears those next to it, on either side."""
    from scipy.sparse import csr_array

    offsets = np.r_[-EDGES // 2 : 0, 1 : EDGES // 2 + 1]
    columns = ((np.arange(n)[:, None] + offsets) % n).ravel()
    starts = EDGES * np.arange(n + 1)
    graph = csr_array((np.zeros(n * EDGES, DTYPE), columns, starts), shape=(n, n))
    graph.sort_indices()
    return rn.ResonanceNetwork.from_graph(graph, **_keywords(LIVING_GAIN / EDGES))


def full_at(memory: int) -> float:
    """The n at which n × n weights alone fill the memory."""
    return float(np.sqrt(memory / np.dtype(DTYPE).itemsize))


def _keywords(gain: float) -> dict[str, Any]:
    return {"dtype": DTYPE, "tolerance": TOLERANCE, "gain": gain, "seed": 0}


def _run(net: rn.ResonanceNetwork, held: Any) -> Run:
    return Run(partial(net.run, held, STEPS, DT), STEPS, net.reset)


def _dense(n: int, held: Any) -> dict[str, Run]:
    """One network for all three: two more would not fit where it gets interesting."""
    net = rn.ResonanceNetwork(n, weight_std=0.0, **_keywords(LIVING_GAIN / n))
    rows = INPUT_STD * np.random.default_rng(2).standard_normal((ROWS, n))

    def single_steps() -> None:
        for _ in range(FEW):
            net.update(held, DT)

    return {
        "update": Run(single_steps, FEW),
        "noise": Run(partial(net.run, rows, dt=DT), ROWS),
        "held": _run(net, held),
    }


def _fits(arrays: int, n: int) -> bool:
    available = available_bytes()
    return available is None or arrays * np.dtype(DTYPE).itemsize * n**2 <= SHARE * available


def _published(n: int, held: Any) -> Run:
    """NumPy's step on arrays of the other lines' dtype."""
    rng = np.random.default_rng(0)
    state = SimpleNamespace(
        phases=rng.uniform(0, 2 * np.pi, n).astype(DTYPE), frequencies=rng.normal(1, FREQ_STD, n).astype(DTYPE),
        amplitudes=np.ones(n, DTYPE), weights=np.zeros((n, n), DTYPE), learning_rate=0.01, decay=0.99,
        gain=LIVING_GAIN / n,
    )  # fmt: skip
    return Run(partial(published_step, state, held.astype(DTYPE), DT), 1)
