"""The tables of docs/numerics.md."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from examples.claims.report import Table

import resonance_native as rn

from .bits import NOISE, Difference
from .budgets import BUDGETS, FOREIGN
from .drift import Curve
from .exact import Errors
from .functions import DTYPES
from .steps import CHECKPOINTS, Growth

LETTERS = {"float64": "f64", "float32": "f32"}


def kernel_table(found: Mapping[tuple[str, str, str], Errors]) -> Table:
    """Budgets, bounds and what was measured, a column for each instruction set."""
    isas = [name for name in rn.available_isas() if any(isa == name for _, _, isa in found)]
    rows = []
    for kernel in (*BUDGETS, *FOREIGN):
        budget = BUDGETS.get(kernel)
        for index, dtype in enumerate(DTYPES):
            errors = {isa: found[kernel, dtype, isa] for isa in (*isas, "all") if (kernel, dtype, isa) in found}
            if not errors:
                continue
            worst = max(errors.values(), key=lambda each: each.largest)
            bound = budget.bound[index] if budget is not None and len(budget.bound) > index else ""
            asked = "" if budget is None else f"{budget.of(dtype):g}"
            cells = [_number(errors.get(isa, errors.get("all"))) for isa in isas]
            unit = "ulp" if budget is None else budget.unit
            rows.append((kernel, unit, LETTERS[dtype], asked, bound, *cells, f"{worst.mean:.2f}", worst.where))
    heads = ("kernel", "error in", "", "budget", "bound", *isas, "mean", "largest at")
    return Table("Largest errors against 50 digits", heads, tuple(rows))


def _number(errors: Errors | None) -> str:
    return "" if errors is None else f"{errors.largest:.2f}"


def growth_table(found: Sequence[Growth], *, given_phases: bool) -> Table:
    """The larger error of weights and amplitudes after 1, 10, 100 and 1,000 steps."""
    rows = []
    for growth in found:
        if growth.given_phases == given_phases:
            larger = [max(pair) for pair in zip(growth.weights, growth.amplitudes, strict=True)]
            cells = [f"{error:.0e}" for error in larger]
            phases = () if given_phases else (f"{growth.phases[-1]:.0e}",)
            rows.append((growth.engine, str(growth.n), LETTERS[growth.dtype], *cells, *phases))
    heads = ("", "n", "", *(f"{stop:,}" for stop in CHECKPOINTS))
    if given_phases:
        return Table("Weights over max|W|, and amplitudes, after so many steps; phases those of float64", heads,
                     tuple(rows))  # fmt: skip
    title = "The same with exact phases, and what phases [rad] are off"
    return Table(title, (*heads, "phases at 1,000"), tuple(rows))


def drift_table(found: Mapping[str, Sequence[Curve]]) -> Table:
    """Every curve at the last four decades."""
    rows = []
    for regime, curves in found.items():
        for curve in curves:
            if regime == "phases":
                errors = curve.phases
            else:
                errors = [max(pair) for pair in zip(curve.weights, curve.amplitudes, strict=True)]
            at = {1000: "", 10_000: "", 100_000: "", 1_000_000: ""}
            at |= {
                stop: "silent" if math.isnan(error) else f"{error:.0e}"
                for stop, error in zip(curve.steps, errors, strict=True)
                if stop in at
            }
            rows.append((regime, curve.name, *at.values()))
    return Table("Errors after many steps: phases [rad]; weights over max|W| and amplitudes, the larger",
                 ("", "", "10³", "10⁴", "10⁵", "10⁶"), tuple(rows))  # fmt: skip


def difference_table(found: Sequence[Difference]) -> Table:
    """Where bits differ, by how much."""
    rows = []
    for name in dict.fromkeys(each.between for each in found):
        of = {each.dtype: each for each in found if each.between == name}
        cells = []
        for dtype in DTYPES:
            each = of.get(dtype)
            if each is None:
                cells += ["", ""]
            elif each.between == NOISE:
                cells += ["", f"{each.phases:.0e}, of ξ"]
            else:
                cells += [f"{each.weights:.0e}", f"{each.amplitudes:.0e}"]
        rows.append((name, *cells))
    heads = ("between", "weights, f64", "amplitudes, f64", "weights, f32", "amplitudes, f32")
    return Table("Largest differences, n = 512, 1,000 steps, half of the amplitudes pinned", heads,
                 tuple(rows))  # fmt: skip
