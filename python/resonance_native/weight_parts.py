"""What factored weights are made of."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _core
from .validation import finite_number


class WeightParts(NamedTuple):
    """W = base_factor · base + Σ_k [u_k v_k] M_k [u_k v_k]ᵀ, with vectors u_k and v_k over the nodes."""

    #: u_k and v_k as rows 2k and 2k + 1, (2·pairs, n), in the dtype of W.
    factors: NDArray[Any]
    #: M_k, (pairs, 2, 2).
    cores: NDArray[np.float64]
    #: (n, n), in the dtype of W; None is no base.
    base: NDArray[Any] | None
    base_factor: float
    #: See :attr:`resonance_native.factored_weights.FactoredWeights.error_bound`.
    error_bound: float

    def transposed(self) -> WeightParts:
        """The parts of Wᵀ; nothing large is copied."""
        base = None if self.base is None else self.base.T
        return self._replace(cores=self.cores.transpose(0, 2, 1), base=base)

    def with_cores(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Each M_k on rows 2k and 2k + 1 of ``values`` (2·pairs, ...)."""
        pairs, columns = len(self.cores), values.shape[1]
        # Shapes in full: NumPy can't infer an axis where there are no pairs.
        return (self.cores @ values.reshape(pairs, 2, columns)).reshape(2 * pairs, columns)


def checked_parts(factors: Any, cores: Any, base: Any, base_factor: float, error_bound: float) -> WeightParts:
    """Parts that fit each other, or an error that names the one that doesn't. Arrays that fit are not copied.

    Values are not looked at: networks make sure that they are finite.
    """
    factors, cores = (
        _core.real_array(factors, "factors"),
        _core.real_array(cores, "cores").astype(np.float64, copy=False),
    )
    if factors.dtype not in (np.float32, np.float64):
        raise TypeError(f"factors must be of float32 or float64, got {factors.dtype}")
    if factors.ndim != 2 or len(factors) % 2 or factors.shape[1] == 0:
        raise ValueError(f"factors must have shape (2·pairs, n), two rows a pair, got {factors.shape}")
    pairs, n = len(factors) // 2, factors.shape[1]
    if cores.shape != (pairs, 2, 2):
        raise ValueError(f"cores must have shape ({pairs}, 2, 2), one core a pair of factors, got {cores.shape}")
    if base is not None:
        base = _core.real_array(base, "base")
        if base.dtype != factors.dtype:
            raise TypeError(f"base must be of the factors' dtype, {factors.dtype}, got {base.dtype}")
        if base.shape != (n, n):
            raise ValueError(f"base must have shape ({n}, {n}), got {base.shape}")
    base_factor = finite_number("base_factor", base_factor)
    if not _core.real_number(error_bound, "error_bound") >= 0:  # infinite where weights have diverged
        raise ValueError(f"error_bound must be ≥ 0, got {error_bound!r}")
    if base is None or base_factor == 0:
        base, base_factor = None, 0.0  # a base that adds nothing would only take memory
    return WeightParts(factors, cores, base, float(base_factor), float(error_bound))
