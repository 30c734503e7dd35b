"""Recordings of a network that neither dies nor saturates, and what they are compared by."""

from __future__ import annotations

from typing import Any

import numpy as np

import resonance_native as rn

ALL = ("order_parameter", "phases", "amplitudes", "resonance", "weights")


def make(n: int = 9, dtype: str = "float64", **keywords: Any) -> rn.ResonanceNetwork:
    """A network that neither saturates nor falls silent, and whose amplitudes move."""
    settings = {"weight_std": 1.0, "learning_rate": 0.1, "gain": 1 / n, "amplitude_floor": 0.01, "seed": n}
    return rn.ResonanceNetwork(n, **{**settings, "dtype": dtype, **keywords})


def record(dtype: str = "float64", steps: int = 100, **keywords: Any) -> rn.Recording:
    return make(9, dtype).run(0.3, steps, record=rn.Recorder(**{"every": 3, "nodes": [1, 5, 7], **keywords}))


def arrays(recording: rn.Recording) -> dict[str, np.ndarray]:
    names = ("step", "time", *recording.variables)
    names += ("weights_step", "weights_time") if "weights" in recording.variables else ()
    return {name: np.asarray(getattr(recording, name)) for name in names}


def assert_same(actual: rn.Recording, wanted: rn.Recording) -> None:
    """Every bit, every dtype, and all that is told about it."""
    import xarray  # others need recordings without it

    assert actual.variables == wanted.variables
    assert actual.interrupted == wanted.interrupted
    assert np.array_equal(actual.nodes, wanted.nodes)
    assert len(actual) == len(wanted)
    found, expected = arrays(actual), arrays(wanted)
    for name, array in expected.items():
        assert found[name].dtype == array.dtype, name
        assert found[name].shape == array.shape, name
        assert found[name].tobytes() == array.tobytes(), name
    xarray.testing.assert_identical(actual.to_xarray().load(), wanted.to_xarray().load())
