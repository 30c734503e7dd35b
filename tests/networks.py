"""What networks are compared by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import resonance_native as rn
from resonance_native.hyperparameters import HYPERPARAMETERS

SETTINGS = (*HYPERPARAMETERS, "base_freq", "freq_std", "weight_std", "tolerance", "threads", "storage")
VIEWS = ("phases", "frequencies", "amplitudes", "weights")
ARRAYS = (*VIEWS, "initial_phases")


def bits(net: Any) -> dict[str, Any]:
    """The state as bytes: equal only where every bit is, the sign of a zero included."""
    arrays = {name: np.asarray(getattr(net, name)).tobytes() for name in ARRAYS}
    return {**arrays, "step_count": net.step_count, "time": net.time, "presentation_count": net.presentation_count}


def everything(net: rn.ResonanceNetwork) -> dict[str, Any]:
    """State, settings, pins, and the next step, which also depends on what can't be seen."""
    following = net.copy()
    following.update(0.5, 0.1)
    return {
        **bits(net),
        **{name: getattr(net, name) for name in SETTINGS},
        "dtype": net.dtype,
        "pinned": net.pinned.tobytes(),
        "regime": net.regime(),
        "following": bits(following),
    }


def reloaded(net: rn.ResonanceNetwork, path: Path) -> rn.ResonanceNetwork:
    net.save(path)
    return type(net).load(path)


def lively(n: int = 5, **keywords: Any) -> rn.ResonanceNetwork:
    """A network in the middle of something: coupled, with both kinds of pins, some steps old."""
    settings = {"gain": 3.0, "coupling": 0.5, "phase_lag": 0.2, "learning_lag": 0.1, "amplitude_floor": 0.05}
    net = rn.ResonanceNetwork(n, **{"seed": 3, **settings, **keywords})
    net.pin(0, 0.4, phases=1.0)
    net.pin(n - 1, -0.3)
    net.run(0.3, 7)
    return net
