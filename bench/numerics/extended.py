"""The network in long double: the formulas of docs/model.md with 64 bits of mantissa or more, and 2π as well.

Pairs are taken as sums of two products, as in the native code: what that rounds is a thousandth of what is measured.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Long = np.longdouble
TWO_PI = Long("6.28318530717958647692528676655900576839434")
HYPERPARAMETERS = ("learning_rate", "decay", "gain", "coupling", "phase_lag", "learning_lag", "amplitude_floor")


def require_long_double() -> None:
    """Refuse where long double is double."""
    if np.finfo(Long).eps > 1e-18:
        raise SystemExit("whole steps are measured against long double, which is no wider than double on this machine")


class ExtendedNetwork:
    """State and step in long double, from the doubles of a native network or of the reference.

    Parameters
    ----------
    net
        Where it begins.
    weights : ndarray, (n, n)
        W of ``net``.
    mask : ndarray of bool, (n, n), optional
        Where there are edges.
    given_phases
        Whether phases are those of float64, which native code and reference agree on to the bit.
    """

    def __init__(
        self, net: Any, weights: NDArray[Any], mask: NDArray[np.bool_] | None = None, *, given_phases: bool = False
    ) -> None:
        self.phases, self.frequencies, self.amplitudes = (
            np.array(array, Long) for array in (net.phases, net.frequencies, net.amplitudes)
        )
        self.weights = np.array(weights, Long)
        self.mask = mask
        self.settings = {name: Long(getattr(net, name)) for name in HYPERPARAMETERS}
        self.doubles = (np.array(net.phases), np.array(net.frequencies)) if given_phases else None
        self.pinned = False

    def update(self, inputs: NDArray[Any], dt: float) -> None:
        """One step."""
        the = self.settings
        self._advance(inputs, dt)
        c, s = np.cos(self.phases), np.sin(self.phases)
        turned = self.phases - the["learning_lag"]
        rate = the["learning_rate"] * self.amplitudes
        columns = np.stack([rate * np.cos(turned), rate * np.sin(turned)], axis=1)
        growth = columns @ np.stack([self.amplitudes * c, self.amplitudes * s])
        if self.mask is not None:
            growth *= self.mask
        self.weights += growth
        self.weights *= the["decay"]
        if not self.pinned:
            along, across = self._products(c, s)
            self.amplitudes = np.tanh(the["gain"] * (c * along + s * across))
            if the["amplitude_floor"] > 0:
                self.amplitudes = np.maximum(self.amplitudes, the["amplitude_floor"])

    def _advance(self, inputs: NDArray[Any], dt: float) -> None:
        the = self.settings
        if self.doubles is not None:
            phases, frequencies = self.doubles
            phases = np.mod(phases + 2 * np.pi * frequencies * dt + inputs * dt, 2 * np.pi)
            self.doubles = phases, frequencies
            self.phases = phases.astype(Long)
            return
        step = TWO_PI * self.frequencies * Long(dt) + inputs.astype(Long) * Long(dt)
        if the["coupling"] != 0:
            along, across = self._products(np.cos(self.phases), np.sin(self.phases))
            lagged = self.phases + the["phase_lag"]
            step += Long(dt) * the["coupling"] * (np.cos(lagged) * across - np.sin(lagged) * along)
        self.phases = np.mod(self.phases + step, TWO_PI)

    def _products(self, c: NDArray[Any], s: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        return self.weights @ c, self.weights @ s
