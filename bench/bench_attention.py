"""Attention, on every instruction set of this machine, beside NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import resonance_native as rn
from resonance_native import baselines

LENGTHS = (64, 1024)


def arrays(length: int, dtype: str) -> list[Any]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal((8, length, 64)).astype(dtype) for _ in range(3)] + [
        rng.uniform(0, 6, (8, length)).astype(dtype) for _ in range(2)
    ]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("way", [*rn.available_isas(), "NumPy", "NumPy in place"])
def bench_attention(benchmark: Any, way: str, length: int, dtype: str) -> None:
    benchmark.group = f"attention, L = {length}, {dtype}"
    inputs = arrays(length, dtype)
    numpy_ways = {"NumPy": baselines.phase_attention, "NumPy in place": baselines.phase_attention_in_place}
    if way in numpy_ways:
        benchmark(numpy_ways[way], *inputs, scale=0.125)
        return
    with rn.use_isa(way):
        benchmark(rn.phase_attention, *inputs, scale=0.125)
