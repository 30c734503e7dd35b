"""Figures of many small networks: NumPy one by one, NumPy all at once, and JAX, beside an ensemble."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import resonance_native as rn
from resonance_native.baselines import published_step, rank_two_step
from resonance_native.bench.cases import DT
from resonance_native.bench.interleaved import Contestant, take_turns
from resonance_native.ensemble import ResonanceEnsemble

from .figure import Figure, at_least, per_step, show

FEW = 20  # networks that NumPy steps one by one; the time goes by network-steps
INPUT = 0.5  # [rad/s]


class BatchedNumpy:
    """All networks at once, the step of rank two in place: what an expert makes of it in NumPy.

    Growth and products are batched matrix products of rank two, and the two temporaries are kept.
    """

    def __init__(self, ensemble: ResonanceEnsemble) -> None:
        self.phases, self.weights = ensemble.phases.copy(), ensemble.weights.copy()
        self.turn = 2 * np.pi * ensemble.frequencies * DT + INPUT * DT
        self.amplitudes = ensemble.amplitudes.copy()
        self.rate, self.decay, self.gain = 0.01, 0.99, float(ensemble.gain[0])
        shape = self.phases.shape
        self._sides, self._factors = np.empty((2, *shape, 2))
        self._growth, self._products = np.empty_like(self.weights), np.empty((*shape, 2))

    def step(self) -> None:
        """One step of every network."""
        self.phases += self.turn
        np.mod(self.phases, 2 * np.pi, out=self.phases)
        np.cos(self.phases, out=self._sides[..., 0])
        np.sin(self.phases, out=self._sides[..., 1])
        np.multiply(self._sides, self.amplitudes[..., None], out=self._factors)
        np.matmul(self._factors * (self.decay * self.rate), self._factors.swapaxes(1, 2), out=self._growth)
        self.weights *= self.decay
        self.weights += self._growth
        np.matmul(self.weights, self._sides, out=self._products)
        self._products *= self._sides
        np.sum(self._products, axis=2, out=self.amplitudes)
        self.amplitudes *= self.gain
        np.tanh(self.amplitudes, out=self.amplitudes)

    def cache_by_cache(self, steps: int) -> None:
        """The same, but a few networks go through all steps before the next: their weights stay in the cache."""
        size = 4
        for first in range(0, len(self.phases), size):
            few = copy.copy(self)
            for name, values in vars(self).items():
                if isinstance(values, np.ndarray):
                    setattr(few, name, values[first : first + size])
            for _ in range(steps):
                few.step()


def jax_runs(ensemble: ResonanceEnsemble, steps: int) -> dict[str, Callable[[], object]]:
    """``jax.vmap`` of the step of rank two in a ``lax.scan``, compiled, in both forms of nesting."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    gain, dtype = float(ensemble.gain[0]), ensemble.dtype
    turn = jnp.array((2 * np.pi * ensemble.frequencies * DT + INPUT * DT).astype(dtype))
    state = tuple(jnp.array(each.astype(dtype)) for each in (ensemble.phases, ensemble.amplitudes, ensemble.weights))

    def begin(phases: Any, amplitudes: Any, turn: Any) -> Any:
        # Left in the loop over W, sines and cosines would be taken n times each.
        following = (phases + turn) % (2 * np.pi)
        c, s = jnp.cos(following), jnp.sin(following)
        return following, c, s, amplitudes * c, amplitudes * s

    def step(turn: Any, carry: Any) -> Any:
        (phases, c, s, u, v), weights, _ = carry
        weights = 0.99 * (weights + 0.01 * (u[:, None] * u[None, :] + v[:, None] * v[None, :]))
        amplitudes = jnp.tanh(gain * (c * (weights @ c) + s * (weights @ s)))
        return begin(phases, amplitudes, turn), weights, amplitudes

    def run(turn: Any, phases: Any, amplitudes: Any, weights: Any) -> Any:
        carry = begin(phases, amplitudes, turn), weights, amplitudes
        carry, _ = jax.lax.scan(lambda carry, _: (step(turn, carry), None), carry, None, length=steps)
        return carry[0][0], carry[2], carry[1]

    together = jax.jit(jax.vmap(run))
    one_by_one = jax.jit(lambda *state: jax.lax.map(lambda each: run(*each), state))
    return {
        "jax.vmap": lambda: jax.block_until_ready(together(turn, *state)),
        "jax.lax.map": lambda: jax.block_until_ready(one_by_one(turn, *state)),
    }


def measure_ensemble(
    n_networks: int = 1000, n: int = 64, steps: int = 1000, threads: int = 2, turns: int = 5, dtype: str = "float64"
) -> list[Figure]:
    """Many small networks through many steps."""
    keywords = {"gain": 30 / n, "dtype": dtype, "threads": threads}
    ensemble = ResonanceEnsemble(n_networks, n, seed=0, **keywords)
    singles = [rn.reference.ResonanceNetwork(n, gain=30 / n, seed=index) for index in range(FEW)]
    batched = BatchedNumpy(ensemble)
    contestants = {"ensemble": Contestant(lambda: ensemble.run(INPUT, steps, DT), calls=1)}
    each = {"ensemble": float(n_networks * steps)}

    def one_by_one(step: Callable[[Any, Any, float], None]) -> None:
        for net in singles:
            for _ in range(20):
                step(net, INPUT, DT)

    if dtype == "float64":
        for name, step in (("published", published_step), ("rank two", rank_two_step)):
            contestants[name] = Contestant(partial(one_by_one, step), calls=1)
            each[name] = FEW * 20.0
        contestants["batched"] = Contestant(lambda: [batched.step() for _ in range(10)], calls=1)
        each["batched"] = 10.0 * n_networks
        few_steps = 20
        contestants["batched, cached"] = Contestant(partial(batched.cache_by_cache, few_steps), calls=1)
        each["batched, cached"] = float(few_steps * n_networks)
    jax_steps = max(1, steps // 10)
    missing = ""
    try:
        for name, call in jax_runs(ensemble, jax_steps).items():
            call()  # compiles
            contestants[name], each[name] = Contestant(call, calls=1), float(jax_steps * n_networks)
    except ImportError as error:
        missing = f"not installed (pip install jax): {error}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rn.ResonanceWarning)
        laps = per_step(take_turns(contestants, turns, rest=0.1, warm_up=0.0), each)
    title = f"{n_networks} networks, n = {n}, {steps} steps, {dtype}, {threads} threads"
    print(f"{title}: microseconds a network and step")
    show(laps, 1e6)
    figures = []
    if dtype == "float64":
        figures = [
            at_least(f"{title}: NumPy as published ÷ ensemble", 60, laps.ratio("published", "ensemble")),
            at_least("the same: NumPy rank-2 ÷ ensemble (beside it)", 1, laps.ratio("rank two", "ensemble")),
        ]
        best = min(("batched", "batched, cached"), key=laps.median)
        figures.append(at_least(f"the same: NumPy {best} ÷ ensemble", 3, laps.ratio(best, "ensemble")))
    if missing:
        return [*figures, Figure(f"{title}: jax ÷ ensemble", "≥ 1.5", missing, False)]
    best = min(("jax.vmap", "jax.lax.map"), key=laps.median)
    return [*figures, at_least(f"{title}: {best} ÷ ensemble", 1.5, laps.ratio(best, "ensemble"))]
