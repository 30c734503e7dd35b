"""One step from Python: ``pytest bench`` compares within each group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import resonance_native as rn
from resonance_native import _core
from resonance_native.baselines import published_step, rank_two_step

DT = 0.01  # [s]
SIZES = (16, 64, 256, 1024, 4096)


def signal(n: int) -> Any:
    return np.random.default_rng(1).standard_normal(n)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("step", [published_step, rank_two_step])
def bench_numpy(benchmark: Any, step: Any, n: int) -> None:
    benchmark.group = f"update, n = {n}"
    net = rn.reference.ResonanceNetwork(n, gain=30 / n, seed=0)
    benchmark(step, net, signal(n), DT)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("coupling", [0.0, 1.0], ids=["plain", "coupled"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def bench_native(benchmark: Any, n: int, dtype: str, coupling: float) -> None:
    benchmark.group = f"update, n = {n}"
    net = rn.ResonanceNetwork(n, gain=30 / n, seed=0, dtype=dtype, coupling=coupling / n)
    benchmark(net.update, signal(n), DT)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def bench_one_pass_over_memory(benchmark: Any, n: int, dtype: str) -> None:
    benchmark.group = f"update, n = {n}"
    threads = rn.ResonanceNetwork(n).threads
    benchmark(_core.scale, np.ones((n, n), dtype), 0.9999, threads)
