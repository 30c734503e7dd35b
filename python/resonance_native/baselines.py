"""The step, and attention, in NumPy as others would write them: what demo and benchmarks put the native code beside.

Steps advance a :class:`resonance_native.reference.ResonanceNetwork`, or whatever has its arrays, in
their dtype, without coupling, lags, floor and pins.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class State(Protocol):
    """What a step reads and changes: arrays of one dtype, and the numbers of the model."""

    phases: Any  # (n,) [rad]
    frequencies: Any  # (n,) [Hz]
    amplitudes: Any  # (n,)
    weights: Any  # (n, n)
    learning_rate: float
    decay: float
    gain: float


def published_step(net: State, input_signal: Any, dt: float) -> None:
    """One step as published, with n × n cosines.

    Parameters
    ----------
    net
        Changed in place.
    input_signal : float or array_like, (n,)
        x [rad/s].
    dt
        Time step [s].
    """
    net.phases += 2 * np.pi * net.frequencies * dt
    net.phases += input_signal * dt
    net.phases %= 2 * np.pi
    coherence = np.cos(net.phases[:, None] - net.phases[None, :])
    net.weights += net.learning_rate * coherence * np.outer(net.amplitudes, net.amplitudes)
    net.weights *= net.decay
    net.amplitudes = np.tanh(net.gain * np.sum(net.weights * coherence, axis=1))


def rank_two_step(net: State, input_signal: Any, dt: float) -> None:
    """The same step by cos(φ_i − φ_j) = c_i c_j + s_i s_j: 2n sines and cosines, and matrix products of rank two.

    Parameters
    ----------
    net
        Changed in place.
    input_signal : float or array_like, (n,)
        x [rad/s].
    dt
        Time step [s].
    """
    net.phases += 2 * np.pi * net.frequencies * dt
    net.phases += input_signal * dt
    net.phases %= 2 * np.pi
    c, s = np.cos(net.phases), np.sin(net.phases)
    factors = np.stack([net.amplitudes * c, net.amplitudes * s], axis=1)
    net.weights += (net.learning_rate * factors) @ factors.T
    net.weights *= net.decay
    products = net.weights @ np.stack([c, s], axis=1)
    net.amplitudes = np.tanh(net.gain * (c * products[:, 0] + s * products[:, 1]))


def blocked_steps(net: State, inputs: Any, dt: float) -> None:
    """K steps that share two passes over W: what an expert makes of the model in NumPy.

    Without coupling the phases of all K steps are known beforehand, so W is multiplied with all their
    cosines and sines at once; within the block the growth is kept as factors U, and added at the end.

    Parameters
    ----------
    net
        Changed in place.
    inputs : array_like, (K, n)
        x [rad/s], a row for each step.
    dt
        Time step [s].
    """
    count, gamma = len(inputs), net.decay
    increments = 2 * np.pi * net.frequencies * dt + inputs * dt
    phases = (net.phases + np.cumsum(increments, axis=0)) % (2 * np.pi)
    c, s = np.cos(phases), np.sin(phases)
    products = net.weights @ np.concatenate([c, s]).T  # (n, 2K)
    factors = np.empty((2, count, len(net.phases)), dtype=net.weights.dtype)
    ages = np.arange(count, 0, -1, dtype=net.weights.dtype)
    for step in range(count):
        factors[:, step] = net.amplitudes * c[step], net.amplitudes * s[step]
        known = factors[:, : step + 1]
        strengths = net.learning_rate * gamma ** ages[count - step - 1 :]
        old = gamma ** (step + 1)
        wc, ws = old * products[:, step], old * products[:, count + step]
        for half in known:
            wc += (strengths * (half @ c[step])) @ half
            ws += (strengths * (half @ s[step])) @ half
        net.amplitudes = np.tanh(net.gain * (c[step] * wc + s[step] * ws))
    net.weights *= gamma**count
    for half in factors:
        net.weights += (half.T * (net.learning_rate * gamma**ages)) @ half
    net.phases = phases[-1]


def phase_attention(q: Any, k: Any, v: Any, phase_q: Any, phase_k: Any, *, scale: float = 1.0) -> Any:
    """Attention as published, in three lines: scores, coherence, softmax; in the dtype of its arrays.

    Parameters
    ----------
    q, k, v : ndarray, (..., Lq, d), (..., Lk, d), (..., Lk, dv)
        Queries, keys and values.
    phase_q, phase_k : ndarray, (..., Lq), (..., Lk)
        Phases [rad].
    scale
        Of the scores.

    Returns
    -------
    ndarray, (..., Lq, dv)
    """
    scores = q @ np.swapaxes(k, -1, -2) * np.cos(phase_q[..., :, None] - phase_k[..., None, :]) * scale
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True) @ v


def phase_attention_in_place(q: Any, k: Any, v: Any, phase_q: Any, phase_k: Any, *, scale: float = 1.0) -> Any:
    """The same with two arrays of scores in all, and divided last: what an expert makes of it in NumPy."""
    scores = q @ np.swapaxes(k, -1, -2)
    coherence = phase_q[..., :, None] - phase_k[..., None, :]
    np.cos(coherence, out=coherence)
    coherence *= scale
    scores *= coherence
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    return scores @ v / scores.sum(axis=-1, keepdims=True)
