"""Embedding, clusterer, novelty and classifier: their formulas, and that reading never teaches."""

from __future__ import annotations

import pickle
from itertools import pairwise
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from networks import everything
from sklearn import config_context
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.metrics import adjusted_rand_score, roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

import resonance_native as rn
from resonance_native.learn import (
    PhaseEncoder,
    ResonanceClassifier,
    ResonanceClusterer,
    ResonanceEmbedding,
    ResonanceNovelty,
    modes,
)

DATA = {"iris": load_iris, "wine": load_wine, "breast cancer": load_breast_cancer, "digits": load_digits}
FLOWERS, SPECIES = load_iris(return_X_y=True)
BLOBS = np.random.default_rng(0).normal(np.repeat([[-4.0], [0.0], [4.0]], 40, axis=0), 0.5, (120, 4))
KINDS = np.repeat([0, 1, 2], 40)


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


def phasors(estimator: Any, rows: np.ndarray) -> np.ndarray:
    return np.exp(1j * (estimator.network_.initial_phases + estimator.encoder_.transform(rows)))


# What all read-outs have in common


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


# Embedding


@pytest.mark.parametrize("n_nodes", [None, 40])
def test_embedding_is_of_the_top_modes(n_nodes: int | None) -> None:
    embedding = ResonanceEmbedding(3, n_nodes=n_nodes, random_state=0).fit(FLOWERS)
    z = phasors(embedding, FLOWERS)
    strengths, vectors = np.linalg.eigh((z.T @ z.conj()).real / len(FLOWERS))
    assert np.allclose(embedding.strengths_, strengths[::-1][:3], rtol=1e-12)
    assert np.allclose(np.abs((embedding.modes_ * vectors[:, ::-1][:, :3]).sum(axis=0)), 1, rtol=1e-10)
    wanted = z @ embedding.modes_
    assert np.allclose(embedding.transform(FLOWERS), np.hstack([wanted.real, wanted.imag]), atol=1e-12)
    assert list(embedding.get_feature_names_out()) == [f"resonanceembedding{i}" for i in range(6)]


def test_modes_are_of_the_symmetric_part_with_fixed_signs() -> None:
    rng = np.random.default_rng(0)
    for n, k in ((30, 7), (2100, 3)):  # densely, and by Lanczos' method
        factors = rng.normal(size=(n, 5)) * (5, 4, 3, 2, 1)
        skew = rng.normal(size=(n, n))
        against = np.linalg.qr(np.column_stack([factors, rng.normal(size=n)]))[0][:, -1:]
        symmetric = factors @ factors.T - 1e5 * against @ against.T  # the largest modulus is no strength
        weights = symmetric + skew - skew.T
        strengths, vectors = modes.top_modes(weights, k)
        wanted = np.linalg.eigvalsh(factors.T @ factors)[::-1]
        assert np.allclose(strengths[:5], wanted[:k], rtol=1e-10)
        assert np.allclose(symmetric @ vectors, vectors * strengths, atol=1e-7 * strengths[0])
        assert np.allclose(vectors.T @ vectors, np.eye(k), atol=1e-9)
        assert (vectors[np.abs(vectors).argmax(axis=0), np.arange(k)] > 0).all()
        assert np.array_equal(modes.top_modes(weights, k)[1], vectors)


def test_modes_that_lanczos_does_not_find_are_found_densely(monkeypatch: pytest.MonkeyPatch) -> None:
    factors = np.random.default_rng(0).normal(size=(60, 4)) * (4, 3, 2, 1)
    wanted = modes.top_modes(factors @ factors.T, 3)

    def fails(*_: Any, **__: Any) -> Any:
        raise modes.ArpackNoConvergence("no", np.empty(0), np.empty((0, 0)))

    monkeypatch.setattr(modes, "_DENSE_UP_TO", 10)
    assert np.allclose(modes.top_modes(factors @ factors.T, 3)[1], wanted[1], atol=1e-10)
    monkeypatch.setattr(modes, "eigsh", fails)
    assert np.array_equal(modes.top_modes(factors @ factors.T, 3)[1], wanted[1])


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


# Clusterer


def test_clusters_are_k_means_on_the_embedding() -> None:
    clusterer = ResonanceClusterer(3, n_init=20, random_state=0).fit(FLOWERS)
    embedded = ResonanceEmbedding(4, random_state=0).fit_transform(FLOWERS)
    wanted = KMeans(3, n_init=20, random_state=5).fit(embedded)
    assert adjusted_rand_score(clusterer.labels_, wanted.labels_) == 1
    order = [clusterer.labels_[wanted.labels_ == i][0] for i in range(3)]
    assert np.allclose(clusterer.cluster_centers_[order], wanted.cluster_centers_, atol=1e-10)
    assert np.array_equal(clusterer.predict(FLOWERS), clusterer.labels_)
    assert np.array_equal(clusterer.fit_predict(FLOWERS), clusterer.labels_)


