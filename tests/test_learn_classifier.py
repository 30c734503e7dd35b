"""ResonanceClassifier: mean phasors, rows that miss values, and classes that come later."""

from __future__ import annotations

import pickle
from itertools import pairwise

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from learn_rows import FLOWERS, SPECIES
from sklearn.datasets import load_digits, load_wine
from sklearn.neighbors import NearestCentroid

from resonance_native.learn import ResonanceClassifier


def test_decision_is_the_mean_squared_distance_to_mean_phasors() -> None:
    labels = SPECIES.copy()
    classifier = ResonanceClassifier().fit(FLOWERS, labels)
    z = np.exp(1j * (FLOWERS - FLOWERS.mean(axis=0)) / FLOWERS.std(axis=0))
    means = np.stack([z[labels == c].mean(axis=0) for c in range(3)])
    assert np.allclose(classifier.class_phasors_, means, atol=1e-13)
    wanted = -(np.abs(z[:, None] - means) ** 2).mean(axis=2)
    assert np.allclose(classifier.decision_function(FLOWERS), wanted, atol=1e-13)
    both = np.hstack([z.real, z.imag])
    assert np.array_equal(classifier.predict(FLOWERS), NearestCentroid().fit(both, labels).predict(both))


def test_two_classes_have_one_decision() -> None:
    two = SPECIES < 2
    names = np.array(["setosa", "versicolor"])[SPECIES[two]]
    classifier = ResonanceClassifier(n_nodes=100, random_state=0).fit(FLOWERS[two], names)
    decision = classifier.decision_function(FLOWERS[two])
    assert decision.shape == (100,)
    assert np.array_equal(classifier.predict(FLOWERS[two]), classifier.classes_[(decision > 0).astype(int)])
    assert classifier.score(FLOWERS[two], names) == 1


def test_deleted_nodes_leave_the_rest_as_it_was() -> None:
    rows, labels = load_wine(return_X_y=True)
    classifier = ResonanceClassifier().fit(rows, labels)
    classifier.class_phasors_[:, [2, 5, 6]] = 0
    without = ResonanceClassifier().fit(np.delete(rows, [2, 5, 6], axis=1), labels)
    wanted = without.decision_function(np.delete(rows, [2, 5, 6], axis=1))
    assert np.allclose(classifier.decision_function(rows), (10 * wanted - 3) / 13, atol=1e-13)


@hypothesis.given(st.lists(st.integers(0, 12), min_size=1, max_size=12, unique=True), st.booleans())
@hypothesis.settings(max_examples=25)
def test_missing_columns_are_as_if_they_were_not_there(dropped: list[int], while_learning: bool) -> None:
    rows, labels = load_wine(return_X_y=True)
    partial = rows.copy()
    partial[:, dropped] = np.nan
    classifier = ResonanceClassifier().fit(partial if while_learning else rows, labels)
    without = ResonanceClassifier().fit(np.delete(rows, dropped, axis=1), labels)
    wanted = without.decision_function(np.delete(rows, dropped, axis=1))
    assert np.allclose(classifier.decision_function(partial), wanted, atol=1e-12)


def test_each_row_may_miss_values_of_its_own() -> None:
    rows, labels = load_digits(return_X_y=True)
    scores = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        learned, new = np.split(rng.permutation(len(rows)), [1257])
        partial = np.where(rng.random(rows.shape) < 0.8, np.nan, rows)
        classifier = ResonanceClassifier(scale="global").fit(rows[learned], labels[learned])
        scores.append(classifier.score(partial[new], labels[new]))
    assert np.mean(scores) > 0.63
    z = np.exp(1j * classifier.encoder_.transform(partial[new[:1]]))
    seen = ~np.isnan(z[0])
    wanted = -(np.abs(z[0] - classifier.class_phasors_)[:, seen] ** 2).mean(axis=1)
    assert np.allclose(classifier.decision_function(partial[new[:1]])[0], wanted)
    assert np.array_equal(classifier.decision_function(np.full((2, 64), np.nan)), np.zeros((2, 10)))


@hypothesis.given(st.lists(st.integers(61, 149), max_size=4))
@hypothesis.settings(max_examples=15)
def test_classifier_in_pieces(cuts: list[int]) -> None:
    order = np.random.default_rng(0).permutation(150)
    rows, labels = np.where(np.arange(600).reshape(150, 4) % 7, FLOWERS[order], np.nan), SPECIES[order]
    first = ResonanceClassifier().partial_fit(rows[:60], labels[:60])
    pieces = pickle.loads(pickle.dumps(first))
    first.partial_fit(rows[60:], labels[60:])
    bounds = [60, *np.unique(cuts).astype(int), 150]
    for start, stop in pairwise(bounds):
        pieces.partial_fit(rows[start:stop], labels[start:stop])
    assert np.allclose(pieces.class_phasors_, first.class_phasors_, atol=1e-13)
    assert np.array_equal(pieces.class_counts_, first.class_counts_)
    z = np.exp(1j * first.encoder_.transform(rows))
    means = np.stack([np.nanmean(z[labels == kind], axis=0) for kind in first.classes_])
    assert np.allclose(first.class_phasors_, means, atol=1e-13)


def test_classes_of_which_nothing_was_seen_yet() -> None:
    classifier = ResonanceClassifier().partial_fit(FLOWERS[:100], SPECIES[:100], classes=[2, 0, 1])
    assert np.array_equal(classifier.classes_, [0, 1, 2])
    assert np.all(classifier.decision_function(FLOWERS)[:, 2] == -np.inf)
    assert set(classifier.predict(FLOWERS)) == {0, 1}
    classifier.partial_fit(FLOWERS[100:], SPECIES[100:])
    assert set(classifier.predict(FLOWERS)) == {0, 1, 2}


def test_labels_that_are_not_among_the_classes() -> None:
    classifier = ResonanceClassifier().partial_fit(FLOWERS[:100], SPECIES[:100])
    kept = classifier.class_phasors_.copy()
    with pytest.raises(ValueError, match=r"y must have labels among the classes \[0 1\], got \[2\]"):
        classifier.partial_fit(FLOWERS[90:110], SPECIES[90:110])
    with pytest.raises(ValueError, match=r"classes must be None or as in the first call, \[0 1\], got \[0, 2\]"):
        classifier.partial_fit(FLOWERS[:50], SPECIES[:50], classes=[0, 2])
    assert np.array_equal(classifier.class_phasors_, kept)
    with pytest.raises(ValueError, match="y must have labels among the classes"):
        ResonanceClassifier().partial_fit(FLOWERS, SPECIES, classes=[0, 1])
