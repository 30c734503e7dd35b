"""The step in JAX: compiled by XLA, with the state's buffers donated to it."""

from __future__ import annotations

import os
from functools import partial
from math import pi
from typing import Any

import numpy as np

from resonance_native.bench.cases import Case
from resonance_native.bench.contenders import Contender, MissingError, State

LOOP = 64  # steps that XLA takes without coming back to Python


def contenders() -> list[Contender]:
    try:
        import jax
    except ImportError as error:
        raise MissingError(f"not installed (pip install jax): {error}") from error
    jax.config.update("jax_enable_x64", True)  # float64 at all; float32 arrays stay float32
    # Elements of n × n arrays that are read or written: growth and decay in one loop (2), and the sums of what it
    # left (1, of rank two 2).
    return [
        Contender("jax-literal", "jax.jit, literal", "peer", partial(JaxTrial, Literal, 1), 3.0, temporaries=1,
                  own_threads=True, compiles=True),
        Contender("jax-rank2", "jax.jit, rank-2", "peer", partial(JaxTrial, RankTwo, 1), 4.0, temporaries=1,
                  own_threads=True, compiles=True),
        Contender("jax-rank2-loop", f"jax.jit, rank-2, {LOOP} steps", "peer", partial(JaxTrial, RankTwo, LOOP), 4.0,
                  fewest_steps=LOOP, temporaries=1, own_threads=True, compiles=True),
    ]  # fmt: skip


class Literal:
    """The formulas as they stand. The state: phases, amplitudes, weights."""

    @staticmethod
    def begin(phases: Any, amplitudes: Any, weights: Any, _: Any) -> tuple[Any, ...]:
        return phases, amplitudes, weights

    @staticmethod
    def step(case: Case, turn: Any, phases: Any, amplitudes: Any, weights: Any) -> tuple[Any, ...]:
        import jax.numpy as jnp

        phases = (phases + turn) % (2 * pi)
        coherence = jnp.cos(phases[:, None] - phases[None, :])
        weights = case.decay * (weights + case.learning_rate * coherence * amplitudes[:, None] * amplitudes[None, :])
        return phases, jnp.tanh(case.gain * (weights * coherence).sum(axis=1)), weights


class RankTwo:
    """By cosines and sines that one step leaves for the next. The state: also next phases, c, s, a c and a s.

    Taken within the step, XLA would fuse them into the loops over W and compute them n times each, which makes the step
    some twenty times as slow.
    """

    @staticmethod
    def begin(phases: Any, amplitudes: Any, weights: Any, turn: Any) -> tuple[Any, ...]:
        import jax.numpy as jnp

        following = (phases + turn) % (2 * pi)
        c, s = jnp.cos(following), jnp.sin(following)
        return phases, amplitudes, weights, following, c, s, amplitudes * c, amplitudes * s

    @staticmethod
    def step(
        case: Case, turn: Any, _phases: Any, _amplitudes: Any, weights: Any, phases: Any, c: Any, s: Any, u: Any, v: Any
    ) -> tuple[Any, ...]:
        import jax.numpy as jnp

        growth = u[:, None] * u[None, :] + v[:, None] * v[None, :]
        weights = case.decay * (weights + case.learning_rate * growth)
        amplitudes = jnp.tanh(case.gain * (c * (weights @ c) + s * (weights @ s)))
        return RankTwo.begin(phases, amplitudes, weights, turn)


class JaxTrial:
    """Steps of one form at work on a case."""

    def __init__(self, form: type[Literal] | type[RankTwo], steps: int, case: Case) -> None:
        import jax

        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        if case.threads != cores:  # XLA's pool is as large as the process's cores when it starts
            raise MissingError("the number of its threads can't be chosen")
        self.steps, self._form, self._case = steps, form, case
        self._turn = jax.numpy.asarray(((2 * np.pi * case.frequencies + case.held) * case.dt).astype(case.dtype))

        def advance(turn: Any, *state: Any) -> Any:
            if steps == 1:
                return form.step(case, turn, *state)
            return jax.lax.fori_loop(0, steps, lambda _, state: form.step(case, turn, *state), state)

        count = {Literal: 3, RankTwo: 8}[form]
        self._advance = jax.jit(advance, donate_argnums=tuple(range(1, 1 + count)))
        self.restart()

    def restart(self) -> None:
        import jax.numpy as jnp

        case = self._case
        arrays = (case.phases, np.ones(case.n), case.weights)
        self._state = self._form.begin(*(jnp.array(values.astype(case.dtype)) for values in arrays), self._turn)

    def advance(self) -> None:
        import jax

        self._state = jax.block_until_ready(self._advance(self._turn, *self._state))

    def state(self) -> State:
        return State(*(np.asarray(values) for values in self._state[:3]))
