"""What docs/numerics.md measures whole steps with, and what it says of tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("mpmath")

from bench.numerics import drift, steps
from bench.numerics.extended import ExtendedNetwork, Long

import resonance_native as rn

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "numerics.md").read_text("utf-8")
needs_long_double = pytest.mark.skipif(np.finfo(Long).eps > 1e-18, reason="long double is double here")


@needs_long_double
@pytest.mark.parametrize(
    ("keywords", "given_phases"),
    [
        ({}, True),
        ({"learning_lag": 0.4, "amplitude_floor": 0.3}, True),
        ({"learning_lag": 0.4, "amplitude_floor": 0.3}, False),
        ({"coupling": 0.3, "phase_lag": -0.5}, False),
    ],
)
def test_long_double_takes_the_steps_of_the_reference(keywords: dict[str, Any], given_phases: bool) -> None:
    """Closer than any error that is measured with it; a learning rate that is off by 1e-12 is told."""
    n, x = 9, np.linspace(-1, 2, 9)
    reference = rn.reference.ResonanceNetwork(n, seed=3, gain=1.5, **keywords)
    extended = ExtendedNetwork(reference, reference.weights, given_phases=given_phases)
    for _ in range(30):
        reference.update(x, 0.01)
        extended.update(x, 0.01)
    wanted = steps.state_of(extended)
    assert extended.weights.dtype == Long
    found = steps.errors(steps.state_of(reference), wanted)
    assert max(found) < 5e-14
    assert found[2] == 0 if given_phases else found[2] > 0
    wrong = rn.reference.ResonanceNetwork(n, seed=3, gain=1.5, **keywords, learning_rate=0.01 * (1 + 1e-11))
    for _ in range(30):
        wrong.update(x, 0.01)
    assert steps.errors(steps.state_of(wrong), wanted)[0] > 2 * found[0]


def test_phases_drift_within_the_bound() -> None:
    curve = drift.phase_drift(5000)
    bound = drift.phase_bound(np.array(curve.steps))
    assert np.all(np.array(curve.phases) <= bound)
    assert curve.phases[-1] > bound[-1] / 100  # it is a bound of this, not of something else


def test_the_page_names_tests_that_exist() -> None:
    """A row of the table of bits that says yes is proved by the test that it names."""
    named = re.findall(r"`(test_\w+)\.(test_\w+)`", PAGE)
    assert len(named) > 12
    for module, test in named:
        assert re.search(rf"^def {test}\(", (ROOT / "tests" / f"{module}.py").read_text("utf-8"), re.MULTILINE), test


def test_the_table_of_budgets_is_the_one_that_tests_hold() -> None:
    from bench.numerics.budgets import BUDGETS

    rows = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in PAGE.splitlines() if " | f" in line
    ]
    shown = {(row[0], row[2]): row[3] for row in rows if row[0] in BUDGETS}
    for kernel, budget in BUDGETS.items():
        for dtype, letters in (("float64", "f64"), ("float32", "f32")):
            if budget.of(dtype) is not None:
                assert shown[kernel, letters] == f"{budget.of(dtype):g}"
