"""Sequences and phase patterns that are recalled."""

from __future__ import annotations

import pickle
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

from resonance_native.learn import PhaseMemory, SequenceMemory

TWO_PI = 2 * np.pi
IMAGES = load_digits().data / 16
ROWS = np.random.default_rng(0).normal(size=(6, 10))
PATTERNS = np.random.default_rng(0).uniform(0, TWO_PI, (3, 100))


def in_order(memory: SequenceMemory, cue: np.ndarray, length: int = 30) -> float:
    """Share of three rounds in which the right row is recalled."""
    recalled = memory.decode(memory.recall(cue, 3 * length))
    return float((recalled == np.arange(1, 3 * length + 1) % length).mean())


def corrupted(z: np.ndarray, rng: np.random.Generator, share: float = 0.25) -> np.ndarray:
    return np.where(rng.random(z.shape) < share, np.exp(1j * rng.uniform(0, TWO_PI, z.shape)), z)


# Sequences


def test_weights_lead_from_each_row_to_the_next() -> None:
    for cyclic in (True, False):
        memory = SequenceMemory(40, random_state=0).store(ROWS, cyclic=cyclic)
        z = np.exp(1j * (memory.initial_phases_ + memory.encoder_.transform(ROWS)))
        assert np.allclose(memory.patterns_, z, atol=1e-13)
        assert abs(np.exp(1j * memory.initial_phases_).mean()) < 0.4, "φ⁰ is spread over the circle"
        pairs = [(z[t + 1], z[t]) for t in range(5)] + ([(z[0], z[5])] if cyclic else [])
        wanted = sum(np.outer(after, before.conj()) for after, before in pairs).real / 40
        assert np.allclose(memory.weights, wanted, atol=1e-13)
        state = memory.recall(z[2], 1)[0]
        assert np.allclose(state, wanted @ z[2] / np.abs(wanted @ z[2]), atol=1e-12)
        assert np.array_equal(memory.recall(state, 1)[0], memory.recall(z[2], 2)[1])


def test_recall_from_a_row_is_recall_from_its_phasors() -> None:
    memory = SequenceMemory(300, random_state=0).store(ROWS)
    assert np.allclose(memory.recall(ROWS[4], 9), memory.recall(memory.patterns_[4], 9), atol=1e-9)
    assert list(memory.decode(memory.recall(ROWS[4], 3))) == [5, 0, 1]
    assert memory.decode(memory.patterns_[3]) == 3
    assert memory.decode(memory.patterns_[3] * np.exp(2j)) == 3


def test_a_sequence_that_ends() -> None:
    memory = SequenceMemory(300, random_state=0).store(ROWS, cyclic=False)
    assert list(memory.decode(memory.recall(ROWS[0], 5))) == [1, 2, 3, 4, 5]


def test_two_sequences_beside_each_other() -> None:
    more = np.random.default_rng(1).normal(size=(4, 10))
    memory = SequenceMemory(600, random_state=0).store(ROWS).store(more)
    assert list(memory.decode(memory.recall(ROWS[5], 3))) == [0, 1, 2]
    assert list(memory.decode(memory.recall(more[2], 3))) == [9, 6, 7]


@pytest.mark.parametrize("seed", range(5))
def test_thirty_images_from_a_corrupted_cue_and_with_half_of_the_memory_deleted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = IMAGES[rng.permutation(len(IMAGES))[:30]]
    memory = SequenceMemory(random_state=seed).store(rows)
    weights, cue = memory.weights.copy(), corrupted(memory.patterns_[0], rng)
    assert in_order(memory, cue) == 1
    memory.weights = weights * (rng.random(weights.shape) < 0.5)
    assert in_order(memory, cue) == in_order(memory, rows[0]) == 1
    alive = rng.random(1000) < 0.5
    memory.weights = weights * np.outer(alive, alive)
    assert in_order(memory, cue) == in_order(memory, rows[0]) == 1
    silent = memory.recall(cue, 1)[0] == 0
    assert np.array_equal(silent, ~alive)


def test_without_three_quarters_of_the_nodes_recall_collapses() -> None:
    shares = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        rows = IMAGES[rng.permutation(len(IMAGES))[:30]]
        memory = SequenceMemory(random_state=seed).store(rows)
        alive = rng.random(1000) < 0.25
        memory.weights = memory.weights * np.outer(alive, alive)
        shares.append(in_order(memory, rows[0]))
    assert np.mean(shares) < 0.6


def test_nothing_links_nothing() -> None:
    memory = SequenceMemory(20, random_state=0).store(ROWS)
    memory.weights = np.zeros((20, 20))
    states = memory.recall(ROWS[0], 4)
    assert not states.any()
    assert np.array_equal(memory.decode(states), [-1, -1, -1, -1])


def test_sequence_memories_as_estimators_are() -> None:
    memory = SequenceMemory(50, bandwidth=0.2, random_state=0).store(ROWS)
    twin = pickle.loads(pickle.dumps(memory))
    assert np.array_equal(twin.recall(ROWS[1], 5), memory.recall(ROWS[1], 5))
    fresh = clone(memory)
    with pytest.raises(NotFittedError, match="SequenceMemory holds nothing yet: call store first"):
        fresh.recall(ROWS[1], 5)
    assert np.array_equal(fresh.store(ROWS).weights, memory.weights)
    assert not np.allclose(SequenceMemory(50, bandwidth=0.2, random_state=1).store(ROWS).weights, memory.weights)


