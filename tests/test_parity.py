"""Native code against the reference, after 1,000 steps."""

from __future__ import annotations

from typing import Any

import hypothesis
import numpy as np
import pytest
from cases import (
    BOUNDS,
    CASES,
    COUPLED_CASES,
    EVERYTHING,
    LARGE,
    PINNED,
    SIZES,
    STEPS,
    Case,
    assert_within,
    build,
    differences,
    drive,
    reference_states,
    state_of,
)
from hypothesis import strategies as st

import resonance_native as rn

# At the defaults networks end saturated or silent, and say so.
pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")


def by_name(cases: tuple[Case, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


def assert_case(case: Case, n: int, **keywords: Any) -> None:
    wanted = reference_states(case, n)
    dtype = keywords["dtype"]
    if case.live:
        # Were the learning rate wrong by 1 %, this comparison would tell.
        wrong = build(rn.ResonanceNetwork, case, n, **keywords, learning_rate=0.0101)
        assert differences(drive(wrong, case)[STEPS], wanted[STEPS])["weights"] > 10 * BOUNDS[dtype]
    for step, state in drive(build(rn.ResonanceNetwork, case, n, **keywords), case).items():
        assert_within(state, wanted[step], dtype, f"step {step}, {rn.isa()}, {keywords}")


@pytest.mark.usefixtures("isa")
@by_name(CASES)
@pytest.mark.parametrize("n", SIZES)
def test_native_equals_reference(case: Case, n: int, dtype: str) -> None:
    assert_case(case, n, dtype=dtype, threads=1)


@pytest.mark.usefixtures("isa")
@by_name((PINNED, EVERYTHING))
@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("n", [9, 17, 33, 65])
def test_with_threads(case: Case, n: int, threads: int, dtype: str) -> None:
    assert_case(case, n, dtype=dtype, threads=threads)


def assert_not_chaotic(case: Case, n: int) -> None:
    """Weights reach the phases here: the comparison means something only where a small difference stays small."""
    apart = 1e-9  # far above what rounding adds, so that one start tells for both dtypes
    net = build(rn.reference.ResonanceNetwork, case, n)
    net.phases = net.phases + apart * (-1.0) ** np.arange(n)
    net.weights = net.weights * (1 + apart)
    wanted = reference_states(case, n)
    for step, state in drive(net, case).items():
        assert max(differences(state, wanted[step]).values()) <= 100 * apart, f"step {step}"


@by_name(COUPLED_CASES)
@pytest.mark.parametrize("n", SIZES)
def test_coupled_cases_are_not_chaotic(case: Case, n: int) -> None:
    assert_not_chaotic(case, n)


@by_name(CASES)
def test_all_of_it_with_many_nodes(case: Case) -> None:
    """In one test, since the reference takes seconds here."""
    for isa in rn.available_isas():
        for dtype in BOUNDS:
            for threads in (1, 2, 3) if case in (PINNED, EVERYTHING) else (1,):
                with rn.use_isa(isa):
                    assert_case(case, LARGE, dtype=dtype, threads=threads)
    if case in COUPLED_CASES:
        assert_not_chaotic(case, LARGE)


@pytest.mark.parametrize("n", [1, 2, 17, 130, 700])
def test_initial_state_has_the_bits_of_the_reference(n: int) -> None:
    """130 and 700 draw their weights in one and in several blocks."""
    keywords = {"base_freq": 2.0, "freq_std": 0.5, "weight_std": 0.3, "seed": 11}
    native, reference = rn.ResonanceNetwork(n, **keywords), rn.reference.ResonanceNetwork(n, **keywords)
    single = rn.ResonanceNetwork(n, **keywords, dtype="float32")
    for name in ("phases", "frequencies", "amplitudes", "weights"):
        assert np.array_equal(getattr(native, name), getattr(reference, name)), name
        assert np.array_equal(getattr(single, name), getattr(reference, name).astype(getattr(single, name).dtype)), name


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("n", [24, 64])
def test_strong_coupling_step_by_step(n: int, dtype: str) -> None:
    """Coupling of order 1 is chaotic, so single steps are compared, from the native network's state."""
    keywords = {"coupling": 2.0, "phase_lag": 0.3, "gain": 30 / n, "learning_rate": 0.2}
    net = rn.ResonanceNetwork(n, dtype=dtype, seed=5, **keywords)
    start = net.phases.copy()
    for _ in range(50):
        state = (net.phases, net.frequencies, net.amplitudes, net.weights)
        reference = rn.reference.ResonanceNetwork.from_state(*state, **keywords)
        net.update(0.1, 0.05)
        reference.update(0.1, 0.05)
        assert_within(state_of(net), state_of(reference), dtype)
    free = rn.ResonanceNetwork(n, dtype=dtype, seed=5, **{**keywords, "coupling": 0.0})
    free.run(0.1, 50, 0.05)
    assert np.abs(np.exp(1j * net.phases) - np.exp(1j * free.phases)).max() > 0.1, "the coupling did nothing"
    assert not np.array_equal(net.phases, start)


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("learn", [True, False])
def test_rows_hold_and_learn(learn: bool, dtype: str) -> None:
    n, rows = 33, np.random.default_rng(0).normal(0, 3, (20, 33))
    keywords = {"gain": 1.0, "coupling": 1 / n, "weight_std": 0.1, "seed": 2}
    native, reference = rn.ResonanceNetwork(n, dtype=dtype, **keywords), rn.reference.ResonanceNetwork(n, **keywords)
    for net in (native, reference):
        net.run(rows, None, 0.02, hold=3, learn=learn)
        net.update(rows[0], 0.01, learn=not learn)
    assert native.step_count == reference.step_count == 61
    assert native.time == reference.time
    assert_within(state_of(native), state_of(reference), dtype)


@pytest.mark.parametrize("isa", rn.available_isas())
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@hypothesis.settings(max_examples=60)
@hypothesis.given(data=st.data())
def test_any_shape_and_values(isa: str, dtype: str, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 40), "n")
    keywords = {
        "learning_rate": data.draw(st.floats(-1, 1), "learning_rate"),
        "decay": data.draw(st.just(0.0) | st.floats(1e-3, 1), "decay"),
        "gain": data.draw(st.floats(-1, 1), "gain"),
        "coupling": data.draw(st.sampled_from([0.0, 0.3, -1.0]), "coupling"),
        "phase_lag": data.draw(st.floats(-7, 7), "phase_lag"),
        "learning_lag": data.draw(st.floats(-7, 7), "learning_lag"),
        "amplitude_floor": data.draw(st.sampled_from([0.0, 0.1, 1.0]), "floor"),
    }
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32), "state"))
    state = (
        rng.uniform(-10, 10, n),
        rng.normal(0, 2, n),
        rng.uniform(-2, 2, n).astype(dtype),
        rng.uniform(-1, 1, (n, n)).astype(dtype),
    )
    inputs = rng.normal(0, 5, (data.draw(st.integers(1, 5), "steps"), n))
    dt = data.draw(st.floats(1e-4, 0.1), "dt")
    pins = data.draw(st.lists(st.integers(0, n - 1), max_size=3), "pins")
    phases = data.draw(st.sampled_from([None, -0.5, 20.0]), "pinned phases")

    native = rn.ResonanceNetwork.from_state(*state, dtype=dtype, **keywords)
    reference = rn.reference.ResonanceNetwork.from_state(*state, **keywords)
    with rn.use_isa(isa):
        for net in (native, reference):
            net.pin(pins, 0.5, phases=phases)
            net.run(inputs, dt=dt)
    assert_within(state_of(native), state_of(reference), dtype)
