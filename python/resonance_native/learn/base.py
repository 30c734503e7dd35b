"""What all read-outs of a network share: how they come by it, and how rows reach it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from .. import entraining
from ..network import ResonanceNetwork
from .blas import few_threads
from .encoder import PhaseEncoder
from .modes import top_modes
from .presenting import Part, Parts, phasor_parts


class ReadOut(BaseEstimator):
    """An estimator that reads a network: its own, which fit entrains, or one that it is given.

    Subclasses have the parameters ``n_nodes``, ``bandwidth``, ``scale``, ``phase_scale``, ``fading_factor``,
    ``dtype``, ``random_state`` and ``network``.
    """

    network_: ResonanceNetwork
    encoder_: entraining.Encoder | None
    modes_: NDArray[np.float64]
    strengths_: NDArray[np.float64]

    def _rows(self, X: ArrayLike, reset: bool) -> NDArray[Any]:
        finite: Any = "allow-nan" if self._takes_missing() else True
        checked = validate_data(self, X, reset=reset, dtype=(np.float64, np.float32), ensure_all_finite=finite)
        return np.asarray(checked)

    def _takes_missing(self) -> bool:
        """Whether NaN stands for a silent node: where columns go to nodes one to one."""
        if self.network is None:
            return self.n_nodes is None
        return entraining.takes_missing(getattr(self.network, "encoder", None))

    def _begin(self, rows: NDArray[Any]) -> None:
        """Take the network that was given, or build one and entrain it."""
        if self.network is not None:
            self._read_given(rows.shape[1])
            return
        rng = check_random_state(self.random_state)
        seeds = rng.randint(2**31 - 1, size=2)
        encoder = PhaseEncoder(
            self.n_nodes,
            bandwidth=None if self.n_nodes is None else self.bandwidth,
            scale=self.scale,
            phase_scale=self.phase_scale,
            random_state=int(seeds[0]),
        ).fit(rows)
        n_nodes = rows.shape[1] if self.n_nodes is None else self.n_nodes
        # Nothing but the rows is in the weights.
        network = ResonanceNetwork(n_nodes, dtype=self.dtype, weight_std=0.0, seed=int(seeds[1]))
        network.entrain(rows, encoder=encoder, fading_factor=self.fading_factor)
        self.network_, self.encoder_ = network, encoder

    def _continue(self, rows: NDArray[Any]) -> None:
        """Entrain the own network further, or read again the one that was given."""
        if self.network is not None:
            self._read_given(rows.shape[1])
        else:
            self.network_.entrain(rows, fading_factor=self.fading_factor)

    def _read_given(self, columns: int) -> None:
        if not isinstance(self.network, ResonanceNetwork):
            raise TypeError(f"network must be a ResonanceNetwork or None, got {self.network!r}")
        encoder = self.network.encoder
        wanted = self.network.n_nodes if encoder is None else getattr(encoder, "n_features_in_", columns)
        if columns != wanted:
            raise ValueError(f"X must have {wanted} columns, as what network was entrained on, got {columns} features")
        # A copy, so that what the network learns later changes no fitted estimator.
        self.network_, self.encoder_ = self.network.copy(), encoder

    def _parts(self, rows: NDArray[Any]) -> Iterator[Part]:
        """Real and imaginary parts of the rows' phasors, (block, n), block by block."""
        for block in entraining.blocks(len(rows), self.network_.n_nodes):
            offsets = entraining.encoded(self.network_, self.encoder_, rows[block])
            yield block, *phasor_parts(offsets, self.network_.initial_phases)

    def _repeatable_parts(self, rows: NDArray[Any]) -> Parts:
        return Parts(lambda: self._parts(rows), len(rows), self.network_.n_nodes)

    def _read_modes(self, count: int) -> None:
        with few_threads(self.network_.n_nodes):
            self.strengths_, self.modes_ = top_modes(self.network_.weights, count)

    def _embedded(self, rows: NDArray[Any], parts: Iterable[Part] | None = None) -> NDArray[Any]:
        """[Vᵀcosφ, Vᵀsinφ] of rows, (N, 2·modes), in their dtype; ``parts`` are their phasors, where known."""
        count = self.modes_.shape[1]
        embedded = np.empty((len(rows), 2 * count), rows.dtype)
        modes = self.modes_.astype(self.network_.dtype)
        with few_threads(self.network_.n_nodes):
            for block, cosines, sines in self._parts(rows) if parts is None else parts:
                embedded[block, :count] = cosines @ modes
                embedded[block, count:] = sines @ modes
        return embedded

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._takes_missing()
        return tags
