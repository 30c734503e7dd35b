"""Learning from rows of data: the native code against the reference, and what ``entrain`` promises."""

from __future__ import annotations

import pickle
from typing import Any

import hypothesis
import numpy as np
import pytest
from cases import BOUNDS
from hypothesis import strategies as st
from networks import bits, everything
from scripts import output_of

import resonance_native as rn

# From 384 nodes and 64 rows on, only one triangle of the growth is computed.
SIZES = (1, 2, 7, 33, 100, 257, 384, 401)
FADING = (None, 0.93)


def rows_for(n: int, count: int, missing: float = 0.05, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = rng.normal(0, 3, (count, n))
    rows[rng.random(rows.shape) < missing] = np.nan
    return rows


def pair(n: int, dtype: str, **keywords: Any) -> tuple[rn.ResonanceNetwork, rn.reference.ResonanceNetwork]:
    """The same network twice. Its weights are large, so that what is left of them shows."""
    settings = {"weight_std": 1.0, "seed": n, **keywords}
    return rn.ResonanceNetwork(n, dtype=dtype, **settings), rn.reference.ResonanceNetwork(n, **settings)


def error(net: Any, wanted: Any) -> float:
    return float(np.abs(net.weights - wanted.weights).max() / np.abs(wanted.weights).max())


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("fading_factor", FADING)
@pytest.mark.parametrize("n", SIZES)
def test_native_equals_reference(n: int, fading_factor: float | None, dtype: str) -> None:
    net, reference = pair(n, dtype)
    # In the middle of a mean: something of the weights before is left.
    rows = rows_for(n, 130 if n < 300 else 70)
    for one in (net, reference):
        one.entrain(rows[:3], fading_factor=0.5)
        one.entrain(rows, fading_factor=fading_factor)
    assert error(net, reference) <= BOUNDS[dtype] / 10
    assert net.presentation_count == reference.presentation_count == 3 + len(rows)


def test_that_comparison_would_tell(dtype: str) -> None:
    _, reference = pair(33, dtype)
    net, _ = pair(33, dtype)
    net.entrain(rows_for(33, 130), fading_factor=0.93 * 1.001)
    reference.entrain(rows_for(33, 130), fading_factor=0.93)
    assert error(net, reference) > 10 * BOUNDS[dtype]


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("fading_factor", FADING)
@pytest.mark.parametrize("n", [17, 385, 500])
def test_any_number_of_threads_gives_the_same_bits(n: int, fading_factor: float | None, dtype: str) -> None:
    results = []
    for threads in (1, 2, 3):
        net = rn.ResonanceNetwork(n, dtype=dtype, seed=0, threads=threads)
        results.append(bits(net.entrain(rows_for(n, 200), fading_factor=fading_factor)))
    assert results[0] == results[1] == results[2]


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("n", [17, 500])
def test_so_do_encoded_rows(n: int, dtype: str) -> None:
    results = []
    for threads in (1, 2, 3):
        net = rn.ResonanceNetwork(n, dtype=dtype, seed=0, threads=threads)
        results.append(bits(net.entrain(rows_for(33, 200, missing=0))))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("fading_factor", FADING)
@pytest.mark.parametrize("n", [30, 400])
def test_calling_it_again_goes_on(n: int, fading_factor: float | None, dtype: str) -> None:
    rows = rows_for(n, 300)
    whole, pieces = (rn.ResonanceNetwork(n, dtype=dtype, seed=0, weight_std=1.0) for _ in range(2))
    whole.entrain(rows, fading_factor=fading_factor)
    for first, last in ((0, 1), (1, 66), (66, 66), (66, 300)):
        pieces.entrain(rows[first:last], fading_factor=fading_factor)
    assert error(pieces, whole) <= BOUNDS[dtype] / 10
    assert pieces.presentation_count == whole.presentation_count == 300


def test_weights_are_the_mean_of_all_presentations() -> None:
    net = rn.ResonanceNetwork(50, seed=0)
    rows = rows_for(50, 40, missing=0)
    z = np.exp(1j * (net.initial_phases + rows))
    net.entrain(rows)
    assert np.abs(net.weights - (z.T @ z.conj()).real / 40).max() < 1e-14


def test_the_ends_of_the_fading_factor() -> None:
    net = rn.ResonanceNetwork(20, seed=0)
    before = net.weights.copy()
    net.entrain(rows_for(20, 9), fading_factor=1)
    assert np.array_equal(net.weights, before)
    net.entrain(rows_for(20, 9), fading_factor=0)
    assert np.abs(net.weights - rn.ResonanceNetwork(20, seed=0).entrain(rows_for(20, 9)[-1:]).weights).max() < 1e-15


@pytest.mark.parametrize("n", [12, 400])
def test_it_changes_weights_and_presentation_count_alone(n: int) -> None:
    net = rn.ResonanceNetwork(n, seed=0, gain=0.1, coupling=0.01)
    net.pin(3, 0.5, phases=1.0)
    net.run(0.2, 5)
    before, kept = everything(net), net.initial_phases.copy()
    net.entrain(rows_for(n, 80))
    after = everything(net)
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"weights", "presentation_count", "following"}
    assert np.array_equal(net.initial_phases, kept)


