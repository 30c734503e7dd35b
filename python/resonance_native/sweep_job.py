"""A sweep without its bookkeeping: what is to be done for some of its networks, in this process or another."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ensemble import ResonanceEnsemble
from .runtime import isa, use_isa
from .sweep_samples import Journey, Samples

DIVERGED = "diverged"


@dataclass(frozen=True)
class SweepJob:
    """What all networks of a sweep have in common, and the grid that they differ by.

    Attributes
    ----------
    axes
        Values of the grid by name. A place is an index into all their combinations.
    names
        What is kept of each network.
    reduction
        What is kept of its samples over time.
    start, every
        The first sample, and steps from one to the next.
    inputs, steps, dt, hold, learn
        Of the run.
    n_nodes, seed, keywords
        Of the networks; ``seed`` unless the grid has seeds.
    isa
        The instruction set: bits depend on it.
    """

    axes: dict[str, NDArray[Any]]
    names: list[str]
    reduction: str
    start: int
    every: int
    inputs: NDArray[Any]
    steps: int
    dt: float
    hold: int
    learn: bool
    n_nodes: int
    seed: int
    keywords: dict[str, Any]
    isa: str

    def run(
        self, places: NDArray[np.int64], moved: Callable[[int], object] = lambda _steps: None
    ) -> dict[str, NDArray[Any]]:
        """Run the networks at these places as one ensemble, and return what is kept of them by name.

        ``moved`` is called with the number of network-steps since the last call.
        """
        # Threads of one process share the setting: nothing is set where it is in use already.
        with nullcontext() if isa() == self.isa else use_isa(self.isa):
            return self._run(places, moved)

    def _run(self, places: NDArray[np.int64], moved: Callable[[int], object]) -> dict[str, NDArray[Any]]:
        shape = [len(values) for values in self.axes.values()]
        chosen = dict(zip(self.axes, np.unravel_index(places, shape), strict=True))
        values: dict[str, Any] = {name: self.axes[name][where] for name, where in chosen.items()}
        values.setdefault("seed", np.full(len(places), self.seed))
        values["seed"] = [int(each) for each in values["seed"]]
        ensemble = ResonanceEnsemble(len(places), self.n_nodes, **{**self.keywords, **values})
        sampled = [name for name in self.names if name != "regime"]
        samples = Samples(ensemble, sampled, self.reduction, self.start, self.every, self.steps)
        journey = Journey(ensemble, self.inputs, self.dt, self.hold, self.learn, samples, moved)
        journey.advance(self.steps)
        found = {}
        for name in self.names:
            kept = ensemble.regime() if name == "regime" else samples.reduced[name].result()
            found[name] = np.where(journey.diverged, DIVERGED if name == "regime" else np.nan, kept)
        return found
