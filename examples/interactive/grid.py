"""Networks for every position of the sliders, and what the page shows of them."""

from __future__ import annotations

import itertools
import warnings
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

import resonance_native as rn

COUPLINGS = tuple(float(k) for k in range(9))  # κ [rad/s]
PHASE_LAGS = (0.0, 0.4, 0.8, 1.2, 1.57)  # α [rad]
GAINS = (0.5, 2.0, 3.0, 5.0, 20.0)

NODES = 48
SEED = 3
DT = 0.01  # [s]
STEPS, EVERY, WEIGHTS_EVERY = 1500, 10, 100
MEMORY = 4.0  # of the weights [s]
SPREAD = 0.16  # standard deviation of the natural frequencies [Hz]


@dataclass(frozen=True)
class Runs:
    """One run for each position of the sliders: (225, ...), gain fastest, then phase lag, then coupling."""

    recording: rn.Recording
    regimes: list[str]  # at the end


def frequencies() -> NDArray[np.float64]:
    """Quantiles of a normal distribution around 0, from the slowest to the fastest node [Hz]."""
    spread = NormalDist(0.0, SPREAD)
    return np.array([spread.inv_cdf((i + 0.5) / NODES) for i in range(NODES)])


def simulate() -> Runs:
    """All runs, as one ensemble: the same initial phases in each, and weights of 1/n."""
    coupling, phase_lag, gain = np.array(list(itertools.product(COUPLINGS, PHASE_LAGS, GAINS))).T
    ensemble = rn.ResonanceEnsemble(
        len(gain), NODES, coupling=coupling, phase_lag=phase_lag, gain=gain, seed=[SEED] * len(gain),
        **rn.learning_rates(MEMORY, DT, strength=1 / NODES),
    )  # fmt: skip
    ensemble.frequencies = np.broadcast_to(frequencies(), ensemble.frequencies.shape)
    ensemble.weights = np.full(ensemble.weights.shape, 1 / NODES)
    recorder = rn.Recorder(EVERY, weights_every=WEIGHTS_EVERY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rn.ResonanceWarning)  # of what is to be seen
        recording = ensemble.run(0.0, STEPS, DT, record=recorder)
    assert recording is not None  # since there is a recorder
    return Runs(recording, list(ensemble.regime()))
