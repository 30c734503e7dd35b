"""Rows of data into a network: ``pytest bench`` compares within each group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import resonance_native as rn

ROWS = 256
SIZES = (64, 256, 1024, 4096)


def offsets(n: int) -> Any:
    return np.random.default_rng(1).standard_normal((ROWS, n))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def bench_native(benchmark: Any, n: int, dtype: str) -> None:
    benchmark.group = f"entrain {ROWS} rows, n = {n}"
    net = rn.ResonanceNetwork(n, seed=0, dtype=dtype)
    benchmark(net.entrain, offsets(n))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def bench_product(benchmark: Any, n: int, dtype: str) -> None:
    benchmark.group = f"entrain {ROWS} rows, n = {n}"
    presented = np.concatenate([np.cos(offsets(n)), np.sin(offsets(n))]).astype(dtype)
    benchmark(lambda: presented.T @ presented)
