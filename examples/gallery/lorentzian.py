"""Kuramoto's model by the native network: all weights 1/n, frozen, Lorentzian frequencies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import resonance_native as rn

HALF_WIDTH = 0.5  # Δ, of the angular frequencies' distribution [rad/s]
DT = 0.02  # [s]
STEPS_PER_SAMPLE = 20


def frequencies(n: int) -> NDArray[np.float64]:
    """Natural frequencies [Hz] at the quantiles of the distribution: no scatter from drawing them."""
    return np.asarray(HALF_WIDTH * np.tan(np.pi * (np.arange(n) + 0.5 - n / 2) / n) / (2 * np.pi))


def order_parameter(coupling: NDArray[np.float64], lag: float = 0.0) -> NDArray[np.float64]:
    """|r| for n → ∞: √(1 − K_c/K) above K_c = 2Δ/cos α, and 0 below.

    For α = 0 by Kuramoto (1975); the lag by Sakaguchi and Kuramoto (1986), in the closed form of Ott and Antonsen
    (2008).
    """
    return np.sqrt(np.clip(1 - critical_coupling(lag) / np.maximum(coupling, 1e-12), 0, None))


def critical_coupling(lag: float = 0.0) -> float:
    """K_c [rad/s], from which there is order."""
    return float(2 * HALF_WIDTH / np.cos(lag))


def measured(
    n: int, couplings: Sequence[float], lags: Sequence[float], seeds: int, settle: float, average: float
) -> xr.Dataset:
    """|r| over couplings K [rad/s], lags [rad] and seeds, in the form of ``rn.sweep``.

    Parameters
    ----------
    n
        Nodes.
    couplings, lags
        Values of K and α.
    seeds
        Number of seeds, of the phases at the start.
    settle, average
        Time [s] before |r| is averaged, and over which it is.
    """
    result = np.empty((len(couplings), len(lags), seeds))
    weights = np.full((n, n), 1 / n)
    for seed in range(seeds):
        start = np.random.default_rng(seed).uniform(0, 2 * np.pi, n)
        net = rn.ResonanceNetwork.from_state(start, frequencies(n), np.ones(n), weights, dtype="float32", threads=1)
        net.pin(slice(None))  # amplitudes play no part where nothing is learned
        for i, coupling in enumerate(couplings):
            for j, lag in enumerate(lags):
                net.phases, net.coupling, net.phase_lag = start, coupling, lag
                recorder = rn.Recorder(every=STEPS_PER_SAMPLE, start=round(settle / DT), variables="order_parameter")
                recording = net.run(0.0, round((settle + average) / DT), DT, learn=False, record=recorder)
                result[i, j, seed] = np.abs(recording.order_parameter).mean()
    coordinates = {
        "coupling": ("coupling", list(couplings), {"units": "rad/s"}),
        "phase_lag": ("phase_lag", list(lags), {"units": "rad"}),
        "seed": list(range(seeds)),
    }
    return xr.Dataset({"order_parameter": (("coupling", "phase_lag", "seed"), result)}, coordinates)
