"""Rhythms on the public API: a population of oscillators that entrains to a series, and a bank that remembers it.

A series x has one value a sample, its mean taken out and in units of its standard deviation. Time is counted in
samples, so that dt = 1 and a frequency [1/sample] is one over the period.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import resonance_native as rn

Array = NDArray[np.float64]


def entrain_frequencies(x: Array, frequencies: Array, gain: float) -> Array:
    """Frequencies (len(x), n) of n oscillators under the series, from the given ones (n,).

    Each node gets the input −gain·2πf·x·sin φ [rad/sample], and its frequency moves by ``gain`` times what the input
    moved its phase. This is Hebbian learning of a frequency, without an error signal (Righetti, Buchli and Ijspeert,
    "Dynamic Hebbian learning in adaptive frequency oscillators", Physica D 2006). The network has no rule for its
    frequencies: they are set from here.
    """
    n = len(frequencies)
    net = rn.ResonanceNetwork.from_state(np.zeros(n), frequencies, np.ones(n), np.zeros((n, n)))
    track = np.empty((len(x), n))
    for t, value in enumerate(x):
        pull = -gain * 2 * np.pi * net.frequencies * value * np.sin(net.phases)
        net.update(pull, dt=1.0, learn=False)
        net.frequencies = net.frequencies + gain * pull / (2 * np.pi)
        track[t] = net.frequencies
    return track


def hebbian_bank(
    x: Array, frequency: float, harmonics: int, memory: float, horizons: Sequence[int]
) -> dict[int, Array]:
    """Forecasts of x, horizon by horizon, by weights between oscillators and the input: a leaky correlation.

    One node stands still, the others turn at 1, 2, ... ``harmonics`` times the frequency, all at amplitude 1. Two more
    nodes are the input, at phase 0 and π/2 with the amplitude x. The network's own rule then makes their weights the
    mean of x·cos kωt and x·sin kωt over the last ``memory`` samples. A forecast reads them at the phases that the
    oscillators will have. No error signal enters.

    Returns
    -------
    dict
        For each horizon h an array like x; entry t + h was made at t, and is NaN where nothing was.
    """
    turning = np.arange(harmonics + 1)
    n = len(turning) + 2
    phases = np.concatenate([[0, np.pi / 2], np.zeros(len(turning))])
    rates = np.concatenate([[0, 0], frequency * turning])
    net = rn.ResonanceNetwork.from_state(phases, rates, np.ones(n), np.zeros((n, n)))
    learning = rn.learning_rates(memory, dt=1.0)
    net.learning_rate, net.decay = learning["learning_rate"], learning["decay"]
    net.pin(slice(None), 1.0)
    share = np.where(turning == 0, 1.0, 2.0)
    forecasts = {h: np.full(len(x), np.nan) for h in horizons}
    for t, value in enumerate(x):
        net.pin([0, 1], value)
        net.update(dt=1.0)
        remembered = net.weights[:2, 2:] * share / (1 - net.decay ** (t + 1))
        for h in horizons:
            if t + h < len(x):
                ahead = net.phases[2:] + 2 * np.pi * net.frequencies[2:] * h
                forecasts[h][t + h] = remembered[0] @ np.cos(ahead) + remembered[1] @ np.sin(ahead)
    return forecasts


def error_driven_bank(
    x: Array, frequency: float, harmonics: int, rate: float, horizons: Sequence[int], pull: float = 0.0
) -> tuple[dict[int, Array], Array]:
    """The same bank taught by its forecast error: gradient descent on the squared error (LMS), in plain NumPy.

    With ``pull`` the error moves the fundamental's phase and frequency as well. Gives the forecasts, and the frequency
    after each sample.
    """
    turning = np.arange(harmonics + 1)
    amplitudes = np.zeros(harmonics + 1, complex)
    step, phase = 2 * np.pi * frequency, 0.0
    forecasts = {h: np.full(len(x), np.nan) for h in horizons}
    track = np.empty(len(x))
    for t, value in enumerate(x):
        phase += step
        z = np.exp(1j * turning * phase)
        error = value - (amplitudes * z).real.sum()
        amplitudes += rate * error * z.conj()
        if pull and abs(amplitudes[1]) > 0:
            slope = -np.sin(phase + np.angle(amplitudes[1]))
            phase += pull * error * slope * step
            step = float(np.clip(step * (1 + pull**2 / 2 * error * slope), np.pi * frequency, 4 * np.pi * frequency))
        track[t] = step / (2 * np.pi)
        for h in horizons:
            if t + h < len(x):
                forecasts[h][t + h] = (amplitudes * np.exp(1j * turning * (phase + step * h))).real.sum()
    return forecasts, track


def as_published(x: Array, lags: int, seed: int) -> Array:
    """Amplitudes (len(x), lags) of a network at the defaults whose nodes get the last values of x, a step each."""
    net = rn.ResonanceNetwork(lags, seed=seed)
    amplitudes = np.empty((len(x), lags))
    padded = np.concatenate([np.zeros(lags - 1), x])
    for t in range(len(x)):
        net.update(padded[t : t + lags][::-1])
        amplitudes[t] = net.amplitudes
    return amplitudes
