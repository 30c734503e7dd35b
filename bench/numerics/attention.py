"""Attention against its formula in exact arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

import resonance_native as rn

from .exact import Exact, split, summarize
from .functions import DTYPES, Row, each_isa
from .sums import exact_phasors, unit_of

QUERIES, KEYS, WIDTH, VALUES = 24, 160, 32, 8


def measure() -> Iterator[Row]:
    """Normal queries, keys and values of 32 columns: scores of some ±3 at scale 1/√d and ±15 at scale 1."""
    for dtype in DTYPES:
        rng = np.random.default_rng(0)
        q, k, v = (rng.normal(0, 1, shape).astype(dtype) for shape in ((QUERIES, WIDTH), (KEYS, WIDTH), (KEYS, VALUES)))
        of_queries, of_keys = (rng.uniform(0, 2 * np.pi, n) for n in (QUERIES, KEYS))
        for name, scale in (("1/√d", 1 / math.sqrt(WIDTH)), ("1", 1.0)):
            phases = of_queries.astype(dtype), of_keys.astype(dtype)
            wanted = _exact(q, k, v, *(p.astype(float) for p in phases), scale)
            for isa in each_isa():
                got = rn.phase_attention(q, k, v, *phases, scale=scale).astype(float).ravel()
                error = np.abs((got - wanted.high) - wanted.low) / (unit_of(dtype) * float(np.abs(v).max()))
                yield f"attention, scale {name}", dtype, isa, summarize(error)


def _exact(
    q: NDArray[Any], k: NDArray[Any], v: NDArray[Any], phase_q: NDArray[Any], phase_k: NDArray[Any], scale: float
) -> Exact:
    cosines, sines = exact_phasors(phase_k)
    query_cosines, query_sines = exact_phasors(phase_q)
    keys = [[mpmath.mpf(x) for x in row] for row in k.astype(float).tolist()]
    values = [[mpmath.mpf(x) for x in row] for row in v.astype(float).T.tolist()]
    out = []
    for i, row in enumerate(q.astype(float).tolist()):
        query = [mpmath.mpf(x) for x in row]
        scores = [scale * mpmath.fdot(query, key) * (query_cosines[i] * cosines[j] + query_sines[i] * sines[j])
                  for j, key in enumerate(keys)]  # fmt: skip
        weights = [mpmath.exp(score) for score in scores]
        total = mpmath.fsum(weights)
        out += [mpmath.fdot(weights, column) / total for column in values]
    return split(out)
