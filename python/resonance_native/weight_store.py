"""What a network asks of the way in which its weights are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from . import _core
from .saved_tensor import Tensor

CORES: dict[str, type[_core.Network]] = {"float32": _core.NetworkFloat32, "float64": _core.NetworkFloat64}

#: Shape and dtype of each tensor that a network's weights are saved as.
Wanted = dict[str, tuple[tuple[int, ...], np.dtype[Any]]]


class SavedWeights(Protocol):
    """Tensors of saved weights, by name: ``weights``, or names that begin with ``weights.``."""

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shape of each tensor, of others than weights too."""

    def tensor(self, name: str) -> NDArray[Any]:
        """A whole tensor."""

    def rows(self, name: str) -> Iterator[tuple[int, NDArray[Any]]]:
        """A tensor as (index of the first row, rows)."""


class WeightsInMemory:
    """Saved weights as arrays, which a pickle holds."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._arrays = arrays
        self.shapes = {name: array.shape for name, array in arrays.items()}

    @classmethod
    def of(cls, tensors: list[Tensor]) -> dict[str, NDArray[Any]]:
        """The arrays of tensors, whose rows are copied now."""
        arrays = {tensor.name: np.empty(tensor.shape, tensor.dtype) for tensor in tensors}
        for tensor in tensors:
            tensor.copy_rows(0, arrays[tensor.name])
        return arrays

    def tensor(self, name: str) -> NDArray[Any]:
        """A whole tensor."""
        return self._arrays[name]

    def rows(self, name: str) -> Iterator[tuple[int, NDArray[Any]]]:
        """A tensor as (index of the first row, rows)."""
        yield 0, self._arrays[name]


@runtime_checkable
class WeightStore(Protocol):
    """One way to keep weights. Says how a core is made for them, and how they come in and out; never changes.

    Copies of a network share it.
    """

    #: As ``storage`` names it.
    name: str
    #: Whether :meth:`advice` may come to have something to say.
    may_advise: bool

    @property
    def default_weight_std(self) -> float | None:
        """What ``weight_std`` None stands for; None where nothing is drawn then."""

    def core(self, n_nodes: int, dtype: np.dtype[Any]) -> _core.Network:
        """A core for these weights, all 0. Raises MemoryError where it would not fit."""

    def draw(self, core: _core.Network, rng: np.random.Generator, weight_std: float | None) -> None:
        """Draw the initial weights; None stands for the default."""

    def view(self, core: _core.Network) -> NDArray[Any] | None:
        """The weights as an array that stays current, or None where there is none."""

    def weights(self, core: _core.Network, view: NDArray[Any] | None) -> Any:
        """What a network shows as its weights, now."""

    def set_weights(self, core: _core.Network, values: Any) -> None:
        """Take over weights that a user gives. Raises TypeError or ValueError, and changes nothing then."""

    def advice(self, core: _core.Network) -> str | None:
        """What to tell a user, once, where this is not the way to keep such weights; None where it is."""

    def tensors(self, core: _core.Network) -> list[Tensor]:
        """What the weights are saved as."""

    def wanted(self, n_nodes: int, dtype: np.dtype[Any], saved: SavedWeights) -> Wanted:
        """What these tensors must be. Raises ValueError where they can't be such weights."""

    @classmethod
    def of_saved(cls, saved: SavedWeights) -> Self:
        """The store that saved weights belong to."""

    def restore(self, core: _core.Network, saved: SavedWeights) -> None:
        """Take over saved weights, of :meth:`wanted` shapes."""
