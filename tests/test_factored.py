"""Factored networks against the reference."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from cases import (
    CASES,
    COUPLED,
    EVERYTHING,
    FLOOR,
    GAIN,
    STEPS,
    Case,
    State,
    build,
    differences,
    drive,
    state_of,
)
from factored_cases import ExactWeights, factored

import resonance_native as rn

# Some networks end saturated, and say so.
pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")

BOUNDS = {"float64": 1e-11, "float32": 1e-4}
# Each is a way of its own through the growth: one group, one off the axes, several that take turns, and more than are
# kept apart.
LAGS = {"one": (0.4,), "five": (0.0, 0.4, -1.0, 2.5, np.pi), "twelve": tuple(0.1 + 0.5 * k for k in range(12))}


@cache
def reference_states(case: Case, n: int) -> dict[int, State]:
    return drive(build(rn.reference.ResonanceNetwork, case, n, storage="factored"), case)


def factored_states(case: Case, n: int, dtype: str, **keywords: Any) -> dict[int, State]:
    return drive(build(rn.ResonanceNetwork, case, n, storage="factored", dtype=dtype, **keywords), case)


@cache
def assert_that_it_would_tell(case: Case, n: int, dtype: str) -> None:
    """A learning rate that is wrong by 1 % misses the bound tenfold."""
    wrong = factored_states(case, n, dtype, learning_rate=0.0101)[STEPS]
    assert differences(wrong, reference_states(case, n)[STEPS])["weights"] > 10 * BOUNDS[dtype]


def assert_case(case: Case, n: int, dtype: str, **keywords: Any) -> None:
    if case.live:
        assert_that_it_would_tell(case, n, dtype)
    for step, state in factored_states(case, n, dtype, **keywords).items():
        found = differences(state, reference_states(case, n)[step])
        assert max(found.values()) <= BOUNDS[dtype], f"step {step}: {found}"


by_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.mark.usefixtures("isa")
@by_case
@pytest.mark.parametrize("n", [3, 17, 33])
def test_equals_the_reference(case: Case, n: int, dtype: str) -> None:
    assert_case(case, n, dtype)


@by_case
@pytest.mark.parametrize("n", [1, 2, 15, 16, 65])
def test_at_other_sizes(case: Case, n: int, dtype: str) -> None:
    assert_case(case, n, dtype)


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("case", [GAIN, EVERYTHING], ids=lambda case: case.name)
@pytest.mark.parametrize("n", [255, 256, 257, 300])
def test_around_a_chunk_of_nodes(case: Case, n: int) -> None:
    """A few steps: sums over nodes are the same at every one."""
    keywords = {**case.keywords(n), "storage": "factored", "seed": n}
    native, reference = rn.ResonanceNetwork(n, **keywords), rn.reference.ResonanceNetwork(n, **keywords)
    wrong = rn.ResonanceNetwork(n, **keywords, learning_rate=0.0101)
    for net in (native, reference, wrong):
        if 0 in case.events:
            case.events[0](net)
        net.run(np.linspace(-20, 20, n), 60)
    assert max(differences(state_of(native), state_of(reference)).values()) <= BOUNDS["float64"]
    assert differences(state_of(wrong), state_of(reference))["weights"] > 10 * BOUNDS["float64"]


# Learning lags and rates that change


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("flips", [False, True])
@pytest.mark.parametrize("lags", LAGS)
@pytest.mark.parametrize("n", [1, 2, 9, 33])
def test_lags_and_signs_that_change(n: int, lags: str, flips: bool, dtype: str) -> None:
    """Every weight is within error_bound of what the network's own phases and amplitudes make of it."""
    net = factored(n, dtype=dtype)
    exact, x = ExactWeights(net), np.linspace(-1, 1, n)
    for k in range(50):
        net.learning_lag = LAGS[lags][k % len(LAGS[lags])]
        net.learning_rate = -0.01 if flips and k % 3 == 2 else 0.01
        for _ in range(5):
            exact.update(x)
        assert exact.error() <= net.weights.error_bound
    exact.weights *= 1.01
    assert exact.error() > 10 * net.weights.error_bound > 0, "the comparison could not fail"


@pytest.mark.parametrize("lag", [0.0, 0.4])
@pytest.mark.parametrize("case", [FLOOR, COUPLED], ids=lambda case: case.name)
def test_signs_that_change_against_the_reference(case: Case, lag: float, dtype: str) -> None:
    n = 24
    keywords = {**case.keywords(n), "storage": "factored", "seed": 4, "learning_lag": lag}
    native = rn.ResonanceNetwork(n, dtype=dtype, **keywords)
    reference = rn.reference.ResonanceNetwork(n, **keywords)
    for k in range(40):
        for net in (native, reference):
            net.learning_rate = -0.01 if k % 3 == 1 else 0.02
            net.learning_lag = lag * (1 + k % 7)
            net.run(np.linspace(-2, 2, n), 9)
    assert max(differences(state_of(native), state_of(reference)).values()) <= BOUNDS[dtype]