def test_coupling_sees_the_new_weights() -> None:
    """The products that coupling keeps from the last step belong to the old ones."""
    net, reference = pair(20, "float64", coupling=0.5)
    for one in (net, reference):
        one.run(0.1, 3)
        one.entrain(rows_for(20, 10))
        one.update(0.1)
    assert np.abs(net.phases - reference.phases).max() < 1e-12


def test_silent_nodes_learn_nothing() -> None:
    net = rn.ResonanceNetwork(4, seed=0)
    net.entrain([[0.1, np.nan, 0.3, 0.4], [0.2, 0.5, np.nan, 0.1]])
    assert net.weights[1, 2] == net.weights[2, 1] == 0
    assert net.weights[1, 1] == net.weights[2, 2] == 0.5
    assert np.isclose(net.weights[0, 0], 1)


def test_phases_of_zero_cannot_tell_a_row_from_its_negative() -> None:
    row = np.random.default_rng(0).normal(size=(1, 30))
    blind = [rn.ResonanceNetwork.from_state(np.zeros(30), np.ones(30), np.ones(30), np.zeros((30, 30))) for _ in "ab"]
    assert np.allclose(blind[0].entrain(row).weights, blind[1].entrain(-row).weights, atol=1e-14)
    seeing = [rn.ResonanceNetwork(30, seed=0) for _ in "ab"]
    assert np.abs(seeing[0].entrain(row).weights - seeing[1].entrain(-row).weights).max() > 0.5


@pytest.mark.parametrize("convert", [
    lambda x: x.tolist(), np.asfortranarray, lambda x: x[:, ::-1][:, ::-1], lambda x: x.astype(">f8"),
    lambda x: np.repeat(x, 2, axis=0)[::2],
])  # fmt: skip
def test_any_array_like(convert: Any) -> None:
    rows = np.round(rows_for(9, 20, missing=0))
    wanted = rn.ResonanceNetwork(9, seed=0).entrain(rows)
    assert bits(rn.ResonanceNetwork(9, seed=0).entrain(convert(rows))) == bits(wanted)
    integers = rn.ResonanceNetwork(9, seed=0).entrain(rows.astype(np.int16))
    single = rn.ResonanceNetwork(9, seed=0).entrain(rows.astype(np.float32))
    assert bits(integers) == bits(single) == bits(wanted)


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("n", [16, 100])  # rows of 16 lie without gaps between them
def test_a_networks_own_weights_as_data(n: int, encoded: bool) -> None:
    net, twin = (rn.ResonanceNetwork(n, seed=0) for _ in range(2))
    encoder = rn.learn.PhaseEncoder(n, random_state=0).fit(net.weights) if encoded else None
    keywords: dict[str, Any] = {"encoder": encoder, "epochs": 3}
    assert bits(net.entrain(net.weights, **keywords)) == bits(twin.entrain(twin.weights.copy(), **keywords))


def test_epochs_and_shuffle() -> None:
    rows = rows_for(10, 30)
    once, thrice = rn.ResonanceNetwork(10, seed=0).entrain(rows), rn.ResonanceNetwork(10, seed=0)
    thrice.entrain(rows, epochs=3)
    assert thrice.presentation_count == 90
    assert error(thrice, once) < 1e-14

    def shuffled(seed: int) -> rn.ResonanceNetwork:
        return rn.ResonanceNetwork(10, seed=seed).entrain(rows, fading_factor=0.5, shuffle=True, epochs=2)

    assert bits(shuffled(0)) == bits(shuffled(0))
    in_order = rn.ResonanceNetwork(10, seed=0).entrain(rows, fading_factor=0.5, epochs=2)
    assert error(shuffled(0), in_order) > 0.1
    mean = rn.ResonanceNetwork(10, seed=0).entrain(rows, shuffle=True)
    assert error(mean, once) < 1e-14


