"""ResonanceNovelty: its scores, its threshold, and classes that it has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from learn_rows import BLOBS, DATA, phasors
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KernelDensity

import resonance_native as rn
from resonance_native.learn import ResonanceNovelty


def test_scores_are_resonance_and_a_parzen_density() -> None:
    rng = np.random.default_rng(0)
    rows, queries = rng.normal(size=(200, 3)), rng.normal(size=(50, 3))
    novelty = ResonanceNovelty(1500, scale=None, random_state=0).fit(rows)
    z = phasors(novelty, queries)
    scores = novelty.score_samples(queries)
    exact = np.einsum("ij,jk,ik->i", z.conj(), novelty.network_.weights, z).real / 1500**2
    assert np.allclose(scores, exact, rtol=1e-12)
    width = 0.35 * novelty.encoder_.median_distance_ / np.sqrt(2)
    density = KernelDensity(bandwidth=width).fit(rows).score_samples(queries)
    half = 0.5 * np.exp(density) * (2 * np.pi * width**2) ** 1.5
    assert np.abs(scores - half).max() < 0.25 * half.max()
    assert np.corrcoef(scores, half)[0, 1] > 0.98
    far = novelty.score_samples([[40.0, 40.0, 40.0]])
    assert 0 < far < 6 / 1500


def test_auto_calls_one_in_twenty_of_known_rows_novel() -> None:
    rng = np.random.default_rng(0)
    alarms, naive = [], []
    for seed in range(8):
        rows, new = rng.normal(size=(300, 4)), rng.normal(size=(600, 4))
        novelty = ResonanceNovelty(200, random_state=seed).fit(rows)
        alarms.append((novelty.predict(new) == -1).mean())
        naive.append((clone(novelty).set_params(contamination=0.05).fit(rows).predict(new) == -1).mean())
        assert (novelty.predict(30 * new) == -1).mean() > 0.95
    assert 0.03 < np.mean(alarms) < 0.07
    assert np.mean(naive) > 0.08, "rows know themselves: a share of them is no share of new rows"


@pytest.mark.parametrize("fading_factor", [None, 0.99])
def test_the_threshold_leaves_each_row_out(fading_factor: float | None) -> None:
    rows = np.random.default_rng(0).normal(size=(40, 3))
    novelty = ResonanceNovelty(60, bandwidth=1.5, fading_factor=fading_factor, random_state=0).fit(rows)
    z = phasors(novelty, rows)
    age = np.arange(39, -1, -1)
    shares = np.full(40, 1 / 40) if fading_factor is None else (1 - fading_factor) * fading_factor**age
    left_out = []
    for i in range(40):
        others = np.where(np.arange(40) == i, 0, shares)
        weights = ((others * z.T) @ z.conj()).real / (1 - shares[i])
        left_out.append((z[i].conj() @ weights @ z[i]).real / 60**2)
    assert np.isclose(novelty.offset_, np.quantile(left_out, 0.05), rtol=1e-9)
    assert np.array_equal(novelty.decision_function(rows), novelty.score_samples(rows) - novelty.offset_)


def test_contamination_is_a_share_of_the_rows() -> None:
    novelty = ResonanceNovelty(50, contamination=0.1, random_state=0)
    assert (novelty.fit_predict(BLOBS) == -1).sum() == 12


def test_the_threshold_follows_the_last_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resonance_native.learn.novelty._ROWS_KEPT", 50)
    rows = np.random.default_rng(0).normal(size=(120, 3))
    whole = ResonanceNovelty(60, bandwidth=1.5, random_state=0).partial_fit(rows[:70])
    pieces = clone(whole).partial_fit(rows[:70]).partial_fit(rows[70:75]).partial_fit(rows[75:])
    whole.partial_fit(rows[70:])
    assert np.isclose(pieces.offset_, whole.offset_, rtol=1e-10)
    scores, own = whole._scores(rows[-50:])
    assert np.isclose(whole.offset_, np.quantile((scores - own / 120) / (1 - 1 / 120), 0.05), rtol=1e-10)


def test_no_row_is_known_for_no_reason() -> None:
    """The threshold is above what random phases score, however little the rows learned have in common."""
    rng = np.random.default_rng(0)
    net = rn.ResonanceNetwork(40, seed=0).entrain(rng.uniform(0, 2 * np.pi, (5, 40)))
    chance = rng.uniform(0, 2 * np.pi, (20000, 40))
    novelty = ResonanceNovelty(network=net).fit(chance[:1000])
    scores = novelty.score_samples(chance)
    assert np.isclose(scores.mean(), 1 / 40, rtol=0.02)
    assert np.isclose(novelty.offset_, scores.mean() + 2 * scores.std(), rtol=0.02)
    assert 0.01 < (novelty.predict(chance) == 1).mean() < 0.06


def test_a_single_row() -> None:
    novelty = ResonanceNovelty(20, random_state=0).fit([[1.0, 2.0]])
    assert novelty.predict([[1.0, 2.0]]) == 1


@pytest.mark.parametrize(
    ("name", "least"), [("iris", 0.90), ("wine", 0.95), ("breast cancer", 0.81), ("digits", 0.91)]
)  # fmt: skip
def test_novelty_of_held_out_classes(name: str, least: float) -> None:
    rows, labels = DATA[name](return_X_y=True)
    areas = []
    for novel in range(labels.max() + 1):
        order = np.random.default_rng(novel).permutation(np.flatnonzero(labels != novel))
        learned, new = np.split(order, [int(0.7 * len(order))])
        test = np.concatenate([new, np.flatnonzero(labels == novel)])
        scale: Any = "global" if name == "digits" else "feature"
        novelty = ResonanceNovelty(scale=scale, dtype="float32", random_state=novel).fit(rows[learned])
        areas.append(roc_auc_score(labels[test] == novel, -novelty.score_samples(rows[test])))
    assert np.mean(areas) >= least
