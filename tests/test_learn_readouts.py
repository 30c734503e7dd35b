"""What embedding, clusterer, novelty and classifier have in common, and that reading never teaches."""

from __future__ import annotations

import pickle
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from learn_rows import BLOBS, FLOWERS, KINDS, SPECIES, phasors
from networks import everything
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

import resonance_native as rn
from resonance_native.learn import (
    PhaseEncoder,
    ResonanceClassifier,
    ResonanceClusterer,
    ResonanceEmbedding,
    ResonanceNovelty,
)


def readouts(**keywords: Any) -> list[Any]:
    return [
        ResonanceEmbedding(2, random_state=0, **keywords),
        ResonanceClusterer(3, random_state=0, **keywords),
        ResonanceNovelty(**{"n_nodes": 30, "random_state": 0, **keywords}),
    ]


def read(estimator: Any, rows: Any) -> np.ndarray:
    """Everything that it has to say of rows, side by side."""
    methods = ("transform", "predict", "score_samples", "decision_function")
    said = [getattr(estimator, name)(rows) for name in methods if hasattr(estimator, name)]
    return np.column_stack(said)


@pytest.mark.parametrize("estimator", readouts(), ids=repr)
def test_reading_changes_no_network(estimator: Any) -> None:
    estimator.fit(FLOWERS)
    before = everything(estimator.network_)
    read(estimator, FLOWERS[:20])
    assert everything(estimator.network_) == before


@pytest.mark.parametrize("n_nodes", [4, 25])
def test_a_given_network_is_read_and_taught_nothing(n_nodes: int) -> None:
    for estimator in readouts():
        net = rn.ResonanceNetwork(n_nodes, seed=1).entrain(FLOWERS)
        before = everything(net)
        estimator.set_params(network=net).fit(FLOWERS)
        estimator.partial_fit(FLOWERS[:30])
        said = read(estimator, FLOWERS)
        assert everything(net) == before
        assert everything(estimator.network_) == before
        assert estimator.encoder_ is net.encoder
        net.entrain(BLOBS)
        assert np.array_equal(read(estimator, FLOWERS), said), "what a network learns later changes nothing"
        assert not np.allclose(clone(estimator).fit(FLOWERS).network_.weights, estimator.network_.weights)


def test_a_given_network_does_as_the_own_one() -> None:
    for own in readouts(n_nodes=30):
        own.fit(FLOWERS)
        other = clone(own).set_params(network=own.network_).fit(FLOWERS)
        assert np.array_equal(other.network_.weights, own.network_.weights)
        if not isinstance(own, ResonanceNovelty):  # which takes the rows for new ones, and sets another threshold
            assert np.allclose(read(other, FLOWERS), read(own, FLOWERS), atol=1e-12)
        else:
            assert np.array_equal(other.score_samples(FLOWERS), own.score_samples(FLOWERS))
            assert other.offset_ > own.offset_


@pytest.mark.parametrize("fading_factor", [None, 0.95])
def test_partial_fit_in_pieces_leaves_the_weights_of_fit(fading_factor: float | None) -> None:
    @hypothesis.given(st.integers(0, 10**6), st.lists(st.integers(10, 140), max_size=4))
    @hypothesis.settings(max_examples=15)
    def check(seed: int, cuts: list[int]) -> None:
        rows = FLOWERS[np.random.default_rng(seed).permutation(150)]
        for n_nodes in (20, None):
            for estimator in readouts(n_nodes=n_nodes, fading_factor=fading_factor)[:2]:
                estimator.set_params(random_state=seed)
                whole = clone(estimator).fit(rows[:10])
                pieces = clone(estimator).partial_fit(rows[:10])
                whole.partial_fit(rows[10:])
                for part in np.split(rows, np.unique([10, *cuts]))[1:]:
                    if len(part):
                        pieces.partial_fit(part)
                assert np.abs(pieces.network_.weights - whole.network_.weights).max() < 1e-13
                assert pieces.network_.presentation_count == 150
                z = phasors(pieces, rows)
                share = np.full(150, 1 / 150)
                if fading_factor is not None:
                    share = (1 - fading_factor) * fading_factor ** np.arange(149, -1, -1)
                assert np.abs(pieces.network_.weights - ((share * z.T) @ z.conj()).real).max() < 1e-13

    check()


