"""The embedding, which is of the top modes of the weights, and the clusterer, which is k-means on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from learn_rows import BLOBS, DATA, FLOWERS, KINDS, phasors
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from resonance_native.learn import ResonanceClusterer, ResonanceEmbedding, modes

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
