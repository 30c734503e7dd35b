"""Every kernel stays within its budget of error, on every instruction set, against 50 digits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("mpmath")

from bench.numerics import functions, kernels
from bench.numerics.budgets import BUDGETS, FOREIGN
from bench.numerics.exact import Errors, evaluate, in_ulp

import resonance_native as rn
from resonance_native import _core

FEW = kernels.Effort(points=1000, nodes=48, rows=4, sizes=(64, 1024))
Found = dict[tuple[str, str, str], Errors]
DTYPES = ("float64", "float32")


@pytest.fixture(scope="module")
def found() -> Found:
    return kernels.gather(kernels.measure(FEW))


@pytest.mark.parametrize(
    ("kernel", "dtype"),
    [
        (kernel, dtype)
        for kernel, budget in BUDGETS.items()
        for dtype in DTYPES
        if budget.of(dtype) is not None and kernel != "row sums, n = 4096"
    ],
)
def test_kernels_stay_within_their_budgets(kernel: str, dtype: str, found: Found) -> None:
    budget = BUDGETS[kernel].of(dtype)
    assert budget is not None
    isas = ("all",) if kernel == "order parameter" else rn.available_isas()
    for isa in isas:
        errors = found[kernel, dtype, isa]
        assert errors.largest <= budget, f"{isa}: {errors}"
        assert errors.largest > 0, "nothing was measured"


def test_every_kernel_has_a_budget(found: Found) -> None:
    assert {kernel for kernel, _, _ in found} == {*BUDGETS, *FOREIGN} - {"row sums, n = 4096"}


def test_large_angles_go_to_the_c_library(found: Found) -> None:
    """Its error is none of this library's; that it is called, and not a reduction without digits, is."""
    for kernel in FOREIGN:
        for isa in rn.available_isas():
            assert found[kernel, "float64", isa].largest < 20


# What the measurement can tell


@pytest.mark.parametrize(
    ("x", "dtype"), [(1.0, "float64"), (0.75, "float64"), (1.5e-310, "float64"), (1.0, "float32"), (1e-30, "float32")]
)
def test_an_ulp_is_an_ulp(x: float, dtype: str) -> None:
    exact = evaluate(lambda y: y, np.array([float(np.dtype(dtype).type(x))]))
    values = np.array([x], dtype)
    assert in_ulp(values, exact)[0] == 0
    assert in_ulp(np.nextafter(values, np.array(9, dtype)), exact)[0] == pytest.approx(1, rel=1e-12)


def test_exact_values_have_more_digits_than_doubles() -> None:
    third = evaluate(lambda x: x / 3, np.array([1.0]))
    assert in_ulp(third.high, third)[0] == pytest.approx(1 / 3, rel=1e-12)  # 1/3 is a third of an ulp above its double


@pytest.mark.parametrize(("name", "kernel"), [
    ("cosines_and_sines", "cos"), ("hyperbolic_tangents", "tanh"), ("natural_logarithms", "ln of the noise"),
    ("powers_of_two", "2^x of attention"), ("standard_normals", "phase noise"),
])  # fmt: skip
def test_a_kernel_that_is_wrong_is_found(name: str, kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Off by eight spacings where the result is largest."""
    right: Callable[..., Any] = getattr(_core, name)

    def wrong(*arguments: Any) -> Any:
        result = right(*arguments)
        values = result[0] if isinstance(result, tuple) else result
        worst = np.nanargmax(np.abs(values))
        values[worst] -= 8 * np.spacing(values[worst])
        return result

    monkeypatch.setattr(_core, name, wrong)
    found = kernels.gather(functions.measure(200))
    for isa in rn.available_isas():
        assert found[kernel, "float64", isa].largest > BUDGETS[kernel].float64


# Special values


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("float32", [False, True])
def test_special_values(float32: bool) -> None:
    """No NaN and no infinity gets as far as this; what the functions make of them is still what it should be."""
    x = np.array([0.0, -0.0, 5e-324, -5e-324, 1e-310, math.inf, -math.inf, math.nan])
    cosines, sines = _core.cosines_and_sines(x, float32)
    real = np.float32 if float32 else np.float64
    assert np.array_equal(cosines[:5], np.ones(5))
    assert np.array_equal(sines[:5], x[:5].astype(real))
    assert not np.signbit(sines[1])  # +0: phases are never −0
    assert np.all(np.isnan(cosines[5:]))
    assert np.all(np.isnan(sines[5:]))
    tangents = _core.hyperbolic_tangents(x, float32)
    assert np.array_equal(tangents[:5], x[:5].astype(real))
    assert np.array_equal(np.signbit(tangents[:7]), np.signbit(x[:7]))
    assert tangents[5:7].tolist() == [1, -1]
    assert np.isnan(tangents[7])


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("dtype", DTYPES)
def test_special_powers_and_logarithms(dtype: str) -> None:
    lowest = -126.0 if dtype == "float32" else -1022.0
    below = np.nextafter(np.array(lowest, dtype), np.array(-np.inf, dtype))
    powers = _core.powers_of_two(np.array([0.0, -0.0, -1.0, lowest, below, -np.inf, np.nan], dtype))
    assert powers[:6].tolist() == [1, 1, 0.5, 2.0**lowest, 0, 0]
    assert np.isnan(powers[6])
    assert _core.natural_logarithms(np.array([1.0, 0.5])).tolist() == [0, -math.log(2)]
