"""Products, entries and the diagonal of factored weights.

All are computed in float64, from blocks of nodes: the factors of a large network in float32 are never held in float64
as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .weight_parts import WeightParts

_VALUES_AT_A_TIME = 2**18  # 2 MiB of float64: a block stays in a core's cache
_ROWS_AT_A_TIME = 256


def _blocks(count: int, values_each: int) -> Iterator[slice]:
    """``count`` nodes in blocks, for which so many values each are held at a time."""
    size = max(1, _VALUES_AT_A_TIME // max(1, values_each))
    for first in range(0, count, size):
        yield slice(first, min(first + size, count))


def _in_float64(array: NDArray[Any]) -> NDArray[np.float64]:
    return array.astype(np.float64, copy=False)


def _as_real(array: NDArray[Any]) -> NDArray[Any]:
    """Complex columns as pairs of real ones, in the same memory where rows are contiguous: W is real."""
    if array.dtype.kind != "c":
        return array
    return np.ascontiguousarray(array).view(array.real.dtype)


def product(parts: WeightParts, x: NDArray[Any]) -> NDArray[Any]:
    """W x, for x (n, k) of real or complex numbers."""
    factors, base = parts.factors, parts.base
    result = np.empty(x.shape, np.result_type(factors.dtype, x.dtype))
    real, out = _as_real(x), _as_real(result)
    n, columns = real.shape
    inner = np.zeros((len(factors), columns))
    for nodes in _blocks(n, len(factors) + columns):
        inner += _in_float64(factors[:, nodes]) @ _in_float64(real[nodes])
    outer = parts.with_cores(inner)
    whole = real if base is None else _in_float64(real)
    for nodes in _blocks(n, len(factors) + columns + (0 if base is None else n)):
        total = _in_float64(factors[:, nodes]).T @ outer
        if base is not None:
            total += parts.base_factor * (_in_float64(base[nodes]) @ whole)
        out[nodes] = total
    return result


def entries(parts: WeightParts, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[Any]:
    """W[i, j] for each i of ``rows`` and each j of ``columns``."""
    if len(rows) > len(columns):
        return entries(parts.transposed(), columns, rows).T  # cores go on the smaller side
    factors = parts.factors
    result = np.empty((len(rows), len(columns)), factors.dtype)
    rank, mirrored = len(factors), parts.transposed()
    for first in range(0, len(rows), _ROWS_AT_A_TIME):
        some = rows[first : first + _ROWS_AT_A_TIME]
        left = mirrored.with_cores(_in_float64(factors[:, some])).T
        for part in _blocks(len(columns), max(rank, len(some))):
            block = left @ _in_float64(factors[:, columns[part]])
            if parts.base is not None:
                block += parts.base_factor * _in_float64(parts.base[np.ix_(some, columns[part])])
            result[first : first + len(some), part] = block
    return result


def diagonal(parts: WeightParts) -> NDArray[Any]:
    """W[i, i] of each node."""
    factors = parts.factors
    result = np.empty(factors.shape[1], factors.dtype)
    for nodes in _blocks(len(result), 2 * len(factors)):
        values = _in_float64(factors[:, nodes])
        total = (values * parts.with_cores(values)).sum(axis=0)
        if parts.base is not None:
            total += parts.base_factor * _in_float64(parts.base.diagonal()[nodes])
        result[nodes] = total
    return result