@pytest.mark.parametrize("decay", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("n", [1, 3, 16, 40])
def test_decays(n: int, decay: float, dtype: str) -> None:
    """Without decay weights grow by a thousand steps; with 0.5 what was is soon below any number."""
    keywords = {"decay": decay, "gain": 0.05, "amplitude_floor": 0.3, "storage": "factored", "seed": 2}
    native, reference = rn.ResonanceNetwork(n, dtype=dtype, **keywords), rn.reference.ResonanceNetwork(n, **keywords)
    wrong = rn.ResonanceNetwork(n, dtype=dtype, **keywords, learning_rate=0.0101)
    for net in (native, reference, wrong):
        net.run(np.linspace(-1, 1, n), 1500)
    assert max(differences(state_of(native), state_of(reference)).values()) <= BOUNDS[dtype]
    assert decay == 0 or differences(state_of(wrong), state_of(reference))["weights"] > 10 * BOUNDS[dtype]
    assert (np.abs(reference.weights).max() > 0) == (decay > 0)


# What steps may be asked for


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("learn", [True, False])
@pytest.mark.parametrize("kind", ["float64", "float32", "number"])
def test_rows_hold_and_learn(kind: str, learn: bool, dtype: str) -> None:
    n = 33
    rows: Any = np.random.default_rng(0).normal(0, 3, (20, n)).astype(dtype if kind == "number" else kind)
    keywords = {"gain": 30 / n, "coupling": 1 / n, "noise_std": 0.1, "seed": 2, "storage": "factored"}
    native, reference = rn.ResonanceNetwork(n, dtype=dtype, **keywords), rn.reference.ResonanceNetwork(n, **keywords)
    for net in (native, reference):
        net.run(0.5, 40)
        if kind == "number":
            net.run(0.7, 60, 0.02, learn=learn)
            net.update(-0.3, learn=learn)
        else:
            net.run(rows, None, 0.02, hold=3, learn=learn)
            net.update(rows[0], learn=learn)
    assert native.step_count == reference.step_count
    assert native.time == reference.time
    assert max(differences(state_of(native), state_of(reference)).values()) <= BOUNDS[dtype]


@pytest.mark.parametrize("change", [{"learn": False}, {"learning_rate": 0.0}])
def test_nothing_grows(change: dict[str, Any]) -> None:
    """Without learning, not a bit of the weights changes; without a rate they decay."""
    net = factored(9)
    net.run(0.5, 50)
    before, rank = net.weights.to_dense(), net._core.rank
    net.learning_rate = change.get("learning_rate", 0.01)
    net.run(0.5, 100, learn=change.get("learn", True))
    assert net._core.rank == rank
    wanted = before if "learn" in change else before * 0.99**100
    np.testing.assert_allclose(net.weights.to_dense(), wanted, rtol=1e-13 if "learning_rate" in change else 0)


def test_predict_is_a_run(dtype: str) -> None:
    x = np.linspace(-1, 1, 20)
    net, twin = factored(20, dtype=dtype), factored(20, dtype=dtype)
    amplitudes = net.predict(x, 150)
    twin.run(x, 150)
    assert np.array_equal(amplitudes, twin.amplitudes)
    assert np.array_equal(net.weights, twin.weights)
    before = net.weights.to_dense()
    net.predict(x, 20, learn=False)
    assert np.array_equal(net.weights, before)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("pinned", [{"amplitudes": 0.5}, {"amplitudes": None, "phases": 2.0}])
@pytest.mark.parametrize("coupling", [0.0, 0.5])
def test_pins_between_steps(pinned: dict[str, Any], coupling: float, dtype: str) -> None:
    """A pinned phase moves at once, and the products that a coupled step takes over follow."""
    keywords = {"gain": 2.0, "coupling": coupling, "seed": 1, "storage": "factored", "amplitude_floor": 0.1}
    native, reference = rn.ResonanceNetwork(17, dtype=dtype, **keywords), rn.reference.ResonanceNetwork(17, **keywords)
    for net in (native, reference):
        net.run(0.5, 30)
        net.pin([3, 16], **pinned)
        net.update(0.5)
        net.run(0.5, 30)
        net.unpin(3)
        net.run(0.5, 30)
    assert max(differences(state_of(native), state_of(reference)).values()) <= BOUNDS[dtype]
