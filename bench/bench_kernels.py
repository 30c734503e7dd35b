"""The kernels on arrays, on every instruction set of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import resonance_native as rn

SIZES = (64, 1024)


@pytest.fixture(params=rn.available_isas())
def isa(request: pytest.FixtureRequest) -> Iterator[str]:
    with rn.use_isa(request.param):
        yield request.param


def arrays(n: int, dtype: str) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((n, n)).astype(dtype)
    return weights, rng.uniform(0, 2 * np.pi, n), rng.uniform(0, 1, n).astype(dtype)


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kernel", ["coherence", "hebbian_update", "resonance", "fused_step"])
def bench_kernel(benchmark: Any, kernel: str, n: int, dtype: str) -> None:
    benchmark.group = f"{kernel}, n = {n}, {dtype}"
    weights, phases, amplitudes = arrays(n, dtype)
    calls: dict[str, Any] = {
        "coherence": lambda: rn.kernels.coherence(phases, out=weights),
        "hebbian_update": lambda: rn.kernels.hebbian_update(weights, phases, amplitudes),
        "resonance": lambda: rn.kernels.resonance(weights, phases),
        "fused_step": lambda: rn.kernels.fused_step(weights, phases, amplitudes),
    }
    benchmark(calls[kernel])