@pytest.mark.parametrize("estimator", [*readouts(), ResonanceClassifier()], ids=repr)
def test_clones_pickles_and_pipelines(estimator: Any) -> None:
    estimator.fit(FLOWERS, SPECIES)
    said = read(estimator, FLOWERS)
    assert np.array_equal(read(pickle.loads(pickle.dumps(estimator)), FLOWERS), said)
    assert np.array_equal(read(clone(estimator).fit(FLOWERS, SPECIES), FLOWERS), said)
    pipeline = make_pipeline(MinMaxScaler(), clone(estimator)).fit(FLOWERS, SPECIES)
    assert np.allclose(read(pipeline, FLOWERS), said, atol=0.02)


@pytest.mark.parametrize("estimator", [*readouts(), ResonanceClassifier()], ids=repr)
def test_transformers_that_make_frames(estimator: Any) -> None:
    said = read(estimator.fit(FLOWERS, SPECIES), FLOWERS)
    with config_context(transform_output="pandas"):
        assert np.array_equal(read(clone(estimator).fit(FLOWERS, SPECIES), FLOWERS), said)


def test_grid_search() -> None:
    search = GridSearchCV(ResonanceClassifier(random_state=0), {"n_nodes": [None, 300], "phase_scale": [0.3, 1.0]})
    assert search.fit(FLOWERS, SPECIES).best_score_ > 0.85
    clusters = GridSearchCV(ResonanceClusterer(random_state=0), {"n_clusters": [2, 3]}, scoring="adjusted_rand_score")
    assert clusters.fit(BLOBS, KINDS).best_params_ == {"n_clusters": 3}


def test_clones_keep_a_given_network() -> None:
    net = rn.ResonanceNetwork(4, seed=1).entrain(FLOWERS)
    assert np.array_equal(clone(ResonanceEmbedding(network=net)).network.weights, net.weights)


@pytest.mark.parametrize("estimator", readouts(dtype="float32"), ids=repr)
def test_float32(estimator: Any) -> None:
    wide = clone(estimator).set_params(dtype="float64").fit(FLOWERS)
    estimator.fit(FLOWERS.astype(np.float32))
    assert estimator.network_.dtype == np.float32
    method = "score_samples" if isinstance(estimator, ResonanceNovelty) else "predict"
    method = "transform" if isinstance(estimator, ResonanceEmbedding) else method
    assert np.allclose(getattr(estimator, method)(FLOWERS), getattr(wide, method)(FLOWERS), atol=1e-3)


@pytest.mark.parametrize("estimator", [*readouts(), ResonanceClassifier()], ids=repr)
def test_nothing_is_said_before_fit(estimator: Any) -> None:
    with pytest.raises(NotFittedError):
        read(estimator, FLOWERS)


