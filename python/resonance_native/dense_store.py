"""Weights as n × n numbers."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from . import _core, initial
from .memory import gib, require_memory
from .saved_tensor import Tensor
from .weight_store import CORES, SavedWeights, Wanted


class DenseStore:
    """See :class:`resonance_native.weight_store.WeightStore`."""

    name = "dense"
    default_weight_std = 0.01
    may_advise = False

    def core(self, n_nodes: int, dtype: np.dtype[Any]) -> _core.Network:
        """A core with n × n weights."""
        way_out = 'storage="factored" never forms n × n weights'
        if dtype == np.float64:
            way_out = f'dtype="float32" takes {gib(4 * n_nodes**2)}, and {way_out}'
        require_memory(dtype.itemsize * n_nodes**2, f"a network of n_nodes = {n_nodes} in {dtype.name}", way_out)
        return CORES[dtype.name](n_nodes)

    def draw(self, core: _core.Network, rng: np.random.Generator, weight_std: float | None) -> None:
        """Draw them by whole rows."""
        std = self.default_weight_std if weight_std is None else weight_std
        for first, rows in initial.weight_rows(rng, len(core.phases()), std):
            core.set_weight_rows(first, rows)

    def view(self, core: _core.Network) -> NDArray[Any]:
        """The core's own memory."""
        return core.weights()

    def weights(self, core: _core.Network, view: NDArray[Any] | None) -> Any:
        """The view, or in a callback, where the core's own weights are those of another moment, a copy."""
        of_moment = core.moment_weights()
        return view if of_moment is None else of_moment

    def set_weights(self, core: _core.Network, values: Any) -> None:
        """Copy n × n numbers in."""
        core.set_weights(values)

    def advice(self, core: _core.Network) -> None:
        """None."""

    def tensors(self, core: _core.Network) -> list[Tensor]:
        """One tensor, copied by rows."""
        view = core.weights()
        return [Tensor("weights", view.shape, view.dtype, core.copy_weight_rows)]

    def wanted(self, n_nodes: int, dtype: np.dtype[Any], saved: SavedWeights) -> Wanted:  # noqa: ARG002
        """One tensor of n × n numbers."""
        return {"weights": ((n_nodes, n_nodes), dtype)}

    @classmethod
    def of_saved(cls, saved: SavedWeights) -> Self:  # noqa: ARG003
        """The same for all."""
        return cls()

    def restore(self, core: _core.Network, saved: SavedWeights) -> None:
        """Copy them by rows."""
        for first, rows in saved.rows("weights"):
            core.set_weight_rows(first, rows)