@hypothesis.given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 30), st.booleans())
def test_a_mean_of_presentations_is_positive_with_ones_on_its_diagonal(
    seed: int, n: int, count: int, wide: bool
) -> None:
    rows = rows_for(n, count, missing=0, seed=seed) * (1e6 if wide else 1)
    weights = rn.ResonanceNetwork(n, seed=seed).entrain(rows).weights
    assert np.allclose(np.diag(weights), 1, atol=1e-12)
    assert np.linalg.eigvalsh((weights + weights.T) / 2).min() > -1e-12 * n


def test_order_of_rows_does_not_matter_to_the_mean() -> None:
    rows = rows_for(20, 50)
    forward, backward = (rn.ResonanceNetwork(20, seed=0).entrain(part) for part in (rows, rows[::-1]))
    assert error(forward, backward) < 1e-14


def test_it_goes_along_in_copies_and_pickles() -> None:
    net = rn.ResonanceNetwork(12, seed=0).entrain(rows_for(12, 20))
    for twin in (net.copy(), pickle.loads(pickle.dumps(net))):
        assert twin.presentation_count == 20
        assert bits(twin.entrain(rows_for(12, 7, seed=1))) == bits(net.copy().entrain(rows_for(12, 7, seed=1)))


def test_reset_begins_again() -> None:
    net = rn.ResonanceNetwork(12, seed=0).entrain(rows_for(12, 20))
    net.reset()
    assert net.presentation_count == 0
    assert bits(net) == bits(rn.ResonanceNetwork(12, seed=0))
    net.reset(5)
    assert np.array_equal(net.initial_phases, rn.ResonanceNetwork(12, seed=5).phases)


def test_initial_phases_stay_while_phases_move() -> None:
    net = rn.ResonanceNetwork(12, seed=0)
    assert np.array_equal(net.initial_phases, net.phases)
    before = net.phases.copy()
    net.run(1.0, 10)
    net.phases = np.zeros(12)
    assert np.array_equal(net.initial_phases, before)
    with pytest.raises(ValueError, match="read-only"):
        net.initial_phases[0] = 0
    given_state = rn.ResonanceNetwork.from_state([0.0, 7.0], [1, 1], [1, 1], np.zeros((2, 2)))
    assert np.array_equal(given_state.initial_phases, given_state.phases)


class Doubling:
    """An encoder that has two nodes for each column."""

    def transform(self, rows: np.ndarray) -> np.ndarray:
        return np.hstack([rows, -rows])


def test_an_encoder_is_kept_and_encodes() -> None:
    encoder, rows = Doubling(), rows_for(6, 20, missing=0)
    net = rn.ResonanceNetwork(12, seed=0).entrain(rows, encoder=encoder)
    assert net.encoder is encoder
    assert np.array_equal(net.encode(rows), encoder.transform(rows))
    assert np.array_equal(net.encode(rows[0]), encoder.transform(rows[:1])[0])
    plain = rn.ResonanceNetwork(12, seed=0).entrain(encoder.transform(rows))
    assert bits(plain) == bits(net)
    assert bits(net.entrain(rows)) == bits(plain.entrain(encoder.transform(rows)))
    net.reset()
    assert net.encoder is None


def test_without_an_encoder_data_are_patterns() -> None:
    net = rn.ResonanceNetwork(5, seed=0)
    assert np.array_equal(net.encode(np.arange(5)), np.arange(5))
    with pytest.raises(ValueError, match=r"x must have shape \(N, 5\)"):
        net.encode(np.arange(4))


def test_a_pattern_held_for_a_second_leads_to_a_presentation() -> None:
    rows = rows_for(6, 40, missing=0)
    net = rn.ResonanceNetwork(12, freq_std=0, gain=0.2, seed=0).entrain(rows, encoder=Doubling())
    net.phases = net.initial_phases
    amplitudes = net.predict(net.encode(rows[3]), learn=False)
    z = np.exp(1j * (net.initial_phases + Doubling().transform(rows[3:4])[0]))
    assert np.abs(np.exp(1j * net.phases) - z).max() < 1e-12
    assert np.abs(amplitudes - np.tanh(0.2 * (z.conj() * (net.weights @ z)).real)).max() < 1e-12