def test_cluster_phasors_are_means_of_phasors() -> None:
    clusterer = ResonanceClusterer(3, random_state=0).fit(BLOBS)
    assert adjusted_rand_score(clusterer.labels_, KINDS) == 1
    z = phasors(clusterer, BLOBS)
    wanted = np.stack([z[clusterer.labels_ == i].mean(axis=0) for i in range(3)])
    assert np.allclose(clusterer.cluster_phasors_, wanted, atol=1e-14)
    assert np.array_equal(clusterer.cluster_counts_, [40, 40, 40])


def test_clusters_go_on_as_running_means_in_new_modes() -> None:
    shuffled = np.random.default_rng(1).permutation(120)
    rows = BLOBS[shuffled]
    clusterer = ResonanceClusterer(3, random_state=0)
    said = []
    for part in (rows[:30], rows[30:31], rows[31:]):
        clusterer.partial_fit(part)
        said.append(clusterer.labels_)
    labels = np.concatenate(said)
    assert adjusted_rand_score(labels, KINDS[shuffled]) == 1
    z = phasors(clusterer, rows)
    assert np.allclose(clusterer.cluster_phasors_, [z[labels == i].mean(axis=0) for i in range(3)], atol=1e-13)
    modes_now = clusterer.modes_
    wanted = np.hstack([clusterer.cluster_phasors_.real @ modes_now, clusterer.cluster_phasors_.imag @ modes_now])
    assert np.allclose(clusterer.cluster_centers_, wanted, atol=1e-13)


def test_rows_go_to_the_old_means_in_the_new_modes() -> None:
    rows = FLOWERS[np.random.default_rng(0).permutation(150)]
    clusterer = ResonanceClusterer(3, n_nodes=30, random_state=0).partial_fit(rows[:20])
    means, old = clusterer.cluster_phasors_.copy(), clusterer.modes_
    clusterer.partial_fit(rows[20:])
    assert np.array_equal(clusterer.modes_, modes.top_modes(clusterer.network_.weights, 6)[1])
    assert not np.allclose(clusterer.modes_, old, atol=0.1)
    distances = [np.linalg.norm((phasors(clusterer, rows[20:]) - mean) @ clusterer.modes_, axis=1) for mean in means]
    assert np.array_equal(clusterer.labels_, np.argmin(distances, axis=0))


def test_fading_clusters_follow() -> None:
    """What drifts by more than the distance of two clusters is still told apart."""
    drifting = ResonanceClusterer(3, fading_factor=0.97, scale=None, phase_scale=0.2, random_state=0)
    keeping = clone(drifting).set_params(fading_factor=None)
    rng = np.random.default_rng(0)
    for step in range(40):
        rows = BLOBS[rng.permutation(120)[:60]] + 0.15 * step
        drifting.partial_fit(rows)
        keeping.partial_fit(rows)
    last = BLOBS + 0.15 * 39
    assert adjusted_rand_score(drifting.predict(last), KINDS) == 1
    assert adjusted_rand_score(keeping.predict(last), KINDS) < 0.8
    assert drifting.cluster_counts_.max() < 200


def test_a_cluster_that_was_not_seen_for_long_is_not_forgotten() -> None:
    clusterer = ResonanceClusterer(3, fading_factor=0.5, n_nodes=20, random_state=0).fit(BLOBS)
    kept = clusterer.cluster_phasors_[clusterer.predict(BLOBS[:1])[0]].copy()
    for _ in range(30):
        clusterer.partial_fit(BLOBS[40:])
    assert clusterer.cluster_counts_.min() == 0
    assert np.array_equal(clusterer.cluster_phasors_[clusterer.predict(BLOBS[:1])[0]], kept)


def test_fewer_kinds_of_rows_than_clusters() -> None:
    rows = np.repeat([[0.0, 0.0], [1.0, 1.0]], 10, axis=0)
    with pytest.warns(UserWarning, match="distinct clusters"):
        clusterer = ResonanceClusterer(4, random_state=0).fit(rows)
    assert len(set(clusterer.labels_)) == 2
    assert set(clusterer.predict(np.random.default_rng(0).normal(size=(50, 2)))) <= set(clusterer.labels_)


# Levels on real data: what was seen, less one standard deviation of the mean or so.
@pytest.mark.parametrize(
    ("name", "least"), [("iris", 0.60), ("wine", 0.85), ("breast cancer", 0.74), ("digits", 0.61)]
)  # fmt: skip
def test_clusters_of_real_data(name: str, least: float) -> None:
    rows, labels = DATA[name](return_X_y=True)
    scores = []
    for seed in range(5):
        chosen = np.random.default_rng(seed).permutation(len(rows))[: int(0.8 * len(rows))]
        scale: Any = "global" if name == "digits" else "feature"
        clusterer = ResonanceClusterer(labels.max() + 1, scale=scale, random_state=seed)
        scores.append(adjusted_rand_score(labels[chosen], clusterer.fit_predict(rows[chosen])))
    assert np.mean(scores) >= least


# Novelty


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


# Classifier


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
