"""A network that learns from rows of data."""

from __future__ import annotations

from typing import Any, Self

from numpy.typing import ArrayLike, NDArray

from . import entraining
from .entraining import Encoder
from .persistent_network import PersistentNetwork


class EntrainableNetwork(PersistentNetwork):
    """The part of a :class:`ResonanceNetwork` that takes in data without labels and without a loss."""

    def encode(self, x: ArrayLike) -> NDArray[Any]:
        """Turn data into input patterns, for :meth:`predict`, :meth:`update` and :meth:`run`.

        Held for one second, from :attr:`initial_phases` and with equal natural frequencies, a pattern leads to the
        phases of a presentation in :meth:`entrain`.

        Parameters
        ----------
        x : array_like, (d,) or (N, d)
            A row of data, or rows.

        Returns
        -------
        ndarray, (n,) or (N, n)
            Ωx [rad/s], as :attr:`encoder` makes it; without an encoder x itself, and d must be n.

        Raises
        ------
        TypeError, ValueError
            If x is not real and finite, or has not the columns that the encoder was fitted on.
        """
        return entraining.encode(self, x)

    def entrain(
        self,
        data: ArrayLike,
        *,
        encoder: Encoder | None = None,
        fading_factor: float | None = None,
        epochs: int = 1,
        shuffle: bool = False,
        progress: bool = False,
    ) -> Self:
        """Learn from rows of data, without labels and without a loss.

        Each row x is one presentation: phases φ = φ⁰ + Ωx from the network's :attr:`initial_phases` φ⁰, all
        amplitudes 1, and with z = exp(iφ) one growth of the weights, so that they become the mean of all rows::

            W ← W + (Re z zᴴ − W) / t            t: presentation_count, this row included
            W ← λ W + (1 − λ) Re z zᴴ            with a fading factor λ

        The first of these forgets the random weights at its first row. Calling it again goes on where the last
        call ended. Nothing but weights and :attr:`presentation_count` changes: phases and amplitudes stay, and
        pins and hyperparameters have no part in it. The literal form of the published network, which presents
        a row by holding it for 100 steps, is ``net.run(rows, hold=100)``.

        Parameters
        ----------
        data : array_like, (N, d)
            Rows. Without an encoder, NaN is a missing input: its node is silent (a = 0) in that row.
        encoder : optional
            A fitted transformer from (N, d) to phase offsets [rad] (N, n), as in scikit-learn, kept as
            :attr:`encoder` from then on. None takes the one kept. Where there is none, columns go to nodes one
            to one if d = n; otherwise a :class:`resonance_native.learn.PhaseEncoder` is fitted on ``data``.
        fading_factor : float, optional
            λ [1], in [0, 1]: old rows count for a factor e less after 1/(1 − λ) rows. None is the mean of all.
        epochs : int
            How many times all rows are presented, ≥ 1.
        shuffle : bool
            Whether each epoch presents the rows in a random order, drawn anew from the initial phases and the
            presentation count: the same calls give the same order.
        progress : bool
            Whether to show a progress bar (needs tqdm).

        Returns
        -------
        ResonanceNetwork
            The network itself.

        Raises
        ------
        TypeError, ValueError
            If an argument is of the wrong kind, shape or range; the network is then as before.
        ImportError
            If an encoder has to be fitted and scikit-learn is missing, or tqdm for ``progress``.

        Notes
        -----
        Many rows share a pass over the weights, and only one triangle of their growth is computed. Ctrl-C stops
        between such passes; ``presentation_count`` tells after how many rows.

        φ⁰ should be random, as it is in a new network. From φ⁰ = 0 the presentations of x and −x give the same
        real weights, and nothing that reads the weights can tell the two apart.

        With a random encoder this is a sum of random Fourier features [1]_: zᴴWz/n² estimates a density of the
        rows. See docs/learning.md and docs/theory.md.

        References
        ----------
        .. [1] A. Rahimi and B. Recht, "Random features for large-scale kernel machines", NeurIPS 2007.
        """
        entraining.entrain(self, data, encoder, fading_factor, epochs, shuffle, progress)
        if not self._warned_of_rank:
            self._warn_of_rank(stacklevel=3)
        return self
