"""A run, whichever engine serves it, against single steps: the same network within the contract's bound.

Single steps are the fused engine's, which :mod:`test_parity` holds to the reference; a run of more than a few steps
takes others (from n = 64 and n = 512 on).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis
import numpy as np
import pytest
from cases import (
    BOUNDS,
    DEFAULTS,
    DT,
    FALLING,
    FLOOR,
    GAIN,
    LAGGED,
    PINNED,
    RELEASED,
    STEPS,
    Case,
    assert_within,
    build,
    differences,
    state_of,
)
from hypothesis import strategies as st
from networks import bits

import resonance_native as rn

pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")

BLOCKED, COMPRESSED = 130, 600  # nodes
REGIMES = (PINNED, FLOOR, RELEASED, GAIN, DEFAULTS, LAGGED, FALLING)


def step_by_step(net: Any, rows: np.ndarray, hold: int = 1, **keywords: Any) -> None:
    for row in rows:
        for _ in range(hold):
            net.update(row, DT, **keywords)


def in_one_run(net: Any, rows: np.ndarray, hold: int = 1, **keywords: Any) -> None:
    net.run(rows, None, DT, hold=hold, **keywords)


def held(n: int, steps: int) -> tuple[np.ndarray, int]:
    return np.random.default_rng(n).normal(0, 1, (1, n)), steps


def held_rows(n: int, steps: int) -> tuple[np.ndarray, int]:
    return np.random.default_rng(n).normal(0, 1, (steps // 70, n)), 70


def smooth(n: int, steps: int) -> tuple[np.ndarray, int]:
    shifts, sizes = np.random.default_rng(n).uniform(-3, 3, (2, n))
    return sizes * np.sin(0.02 * np.arange(steps)[:, None] + shifts), 1


def noise(n: int, steps: int) -> tuple[np.ndarray, int]:
    return np.random.default_rng(n).normal(0, 1, (steps, n)), 1


def smooth_then_noise(n: int, steps: int) -> tuple[np.ndarray, int]:
    return np.concatenate([smooth(n, steps // 2)[0], noise(n, steps // 2)[0]]), 1


SIGNALS = (held, held_rows, smooth, noise, smooth_then_noise)


def regime(case: Case, n: int, steps: int, advance: Callable[..., None], **keywords: Any) -> Any:
    """A network of the case after `steps` steps, with an event half way where the case has one."""
    net = build(rn.ResonanceNetwork, case, n, **keywords)
    rows, _ = held(n, steps)
    half = steps // 2
    for first, event in ((0, case.events.get(0)), (half, case.events.get(500))):
        if event is not None:
            event(net)
        advance(net, rows, half if first == 0 else steps - half)
    return net


# Frequencies further apart (freq_std 2) at the defaults, or with few nodes, make networks that grow one ulp in the
# first weights to the bound within 1,000 steps: single steps that begin an ulp apart end as far from each other.
@pytest.mark.parametrize(
    ("case", "n", "freq_std"),
    [
        *((case, n, 0.1) for case in REGIMES for n in (BLOCKED, COMPRESSED)),
        *((case, COMPRESSED, 2.0) for case in REGIMES if case is not DEFAULTS),
    ],
    ids=lambda value: value.name if isinstance(value, Case) else None,
)
def test_regimes(case: Case, n: int, freq_std: float, dtype: str) -> None:
    keywords = {"dtype": dtype, "freq_std": freq_std}
    wanted = state_of(regime(case, n, STEPS, step_by_step, **keywords))
    assert_within(state_of(regime(case, n, STEPS, in_one_run, **keywords)), wanted, dtype)
    if case.live:
        # Were the learning rate wrong by 1 %, this comparison would tell.
        wrong = regime(case, n, STEPS, in_one_run, **keywords, learning_rate=0.0101)
        assert differences(state_of(wrong), wanted)["weights"] > 10 * BOUNDS[dtype]


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("n", [BLOCKED, COMPRESSED])
@pytest.mark.parametrize("learn", [True, False])
def test_inputs_of_any_kind(
    signal: Callable[[int, int], tuple[np.ndarray, int]], n: int, learn: bool, dtype: str
) -> None:
    rows, hold = signal(n, 400)
    nets = [rn.ResonanceNetwork(n, gain=30 / n, seed=n, dtype=dtype) for _ in range(2)]
    for net, advance in zip(nets, (in_one_run, step_by_step), strict=True):
        advance(net, rows, hold, learn=learn)
    assert nets[0].step_count == nets[1].step_count == len(rows) * hold
    assert nets[0].time == nets[1].time
    assert np.array_equal(nets[0].phases, nets[1].phases)
    assert_within(state_of(nets[0]), state_of(nets[1]), dtype)


@pytest.mark.parametrize("n", [BLOCKED, COMPRESSED])
def test_a_run_equals_the_reference(n: int) -> None:
    """Not by way of single steps."""
    rows, hold = held(n, 150)
    native, reference = (kind(n, gain=30 / n, seed=n) for kind in (rn.ResonanceNetwork, rn.reference.ResonanceNetwork))
    for net in (native, reference):
        in_one_run(net, rows, hold)
    assert_within(state_of(native), state_of(reference), "float64")


def test_old_weights_leave_the_products() -> None:
    """With decay 0.9 nothing is left of the first weights after some 300 steps, and runs stop reading them."""
    n, (rows, hold) = COMPRESSED, held(COMPRESSED, 900)
    nets = [rn.ResonanceNetwork(n, gain=60 / n, decay=0.9, learning_rate=0.1, seed=n) for _ in range(2)]
    for net, advance in zip(nets, (in_one_run, step_by_step), strict=True):
        advance(net, rows, hold)
    assert np.abs(nets[0].amplitudes).max() > 0.01
    assert_within(state_of(nets[0]), state_of(nets[1]), "float64")


def test_a_dying_network_keeps_its_old_weights() -> None:
    """Here what grows is as small as what is left of the beginning: neither may be cut off."""
    n, (rows, hold) = COMPRESSED, held(COMPRESSED, 3000)
    nets = [rn.ResonanceNetwork(n, gain=0.01 / n, weight_std=1.0, seed=n) for _ in range(2)]
    for net, advance in zip(nets, (in_one_run, step_by_step), strict=True):
        advance(net, rows, hold)
    assert 0 < np.abs(nets[1].weights).max() < 1e-10
    assert_within(state_of(nets[0]), state_of(nets[1]), "float64")


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("signal", [held, smooth, noise])
def test_any_number_of_threads(signal: Callable[[int, int], tuple[np.ndarray, int]], dtype: str) -> None:
    rows, hold = signal(COMPRESSED, 300)
    results = []
    for threads in (1, 2, 3):
        net = rn.ResonanceNetwork(COMPRESSED, gain=30 / COMPRESSED, seed=0, dtype=dtype, threads=threads)
        in_one_run(net, rows, hold)
        results.append(bits(net))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("n", [BLOCKED, COMPRESSED])
def test_pieces_of_a_run_agree_and_repeat(n: int) -> None:
    rows, _ = held(n, 1)

    def after(*pieces: int) -> rn.ResonanceNetwork:
        net = rn.ResonanceNetwork(n, gain=30 / n, seed=0)
        for piece in pieces:
            net.run(rows[0], piece)
        return net

    whole = after(400)
    for pieces in ((200, 200), (1, 399), (397, 3), (33, 67, 300)):
        assert_within(state_of(after(*pieces)), state_of(whole), "float64", str(pieces))
        assert bits(after(*pieces)) == bits(after(*pieces))


def test_tolerance_bounds_what_is_cut_off() -> None:
    n, (rows, hold) = COMPRESSED, held(COMPRESSED, 800)

    def run(tolerance: float | None) -> rn.ResonanceNetwork:
        net = rn.ResonanceNetwork(n, gain=30 / n, seed=0, tolerance=tolerance)
        in_one_run(net, rows, hold)
        return net

    exact = rn.ResonanceNetwork(n, gain=30 / n, seed=0)
    step_by_step(exact, rows, hold)
    errors = {
        tolerance: differences(state_of(run(tolerance)), state_of(exact))["weights"] for tolerance in (1e-8, 1e-5)
    }
    assert errors[1e-8] <= 1e-8
    assert errors[1e-5] <= 1e-5
    assert errors[1e-5] > 100 * errors[1e-8] > 1e-12, "the tolerance did nothing"
    assert bits(run(None)) == bits(run(1e-12)) != bits(run(1e-8))
    assert bits(run(1e-14)) == bits(run(2e-15)) != bits(run(None)), "nothing may be cut off here"


def test_predict_is_a_run() -> None:
    pattern = held(COMPRESSED, 1)[0][0]
    nets = [rn.ResonanceNetwork(COMPRESSED, gain=30 / COMPRESSED, seed=0) for _ in range(2)]
    amplitudes = nets[0].predict(pattern, 200)
    nets[1].run(pattern, 200)
    assert np.array_equal(amplitudes, nets[1].amplitudes)
    assert bits(nets[0]) == bits(nets[1])


@pytest.mark.parametrize("n", [BLOCKED, COMPRESSED])
def test_far_too_large_amplitudes_are_found_at_their_step(n: int) -> None:
    net = rn.ResonanceNetwork(n, seed=0)
    net.pin(slice(None), 1e200)
    with pytest.raises(FloatingPointError):
        net.run(0.1, 100)
    assert net.step_count == 1


@pytest.mark.parametrize("isa", rn.available_isas())
@hypothesis.settings(max_examples=40)
@hypothesis.given(data=st.data())
def test_any_run(isa: str, data: st.DataObject) -> None:
    n = data.draw(st.integers(64, 140) | st.integers(512, 530), "n")
    steps = data.draw(st.integers(4, 90), "steps")
    dtype = data.draw(st.sampled_from(["float64", "float32"]), "dtype")
    keywords = {
        "learning_rate": data.draw(st.sampled_from([0.01, 0.0, -0.02, 0.3]), "learning_rate"),
        "decay": data.draw(st.sampled_from([0.99, 0.0, 0.5, 1.0]), "decay"),
        "gain": data.draw(st.sampled_from([30 / n, -5 / n]), "gain"),
        "learning_lag": data.draw(st.floats(-4, 4), "learning_lag"),
        "amplitude_floor": data.draw(st.sampled_from([0.0, 0.1, 1.0]), "floor"),
        "freq_std": data.draw(st.sampled_from([0.0, 0.1, 5.0]), "freq_std"),
    }
    signal = data.draw(st.sampled_from(SIGNALS[:1] + SIGNALS[2:]), "signal")
    rows, hold = signal(n, steps)
    pins = data.draw(st.lists(st.integers(0, n - 1), max_size=3), "pins")
    phases = data.draw(st.sampled_from([None, -0.5, 20.0]), "pinned phases")
    nets = [rn.ResonanceNetwork(n, seed=steps, dtype=dtype, **keywords) for _ in range(2)]
    with rn.use_isa(isa):
        for net, advance in zip(nets, (in_one_run, step_by_step), strict=True):
            net.pin(pins, 0.5, phases=phases)
            advance(net, rows, hold)
    assert np.array_equal(nets[0].phases, nets[1].phases)
    assert_within(state_of(nets[0]), state_of(nets[1]), dtype)
