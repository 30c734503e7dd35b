"""What to record of a run, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .recording_layout import VARIABLES
from .recording_session import RecordingSession
from .validation import node_indices, whole_number

__all__ = ["Recorder"]


@dataclass(frozen=True, eq=False, repr=False)
class Recorder:
    """What :meth:`ResonanceNetwork.run` records, and how often.

    A recorder is a specification and holds no data: it may serve any number of runs, of any networks, and each run
    returns a :class:`Recording` of its own. With s the number of completed steps of the run, a sample is taken at
    s = start, start + every, start + 2·every, ..., the last step included; s = 0 is the state before the first step.
    So 100 steps with ``every=10`` give 11 samples, and ``start=1, every=1`` gives one after each step.

    Parameters
    ----------
    every : int
        Steps from one sample to the next, ≥ 1.
    start : int
        Steps before the first sample, ≥ 0.
    variables : str or iterable of str
        Which of these to record: ``"order_parameter"``, the mean of exp(iφ) over all nodes, complex; ``"phases"``
        [rad]; ``"amplitudes"`` [1]; ``"resonance"``, Σ_j W_ij cos(φ_i − φ_j) [1]; ``"weights"`` [1]. Step counts and
        times are always recorded.
    nodes : int, slice, array_like of int, or mask (n,), optional
        Nodes whose phases, amplitudes and resonance are recorded, and of the weights those among them,
        ``W[nodes][:, nodes]``. None is all.
    weights_every : int, optional
        Steps from one sample of the weights to the next, ≥ 1. None is ``every``.
    maxlen : int, optional
        Keep only this many samples, the last ones, and as many of the weights.
    out : path, zarr store or zarr group, optional
        Stream to this store, in the format of :meth:`Recording.save`, for what is larger than memory. It must not
        exist yet, or be empty. Needs zarr.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.

    Notes
    -----
    A streamed run holds at most 16 MiB of samples in memory, or one sample where that is more. A run whose samples
    would not fit in memory is refused before its first step.

    Examples
    --------
    >>> import resonance_native as rn
    >>> rn.Recorder(every=5, variables=("order_parameter", "phases"), nodes=slice(0, 16))
    Recorder(every=5, variables=('order_parameter', 'phases'), nodes=slice(0, 16, None))
    """

    every: int = 10
    start: int = 0
    variables: str | Iterable[str] = tuple(VARIABLES)
    nodes: Any = None
    weights_every: int | None = None
    maxlen: int | None = None
    out: Any = None

    def __post_init__(self) -> None:
        """Check every argument, and keep what cannot be changed from outside."""
        checked = {
            "every": whole_number("every", self.every, at_least=1),
            "start": whole_number("start", self.start, at_least=0),
            "variables": _checked_variables(self.variables),
            "nodes": _frozen_nodes(self.nodes),
            "weights_every": _whole_or_none("weights_every", self.weights_every),
            "maxlen": _whole_or_none("maxlen", self.maxlen),
        }
        if self.weights_every is not None and "weights" not in checked["variables"]:
            raise ValueError(f'weights_every must be None where variables lacks "weights", got {self.weights_every}')
        if self.maxlen is not None and self.out is not None:
            raise ValueError(
                f"maxlen and out exclude each other: a store keeps all samples, got maxlen = {self.maxlen} "
                f"and out = {self.out!r}"
            )
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def _begin(
        self,
        n_nodes: int,
        dtype: np.dtype[Any],
        steps: int,
        dt: float | None = None,
        *,
        networks: int | None = None,
        segment: int = 0,
        session: Callable[..., RecordingSession] = RecordingSession,
    ) -> RecordingSession:
        """Make ready for a run of ``steps`` steps: everything that can be refused is refused here."""
        weights_every = self.weights_every or self.every
        return session(
            variables=tuple(self.variables),
            nodes=None if self.nodes is None else self._selected(n_nodes),
            n_nodes=n_nodes,
            dtype=dtype,
            start=self.start,
            every={"samples": self.every, "weights": weights_every if "weights" in self.variables else 0},
            totals={"samples": self._count(steps, self.every), "weights": self._count(steps, weights_every)},
            maxlen=self.maxlen,
            out=self.out,
            dt=dt,
            networks=networks,
            segment=segment,
        )

    def _count(self, steps: int, every: int) -> int:
        return 0 if self.start > steps else (steps - self.start) // every + 1

    def _selected(self, n_nodes: int) -> NDArray[np.int64]:
        selected = node_indices(self.nodes, n_nodes)
        if selected.size == 0:
            raise ValueError(f"nodes must select at least one of {n_nodes} nodes, got {self.nodes!r}")
        return selected

    def __repr__(self) -> str:
        shown = [f"every={self.every}"]
        for field in fields(self)[1:]:
            value = getattr(self, field.name)
            if field.name == "nodes" and isinstance(value, np.ndarray):
                shown.append(f"nodes=<{np.count_nonzero(value) if value.dtype == bool else value.size} of them>")
            elif value is not field.default and value != field.default:
                shown.append(f"{field.name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


def _checked_variables(variables: Any) -> tuple[str, ...]:
    known = ", ".join(map(repr, VARIABLES))
    try:
        names = [variables] if isinstance(variables, str) else list(variables)
    except TypeError:
        raise TypeError(f"variables must be one or several of {known}, got {variables!r}") from None
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"variables must be one or several of {known}, got {name!r}")
        if name not in VARIABLES:
            raise ValueError(f"variables must be among {known}, got {name!r}")
        if names.count(name) > 1:
            raise ValueError(
                f"variables must name each of {known} at most once, got {name!r} {names.count(name)} times"
            )
    if not names:
        raise ValueError(f"variables must be one or several of {known}, got none")
    return tuple(name for name in VARIABLES if name in names)


def _frozen_nodes(nodes: Any) -> Any:
    """``nodes`` as nobody can change it later; whether a network has them, a run will tell."""
    if nodes is None or isinstance(nodes, slice):
        return nodes
    try:
        array = np.array(nodes)
    except ValueError:  # a ragged list
        raise ValueError(f"nodes must be an int, a slice, indices or a mask, got {nodes!r}") from None
    if array.size == 0:
        raise ValueError(f"nodes must select at least one node, got {nodes!r}")
    if array.dtype.kind not in "biu" or (array.dtype.kind == "b" and array.ndim == 0):
        raise TypeError(f"nodes must be an int, a slice, indices or a mask, got {nodes!r}")
    if array.ndim > 1:
        raise ValueError(f"nodes must be an int, a slice, indices or a mask, got shape {array.shape}")
    if array.ndim == 0:
        return int(array)
    array.setflags(write=False)
    return array


def _whole_or_none(name: str, value: Any) -> int | None:
    return None if value is None else whole_number(name, value, at_least=1)
