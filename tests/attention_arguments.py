"""Arguments of attention that are right, and what makes them wrong."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

NAMES = ("q", "k", "v", "phase_q", "phase_k")
NAN, INF = math.nan, math.inf
UNPICKLED = pickle.loads(pickle.dumps(np.dtype("float32")))  # equal to float32, but another object
WITH_METADATA = np.dtype("float32", metadata={"unit": "V"})


def good(dtype: str = "float64") -> dict[str, np.ndarray]:
    """Two heads of 4 queries and 5 keys. All numbers are integers, of which every dtype holds these."""
    rng = np.random.default_rng(0)
    shapes = {"q": (2, 4, 3), "k": (2, 5, 3), "v": (2, 5, 2), "phase_q": (2, 4), "phase_k": (2, 5)}
    return {name: rng.integers(0, 4, shape).astype(dtype) for name, shape in shapes.items()}


def names(argument: str) -> str:
    """A pattern of messages that name the argument, and not only another whose name it is part of."""
    return rf"(?<![A-Za-z_]){argument}(?![A-Za-z_])"


def with_last(value: Any, dtype: Any = None) -> Callable[[np.ndarray], np.ndarray]:
    def make(array: np.ndarray) -> np.ndarray:
        changed = array.astype(dtype or array.dtype)
        changed.flat[-1] = value
        return changed

    return make
