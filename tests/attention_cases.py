"""Problems for attention, how their arrays may lie, and how far results may be off."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from array_forms import unaligned

BOUNDS = {"float64": 1e-12, "float32": 1e-5}
every_isa = pytest.mark.usefixtures("isa")
causal_or_not = pytest.mark.parametrize("causal", [False, True])


def draw(
    n_queries: int, n_keys: int, d: int, dv: int, *, leading: tuple[int, ...] = (), dtype: str = "float64"
) -> list[np.ndarray]:
    """Standard normal q, k and v, and phases of a whole turn."""
    rng = np.random.default_rng([n_queries, n_keys, d, dv])
    normal = [rng.standard_normal((*leading, *own)) for own in ((n_queries, d), (n_keys, d), (n_keys, dv))]
    phases = [rng.uniform(0, 2 * np.pi, (*leading, n)) for n in (n_queries, n_keys)]
    return [array.astype(dtype) for array in normal + phases]


def largest_error(got: np.ndarray, wanted: np.ndarray) -> float:
    assert got.shape == wanted.shape
    return float(np.abs(got - wanted).max(initial=0))


def _apart(array: np.ndarray, pad: int = 3) -> np.ndarray:
    """Rows that are contiguous, with something between them."""
    wider = np.full((*array.shape[:-1], array.shape[-1] + pad), np.nan, array.dtype)
    wider[..., : array.shape[-1]] = array
    return wider[..., : array.shape[-1]]


def _heads_inside(array: np.ndarray) -> np.ndarray:
    """(..., H, L, d) lies as (..., L, H, d) does."""
    return array if array.ndim < 3 else array.swapaxes(-2, -3).copy().swapaxes(-2, -3)


LAYOUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "contiguous": np.ascontiguousarray,
    "Fortran order": np.asfortranarray,
    "every second column": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "columns reversed": lambda a: a[..., ::-1].copy()[..., ::-1],
    "rows apart": _apart,
    "all axes reversed": lambda a: np.flip(np.flip(a).copy()),
    "first axis reversed": lambda a: a[::-1].copy()[::-1],
    "heads inside": _heads_inside,
    "not aligned": unaligned,
}