def test_recall_changes_nothing() -> None:
    memory = SequenceMemory(50, random_state=0).store(ROWS)
    before = pickle.dumps(memory)
    cue = memory.patterns_[0].copy()
    memory.decode(memory.recall(cue, 5))
    memory.recall(ROWS[0], 5)
    assert pickle.dumps(memory) == before
    assert np.array_equal(cue, memory.patterns_[0])
    with pytest.raises(ValueError, match="read-only"):
        memory.weights[0, 0] = 1


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda m: m.store(ROWS[0]), r"sequence must have shape \(N, 10\), as what was presented before, got"),
        (lambda m: m.store(ROWS[:1]), "sequence must have at least 2 rows, got 1"),
        (lambda m: m.store(ROWS[:, :4]), r"sequence must have shape \(N, 10\).* got shape \(6, 4\)"),
        (lambda m: m.store(ROWS * np.nan), r"sequence must be finite, got nan at \[0, 0\]"),
        (lambda m: m.store(ROWS, cyclic=1), "cyclic must be True or False, got 1"),
        (lambda m: m.recall(ROWS, 3), r"cue must be a row of shape \(10,\) or phasors of shape \(40,\), got shape"),
        (lambda m: m.recall(ROWS[0, :4], 3), r"cue must have shape \(10,\) where it is a row, got shape \(4,\)"),
        (lambda m: m.recall(ROWS[0] * np.inf, 3), r"cue must be finite, got -?inf"),
        (lambda m: m.recall(np.ones(10, complex), 3), r"cue must have shape \(40,\) or \(N, 40\), got shape \(10,\)"),
        (lambda m: m.recall(np.full(40, np.nan + 0j), 3), "cue must be finite, got NaN or infinity"),
        (lambda m: m.recall(["a"] * 10, 3), "cue must"),
        (lambda m: m.recall(ROWS[0], 0), "steps must be at least 1, got 0"),
        (lambda m: m.recall(ROWS[0], 2.0), "steps must be an integer, got 2.0"),
        (lambda m: m.decode(ROWS[0]), r"z must be phasors \(complex\), got dtype float64"),
        (lambda m: m.decode(np.ones((2, 10), complex)), r"z must have shape \(40,\) or \(N, 40\), got shape \(2, 10\)"),
        (lambda m: setattr(m, "weights", np.ones((3, 3))), r"weights must have shape \(40, 40\), got shape \(3, 3\)"),
        (lambda m: setattr(m, "weights", np.full((40, 40), np.inf)), "weights must be finite, got NaN or infinity"),
        (lambda m: setattr(m, "weights", np.ones((40, 40), complex)), "weights must be real numbers, got complex128"),
    ],
)
def test_bad_arguments_of_sequences(call: Any, wanted: str) -> None:
    memory = SequenceMemory(40, random_state=0).store(ROWS)
    before = pickle.dumps(memory)
    with pytest.raises((TypeError, ValueError), match=wanted):
        call(memory)
    assert pickle.dumps(memory) == before


@pytest.mark.parametrize("keywords", [{"n_nodes": 0}, {"n_nodes": None}, {"bandwidth": -1}, {"scale": "x"}])
def test_bad_parameters_of_sequences(keywords: dict[str, Any]) -> None:
    memory = SequenceMemory(**keywords)
    with pytest.raises((TypeError, ValueError), match=f"{next(iter(keywords))} must be"):
        memory.store(ROWS)
    with pytest.raises(NotFittedError):
        memory.recall(ROWS[0], 3)


# Phase patterns


def test_weights_are_the_patterns_products() -> None:
    memory = PhaseMemory(100).store(PATTERNS[:2]).store(PATTERNS[2])
    x = np.exp(1j * PATTERNS)
    assert np.allclose(memory.weights, x.T @ x.conj() / 100, atol=1e-15)
    assert np.allclose(memory.patterns_, x)
    assert np.allclose(memory.weights, memory.weights.conj().T)


def test_one_step_of_the_equation() -> None:
    rng = np.random.default_rng(0)
    memory = PhaseMemory(100).store(PATTERNS)
    phases, frequencies = rng.uniform(0, TWO_PI, 100), rng.normal(0, 0.1, 100)
    z = np.exp(1j * phases)
    pull = (z.conj() * (memory.weights @ z)).imag
    wanted = phases + 0.02 * (TWO_PI * frequencies + 1.5 * pull)
    got = memory.recall(phases, 0.02, 0.02, coupling=1.5, frequencies=frequencies)
    assert np.allclose(got, np.exp(1j * wanted), atol=1e-13)
    spelled = sum(
        abs(memory.weights[0, j]) * np.sin(phases[j] - phases[0] + np.angle(memory.weights[0, j])) for j in range(100)
    )
    assert np.isclose(pull[0], spelled)


