"""The phases and other arguments that rn.analysis takes and refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from phase_cases import TURN, random_phases

from resonance_native import analysis

MEASURES: dict[str, Callable[[Any], Any]] = {
    "order_parameter": analysis.order_parameter,
    "order_parameter of groups": lambda phases: analysis.order_parameter(phases, groups=[0, 1, 1, 0, 2]),
    "local_order_parameter": lambda phases: analysis.local_order_parameter(phases, np.eye(5) + 0.5),
    "metastability": analysis.metastability,
    "chimera_index": lambda phases: analysis.chimera_index(phases, [0, 1, 1, 0, 2]),
    "mean_frequency": lambda phases: analysis.mean_frequency(phases, dt=0.1),
    "phase_locking_matrix": analysis.phase_locking_matrix,
}
measures = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)


@measures
def test_every_form_of_phases(measure: Callable[[Any], Any]) -> None:
    phases = np.round(random_phases(7, 5) * 8) / 8  # exact in half precision too
    wanted, before = measure(phases), phases.copy()
    read_only = phases.copy()
    read_only.flags.writeable = False
    spaced = np.zeros((14, 15))
    spaced[::2, ::3] = phases
    forms = [phases.tolist(), read_only, np.asfortranarray(phases), spaced[::2, ::3], phases.astype(">f8")]
    forms += [phases.astype(dtype) for dtype in ("f4", "f2", "longdouble")]
    for form in forms:
        got = measure(form)
        np.testing.assert_allclose(got, wanted, atol=1e-14)
        assert np.asarray(got).dtype == np.asarray(wanted).dtype
    assert np.array_equal(phases, before)
    assert np.shape(measure(np.arange(35).reshape(7, 5))) == np.shape(wanted)


@measures
def test_float32_phases_lose_only_their_own_rounding(measure: Callable[[Any], Any]) -> None:
    phases = random_phases(50, 5) % TURN
    np.testing.assert_allclose(measure(phases.astype("f4")), measure(phases), atol=2e-6)


NOT_PHASES: list[tuple[Any, type[Exception]]] = [
    (np.zeros((3, 0)), ValueError),
    (0.5, ValueError),
    ([[0.0, np.nan, 0, 0, 0]] * 3, ValueError),
    ([[0.0, -np.inf, 0, 0, 0]] * 3, ValueError),
    (np.zeros((3, 5), complex), TypeError),
    ([["a"] * 5] * 3, TypeError),
    (None, TypeError),
    ([[0.0], [0.0, 1.0]], ValueError),
]
if np.finfo(np.longdouble).max > np.finfo(float).max:
    NOT_PHASES.append((np.full((3, 5), np.finfo(np.longdouble).max), ValueError))


@measures
@pytest.mark.parametrize(("phases", "error"), NOT_PHASES)
def test_wrong_phases(measure: Callable[[Any], Any], phases: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="phases must be"):
        measure(phases)


PHASES = np.zeros((4, 3))
LOCKING = np.eye(3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: analysis.order_parameter(PHASES, order=0), ValueError, "order must be at least 1, got 0"),
        (lambda: analysis.order_parameter(PHASES, order=1.5), TypeError, "order must be an integer"),
        (
            lambda: analysis.order_parameter(PHASES, groups=[0, 1]),
            ValueError,
            r"groups must be 3 labels.*got shape \(2,\)",
        ),
        (lambda: analysis.order_parameter(PHASES, groups=[0.0, 1, 2]), TypeError, "groups must be 3 labels.*float64"),
        (lambda: analysis.order_parameter(PHASES, groups=[0, None, 1]), TypeError, "groups must be 3 labels.*object"),
        (lambda: analysis.order_parameter(PHASES, groups=[[0], [1, 2], 1]), ValueError, "groups must be 3 labels"),
        (
            lambda: analysis.local_order_parameter(PHASES, np.eye(4)),
            ValueError,
            r"weights must be \(3, 3\), got.*\(4, 4\)",
        ),
        (lambda: analysis.local_order_parameter(PHASES, np.ones(3)), ValueError, r"weights must be \(3, 3\)"),
        (lambda: analysis.local_order_parameter(PHASES, LOCKING * np.nan), ValueError, "weights must be finite"),
        (lambda: analysis.metastability(PHASES[:1]), ValueError, r"phases must be \(T, n\) with T ≥ 2.*\(1, 3\)"),
        (lambda: analysis.metastability(PHASES[0]), ValueError, r"phases must be \(T, n\)"),
        (lambda: analysis.chimera_index(PHASES, [1, 1, 1]), ValueError, "groups must hold at least 2.*got 1"),
        (lambda: analysis.chimera_index(PHASES[:0], [1, 1, 2]), ValueError, r"phases must be \(T, n\) with T ≥ 1"),
        (lambda: analysis.mean_frequency(PHASES), TypeError, "either time or dt must be given, got neither"),
        (lambda: analysis.mean_frequency(PHASES, [0, 1, 2, 3], dt=1), TypeError, "got both"),
        (lambda: analysis.mean_frequency(PHASES, dt=0), ValueError, "dt must be > 0"),
        (lambda: analysis.mean_frequency(PHASES, 0.1), ValueError, r"time must be \(4,\).*got shape \(\)"),
        (lambda: analysis.mean_frequency(PHASES, [0, 1, 2]), ValueError, r"time must be \(4,\)"),
        (lambda: analysis.mean_frequency(PHASES, [0, 1, 1, 2]), ValueError, "time must ascend"),
        (lambda: analysis.mean_frequency(PHASES, [0, 1, 2, np.inf]), ValueError, "time must be finite"),
        (lambda: analysis.mean_frequency(PHASES[:1], dt=1), ValueError, r"phases must be \(T, n\) with T ≥ 2"),
        (lambda: analysis.phase_locking_matrix(PHASES[0]), ValueError, r"phases must be \(T, n\)"),
        (
            lambda: analysis.locked_clusters(PHASES),
            ValueError,
            r"locking must be \(n, n\), got shape \(4, 3\); phase_lock",
        ),
        (lambda: analysis.locked_clusters(LOCKING, 0), ValueError, r"threshold must be in \(0, 1\], got 0"),
        (lambda: analysis.locked_clusters(LOCKING, 1.01), ValueError, "threshold must be in"),
        (lambda: analysis.locked_clusters(LOCKING, "x"), TypeError, "threshold must be"),
        (lambda: analysis.locked_clusters(LOCKING, linkage="ward"), ValueError, 'linkage must be "average".*got .ward'),
        (lambda: analysis.locked_clusters(-LOCKING), ValueError, r"locking must be in \[0, 1\], got values from -1.0"),
        (lambda: analysis.locked_clusters(2 * LOCKING), ValueError, r"locking must be in \[0, 1\]"),
        (lambda: analysis.locked_clusters(np.tri(3)), ValueError, "locking must be symmetric"),
        (lambda: analysis.effective_rank([1.0, 2.0]), ValueError, r"matrix must be \(..., m, n\).*got shape \(2,\)"),
        (lambda: analysis.effective_rank(np.ones((3, 0))), ValueError, "matrix must be"),
        (lambda: analysis.participation_ratio(LOCKING * np.inf), ValueError, "matrix must be finite"),
    ],
)
def test_wrong_arguments(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with np.errstate(invalid="ignore"), pytest.raises(error, match=message):  # 0 · ∞ is the test's own
        call()
