"""A network that is copied, pickled, and saved to a file."""

from __future__ import annotations

import copy
import os
from typing import Any, Self

import numpy as np

from . import _core
from .moments import moment
from .network_state import NetworkState
from .weight_store import SavedWeights, WeightsInMemory
from .weight_stores import STORES


class PersistentNetwork(NetworkState):
    """The part of a :class:`ResonanceNetwork` that makes others of its state, which go on with the same bits."""

    def copy(self) -> Self:
        """Return an independent copy, which goes on with the same bits."""
        return copy.deepcopy(self)

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        net = type(self).__new__(type(self))
        memo[id(self)] = net  # before its attributes: one of them may refer to the network
        with moment(self._core):
            vars(net).update(copy.deepcopy(self._attributes(), memo))
            net._adopt_core(self.n_nodes)
            net._core.assign(self._core)
        return net

    def _attributes(self) -> dict[str, Any]:
        """What the core does not hold."""
        views = {"_phases", "_frequencies", "_amplitudes", "_weights", "_pinned", "_initial_phases"}
        core_held = {"_core", "_update", *views}
        return {key: value for key, value in vars(self).items() if key not in core_held}

    def _all_but_weights(self) -> dict[str, Any]:
        """What the network goes on with, as :meth:`_take_over` takes it."""
        return {
            "attributes": self._attributes(),
            "hyperparameters": {name: self._core.hyperparameter(name) for name in _core.hyperparameter_names()},
            "threads": self._core.threads_setting,
            "noise_seed": self._core.noise_seed,
            "pins": self._core.pins(),
            "vectors": self._core.vectors(),
        }

    def __getstate__(self) -> dict[str, Any]:
        with moment(self._core):
            weights = WeightsInMemory.of(self._store.tensors(self._core))
            saved = {**self._all_but_weights(), "storage": self._store.name, "weights": weights}
        saved["attributes"].pop("_store", None)  # what it keeps is among the weights
        return saved

    def __setstate__(self, saved: dict[str, Any]) -> None:
        weights = WeightsInMemory(saved["weights"])
        self._store = STORES[saved["storage"]].of_saved(weights)
        self._take_over(saved, weights)

    def _take_over(self, saved: dict[str, Any], weights: SavedWeights) -> None:
        """Become what was saved."""
        vars(self).update(saved["attributes"])
        self._adopt_core(len(saved["vectors"]["phases"]))
        self._restore(saved, weights)

    def _restore(self, saved: dict[str, Any], weights: SavedWeights) -> None:
        """Everything of what was saved that the core holds."""
        vectors, pins = saved["vectors"], saved["pins"]
        for name, value in saved["hyperparameters"].items():
            self._core.set_hyperparameter(name, value)
        self._core.set_threads(saved["threads"] or None)
        self._core.set_noise_seed(saved["noise_seed"])
        self._core.set_tolerance(self._tolerance)
        for mask, phases in ((pins["amplitude_pins"], None), (pins["phase_pins"], pins["phases"])):
            where = np.flatnonzero(mask)
            self._core.pin(where, pins["amplitudes"][where], None if phases is None else phases[where])
        # The state comes last: nodes may have been set away from where they are pinned.
        self._core.set_phases(vectors["phases"])
        self._core.set_frequencies(vectors["frequencies"])
        self._core.set_amplitudes(vectors["amplitudes"])
        self._store.restore(self._core, weights)
        if vectors["cosine_sums"] is not None:
            self._core.set_sums(vectors["cosine_sums"], vectors["sine_sums"])
        self._core.set_clock(vectors["step_count"], vectors["time"])
        self._core.set_initial_phases(vectors["initial_phases"])
        self._core.set_presentation_count(vectors["presentation_count"])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save everything that the network goes on with to a file.

        The file is replaced as a whole: whoever reads it, and a machine that fails meanwhile, finds the old one or the
        new one. Other threads' calls on the network wait. See docs/checkpoints.md for the format.

        Parameters
        ----------
        path : path_like
            The file; a usual name ends in ``.safetensors``.

        Raises
        ------
        OSError
            If the system can't write it; the error names the path, and what was there stays.
        BlockingIOError
            If another call is writing to the same path.
        TypeError
            If the network has what such a file can't hold: an encoder other than
            :class:`resonance_native.learn.PhaseEncoder`, a seed or an attribute of a type of your own. Pickle can.
        ValueError
            If the network has diverged: its weights are not finite.
        """
        from . import checkpoint

        checkpoint.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Return the network that :meth:`save` has saved, which goes on with the same bits.

        Needs safetensors. The file is read only, and nothing in it is ever run.

        Parameters
        ----------
        path : path_like
            The file.

        Returns
        -------
        ResonanceNetwork

        Raises
        ------
        OSError
            If the system can't read it: FileNotFoundError and its kin.
        ValueError
            If it is not such a file, if it is damaged in any byte, or of a newer format.
        MemoryError
            If the weights would not fit in memory, before they are allocated.
        ImportError
            If safetensors is missing; or scikit-learn, for a network with an encoder.
        """
        from . import checkpoint

        return checkpoint.load(path, cls)[0]
