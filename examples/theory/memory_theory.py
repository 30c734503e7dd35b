"""Overlap against load of memories of random patterns, n → ∞: a signal-to-noise theory without free parameters.

A node's field is signal + noise: m times what it should be, and a Gaussian of variance v. Other patterns
are seen through overlaps of order 1/√n, which the network's own response χ = ∂⟨z⟩/∂field passes on, so
that v = α r with r = 1/(1 − χ)² where a pattern calls itself, r = 1/(1 − χ²) where it calls the next.
With s = m/√v everything follows from s, and the load α is a function of s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, i0e, i1e


@dataclass(frozen=True)
class Curve:
    """Overlap m against load α: the stable branch, from α = 0 up to the capacity, where it ends."""

    load: NDArray[np.float64]
    overlap: NDArray[np.float64]

    @property
    def capacity(self) -> float:
        """The largest load."""
        return float(self.load[-1])

    @property
    def last_overlap(self) -> float:
        """The overlap there."""
        return float(self.overlap[-1])


def _responses(s: NDArray[np.float64], phasors: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """m(s), and χ √v as a function of s: for phasors z = h/|h|, or for signs z = sign(h)."""
    if phasors:
        x = s**2 / 2
        return np.sqrt(np.pi) / 2 * s * (i0e(x) + i1e(x)), np.sqrt(np.pi) / 2 * i0e(x)
    return erf(s / np.sqrt(2)), np.sqrt(2 / np.pi) * np.exp(-(s**2) / 2)


def curve(phasors: bool, sequence: bool) -> Curve:
    """The theory's overlap against load, for complex weights (phasors) or real weights (signs).

    α = v (1 − χ)² = (√v − χ√v)², or for sequences v (1 − χ²) = v − (χ√v)², with √v = m/s. Real weights
    between phasors are complex weights that store the mirror image of every pattern too: half the load.
    """
    s = np.geomspace(0.3, 60, 20_000)
    m, response = _responses(s, phasors)
    noise = m / s
    load = noise**2 - response**2 if sequence else (noise - response) ** 2
    # The stable branch is where more signal means less load.
    end = int(np.argmax(np.where(s > 0.5, load, 0)))
    return Curve(load[end:][::-1], m[end:][::-1])
