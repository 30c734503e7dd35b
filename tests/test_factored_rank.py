"""What compressions cut off, what they leave, and what happens where that is too much."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest
from factored_cases import TOLERANCES, ExactWeights, factored, same_future
from networks import bits

import resonance_native as rn
from resonance_native import memory

# Networks that saturate say so; that is not what is looked at.
pytestmark = pytest.mark.filterwarnings("ignore:the network is:resonance_native.ResonanceWarning")


def white_noise(rows: int, n: int) -> np.ndarray:
    """Inputs that leave no low rank."""
    return np.random.default_rng(n).normal(0, 100, (rows, n))


def update_by_rows(net: Any, rows: np.ndarray) -> None:
    for row in rows:
        net.update(row)


# The error bound


@pytest.mark.parametrize("decay", [0.5, 0.99, 1.0])
@pytest.mark.parametrize("tolerance", [1e-14, None, 1e-9, 1e-6, 1e-3])
@pytest.mark.parametrize("inputs", ["held", "drifting"])
def test_no_weight_is_off_by_more_than_the_bound(
    inputs: str, tolerance: float | None, decay: float, dtype: str
) -> None:
    net = factored(24, dtype=dtype, tolerance=tolerance, decay=decay, learning_lag=0.3, gain=1.0)
    exact, rng = ExactWeights(net), np.random.default_rng(0)
    x, largest_bound = rng.normal(0, 1, 24), 0.0
    for step in range(400):
        if inputs == "drifting" and step % 40 == 0:
            x = x + rng.normal(0, 0.3, 24)
        exact.update(x)
        if step % 19 == 0:
            bound = net.weights.error_bound
            assert exact.error() <= bound
            largest_bound = max(largest_bound, bound / exact.largest())
    # What can't be cut more finely is some eps, and counts as any cut; in float32 the rounding of what is kept is more.
    allowed = 64 * (tolerance or TOLERANCES[dtype]) + (6000 * np.finfo(np.float64).eps if dtype == "float64" else 0)
    assert largest_bound <= allowed + 200 * np.finfo(dtype).eps
    if tolerance is not None and tolerance >= 1e-6 and decay > 0.5 and dtype == "float64":
        assert exact.error() > 1e3 * np.finfo(dtype).eps * exact.largest(), "nothing was cut off"


def test_a_larger_tolerance_leaves_a_smaller_rank() -> None:
    ranks = []
    for tolerance in (1e-12, 1e-9, 1e-6, 1e-3):
        net = factored(200, tolerance=tolerance)
        net.run(np.linspace(-3, 3, 200), 1000)
        ranks.append(net._core.compressed_rank)
    assert all(larger > smaller for larger, smaller in itertools.pairwise(ranks))
    assert ranks[0] < 250


def test_the_bound_fades_with_the_weights() -> None:
    net = factored(20, tolerance=1e-4)
    net.run(np.linspace(-1, 1, 20), 500)
    before = net.weights.error_bound
    net.learning_rate = 0.0
    net.run(0.0, 200)
    np.testing.assert_allclose(net.weights.error_bound, before * 0.99**200, rtol=1e-9)


def test_the_bound_is_there_before_anything_is_cut_off(dtype: str) -> None:
    net = factored(9, dtype=dtype)
    assert net.weights.error_bound == 0
    net.run(0.3, 5)
    assert 0 < net.weights.error_bound <= 100 * np.finfo(dtype).eps * np.abs(net.weights.to_dense()).max()


def test_long_runs_stay_within_the_tolerance() -> None:
    """Without decay, what is cut off never fades. Of 600 compressions, each cuts off at least what rounding is."""
    net = factored(12, decay=1.0, gain=1e-3)
    for _ in range(20):
        net.run(np.linspace(-1, 1, 12), 500)
        assert net.weights.error_bound <= 1e-10 * np.abs(net.weights.to_dense()).max()


# The rank


def test_held_inputs_leave_a_small_rank() -> None:
    net = factored(1000)
    net.run(np.random.default_rng(0).normal(0, 1, 1000), 2000)
    assert net._core.compressed_rank <= 200
    assert net.weights.rank <= 1.5 * 200 + 2


@pytest.mark.parametrize("advance", ["update", "run", "predict", "entrain"])
def test_a_rank_that_is_not_small_is_told_once(advance: str) -> None:
    n = 600
    net = factored(n)
    net.pin(slice(None), 1.0)
    rows, told = white_noise(200, n), []
    for first in range(0, 200, 8):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for row in rows[first : first + 8]:
                if advance == "run":
                    net.run(row, 1)
                elif advance == "entrain":
                    net.entrain(row[None], fading_factor=0.99)
                else:
                    getattr(net, advance)(row, **({"steps": 1} if advance == "predict" else {}))
        told += caught
    assert len(told) == 1
    assert told[0].category is rn.ResonanceWarning
    assert told[0].filename == __file__
    for words in ("600 nodes", "tolerance", 'storage="dense"', "max_rank"):
        assert words in str(told[0].message)
    net.reset()
    with pytest.warns(rn.ResonanceWarning, match="columns"):
        net.run(rows)


def test_a_small_rank_is_not_told() -> None:
    net = factored(600)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net.run(np.linspace(-2, 2, 600), 1500)


def test_beyond_max_rank_a_step_raises(dtype: str) -> None:
    """The network stands at a completed step, its weights right, and serves on where less is asked of it."""
    n = 100
    net = factored(n, max_rank=40, dtype=dtype)
    exact = ExactWeights(net)
    with pytest.raises(RuntimeError, match="max_rank"):
        update_by_rows(exact, white_noise(200, n))
    assert 20 <= net.step_count < 60
    assert exact.error() <= net.weights.error_bound <= TOLERANCES[dtype] * exact.largest() + 1e-5 * (dtype == "float32")
    before = bits(net)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="max_rank"):
            net.update(0.0)
        with pytest.raises(RuntimeError, match="max_rank"):
            net.run(0.0, 3)
    after = bits(net)
    assert {**after, "weights": b""} == {**before, "weights": b""}
    net.update(0.0, learn=False)
    net.learning_rate = 0.0
    net.run(0.0, 20)  # nothing grows
    net.learning_rate, net.tolerance = 0.01, 0.5
    with pytest.warns(rn.ResonanceWarning, match="40 columns"):  # all that there may be
        net.run(0.0, 200)


@pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")
def test_a_run_and_steps_raise_at_the_same_step() -> None:
    n, rows = 80, white_noise(200, 80)
    ran, stepped = factored(n, max_rank=30), factored(n, max_rank=30)
    with pytest.raises(RuntimeError, match="max_rank"):
        ran.run(rows)
    with pytest.raises(RuntimeError, match="max_rank"):
        update_by_rows(stepped, rows)
    assert bits(ran) == bits(stepped)


def test_max_rank_is_what_compressions_leave() -> None:
    for max_rank, kept in ((1, 2), (2, 2), (63, 64), (64, 64)):
        net = rn.ResonanceNetwork(50, storage="factored", max_rank=max_rank)
        assert net._core.max_rank == kept  # columns come in pairs
    assert rn.ResonanceNetwork(5000, storage="factored")._core.max_rank == 1024
    assert rn.ResonanceNetwork(2**20, storage="factored")._core.max_rank == 128


@pytest.mark.parametrize(
    ("value", "error"), [(0, ValueError), (-3, ValueError), (2.5, TypeError), ("8", TypeError), (True, TypeError)]
)
def test_max_rank_is_checked(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="max_rank"):
        rn.ResonanceNetwork(5, storage="factored", max_rank=value)


def test_max_rank_is_for_factored_weights() -> None:
    with pytest.raises(ValueError, match="max_rank"):
        rn.ResonanceNetwork(5, max_rank=8)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_nodes_and_many_directions_fit(n: int) -> None:
    """Each direction has a rank of its own, up to n."""
    net = factored(n)
    for k in range(60):
        net.learning_lag, net.learning_rate = 0.1 + 0.37 * (k % 12), 0.01 * (-1) ** k
        net.run(0.3, 7)


# What would not fit


def test_a_network_that_would_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**30)
    with pytest.raises(MemoryError, match=r"GiB.*max_rank"):
        rn.ResonanceNetwork(10**6, storage="factored", max_rank=1000)
    rn.ResonanceNetwork(10**5, storage="factored", max_rank=32)


@pytest.mark.parametrize(
    "make_base", [lambda net: setattr(net, "weights", np.zeros((2000, 2000), "f4")), lambda net: net.reset(1)]
)
def test_a_base_that_would_not_fit_is_refused(make_base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    net = factored(2000, max_rank=8)
    net.weight_std = 0.1
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**24)
    with pytest.raises(MemoryError, match="GiB"):
        make_base(net)
    assert net.weights.rank == 0


# A network that diverges


def test_a_network_that_diverges(dtype: str) -> None:
    net = factored(6, dtype=dtype)
    net.run(0.1, 20)
    before = net.step_count
    net.pin(slice(None), 1e30 if dtype == "float32" else 1e200)
    with pytest.raises(FloatingPointError, match="weights"):
        net.run(0.1, 50)
    assert before < net.step_count < before + 50
    assert np.isfinite(net.phases).all()
    assert (net.phases < 2 * np.pi).all()
    assert net.weights.error_bound > 0
    assert same_future_raises(net, net.copy())
    net.reset(3)
    net.run(0.1, 100)
    assert same_future(net, fresh(net))


def same_future_raises(*nets: rn.ResonanceNetwork) -> bool:
    for net in nets:
        with pytest.raises(FloatingPointError):
            net.update(0.1)
    first, second = ((net.phases.tobytes(), net.amplitudes.tobytes()) for net in nets)
    return first == second


def fresh(net: rn.ResonanceNetwork) -> rn.ResonanceNetwork:
    """A network that never diverged, at the same moment."""
    made = factored(net.n_nodes, dtype=net.dtype)
    made.reset(3)
    made.run(0.1, 100)
    return made
