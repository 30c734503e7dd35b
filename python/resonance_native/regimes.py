"""The three ways a network can be, and the warning for the two in which it no longer computes."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Regime = Literal["alive", "saturated", "silent"]

SATURATED_FROM = 0.999
SILENT_BELOW = 1e-3


class ResonanceWarning(UserWarning):
    """A network ended a run saturated or silent."""


def regime_of(amplitudes: Any, pinned: Any) -> Regime:
    """The regime of a network, from the amplitudes (n,) of the nodes that are not ``pinned`` (n,).

    "saturated" where every |a| ≥ 0.999, "silent" where every |a| < 0.001, else "alive". Pinned
    amplitudes say nothing about the dynamics; a network with all nodes pinned is alive.
    """
    free = np.abs(amplitudes[~pinned])
    if free.size == 0:
        return "alive"
    if free.min() >= SATURATED_FROM:
        return "saturated"
    return "silent" if free.max() < SILENT_BELOW else "alive"


def regimes_of(amplitudes: Any, pinned: Any) -> NDArray[np.str_]:
    """The regime of each of B networks, from amplitudes and pins (B, n), as :func:`regime_of`."""
    magnitudes = np.abs(amplitudes)
    any_free = ~pinned.all(axis=1)
    saturated = any_free & (pinned | (magnitudes >= SATURATED_FROM)).all(axis=1)
    silent = any_free & (pinned | (magnitudes < SILENT_BELOW)).all(axis=1)
    return np.select([saturated, silent], ["saturated", "silent"], "alive")


def advice(regime: Regime, n_nodes: int, step_count: int) -> str:
    """What to tell of a network that is saturated or silent, and what to do about it."""
    if regime == "saturated":
        state = f"every free amplitude is at ±1 after {step_count} steps, and the nodes no longer tell inputs apart"
    else:
        state = f"every free amplitude is near 0 after {step_count} steps, and nothing is learned any more"
    return (
        f"the network is {regime}: {state}. To keep it alive, pin() the amplitudes at 1 while the first weights form "
        f"(some 500 steps), unpin() them and go on with gain near 8/n = {8 / n_nodes:.3g}; or set amplitude_floor, or "
        "choose learning_rate and decay with learning_rates()"
    )
