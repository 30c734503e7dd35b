"""What a user may give as initial weights of factored storage."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from resonance_native import memory
from resonance_native.factored_weights import FactoredWeights
from resonance_native.low_rank import as_low_rank
from resonance_native.weight_parts import WeightParts


def dense(parts: WeightParts) -> np.ndarray:
    return FactoredWeights(*parts[:2], base=parts.base, base_factor=parts.base_factor).to_dense()


def pair(n: int, k: int, dtype: str = "f8") -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n + k)
    return rng.standard_normal((n, k)).astype(dtype), rng.standard_normal((n, k)).astype(dtype)


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 1), (2, 2), (2, 3), (5, 0), (5, 2), (7, 9)])
@pytest.mark.parametrize("kind", [tuple, list])
def test_two_arrays(dtype: str, n: int, k: int, kind: type) -> None:
    a, b = pair(n, k, dtype)
    parts = as_low_rank(kind((a, b)), n, dtype)
    assert parts.factors.dtype == dtype
    np.testing.assert_array_equal(parts.factors[0::2], a.T)
    np.testing.assert_array_equal(parts.factors[1::2], b.T)
    np.testing.assert_array_equal(parts.cores, [[[0, 1], [0, 0]]] * k if k else np.empty((0, 2, 2)))
    assert parts[2:] == (None, 0.0, 0.0)
    np.testing.assert_allclose(dense(parts), a @ b.T, rtol=0, atol=1e-12 if dtype == "float64" else 1e-5)


def test_the_arrays_are_copied() -> None:
    a, b = pair(5, 2)
    parts = as_low_rank((a, b), 5, "f8")
    for array in (a, b):
        assert not np.may_share_memory(array, parts.factors)


def test_vectors_are_one_column_each() -> None:
    a, b = np.arange(5.0), np.arange(5) - 2
    np.testing.assert_array_equal(dense(as_low_rank((a, b), 5, "f4")), np.outer(a, b))
    np.testing.assert_array_equal(dense(as_low_rank([a, b[:, None]], 5, "f4")), np.outer(a, b))
    np.testing.assert_array_equal(dense(as_low_rank(([1, 2, 3], [4, 5, 6]), 3, "f4")), np.outer([1, 2, 3], [4, 5, 6]))


@pytest.mark.parametrize("values", [[[1, 2], [3, 4]], ((1, 2), (3, 4)), ([1.0, np.float32(2)], (3, 4))])
def test_two_rows_of_two_numbers_are_a_matrix(values: Any) -> None:
    np.testing.assert_array_equal(as_low_rank(values, 2, "f8").base, [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((np.array([1, 2]), np.array([3, 4])), [[3, 4], [6, 8]]),
        (([1, 2], np.array([3, 4])), [[3, 4], [6, 8]]),
        (([[1], [2]], [[3], [4]]), [[3, 4], [6, 8]]),
    ],
)
def test_two_arrays_for_two_nodes(values: Any, wanted: Any) -> None:
    parts = as_low_rank(values, 2, "f8")
    assert parts.base is None
    np.testing.assert_array_equal(dense(parts), wanted)


@pytest.mark.parametrize(("n", "kind"), [(1, list), (2, np.array), (3, list), (7, np.array)])
def test_weights_in_full(dtype: str, n: int, kind: Any) -> None:
    w = np.random.default_rng(n).standard_normal((n, n)).astype(dtype)
    given = kind(w.tolist())
    parts = as_low_rank(given, n, dtype)
    assert (parts.factors.shape, parts.factors.dtype, parts.cores.shape) == ((0, n), dtype, (0, 2, 2))
    assert parts.base is not None
    assert (parts.base.dtype, parts.base_factor, parts.error_bound) == (dtype, 1.0, 0.0)
    assert not np.may_share_memory(parts.base, np.asarray(given))
    np.testing.assert_array_equal(dense(parts), w)


def factored(dtype: str = "f8") -> FactoredWeights:
    rng = np.random.default_rng(0)
    base = rng.standard_normal((5, 5)).astype(dtype)
    factors = rng.standard_normal((4, 5)).astype(dtype)
    cores = rng.standard_normal((2, 2, 2))
    return FactoredWeights(factors, cores, base=base, base_factor=0.5, error_bound=0.25)


def test_factored_weights_are_shared() -> None:
    weights = factored()
    parts = as_low_rank(weights, 5, "f8")
    for found, wanted in zip(parts[:3], weights.parts[:3], strict=True):
        assert found is wanted
    assert parts[3:] == (0.5, 0.25)


@pytest.mark.parametrize(("had", "wanted"), [("float32", "float64"), ("float64", "float32")])
def test_factored_weights_of_the_other_dtype(had: str, wanted: str) -> None:
    weights = factored(had)
    parts = as_low_rank(weights, 5, wanted)
    assert parts.base is not None
    assert parts.factors.dtype == parts.base.dtype == wanted
    np.testing.assert_allclose(dense(parts), weights.to_dense(), rtol=0, atol=1e-5)


def with_value(values: Any, value: float) -> Any:
    changed = np.array(values, np.float64)
    changed[-1, 0] = value
    return changed


A, B = pair(5, 2)
SQUARE = np.ones((5, 5))
ODD = np.ones((2, 5))
OF_SIX = FactoredWeights(np.ones((2, 6)), np.ones((1, 2, 2)))


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ((A[:4], B), ValueError, r"weights\[0\] must have shape \(5, k\) or \(5,\), got \(4, 2\)"),
        ((A, B[:, :, None]), ValueError, r"weights\[1\] must have shape .* got \(5, 2, 1\)"),
        (([1, 2], [3, 4]), ValueError, r"weights\[0\] must have shape .* got \(2,\)"),
        ((A, 1.0), ValueError, r"weights\[1\] must have shape .* got \(\)"),
        ((A, B[:, :1]), ValueError, "as many columns each, got 2 and 1"),
        ((A, B[:, 0]), ValueError, "as many columns each, got 2 and 1"),
        ((A * 1j, B), TypeError, r"weights\[0\] must be an array of real numbers, got dtype complex128"),
        ((A, "text"), TypeError, r"weights\[1\] must be an array of real numbers"),
        ((A, [[1], [2, 3]]), ValueError, r"weights\[1\] must be an array of real numbers"),
        ((with_value(A, np.nan), B), ValueError, r"weights\[0\] must be finite, got NaN or infinity"),
        ((A, with_value(B, np.inf)), ValueError, r"weights\[1\] must be finite"),
        ((A, with_value(B, -1e39)), ValueError, r"weights\[1\] must be within the range of float32, got up to 1e\+39"),
        (with_value(SQUARE, np.nan), ValueError, "^weights must be finite"),
        (with_value(SQUARE, 1e39), ValueError, "^weights must be within the range of float32"),
        (SQUARE[:4], ValueError, r"weights must have shape \(5, 5\), or be a pair \(A, B\).* got shape \(4, 5\)"),
        (np.ones((2, 5, 3)), ValueError, r"weights must have shape .* got shape \(2, 5, 3\)"),
        ((A, B, A), ValueError, "weights must"),
        (0.0, ValueError, r"weights must have shape .* got shape \(\)"),
        (None, TypeError, "weights must be an array of real numbers, got None"),
        (SQUARE * 1j, TypeError, "weights must be an array of real numbers, got dtype complex128"),
        (
            FactoredWeights(np.ones((2, 6)), np.ones((1, 2, 2))),
            ValueError,
            "weights must be those of 5 nodes, got .* 6",
        ),
        (FactoredWeights(ODD * np.nan, np.ones((1, 2, 2))), ValueError, "weights must be finite"),
        (FactoredWeights(ODD.astype("f4") * np.inf, np.ones((1, 2, 2))), ValueError, "weights must be finite"),
        (FactoredWeights(ODD, np.ones((1, 2, 2)) * np.nan), ValueError, "finite, got .* in their cores"),
        (FactoredWeights(ODD * 1e39, np.ones((1, 2, 2))), ValueError, "weights must be within the range of float32"),
    ],
)
def test_what_cant_be_weights(values: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        as_low_rank(values, 5, "float32")


def test_what_would_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = pair(100, 3, "f4")
    weights = FactoredWeights(np.ones((6, 100), "f4"), np.ones((3, 2, 2)))
    monkeypatch.setattr(memory, "available_bytes", lambda: 2500)
    as_low_rank((a, b), 100, "f4")
    as_low_rank(weights, 100, "f4")
    for values in ((a, b), weights, np.ones((100, 100))):
        with pytest.raises(MemoryError, match=r"weights .*float64 would take .*GiB"):
            as_low_rank(values, 100, "f8")
