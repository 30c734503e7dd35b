"""The reference, which everything else is held to: against formulas spelled out element by element."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import hypothesis
import numpy as np
import pytest
from formulas import Model, attention
from hypothesis import strategies as st

import resonance_native as rn
from resonance_native.reference import ResonanceNetwork, phase_attention, wrap

PHASES = [0.3, 2.9, 6.1]
FREQUENCIES = [1.0, -0.7, 2.2]
AMPLITUDES = [0.9, -0.4, 0.6]
# Not symmetric: a transposed matrix would show.
WEIGHTS = [[0.11, -0.42, 0.35], [0.23, 0.07, -0.61], [-0.52, 0.44, 0.19]]
INPUTS = [0.5, -1.5, 8.0]

MODELS = {
    "published": Model(),
    "learning_rate": Model(learning_rate=-0.7),
    "decay": Model(decay=0.5),
    "no decay": Model(decay=1.0),
    "all decay": Model(decay=0.0),
    "gain": Model(gain=-2.5),
    "coupling": Model(coupling=1.7),
    "phase_lag": Model(coupling=1.7, phase_lag=0.6),
    "learning_lag": Model(learning_lag=0.8),
    "floor": Model(amplitude_floor=0.25, gain=-1.0),
    "full floor": Model(amplitude_floor=1.0),
    "pinned amplitudes": Model(pinned_amplitudes={0: -0.3, 2: 1.4}, amplitude_floor=0.2),
    "pinned phases": Model(coupling=2.0, pinned_amplitudes={1: 0.5}, pinned_phases={1: 4.0}),
    "all": Model(
        learning_rate=0.3,
        decay=0.9,
        gain=1.5,
        coupling=-1.1,
        phase_lag=-0.4,
        learning_lag=1.2,
        amplitude_floor=0.1,
        pinned_amplitudes={0: 0.8, 1: -0.6},
        pinned_phases={0: -1.0},
    ),
}


@pytest.mark.parametrize("learn", [True, False])
@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
@pytest.mark.parametrize("network", [ResonanceNetwork, rn.ResonanceNetwork], ids=["reference", "native"])
def test_step_element_by_element(network: Any, model: Model, learn: bool) -> None:
    net = network.from_state(PHASES, FREQUENCIES, AMPLITUDES, WEIGHTS, **model.keywords())
    model.pin(net)
    phases = [model.pinned_phases.get(i, phase) % (2 * math.pi) for i, phase in enumerate(PHASES)]
    amplitudes = [model.pinned_amplitudes.get(i, amplitude) for i, amplitude in enumerate(AMPLITUDES)]
    weights = WEIGHTS
    for dt in (0.01, 0.2, 0.03):
        phases, amplitudes, weights = model.step(phases, FREQUENCIES, amplitudes, weights, INPUTS, dt, learn)
        net.update(INPUTS, dt, learn=learn)
        np.testing.assert_allclose(net.phases, phases, rtol=0, atol=1e-14)
        np.testing.assert_allclose(net.weights, weights, rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(net.amplitudes, amplitudes, rtol=1e-13, atol=1e-15)
    assert net.step_count == 3
    assert net.time == 0.01 + 0.2 + 0.03


def test_initial_state_is_drawn_in_the_order_of_the_model() -> None:
    rng = np.random.default_rng(7)
    phases = rng.uniform(0, 2 * np.pi, 4)
    frequencies = rng.normal(2.5, 0.3, 4)
    weights = rng.standard_normal((4, 4)) * 0.2
    net = ResonanceNetwork(4, 2.5, freq_std=0.3, weight_std=0.2, seed=7)
    assert np.array_equal(net.phases, phases)
    assert np.array_equal(net.frequencies, frequencies)
    assert np.array_equal(net.weights, weights)
    assert np.array_equal(net.amplitudes, np.ones(4))


def test_defaults_are_the_published_network() -> None:
    net = ResonanceNetwork(seed=0)
    rng = np.random.default_rng(0)
    assert net.n_nodes == 100
    assert np.array_equal(net.phases, rng.uniform(0, 2 * np.pi, 100))
    assert np.array_equal(net.frequencies, rng.normal(1, 0.1, 100))
    assert np.array_equal(net.weights, rng.standard_normal((100, 100)) * 0.01)


@pytest.mark.parametrize("tiny", [-1e-17, -5e-324, -1e-16])
def test_wrap_of_a_tiny_negative_phase_is_zero(tiny: float) -> None:
    assert np.mod(tiny, 2 * np.pi) == 2 * np.pi  # what has to be mended
    assert wrap(tiny) == 0.0


@hypothesis.given(st.floats(allow_nan=False, allow_infinity=False))
def test_wrap_is_exact(phase: float) -> None:
    turn = Fraction(2 * np.pi)
    remainder = Fraction(phase) % turn
    wanted = float(remainder)  # rounded once
    wrapped = float(wrap(phase))
    assert wrapped == (0.0 if wanted == 2 * np.pi else wanted)
    assert 0 <= wrapped < 2 * np.pi
    assert math.copysign(1, wrapped) == 1


def test_run_is_update_again_and_again() -> None:
    rows = np.random.default_rng(0).normal(0, 5, (4, 3))
    by_run, by_update = ResonanceNetwork(3, seed=1), ResonanceNetwork(3, seed=1)
    by_run.run(rows, dt=0.02, hold=2)
    by_run.run(rows[1], 3)
    by_run.run(0.4, 2, learn=False)
    for row in rows:
        by_update.update(row, 0.02)
        by_update.update(row, 0.02)
    for _ in range(3):
        by_update.update(rows[1])
    for _ in range(2):
        by_update.update(0.4, learn=False)
    assert np.array_equal(by_run.weights, by_update.weights)
    assert np.array_equal(by_run.phases, by_update.phases)
    assert by_run.step_count == by_update.step_count == 13
    assert by_run.time == by_update.time


def test_predict_learns_unless_told_otherwise() -> None:
    net, twin = ResonanceNetwork(3, seed=1), ResonanceNetwork(3, seed=1)
    amplitudes = net.predict([1.0, 2.0, 3.0], 5)
    twin.run([1.0, 2.0, 3.0], 5)
    assert np.array_equal(amplitudes, twin.amplitudes)
    assert np.array_equal(net.weights, twin.weights)
    amplitudes[:] = 9
    assert not np.any(net.amplitudes == 9)
    before = net.weights.copy()
    net.predict(0.0, 5, learn=False)
    assert np.array_equal(net.weights, before)


def test_reset_reproduces_the_initial_state() -> None:
    net, twin = ResonanceNetwork(3, seed=1), ResonanceNetwork(3, seed=1)
    net.pin(0, 0.5, phases=1.0)
    net.run(1.0, 10)
    net.reset()
    for name in ("phases", "frequencies", "amplitudes", "weights", "step_count", "time"):
        assert np.array_equal(getattr(net, name), getattr(twin, name)), name
    net.update()
    twin.update()
    assert np.array_equal(net.amplitudes, twin.amplitudes), "pins outlived the reset"
    net.reset(2)
    assert np.array_equal(net.phases, ResonanceNetwork(3, seed=2).phases)


def test_without_a_seed_draws_differ_and_reset_repeats_its_own() -> None:
    net = ResonanceNetwork(3)
    first = net.phases
    assert not np.array_equal(first, ResonanceNetwork(3).phases)
    net.run(1.0, 3)
    net.reset()
    assert np.array_equal(net.phases, first)


def test_pins_hold_what_is_there() -> None:
    net = ResonanceNetwork.from_state(PHASES, FREQUENCIES, AMPLITUDES, WEIGHTS)
    net.pin([0, 2])
    net.update()
    assert net.amplitudes[0] == AMPLITUDES[0]
    assert net.amplitudes[2] == AMPLITUDES[2]
    net.unpin(0)
    net.update()
    assert net.amplitudes[0] != AMPLITUDES[0]
    assert net.amplitudes[2] == AMPLITUDES[2]


@pytest.mark.parametrize(
    ("amplitudes", "pinned", "regime"),
    [
        ([1.0, -0.999, 0.9995], [], "saturated"),
        ([1.0, -0.999, 0.9985], [], "alive"),
        ([0.0, -0.0009, 0.0005], [], "silent"),
        ([0.0, -0.0009, 0.002], [], "alive"),
        ([0.0, 1.0, 0.0005], [1], "silent"),
        ([0.0, 1.0, 1.0], [0], "saturated"),
        ([1.0, 1.0, 1.0], [0, 1, 2], "alive"),
    ],
)
@pytest.mark.parametrize("network", [ResonanceNetwork, rn.ResonanceNetwork], ids=["reference", "native"])
def test_regime(network: Any, amplitudes: list[float], pinned: list[int], regime: str) -> None:
    # Without learning, on the diagonal, amplitudes are tanh of weights: what is wanted can be set.
    weights = np.diag(np.arctanh(np.clip(amplitudes, -0.99999, 0.99999)))
    net = network.from_state(PHASES, FREQUENCIES, amplitudes, weights)
    if pinned:
        net.pin(pinned)
    net.update(learn=False)
    assert net.regime() == regime


@pytest.mark.parametrize("network", [ResonanceNetwork, rn.ResonanceNetwork], ids=["reference", "native"])
def test_a_fresh_network_is_alive(network: Any) -> None:
    assert network(64, seed=0).regime() == "alive"


@pytest.mark.parametrize("network", [ResonanceNetwork, rn.ResonanceNetwork], ids=["reference", "native"])
def test_order_parameter(network: Any) -> None:
    net = network.from_state(PHASES, FREQUENCIES, AMPLITUDES, WEIGHTS)
    mean = complex(sum(map(math.cos, PHASES)) / 3, sum(map(math.sin, PHASES)) / 3)
    assert net.order_parameter() == pytest.approx(mean, abs=1e-15)
    assert isinstance(net.order_parameter(), complex)


def test_copy_is_independent() -> None:
    net = ResonanceNetwork(3, seed=1)
    twin = net.copy()
    net.update()
    assert twin.step_count == 0
    twin.update()
    assert np.array_equal(net.weights, twin.weights)


def test_it_imports_nothing_of_the_package() -> None:
    source = rn.reference.__spec__.loader.get_source(rn.reference.__name__)  # type: ignore[union-attr]
    assert "import _core" not in source
    assert "from ." not in source


@pytest.mark.parametrize("fading_factor", [None, 0.8])
def test_presentations_element_by_element(fading_factor: float | None) -> None:
    n, rows = 4, [[0.3, -1.2, 2.5, 0.1], [1.0, math.nan, -0.4, 7.0], [0.0, 0.2, math.nan, math.nan]]
    net = ResonanceNetwork(n, seed=5, weight_std=1.0)
    weights = [[float(net.weights[i, j]) for j in range(n)] for i in range(n)]
    start = [float(phase) for phase in net.initial_phases]
    before = net.phases.copy(), net.amplitudes.copy()
    for count, row in enumerate(rows, start=1):
        share = 1 / count if fading_factor is None else 1 - fading_factor
        for i in range(n):
            for j in range(n):
                silent = math.isnan(row[i]) or math.isnan(row[j])
                growth = 0.0 if silent else math.cos(start[i] + row[i] - start[j] - row[j])
                weights[i][j] += share * (growth - weights[i][j])
    net.entrain(rows, fading_factor=fading_factor)
    assert np.abs(net.weights - np.array(weights)).max() < 1e-14
    assert net.presentation_count == 3
    assert np.array_equal(net.phases, before[0])
    assert np.array_equal(net.amplitudes, before[1])


Q = [[0.4, -1.2], [1.5, 0.3], [-0.7, 0.9]]
K = [[1.1, 0.2], [-0.5, 0.8], [0.6, -1.4], [-0.9, -0.1]]
V = [[0.3, -0.8, 1.9], [-1.1, 0.5, 0.2], [2.3, -0.4, -0.6], [0.7, 1.6, -1.3]]
PHASE_Q = [0.2, 2.7, -1.4]
PHASE_K = [1.0, -0.3, 4.1, 12.8]

ATTENTIONS: dict[str, dict[str, Any]] = {
    "published": {},
    "scale": {"scale": 0.7},
    "negative scale": {"scale": -1.3},
    "scale 0": {"scale": 0.0},
    "causal": {"causal": True},
    "key_mask": {"key_mask": [True, False, True, True]},
    "last key only": {"key_mask": [False, False, False, True]},
    "no key": {"key_mask": [False] * 4},
    "all": {"scale": 1.7, "causal": True, "key_mask": [False, False, True, True]},
}


@pytest.mark.parametrize("keywords", ATTENTIONS.values(), ids=list(ATTENTIONS))
@pytest.mark.parametrize("n_queries", [0, 1, 2, 3])
@pytest.mark.parametrize("n_keys", [1, 2, 4])
@pytest.mark.parametrize("implementation", [phase_attention, rn.phase_attention], ids=["reference", "native"])
def test_attention_element_by_element(
    implementation: Any, n_keys: int, n_queries: int, keywords: dict[str, Any]
) -> None:
    mask = keywords.get("key_mask")
    keywords = {**keywords, "key_mask": mask[-n_keys:] if mask else None}
    operands = Q[:n_queries], K[:n_keys], V[:n_keys], PHASE_Q[:n_queries], PHASE_K[:n_keys]
    wanted = attention(*operands, **keywords)
    out = implementation(np.reshape(operands[0], (-1, 2)), *operands[1:], **keywords)
    assert out.shape == (n_queries, 3)
    np.testing.assert_allclose(out, np.reshape(wanted, (n_queries, 3)), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("implementation", [phase_attention, rn.phase_attention], ids=["reference", "native"])
def test_attention_of_every_head_by_itself(implementation: Any) -> None:
    """Leading axes broadcast, those of the mask and of the phases too."""
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(0, 1, (3, 1, 3, 2)), rng.normal(0, 1, (2, 4, 2)), rng.normal(0, 1, (1, 1, 1, 4, 3))
    phase_q, phase_k, key_mask = rng.normal(0, 2, (2, 3)), rng.normal(0, 2, 4), rng.random((3, 2, 4)) < 0.6
    out = implementation(q, k, v, phase_q, phase_k, key_mask=key_mask)
    assert out.shape == (1, 3, 2, 3, 3)
    for i in range(3):
        for j in range(2):
            operands = q[i, 0], k[j], v[0, 0, 0], phase_q[j], phase_k
            wanted = attention(*(each.tolist() for each in operands), key_mask=key_mask[i, j].tolist())
            np.testing.assert_allclose(out[0, i, j], wanted, rtol=1e-13, atol=1e-15)


def test_attention_where_a_nan_is_hidden() -> None:
    visible = [True, False, True, False]
    k, v, phase_k = (np.array(values, float) for values in (K, V, PHASE_K))
    wanted = phase_attention(Q, k, v, PHASE_Q, phase_k, key_mask=visible)
    k[1] = v[3] = phase_k[3] = np.nan
    assert np.array_equal(phase_attention(Q, k, v, PHASE_Q, phase_k, key_mask=visible), wanted)