@pytest.mark.parametrize(
    ("estimator", "wanted"),
    [
        (ResonanceEmbedding(0), "n_components must be at least 1, got 0"),
        (ResonanceEmbedding(5), r"n_components must be at most the number of nodes, 4 .*, got 5"),
        (ResonanceEmbedding(network=3), "network must be a ResonanceNetwork or None, got 3"),
        (ResonanceEmbedding(network=rn.ResonanceNetwork(7)), "X must have 7 columns, as what network .*, got 4"),
        (ResonanceEmbedding(dtype="int8"), 'dtype must be "float32" or "float64"'),
        (ResonanceEmbedding(fading_factor=2), r"fading_factor must be None or in \[0, 1\], got 2"),
        (ResonanceClusterer(0), "n_clusters must be at least 1, got 0"),
        (ResonanceClusterer(200), "X must have at least n_clusters = 200 rows, got n_samples=150"),
        (ResonanceClusterer(2, n_modes=5), "n_modes must be at most the number of nodes, 4, got 5"),
        (ResonanceClusterer(2, n_init="auto"), "n_init must be an integer, got 'auto'"),
        (ResonanceNovelty(n_nodes=None), "n_nodes must be an integer, got None"),
        (ResonanceNovelty(bandwidth=None), "bandwidth must be"),
        (ResonanceNovelty(contamination=0.6), r'contamination must be "auto" or in \(0, 0.5\], got 0.6'),
        (ResonanceNovelty(contamination="none"), r'contamination must be "auto" or in \(0, 0.5\], got \'none\''),
        (ResonanceClassifier(n_nodes=-1), "n_nodes must be at least 1, got -1"),
        (ResonanceClassifier(scale="no"), 'scale must be "feature", "global" or None'),
    ],
)
def test_bad_parameters(estimator: Any, wanted: str) -> None:
    for method in (estimator.fit, clone(estimator).partial_fit):
        with pytest.raises((TypeError, ValueError), match=wanted):
            method(FLOWERS, SPECIES)
    with pytest.raises(NotFittedError):
        read(estimator, FLOWERS)


@pytest.mark.parametrize("block", [1, 7 * 4])
def test_blocks_of_rows_change_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = [estimator.fit(FLOWERS, SPECIES) for estimator in (*readouts(), ResonanceClassifier())]
    said = [read(estimator, FLOWERS) for estimator in fitted]
    phases_of_clusters = fitted[1].cluster_phasors_
    monkeypatch.setattr("resonance_native.entraining._NUMBERS_AT_A_TIME", block)
    monkeypatch.setattr("resonance_native.learn.presenting._KEPT_PHASORS", block)
    for estimator, wanted in zip(fitted, said, strict=True):
        assert np.allclose(read(clone(estimator).fit(FLOWERS, SPECIES), FLOWERS), wanted, atol=1e-12)
    assert np.allclose(clone(fitted[1]).fit(FLOWERS).cluster_phasors_, phases_of_clusters)


def test_phases_of_zero_confuse_a_row_with_its_negative_and_random_ones_do_not() -> None:
    """The reason for random φ⁰: modes and scores see W alone, and W is the same for x and −x."""
    rows = np.random.default_rng(0).normal(2, 0.3, (50, 6))
    zeros = rn.ResonanceNetwork.from_state(np.zeros(200), np.ones(200), np.ones(200), np.zeros((200, 200)))
    random = rn.ResonanceNetwork(200, seed=0)
    novelty = {}
    for name, net in (("zero", zeros), ("random", random)):
        net.entrain(rows, encoder=PhaseEncoder(200, scale=None, bandwidth=0.7, random_state=0).fit(rows))
        novelty[name] = ResonanceNovelty(network=net).fit(rows)
    known, negative = (novelty["zero"].score_samples(sign * rows) for sign in (1, -1))
    assert np.allclose(known, negative, rtol=1e-10)
    known, negative = (novelty["random"].score_samples(sign * rows) for sign in (1, -1))
    assert known.mean() > 10 * negative.mean()


def test_missing_values_make_silent_nodes() -> None:
    rows = FLOWERS.copy()
    rows[::2, 1] = np.nan
    embedding = ResonanceEmbedding(2, random_state=0).fit(rows)
    z = np.nan_to_num(phasors(embedding, rows))
    assert not z[0, 1]
    assert np.abs(embedding.network_.weights - (z.T @ z.conj()).real / 150).max() < 1e-14
    wanted = z @ embedding.modes_
    assert np.allclose(embedding.transform(rows), np.hstack([wanted.real, wanted.imag]), atol=1e-13)
    assert len(ResonanceClusterer(3, random_state=0).fit(rows).predict(rows)) == 150
    with pytest.raises(ValueError, match="NaN"):
        ResonanceEmbedding(2, n_nodes=10).fit(rows)
    with pytest.raises(ValueError, match="NaN"):
        ResonanceNovelty(10).fit(rows)