def test_it_goes_on_from_what_it_returned() -> None:
    memory = PhaseMemory(100).store(PATTERNS)
    keywords = {"coupling": 2.0, "frequencies": np.linspace(-0.1, 0.1, 100)}
    halfway = memory.recall(PATTERNS[0], 0.5, **keywords)
    assert np.allclose(memory.recall(halfway, 0.5, **keywords), memory.recall(PATTERNS[0], 1.0, **keywords), atol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_coupling_holds_a_pattern_for_fifty_seconds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patterns = rng.uniform(0, TWO_PI, (3, 100))
    memory = PhaseMemory().store(patterns)
    cue, frequencies = patterns[0] + 0.3 * rng.standard_normal(100), 0.1 * rng.standard_normal(100)
    held = memory.recall(cue, frequencies=frequencies)
    assert memory.overlap(held)[0] >= 0.93
    assert memory.decode(held) == 0
    assert memory.overlap(memory.recall(cue, coupling=0, frequencies=frequencies))[0] < 0.2


def test_a_corrupted_pattern_is_repaired() -> None:
    rng = np.random.default_rng(1)
    memory = PhaseMemory(100).store(PATTERNS)
    cue = corrupted(np.exp(1j * PATTERNS[1]), rng)
    assert memory.overlap(cue)[1] < 0.85
    assert memory.overlap(memory.recall(cue, 20.0))[1] > 0.97


@hypothesis.given(st.floats(-10, 10), st.integers(0, 2))
@hypothesis.settings(max_examples=20)
def test_a_common_turn_changes_no_overlap(turn: float, which: int) -> None:
    memory = PhaseMemory(100).store(PATTERNS)
    turned = np.exp(1j * (PATTERNS[which] + turn))
    overlaps = memory.overlap(np.stack([turned, np.exp(1j * PATTERNS[which])]))
    assert overlaps.shape == (2, 3)
    assert np.allclose(overlaps[0], overlaps[1], atol=1e-12)
    assert np.isclose(overlaps[0, which], 1)
    assert np.allclose(memory.overlap(PATTERNS[which]), overlaps[1])


def test_deleted_links_of_a_phase_memory() -> None:
    memory = PhaseMemory(100).store(PATTERNS)
    memory.weights = memory.weights * (np.random.default_rng(0).random((100, 100)) < 0.7)
    assert memory.overlap(memory.recall(PATTERNS[0], 20.0))[0] > 0.95
    with pytest.raises(ValueError, match="read-only"):
        memory.weights[0, 0] = 1


def test_phase_memories_as_estimators_are() -> None:
    memory = PhaseMemory(100).store(PATTERNS)
    twin = pickle.loads(pickle.dumps(memory))
    assert np.array_equal(twin.recall(PATTERNS[0], 1.0), memory.recall(PATTERNS[0], 1.0))
    for call in (lambda m: m.recall(PATTERNS[0]), lambda m: m.overlap(PATTERNS[0]), lambda m: m.weights):
        with pytest.raises(NotFittedError, match="PhaseMemory holds nothing yet: call store first"):
            call(clone(memory))


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda m: m.store(PATTERNS[:, :5]), r"patterns must have shape \(100,\) or \(N, 100\), got shape \(3, 5\)"),
        (lambda m: m.store(PATTERNS * np.nan), "patterns must be finite"),
        (lambda m: m.store([["a"] * 100]), r"patterns must be phasors \(complex\) or phases \(real\), got dtype"),
        (lambda m: m.recall(PATTERNS), r"cue must have shape \(100,\), got shape \(3, 100\)"),
        (lambda m: m.recall(PATTERNS[0], 0), "duration must be > 0, got 0"),
        (lambda m: m.recall(PATTERNS[0], 1.0, -1), "dt must be > 0, got -1"),
        (lambda m: m.recall(PATTERNS[0], 1.0, coupling=np.nan), "coupling must be finite"),
        (lambda m: m.recall(PATTERNS[0], 1.0, frequencies=np.ones(3)), r"frequencies must .* \(100,\), got shape"),
        (lambda m: m.recall(PATTERNS[0], 1.0, frequencies=np.inf), "frequencies must be finite"),
        (lambda m: m.recall(PATTERNS[0], 1.0, frequencies=["a"]), "frequencies must be real numbers, got dtype"),
        (lambda m: m.overlap(np.ones(3)), r"z must have shape \(100,\) or \(N, 100\), got shape \(3,\)"),
        (lambda m: setattr(m, "weights", np.eye(3)), r"weights must have shape \(100, 100\), got shape \(3, 3\)"),
    ],
)
def test_bad_arguments_of_patterns(call: Any, wanted: str) -> None:
    memory = PhaseMemory(100).store(PATTERNS)
    before = pickle.dumps(memory)
    with pytest.raises((TypeError, ValueError), match=wanted):
        call(memory)
    assert pickle.dumps(memory) == before


def test_bad_number_of_nodes() -> None:
    with pytest.raises(ValueError, match="n_nodes must be at least 1, got 0"):
        PhaseMemory(0).store(PATTERNS)
