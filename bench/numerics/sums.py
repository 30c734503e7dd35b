"""What is computed of pairs of nodes: coherence, weights, and the sums over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

import resonance_native as rn

from .exact import TWO_PI, evaluate, split, summarize
from .functions import DTYPES, Row, each_isa

SIZES = (64, 1024, 4096)


def measure(rows: int, nodes: int, sizes: tuple[int, ...] = SIZES) -> Iterator[Row]:
    """Pairs among ``nodes`` nodes; ``rows`` rows of each kind of sum."""
    yield from _coherence(nodes)
    yield from _weight_update(nodes)
    for n in sizes:
        yield from _row_sums(n, rows)
    yield from _coupling_sums(sizes[min(1, len(sizes) - 1)], rows)
    yield from _order_parameter(200 * nodes)


def unit_of(dtype: str) -> float:
    """ulp(1), which is twice the unit roundoff u."""
    return float(np.finfo(dtype).eps)


def exact_phasors(phases: NDArray[np.float64]) -> tuple[list[Any], list[Any]]:
    """Cosines and sines, as numbers of mpmath."""
    pairs = [mpmath.cos_sin(mpmath.mpf(phase)) for phase in phases.tolist()]
    return [c for c, _ in pairs], [s for _, s in pairs]


def hard_phases(n: int) -> NDArray[np.float64]:
    """Random phases, some of them a quarter, a half or no turn from another, as nearly as doubles are."""
    phases = np.random.default_rng(n).uniform(0, 2 * np.pi, n)
    third = n // 3
    turns = np.random.default_rng(n + 1).integers(0, 4, third) * (np.pi / 2)
    phases[:third] = (phases[third : 2 * third] + turns) % (2 * np.pi)
    return phases


def _coherence(n: int) -> Iterator[Row]:
    phases = hard_phases(n)
    c, s = exact_phasors(phases)
    wanted = split(c[i] * c[j] + s[i] * s[j] for i in range(n) for j in range(n))
    for isa in each_isa():
        for dtype in DTYPES:
            got = rn.kernels.coherence(phases, out=np.empty((n, n), dtype)).astype(float).ravel()
            error = np.abs((got - wanted.high) - wanted.low) / unit_of(dtype)
            yield "coherence", dtype, isa, summarize(error, (phases[:, None] - phases).ravel())


def _weight_update(n: int) -> Iterator[Row]:
    """Old weights of many sizes beside a growth; the decay also below 0.5, where float32 goes another way."""
    rng = np.random.default_rng(n)
    phases = hard_phases(n)
    c, s = exact_phasors(phases)
    lag, rate = 0.7, 0.3
    cos_lag, sin_lag = mpmath.cos_sin(mpmath.mpf(lag))
    for dtype in DTYPES:
        amplitudes = rng.uniform(-1, 1, n).astype(dtype)
        weights = (rng.normal(0, 1, (n, n)) * 10.0 ** rng.uniform(-4, 2, (n, n))).astype(dtype)
        a = [mpmath.mpf(float(x)) for x in amplitudes]
        along = [a[i] * (c[i] * cos_lag + s[i] * sin_lag) for i in range(n)]  # a cos(φ − lag)
        across = [a[i] * (s[i] * cos_lag - c[i] * sin_lag) for i in range(n)]
        cosine, sine = [a[j] * c[j] for j in range(n)], [a[j] * s[j] for j in range(n)]
        growth = [along[i] * cosine[j] + across[i] * sine[j] for i in range(n) for j in range(n)]
        old = [mpmath.mpf(x) for x in weights.astype(float).ravel().tolist()]
        for decay in (0.99, 0.3):
            wanted = split(decay * (w + rate * g) for w, g in zip(old, growth, strict=True))
            pairs = np.abs(np.outer(amplitudes, amplitudes).astype(float))
            scale = (decay * (np.abs(weights.astype(float)) + rate * pairs)).ravel()
            for isa in each_isa():
                got = weights.copy()
                settings = {"learning_rate": rate, "decay": decay, "learning_lag": lag}
                rn.kernels.hebbian_update(got, phases, amplitudes, **settings)
                error = np.abs((got.astype(float).ravel() - wanted.high) - wanted.low) / (unit_of(dtype) * scale)
                yield "weight update", dtype, isa, summarize(error, weights.ravel())


def _kinds(n: int, rows: int, dtype: str) -> dict[str, NDArray[Any]]:
    """Rows of weights: of either sign, all of one sign (errors do not average out), and of sizes over 12 decades."""
    rng = np.random.default_rng(n)
    normal = rng.normal(0, 1, (3, rows, n))
    wide = normal[2] * 10.0 ** rng.uniform(-6, 6, (rows, n))
    return {"random": normal[0].astype(dtype), "one sign": np.abs(normal[1]).astype(dtype), "wide": wide.astype(dtype)}


def _row_sums(n: int, rows: int) -> Iterator[Row]:
    """Σ_j W_ij cos(φ_i − φ_j): the rows are repeated to fill W."""
    for dtype in DTYPES:
        for kind, some in _kinds(n, rows, dtype).items():
            phases = np.random.default_rng(n).uniform(0, 0.7 if kind == "one sign" else 2 * np.pi, n)
            wanted, scale = _exact_sums(some, phases, lambda ci, si, p, q: ci * p + si * q)
            weights = np.zeros((n, n), dtype)
            weights[:rows] = some
            for isa in each_isa():
                got = rn.kernels.resonance(weights, phases, out=np.empty(n, dtype)).astype(float)[:rows]
                # The sum is rounded to its dtype at the end: half an ulp of a result no larger than Σ|terms|.
                error = np.abs((got - wanted.high) - wanted.low) / (unit_of(dtype) / 2 * scale)
                yield f"row sums, n = {n}", dtype, isa, summarize(error)


def _exact_sums(
    some: NDArray[Any], phases: NDArray[np.float64], combine: Callable[[Any, Any, Any, Any], Any]
) -> tuple[Any, NDArray[np.float64]]:
    """Σ_j of the first rows, combined from W cos φ and W sin φ, and Σ|terms| of the four products."""
    c, s = exact_phasors(phases)
    magnitude = np.abs(np.cos(phases)), np.abs(np.sin(phases))
    sums, scales = [], []
    for i, row in enumerate(some.astype(float)):
        numbers = [mpmath.mpf(w) for w in row.tolist()]
        sums.append(combine(c[i], s[i], mpmath.fdot(numbers, c), mpmath.fdot(numbers, s)))
        of_cosines, of_sines = np.abs(row) @ magnitude[0], np.abs(row) @ magnitude[1]
        scales.append(max(magnitude[0][i] * of_cosines + magnitude[1][i] * of_sines,
                          magnitude[1][i] * of_cosines + magnitude[0][i] * of_sines))  # fmt: skip
    return split(sums), np.array(scales)


def _coupling_sums(n: int, rows: int) -> Iterator[Row]:
    """g_i = Σ_j W_ij sin(φ_j − φ_i), seen in the phase that it moves: so large that the phase hardly rounds it."""
    for dtype in DTYPES:
        some = 1e5 * np.random.default_rng(n).normal(0, 1, (rows, n)).astype(dtype)
        phases = np.random.default_rng(n + 1).uniform(0, 2 * np.pi, n)
        wanted, scale = _exact_sums(some, phases, lambda ci, si, p, q: ci * q - si * p)
        weights = np.zeros((n, n), dtype)
        weights[:rows] = some
        turn = mpmath.mpf(2 * np.pi)  # the modulus is that of the double: see the phase advance for what it costs
        pulls = zip(phases[:rows].tolist(), wanted.high.tolist(), wanted.low.tolist(), strict=True)
        exact = split((mpmath.mpf(phase) + mpmath.mpf(high) + mpmath.mpf(low)) % turn for phase, high, low in pulls)
        for isa in each_isa():
            state = phases, np.zeros(n), np.ones(n, dtype), weights
            net = rn.ResonanceNetwork.from_state(*state, coupling=1.0, dtype=dtype)
            net.update(0.0, 1.0, learn=False)
            error = np.abs((net.phases[:rows] - exact.high) - exact.low)
            error = np.minimum(error, 2 * np.pi - error) / (unit_of(dtype) / 2 * scale)
            yield "coupling sums", dtype, isa, summarize(error, phases[:rows])


def _order_parameter(n: int) -> Iterator[Row]:
    """By NumPy: the same on every instruction set of the library."""
    for spread in (2 * np.pi, 0.1):
        phases = np.random.default_rng(0).uniform(0, spread, n)
        cosines, sines = evaluate(mpmath.cos, phases), evaluate(mpmath.sin, phases)
        net = rn.ResonanceNetwork(n, storage="factored")
        net.phases = phases
        got = net.order_parameter()
        errors = []
        for value, parts in ((got.real, cosines), (got.imag, sines)):
            mean = (mpmath.fsum(parts.high.tolist()) + mpmath.fsum(parts.low.tolist())) / n
            errors.append(abs(float(mpmath.mpf(value) - mean)) / unit_of("float64"))
        yield "order parameter", "float64", "all", summarize(np.array(errors))


def phase_advance(count: int) -> Iterator[Row]:
    """One step of phases, frequencies and inputs of all sizes, against the modulus of the exact sum by the exact 2π."""
    rng = np.random.default_rng(6)
    phases = rng.uniform(0, 2 * np.pi, count)
    frequencies = rng.normal(0, 1, count) * 10.0 ** rng.uniform(-3, 9, count)
    inputs = rng.normal(0, 1, count) * 10.0 ** rng.uniform(-3, 9, count)
    frequencies[: count // 4], inputs[: count // 4] = rng.normal(1, 0.1, count // 4), rng.normal(0, 1, count // 4)
    dt = 0.01
    step = mpmath.mpf(dt)
    wanted = split(
        (mpmath.mpf(p) + TWO_PI * mpmath.mpf(f) * step + mpmath.mpf(x) * step) % TWO_PI
        for p, f, x in zip(phases.tolist(), frequencies.tolist(), inputs.tolist(), strict=True)
    )
    scale = np.maximum(phases + np.abs(2 * np.pi * frequencies * dt) + np.abs(inputs * dt), 2 * np.pi)
    for isa in each_isa():
        net = rn.ResonanceNetwork(count, storage="factored")
        net.phases, net.frequencies = phases, frequencies
        net.update(inputs, dt, learn=False)
        error = np.abs((net.phases - wanted.high) - wanted.low)
        error = np.minimum(error, 2 * np.pi - error) / (unit_of("float64") * scale)
        yield "phase advance", "float64", isa, summarize(error, 2 * np.pi * frequencies * dt + inputs * dt)
