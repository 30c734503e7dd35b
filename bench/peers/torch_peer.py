"""The step in PyTorch: eager with operations in place, and compiled by Inductor."""

from __future__ import annotations

from functools import partial
from math import pi
from typing import Any

import numpy as np

from resonance_native.bench.cases import Case
from resonance_native.bench.contenders import Contender, MissingError, State


def contenders() -> list[Contender]:
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingError(f"not installed (pip install torch): {error}") from error
    # Elements of n × n arrays that are read or written: eager and literal, differences (1), cosines (2), an outer
    # product (1), its product with coherence (3), addition (3), decay (2), the weighing (3) and its sum (1); of rank
    # two, one matrix product that adds and decays (2) and one that reads (1). Compiled, one pass would do.
    return [
        Contender("torch-eager-literal", "torch eager, literal", "peer", partial(TorchTrial, literal, False), 16.0,
                  temporaries=3, own_threads=True),
        Contender("torch-eager-rank2", "torch eager, rank-2", "peer", partial(TorchTrial, rank2_products, False), 3.0,
                  own_threads=True),
        Contender("torch-compile-literal", "torch.compile, literal", "peer", partial(TorchTrial, literal, True), 2.0,
                  temporaries=1, own_threads=True, compiles=True),
        Contender("torch-compile-rank2", "torch.compile, rank-2", "peer", partial(TorchTrial, rank2_sums, True), 2.0,
                  temporaries=1, own_threads=True, compiles=True),
    ]  # fmt: skip


def literal(case: Case, part: Any) -> Any:
    """The formulas as they stand."""
    import torch

    @part
    def step(phases: Any, turn: Any, weights: Any, amplitudes: Any) -> tuple[Any, Any]:
        phases = torch.remainder(phases + turn, 2 * pi)
        coherence = torch.cos(phases[:, None] - phases[None, :])
        weights.add_(coherence * torch.outer(amplitudes, amplitudes), alpha=case.learning_rate).mul_(case.decay)
        return phases, torch.tanh(case.gain * (weights * coherence).sum(1))

    return step


def rank2_products(case: Case, part: Any) -> Any:
    """Matrix products, the first of which decays W in the same pass: what eager code does best."""
    import torch

    @part
    def step(phases: Any, turn: Any, weights: Any, amplitudes: Any) -> tuple[Any, Any]:
        phases = torch.remainder(phases + turn, 2 * pi)
        waves = torch.stack([torch.cos(phases), torch.sin(phases)], dim=1)
        factors = amplitudes[:, None] * waves
        weights.addmm_(factors, factors.T, beta=case.decay, alpha=case.decay * case.learning_rate)
        return phases, torch.tanh(case.gain * (waves * (weights @ waves)).sum(1))

    return step


def rank2_sums(case: Case, part: Any) -> Any:
    """Products spelled out, which Inductor fuses into one pass.

    In two parts: in one, it would fuse the cosines and sines into that pass too and compute each n times, which makes
    the step ten times as slow.
    """
    import torch

    @part
    def nodes(phases: Any, turn: Any, amplitudes: Any) -> tuple[Any, ...]:
        phases = torch.remainder(phases + turn, 2 * pi)
        c, s = torch.cos(phases), torch.sin(phases)
        return phases, c, s, amplitudes * c, amplitudes * s

    @part
    def connections(weights: Any, c: Any, s: Any, u: Any, v: Any) -> Any:
        weights.add_(u[:, None] * u + v[:, None] * v, alpha=case.learning_rate).mul_(case.decay)
        return torch.tanh(case.gain * (weights * (c[:, None] * c + s[:, None] * s)).sum(1))

    def step(phases: Any, turn: Any, weights: Any, amplitudes: Any) -> tuple[Any, Any]:
        phases, *factors = nodes(phases, turn, amplitudes)
        return phases, connections(weights, *factors)

    return step


class TorchTrial:
    """Steps of one form at work on a case."""

    steps = 1

    def __init__(self, form: Any, compile_it: bool, case: Case) -> None:
        import torch

        torch.set_num_threads(case.threads)
        self._case = case
        self._turn = self._tensor((2 * np.pi * case.frequencies + case.held) * case.dt)
        self._weights = self._tensor(np.empty_like(case.weights))
        if not compile_it:
            self._step = form(case, lambda part: part)
            self.restart()
            return
        torch.compiler.reset()  # what is compiled holds for one number of threads
        self._step = form(case, partial(torch.compile, fullgraph=True, dynamic=False))
        self.restart()
        try:
            self.advance()
        except Exception as error:  # whatever the compiler lacks here: the others go on
            raise MissingError(f"{type(error).__name__}: {' '.join(str(error).split())[:100]}") from error

    def _tensor(self, values: Any) -> Any:
        import torch

        return torch.tensor(values.astype(self._case.dtype, copy=False))

    def restart(self) -> None:
        import torch

        self._weights.copy_(torch.from_numpy(self._case.weights))
        self._phases = self._tensor(self._case.phases)
        self._amplitudes = self._tensor(np.ones(self._case.n))

    def advance(self) -> None:
        import torch

        with torch.no_grad():
            self._phases, self._amplitudes = self._step(self._phases, self._turn, self._weights, self._amplitudes)

    def state(self) -> State:
        return State(self._phases.numpy(), self._amplitudes.numpy(), self._weights.numpy())
