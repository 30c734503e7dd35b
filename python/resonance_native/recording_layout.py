"""What a recording holds: names, dimensions and units, the same in memory, in xarray and in a store."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from . import _core

CHUNK_BYTES = 2**22  # of one series in memory, and at most of one array in a file
FORMAT = "resonance_native recording"
FORMAT_VERSION = 1


class Variable(NamedTuple):
    """One array of a recording."""

    dims: tuple[str, ...]
    units: str
    long_name: str

    @property
    def attributes(self) -> dict[str, str]:
        """Units and name, as xarray and plots take them."""
        return {"units": self.units, "long_name": self.long_name}


VARIABLES = {
    "order_parameter": Variable(("time",), "1", "order parameter of all nodes, mean of exp(iφ)"),
    "phases": Variable(("time", "node"), "rad", "phase φ"),
    "amplitudes": Variable(("time", "node"), "1", "amplitude a"),
    "resonance": Variable(("time", "node"), "1", "resonance, sum over j of W_ij cos(φ_i − φ_j)"),
    "weights": Variable(("weights_time", "node_to", "node_from"), "1", "weight W, on node_to from node_from"),
}
CLOCKS = {
    "step": Variable(("time",), "1", "completed steps of the network"),
    "time": Variable(("time",), "s", "time of the network"),
    "weights_step": Variable(("weights_time",), "1", "completed steps of the network"),
    "weights_time": Variable(("weights_time",), "s", "time of the network"),
}
NODES = {
    "node": Variable(("node",), "1", "number of the node"),
    "node_to": Variable(("node_to",), "1", "number of the node that is acted on"),
    "node_from": Variable(("node_from",), "1", "number of the node that acts"),
    "network": Variable(("network",), "1", "number of the network in its ensemble"),
}
LAYOUT = VARIABLES | CLOCKS | NODES

SERIES = {
    "samples": ("step", "time", "order_parameter", "phases", "amplitudes", "resonance"),
    "weights": ("weights_step", "weights_time", "weights"),
}


def series_names(series: str, variables: tuple[str, ...]) -> tuple[str, ...]:
    """What a series holds where ``variables`` are recorded: nothing, or its clocks and some of them."""
    if series == "weights" and "weights" not in variables:
        return ()
    return tuple(name for name in SERIES[series] if name in CLOCKS or name in variables)


def node_names(variables: tuple[str, ...]) -> tuple[str, ...]:
    """The coordinates that number the recorded nodes."""
    return ("node", "node_to", "node_from") if "weights" in variables else ("node",)


@dataclass(frozen=True)
class Layout:
    """Dimensions and sizes of the samples of a network, or of all networks of an ensemble.

    Parameters
    ----------
    nodes
        Number of recorded nodes.
    dtype
        Of the network.
    networks
        Number of networks of an ensemble; None is a network alone, which has no such dimension.
    """

    nodes: int
    dtype: np.dtype[Any]
    networks: int | None = None

    def dims(self, name: str) -> tuple[str, ...]:
        """Names of an array's dimensions."""
        first, *rest = LAYOUT[name].dims
        return (first, *rest) if self.networks is None or name not in VARIABLES else (first, "network", *rest)

    def sample_shape(self, name: str) -> tuple[int, ...]:
        """Shape of one sample."""
        sizes = {"network": self.networks or 0}
        return tuple(sizes.get(dim, self.nodes) for dim in self.dims(name)[1:])

    def sample_dtype(self, name: str) -> np.dtype[Any]:
        """The dtype of samples."""
        if name in ("amplitudes", "weights"):
            return self.dtype
        if name == "order_parameter":
            return np.dtype(np.complex128)
        return np.dtype(np.int64 if name in ("step", "weights_step") else np.float64)

    def sample_bytes(self, names: tuple[str, ...]) -> int:
        """Size of one sample of all of ``names``."""
        return sum(math.prod(self.sample_shape(name)) * self.sample_dtype(name).itemsize for name in names)

    def chunk_length(self, names: tuple[str, ...]) -> int:
        """How many samples of all of ``names`` are kept in memory, or copied, at once."""
        return max(1, CHUNK_BYTES // max(1, self.sample_bytes(names)))


def described_as(**known: Any) -> dict[str, Any]:
    """The attributes of a recording: what ``known`` tells, and what made it."""
    made_by = f"resonance_native {_core.__version__}"
    return {"format": FORMAT, "format_version": FORMAT_VERSION, "source": made_by, **known}
