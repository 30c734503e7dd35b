"""The Resonance Network in plain NumPy: the model to which the native code is held.

Written to be read beside the formulas of docs/model.md, not to be fast. It imports nothing of the
package, checks no arguments, and always computes in float64.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

TWO_PI = 2 * np.pi


def wrap(phases: Any) -> Any:
    """Phases modulo 2π, in [0, 2π): the modulus of a tiny negative number rounds to 2π, which is 0."""
    wrapped = np.mod(phases, TWO_PI)
    return np.where(wrapped == TWO_PI, 0.0, wrapped)


def standard_normals(noise_seed: int, step: int, n: int) -> Any:
    """ξ (n,) of a step: what Box and Muller make of words that seed, step and block of four nodes alone decide.

    Philox encrypts a counter of four words, here (1 + block, step, 0, 0): NumPy adds the 1 before its first block.
    """
    blocks = -(-n // 4)
    words = np.random.Philox(key=noise_seed, counter=step << 64).random_raw(4 * blocks) >> np.uint64(11)
    u, turn = (words[0::2] + np.uint64(1)) * 2.0**-53, words[1::2] * 2.0**-53
    radius = np.sqrt(-2 * np.log(u))
    return np.stack([radius * np.cos(TWO_PI * turn), radius * np.sin(TWO_PI * turn)], axis=1).ravel()[:n]


class ResonanceNetwork:
    """The class of the same name, in NumPy.

    Takes the keywords of :class:`resonance_native.ResonanceNetwork`, with the same meaning, units
    and initial state; ``dtype``, ``tolerance``, ``max_rank`` and ``threads`` change nothing here, nor does
    ``storage`` but for the default of ``weight_std``.
    ``phases``, ``frequencies``, ``amplitudes`` (n,) and ``weights`` (n, n) are plain arrays.
    """

    def __init__(
        self, n_nodes: int = 100, base_freq: float = 1.0, *, freq_std: float = 0.1, weight_std: float | None = None,
        learning_rate: float = 0.01, decay: float = 0.99, gain: float = 1.0, coupling: float = 0.0,
        phase_lag: float = 0.0, learning_lag: float = 0.0, noise_std: float = 0.0, amplitude_floor: float = 0.0,
        dtype: Any = "float64", storage: str = "dense", tolerance: float | None = None, seed: Any = None,
        threads: int | None = None, max_rank: int | None = None,
    ) -> None:  # fmt: skip
        self.n_nodes, self.base_freq, self.freq_std = n_nodes, base_freq, freq_std
        default_std = 0.0 if storage == "factored" else 0.01
        self.weight_std: float | None = default_std if weight_std is None else weight_std
        self.mask: Any = None  # where there are edges, and the weights that these begin with: see from_graph
        self.graph_weights: Any = None
        self.learning_rate, self.decay, self.gain = learning_rate, decay, gain
        self.coupling, self.phase_lag, self.learning_lag = coupling, phase_lag, learning_lag
        self.noise_std, self.amplitude_floor = noise_std, amplitude_floor
        self.seed = np.random.SeedSequence().entropy if seed is None else seed
        self.reset(self.seed)

    @classmethod
    def from_state(
        cls, phases: Any, frequencies: Any, amplitudes: Any, weights: Any, **keywords: Any
    ) -> ResonanceNetwork:
        """A network in the given state, copied."""
        net = cls(1, **keywords)
        weight_std = net.weight_std
        net = cls(len(phases), **{**keywords, "weight_std": 0.0})  # no weights are drawn
        net.weight_std = weight_std
        net.phases, net.frequencies = wrap(np.array(phases, float)), np.array(frequencies, float)
        net.initial_phases = net.phases.copy()
        net.amplitudes, net.weights = np.array(amplitudes, float), np.array(weights, float)
        return net

    @classmethod
    def from_graph(cls, graph: Any, **keywords: Any) -> ResonanceNetwork:
        """A network with weights where a scipy.sparse matrix has entries, and nowhere else."""
        net = cls(graph.shape[0], **{**keywords, "weight_std": 0.0})
        net.weight_std, net.graph_weights = keywords.get("weight_std"), np.array(graph.toarray(), float)
        net.mask = np.zeros(graph.shape, bool)
        net.mask[graph.tocoo().row, graph.tocoo().col] = True
        net.reset()
        return net

    def reset(self, seed: Any = None) -> None:
        """Draw the initial state from ``seed``, or from the seed the network was built with."""
        rng, n = np.random.default_rng(self.seed if seed is None else seed), self.n_nodes
        self.phases = rng.uniform(0, TWO_PI, n)
        self.initial_phases = self.phases.copy()
        self.frequencies = rng.normal(self.base_freq, self.freq_std, n)
        self.weights = np.zeros((n, n))
        edges = slice(None) if self.mask is None else self.mask
        if self.weight_std is None:
            self.weights[...] = self.graph_weights
        elif self.weight_std > 0:
            self.weights[edges] = rng.standard_normal(self.weights[edges].shape) * self.weight_std
        self.noise_seed = int(rng.integers(2**64, dtype=np.uint64))
        self.amplitudes = np.ones(n)
        self.pinned, self.pinned_amplitudes = np.zeros(n, bool), np.ones(n)
        self.phase_pinned, self.pinned_phases = np.zeros(n, bool), np.zeros(n)
        self.step_count, self.time = 0, 0.0
        self.presentation_count, self.encoder = 0, None

    def update(self, input_signal: Any = 0.0, dt: float = 0.01, *, learn: bool = True) -> None:
        """One step: the formulas of the model, in their order."""
        phases = self.phases + TWO_PI * self.frequencies * dt + np.asarray(input_signal, float) * dt
        if self.coupling != 0:
            lagged = self.phases[None, :] - self.phases[:, None] - self.phase_lag
            phases = phases + dt * self.coupling * (self.weights * np.sin(lagged)).sum(axis=1)
        if self.noise_std != 0:
            noise = standard_normals(self.noise_seed, self.step_count, self.n_nodes)
            phases = phases + self.noise_std * np.sqrt(dt) * noise
        self.phases = np.where(self.phase_pinned, self.pinned_phases, wrap(phases))

        difference = self.phases[:, None] - self.phases[None, :]
        coherence = np.cos(difference)
        if learn:
            lagged_coherence = np.cos(difference - self.learning_lag) if self.learning_lag != 0 else coherence
            growth = self.learning_rate * lagged_coherence * np.outer(self.amplitudes, self.amplitudes)
            self.weights += growth if self.mask is None else growth * self.mask
            self.weights *= self.decay

        amplitudes = np.tanh(self.gain * (self.weights * coherence).sum(axis=1))
        if self.amplitude_floor > 0:
            amplitudes = np.maximum(amplitudes, self.amplitude_floor)
        self.amplitudes = np.where(self.pinned, self.pinned_amplitudes, amplitudes)
        self.step_count += 1
        self.time += dt

    def run(
        self, inputs: Any = 0.0, steps: int | None = None, dt: float = 0.01, *, hold: int = 1, learn: bool = True
    ) -> None:
        """Hold one input for ``steps`` steps, or each row of a (T, n) array for ``hold`` steps."""
        rows = np.asarray(inputs, float)
        if rows.ndim < 2:
            rows, hold = rows[None, ...], steps or 0
        for row in rows:
            for _ in range(hold):
                self.update(row, dt, learn=learn)

    def predict(self, input_pattern: Any, steps: int = 100, dt: float = 0.01, *, learn: bool = True) -> Any:
        """Hold a pattern for ``steps`` steps and return a copy of the amplitudes (n,)."""
        self.run(input_pattern, steps, dt, learn=learn)
        return self.amplitudes.copy()

    def encode(self, x: Any) -> Any:
        """Input patterns of data: Ωx of the encoder, or x itself."""
        return np.asarray(x, float) if self.encoder is None else np.asarray(self.encoder.transform(x), float)

    def entrain(
        self, data: Any, *, encoder: Any = None, fading_factor: float | None = None, epochs: int = 1
    ) -> ResonanceNetwork:
        """Present each row of data (N, d) once an epoch: phases φ⁰ + Ωx, amplitudes 1, or 0 where an input is NaN."""
        self.encoder = self.encoder if encoder is None else encoder
        for offsets in np.tile(self.encode(data), (epochs, 1)):
            amplitudes = np.where(np.isnan(offsets), 0.0, 1.0)
            phases = self.initial_phases + np.where(np.isnan(offsets), 0.0, offsets)
            growth = np.cos(phases[:, None] - phases[None, :]) * np.outer(amplitudes, amplitudes)
            growth = growth if self.mask is None else growth * self.mask
            self.presentation_count += 1
            if fading_factor is None:
                self.weights += (growth - self.weights) / self.presentation_count
            else:
                self.weights = fading_factor * self.weights + (1 - fading_factor) * growth
        return self

    def pin(self, nodes: Any, amplitudes: Any = None, *, phases: Any = None) -> None:
        """Hold the amplitudes of ``nodes`` (None: where they are) and, if given, their phases."""
        self.pinned[nodes] = True
        self.pinned_amplitudes[nodes] = self.amplitudes[nodes] if amplitudes is None else amplitudes
        self.amplitudes = np.where(self.pinned, self.pinned_amplitudes, self.amplitudes)
        if phases is not None:
            self.phase_pinned[nodes] = True
            self.pinned_phases[nodes] = wrap(np.asarray(phases, float))
            self.phases = np.where(self.phase_pinned, self.pinned_phases, self.phases)

    def unpin(self, nodes: Any = None) -> None:
        """Let ``nodes`` (None: all) go again."""
        nodes = slice(None) if nodes is None else nodes
        self.pinned[nodes] = self.phase_pinned[nodes] = False

    def order_parameter(self) -> complex:
        """Mean of exp(iφ)."""
        return complex(np.exp(1j * self.phases).mean())

    def regime(self) -> str:
        """Whether every free |a| is ≥ 0.999 ("saturated") or < 0.001 ("silent"), else "alive"."""
        free = np.abs(self.amplitudes[~self.pinned])
        if free.size == 0 or (self.step_count == 0 and np.all(self.amplitudes == 1)):
            return "alive"
        return "saturated" if free.min() >= 0.999 else "silent" if free.max() < 1e-3 else "alive"

    def copy(self) -> ResonanceNetwork:
        """An independent copy."""
        return copy.deepcopy(self)


def phase_attention(
    q: Any, k: Any, v: Any, phase_q: Any, phase_k: Any, *,
    scale: float = 1.0, causal: bool = False, key_mask: Any = None,
) -> Any:  # fmt: skip
    """The function of the same name: scores, coherence, softmax."""
    q, k, v, phase_q, phase_k = (np.asarray(array, float) for array in (q, k, v, phase_q, phase_k))
    scores = scale * (q @ np.swapaxes(k, -1, -2))
    scores = scores * np.cos(phase_q[..., :, None] - phase_k[..., None, :])
    if causal:
        n_queries, n_keys = scores.shape[-2:]
        scores = np.where(np.tri(n_queries, n_keys, n_keys - n_queries, dtype=bool), scores, -np.inf)
    if key_mask is not None:
        key_mask = np.asarray(key_mask)
        scores = np.where(key_mask[..., None, :], scores, -np.inf)
        v = np.where(key_mask[..., :, None], v, 0.0)
    largest = scores.max(axis=-1, keepdims=True, initial=-np.inf)
    weights = np.exp(scores - np.where(largest == -np.inf, 0.0, largest))
    total = weights.sum(axis=-1, keepdims=True)
    return (weights / np.where(total == 0, 1.0, total)) @ v
