"""The random initial state of a network, drawn in the order that the model prescribes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Weights are drawn this many at a time, so that a large network needs no second n × n array.
_VALUES_AT_A_TIME = 2**17

# No standard normal number that NumPy can draw is larger.
_LARGEST_NORMAL = 64.0


def replayable(seed: Any) -> Any:
    """A seed from which the same state can be drawn again: fresh entropy for None, else a copy."""
    return np.random.SeedSequence().entropy if seed is None else copy.deepcopy(seed)


def generator(seed: Any) -> np.random.Generator:
    """The generator for ``seed``, or an error that names it."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise type(error)(f"seed must be what numpy.random.default_rng takes, got {seed!r} ({error})") from None


def nodes(
    rng: np.random.Generator, n_nodes: int, base_freq: float, freq_std: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Phases [rad] and natural frequencies [Hz], (n,) each."""
    phases = rng.uniform(0, 2 * np.pi, n_nodes)
    frequencies = rng.normal(base_freq, freq_std, n_nodes)
    if not np.isfinite(frequencies).all():
        raise ValueError(f"freq_std must keep frequencies within the range of float64, got {freq_std!r}")
    return phases, frequencies


def weight_rows(
    rng: np.random.Generator, n_nodes: int, weight_std: float, begin: int = 0, end: int | None = None
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Initial weights as (index of the first row, rows), in blocks of whole rows, from ``begin`` up to ``end``."""
    block = max(1, _VALUES_AT_A_TIME // n_nodes)
    end = n_nodes if end is None else end
    for first in range(begin, end, block):
        shape = (min(block, end - first), n_nodes)
        yield first, rng.standard_normal(shape) * weight_std if weight_std > 0 else np.zeros(shape)


def noise_seed(rng: np.random.Generator) -> int:
    """What the phase noise is drawn from, the last of the initial state's draws: 64 bits."""
    return int(rng.integers(2**64, dtype=np.uint64))


def largest_weight_std(dtype: np.dtype[Any]) -> float:
    """The largest standard deviation that keeps every weight within the range of ``dtype``."""
    return float(np.finfo(dtype).max) / _LARGEST_NORMAL