@pytest.mark.parametrize("call", [
    lambda net, x: net.update(x), lambda net, x: net.run(x, 3), lambda net, x: net.predict(x),
    lambda net, x: net.run(np.stack([x, x])),
])  # fmt: skip
def test_errors_of_shape_tell_of_encode(call: Any) -> None:
    net = rn.ResonanceNetwork(12, seed=0).entrain(rows_for(6, 5, missing=0), encoder=Doubling())
    with pytest.raises(ValueError, match=r"got shape \((2, )?6,?\) \(net\.encode makes"):
        call(net, np.ones(6))
    call(net, net.encode(np.ones(6)))


@pytest.mark.parametrize(
    ("data", "keywords", "wanted"),
    [
        (np.ones(5), {}, r"data must have shape \(N, d\) with d ≥ 1, got shape \(5,\)"),
        (np.ones((3, 0)), {}, r"data must have shape \(N, d\)"),
        ([["a"] * 5], {}, "data must be"),
        (np.ones((2, 5)) * 1j, {}, "data must be"),
        ([[0, 0, np.inf, 0, 0]], {}, r"data must be finite, or NaN where an input is missing, got inf at \[0, 2\]"),
        (np.ones((2, 5)), {"fading_factor": 1.5}, r"fading_factor must be None or in \[0, 1\], got 1.5"),
        (np.ones((2, 5)), {"fading_factor": np.nan}, "fading_factor must be finite"),
        (np.ones((2, 5)), {"fading_factor": "x"}, "fading_factor must be"),
        (np.ones((2, 5)), {"epochs": 0}, "epochs must be at least 1, got 0"),
        (np.ones((2, 5)), {"epochs": 1.0}, "epochs must be an integer, got 1.0"),
        (np.ones((2, 5)), {"shuffle": 1}, "shuffle must be True or False, got 1"),
        (np.ones((2, 5)), {"progress": None}, "progress must be True or False, got None"),
        (np.ones((2, 5)), {"encoder": "random"}, "encoder must be None or have a method transform, got 'random'"),
        (np.ones((2, 4)), {"encoder": Doubling()}, r"encoder must make shape \(1, 5\) of 1 rows, got shape \(1, 8\)"),
        ([[0.0, np.nan]], {"encoder": Doubling()}, r"data must be finite, got nan at \[0, 1\]"),
    ],
)
def test_bad_input_changes_nothing(data: Any, keywords: dict[str, Any], wanted: str) -> None:
    net = rn.ResonanceNetwork(5, seed=0)
    before = everything(net)
    with pytest.raises((TypeError, ValueError), match=wanted):
        net.entrain(data, **keywords)
    assert everything(net) == before
    assert net.encoder is None


def test_columns_of_another_number_than_before() -> None:
    net = rn.ResonanceNetwork(5, seed=0).entrain(np.ones((2, 5)))
    with pytest.raises(ValueError, match=r"data must have shape \(N, 5\), as what was presented before, got.*\(2, 4\)"):
        net.entrain(np.ones((2, 4)))


def test_progress(capsys: pytest.CaptureFixture[str]) -> None:
    rn.ResonanceNetwork(5, seed=0).entrain(np.ones((40, 5)), epochs=2, progress=True)
    assert "80.0/80.0" in capsys.readouterr().err


@pytest.mark.parametrize("columns", [500, 20], ids=["a node per column", "random features"])
def test_ctrl_c_stops_after_whole_rows(columns: int) -> None:
    code = f"""
import os, signal, threading, time
import numpy as np
import resonance_native as rn
import resonance_native.learn  # here, as it takes a while

rows = np.random.default_rng(0).normal(size=(3000, {columns}))
net = rn.ResonanceNetwork(500, seed=0)
threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    net.entrain(rows, epochs=10**6)
except KeyboardInterrupt:
    shown, twin = net.presentation_count, rn.ResonanceNetwork(500, seed=0)
    assert shown > 0
    for _ in range(shown // 3000):
        twin.entrain(rows, encoder=net.encoder)
    if shown % 3000:
        twin.entrain(rows[: shown % 3000], encoder=net.encoder)
    assert np.abs(net.weights - twin.weights).max() < 1e-12
    print("stopped")
"""
    assert output_of(code).strip() == "stopped"
