"""The keywords that a network is built with, and the hyperparameters that its core holds."""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np
from numpy.typing import DTypeLike

# What the core holds and checks, with what each is.
HYPERPARAMETERS = {
    "learning_rate": "η [1]: growth of a weight per step. Finite.",
    "decay": "Factor on all weights at every step [1], in [0, 1].",
    "gain": "Slope of the amplitudes' tanh [1]. Finite.",
    "coupling": "κ [rad/s]: pull of the weights on the phases. Finite.",
    "phase_lag": "α [rad] in the coupling. Finite.",
    "learning_lag": "β [rad] in the growth of the weights. Finite.",
    "noise_std": "σ [rad/√s]: phase noise. Finite, ≥ 0.",
    "amplitude_floor": "Least amplitude of a free node [1], in [0, 1].",
}


class GraphKeywords(TypedDict, total=False):
    """The constructor's keywords, as :meth:`ResonanceNetwork.from_graph` takes them."""

    base_freq: float
    freq_std: float
    weight_std: float | None
    learning_rate: float
    decay: float
    gain: float
    coupling: float
    phase_lag: float
    learning_lag: float
    noise_std: float
    amplitude_floor: float
    dtype: DTypeLike
    tolerance: float | None
    seed: Any
    threads: int | None


class Keywords(GraphKeywords, total=False):
    """The same, as :meth:`ResonanceNetwork.from_state` takes them."""

    storage: str
    max_rank: int | None


def checked_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """The dtype of weights and amplitudes: float32 or float64."""
    try:
        checked = np.dtype(dtype)
    except TypeError:
        checked = np.dtype(object)
    if dtype is None or checked not in (np.dtype("float32"), np.dtype("float64")):
        raise TypeError(f'dtype must be "float32" or "float64", got {dtype!r}')
    return checked
