"""A fitted phase encoder as JSON and arrays."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import stored_seed

_PARAMETERS = ("n_nodes", "bandwidth", "scale", "phase_scale")
_ARRAYS = ("projection_", "mean_", "scale_")
_NUMBERS = ("median_distance_", "n_features_in_", "_far", "_n_features_out")
_NAMES = "feature_names_in_"


def to_json(encoder: Any) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Parameters and numbers as JSON, and the arrays by name.

    Raises
    ------
    TypeError
        If it is not a fitted PhaseEncoder, or has what none has.
    """
    module = sys.modules.get(f"{__package__}.learn.encoder")  # where it was never imported, nothing is of its class
    if module is None or type(encoder) is not module.PhaseEncoder:
        raise TypeError(
            f"encoder must be None or a resonance_native.learn.PhaseEncoder to be saved, got {encoder!r}; "
            "pickle keeps a network with any encoder"
        )
    fitted = {name: value for name, value in vars(encoder).items() if name not in (*_PARAMETERS, "random_state")}
    unknown = fitted.keys() - {*_ARRAYS, *_NUMBERS, _NAMES}
    if unknown or not fitted.keys() >= {*_ARRAYS}:
        raise TypeError(f"encoder must be fitted, and have no attributes of others, got {encoder!r} with {unknown}")
    stored: dict[str, Any] = {
        "parameters": {name: _number(getattr(encoder, name)) for name in _PARAMETERS},
        "random_state": stored_seed.to_json(encoder.random_state),
        "numbers": {name: _number(fitted[name]) for name in _NUMBERS if name in fitted},
    }
    if _NAMES in fitted:
        stored[_NAMES] = [str(name) for name in fitted[_NAMES]]
    return stored, {name: fitted[name] for name in _ARRAYS}


def from_json(stored: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], n_nodes: int) -> Any:
    """The encoder again, for a network of so many nodes.

    Raises
    ------
    ImportError
        If scikit-learn is missing.
    ValueError
        If parts do not fit each other.
    """
    from .learn import PhaseEncoder

    if arrays.keys() != set(_ARRAYS):
        raise ValueError(f"the encoder's tensors must be {_ARRAYS}, got {sorted(arrays)}")
    projection, mean, scale = (arrays[name] for name in _ARRAYS)
    columns = stored["numbers"]["n_features_in_"]
    if (
        mean.shape != (columns,)
        or scale.shape != (columns,)
        or projection.shape not in ((n_nodes, columns), (n_nodes,))
    ):
        raise ValueError(f"the encoder's arrays do not fit {columns} columns and {n_nodes} nodes")
    encoder = PhaseEncoder(**stored["parameters"], random_state=stored_seed.from_json(stored["random_state"]))
    fitted = {name: stored["numbers"][name] for name in _NUMBERS if name in stored["numbers"]}
    encoder.__dict__.update(fitted, **arrays)
    if _NAMES in stored:
        encoder.__dict__[_NAMES] = np.array(stored[_NAMES], dtype=object)
    return encoder


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
