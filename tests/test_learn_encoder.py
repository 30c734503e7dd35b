"""The encoder, and how ``rn.learn`` comes to be imported."""

from __future__ import annotations

import pickle
import tracemalloc
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from scipy import sparse
from scipy.spatial.distance import pdist
from scripts import output_of
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import StandardScaler

import resonance_native as rn
from resonance_native.learn import PhaseEncoder

ROWS = np.random.default_rng(0).normal(3, (0.1, 1, 1, 20, 5), (300, 5))


def kernel(phases: np.ndarray) -> np.ndarray:
    """What random features make of a kernel: mean over nodes of conj(z)·z."""
    z = np.exp(1j * phases)
    return np.asarray((z.conj() @ z.T).real / phases.shape[1])


@pytest.mark.parametrize("scale", ["feature", "global", None])
def test_phases_are_omega_times_scaled_rows(scale: Any) -> None:
    encoder = PhaseEncoder(50, bandwidth=0.5, scale=scale, phase_scale=1.7, random_state=3).fit(ROWS)
    mean, deviation = {"feature": (ROWS.mean(axis=0), ROWS.std(axis=0)), "global": (ROWS.mean(), ROWS.std())}.get(
        scale, (0, 1)
    )
    scaled = (ROWS - mean) / deviation
    assert np.isclose(encoder.median_distance_, np.median(pdist(scaled)), rtol=1e-12)
    omega = np.random.RandomState(3).standard_normal((50, 5)) / (0.5 * np.median(pdist(scaled)))
    assert np.allclose(encoder.transform(ROWS), 1.7 * scaled @ omega.T, atol=1e-12, rtol=1e-12)
    assert np.allclose(encoder.transform(ROWS), (ROWS - encoder.mean_) @ encoder.projection_.T, atol=1e-12, rtol=1e-12)


@hypothesis.given(
    st.integers(0, 10**6), st.floats(0.1, 3), st.sampled_from(["feature", "global", None]), st.floats(0.3, 2)
)
@hypothesis.settings(max_examples=25)
def test_products_of_phasors_approximate_the_gaussian_kernel(
    seed: int, bandwidth: float, scale: Any, phase_scale: float
) -> None:
    rows = np.random.default_rng(seed).normal(2, (1, 3, 1, 2), (30, 4))
    encoder = PhaseEncoder(4000, bandwidth=bandwidth, scale=scale, phase_scale=phase_scale, random_state=seed).fit(rows)
    distances = pdist(rows / encoder.scale_)
    width = bandwidth * np.median(distances) / phase_scale
    wanted = np.exp(-(distances**2) / (2 * width**2))
    # 435 pairs: the largest of their errors, each of standard deviation below 1/√(2·4000).
    assert np.abs(kernel(encoder.transform(rows))[np.triu_indices(30, 1)] - wanted).max() < 5 / np.sqrt(2 * 4000)


def test_features_are_scaled_as_scikit_learn_does_even_in_many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resonance_native.learn.encoder._VALUES_AT_A_TIME", 35)
    encoder, scaler = PhaseEncoder(7).fit(ROWS), StandardScaler().fit(ROWS)
    assert np.allclose(encoder.mean_, scaler.mean_, rtol=1e-13)
    assert np.allclose(encoder.scale_, scaler.scale_, rtol=1e-13)
    overall = PhaseEncoder(7, scale="global").fit(ROWS)
    assert np.allclose([overall.mean_, overall.scale_], np.array([[ROWS.mean()], [ROWS.std()]]), rtol=1e-13)


def test_one_node_per_column() -> None:
    encoder = PhaseEncoder(None, bandwidth=None, phase_scale=0.5).fit(ROWS)
    wanted = 0.5 * (ROWS - ROWS.mean(axis=0)) / ROWS.std(axis=0)
    assert np.allclose(encoder.transform(ROWS), wanted, atol=1e-13)
    assert np.array_equal(PhaseEncoder(5, bandwidth=None, phase_scale=0.5).fit_transform(ROWS), encoder.transform(ROWS))


def test_missing_values_pass_through_where_columns_have_nodes() -> None:
    rows = ROWS.copy()
    rows[::3, 1] = rows[1, :] = np.nan
    encoder = PhaseEncoder(None, bandwidth=None).fit(rows)
    assert np.allclose(encoder.mean_, np.nanmean(rows, axis=0))
    assert np.allclose(encoder.scale_, np.nanstd(rows, axis=0))
    assert np.array_equal(np.isnan(encoder.transform(rows)), np.isnan(rows))
    with pytest.raises(ValueError, match="contains NaN"):
        PhaseEncoder(9).fit(rows)


def test_a_column_that_is_never_there() -> None:
    rows = ROWS.copy()
    rows[:, 2] = np.nan
    encoder = PhaseEncoder(None, bandwidth=None).fit(rows)
    assert (encoder.mean_[2], encoder.scale_[2]) == (0, 1)
    assert np.isfinite(encoder.transform(ROWS)).all()


@pytest.mark.parametrize("scale", ["feature", "global", None])
@pytest.mark.parametrize("rows", [
    np.full((20, 3), 7.0), np.repeat([[1.0, 2.0], [1.0, 5.0]], 40, axis=0), np.ones((1, 4)),
    np.repeat([[0.0, 0.0], [1e-8, 0.0]], [99, 1], axis=0), np.zeros((5, 1)),
])  # fmt: skip
def test_constant_columns_and_equal_rows_divide_by_nothing(rows: np.ndarray, scale: Any) -> None:
    encoder = PhaseEncoder(11, scale=scale, random_state=0).fit(rows)
    assert np.isfinite(encoder.transform(rows)).all()
    assert encoder.median_distance_ > 0


def test_the_median_is_of_rows_that_differ() -> None:
    rows = np.repeat([[0.0], [3.0]], [190, 10], axis=0)
    assert PhaseEncoder(3, scale=None).fit(rows).median_distance_ == 3


def test_distances_of_many_rows_are_those_of_some() -> None:
    rows = np.random.default_rng(0).normal(size=(5000, 4))
    medians = [PhaseEncoder(2, scale=None, random_state=seed).fit(rows).median_distance_ for seed in range(5)]
    assert len(set(medians)) == 5
    assert np.allclose(medians, np.median(pdist(rows)), rtol=0.05)


@pytest.mark.parametrize("keywords", [{"n_nodes": 40}, {"n_nodes": None, "bandwidth": None}])
def test_float32_stays_float32(keywords: Any) -> None:
    encoder = PhaseEncoder(random_state=0, **keywords).fit(ROWS.astype(np.float32))
    single = encoder.transform(ROWS.astype(np.float32))
    assert single.dtype == np.float32
    assert np.abs(single - encoder.transform(ROWS)).max() < 1e-4
    assert encoder.transform(ROWS.astype(int)).dtype == np.float64


def test_columns_far_from_zero_keep_their_digits() -> None:
    far = (ROWS * 100).round() + 1e6
    encoder = PhaseEncoder(40, random_state=0).fit(far)
    assert np.abs(encoder.transform(far.astype(np.float32)) - encoder.transform(far)).max() < 1e-4


def test_a_transform_is_little_more_than_its_product() -> None:
    """Rows are neither copied nor scaled: the one large array that is made is the result."""
    rows = np.random.default_rng(0).standard_normal((20000, 100), dtype=np.float32) + 1
    encoder = PhaseEncoder(30, random_state=0).fit(rows[:100])
    tracemalloc.start()
    result = encoder.transform(rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * result.nbytes < rows.nbytes


def test_random_state_and_pickles() -> None:
    phases = PhaseEncoder(20, random_state=1).fit_transform(ROWS)
    assert np.array_equal(PhaseEncoder(20, random_state=1).fit_transform(ROWS), phases)
    assert not np.allclose(PhaseEncoder(20, random_state=2).fit_transform(ROWS), phases)
    twin = pickle.loads(pickle.dumps(PhaseEncoder(20, random_state=1).fit(ROWS)))
    assert np.array_equal(twin.transform(ROWS), phases)
    assert list(twin.get_feature_names_out()[:2]) == ["phaseencoder0", "phaseencoder1"]


@pytest.mark.parametrize(
    ("keywords", "rows", "wanted"),
    [
        ({"n_nodes": 0}, ROWS, "n_nodes must be at least 1, got 0"),
        ({"n_nodes": 2.0}, ROWS, "n_nodes must be an integer, got 2.0"),
        ({"n_nodes": None}, ROWS, "n_nodes must be an integer where bandwidth is not None, got None"),
        ({"n_nodes": 4, "bandwidth": None}, ROWS, "n_nodes must be None or the number of columns, 5, .* got 4"),
        ({"bandwidth": 0}, ROWS, "bandwidth must be > 0, got 0"),
        ({"bandwidth": np.nan}, ROWS, "bandwidth must be finite"),
        ({"phase_scale": -1}, ROWS, "phase_scale must be > 0, got -1"),
        ({"scale": "pixel"}, ROWS, 'scale must be "feature", "global" or None, got \'pixel\''),
        ({"scale": ["global"]}, ROWS, 'scale must be "feature", "global" or None'),
        ({}, sparse.csr_array(ROWS), "[Ss]parse data was passed"),
        ({}, ROWS[0], "Expected 2D array"),
        ({}, np.where(ROWS > 3, np.inf, 0), "infinity"),
    ],
)
def test_bad_arguments(keywords: dict[str, Any], rows: Any, wanted: str) -> None:
    encoder = PhaseEncoder(**{"n_nodes": 9, **keywords})
    with pytest.raises((TypeError, ValueError), match=wanted):
        encoder.fit(rows)
    with pytest.raises(NotFittedError):
        encoder.transform(ROWS)


# In entrain


def test_entrain_fits_an_encoder_where_columns_are_not_nodes() -> None:
    net = rn.ResonanceNetwork(60, seed=0).entrain(ROWS)
    assert isinstance(net.encoder, PhaseEncoder)
    phases = net.initial_phases + net.encoder.transform(ROWS)
    assert np.array_equal(net.encode(ROWS), net.encoder.transform(ROWS))
    z = np.exp(1j * phases)
    assert np.abs(net.weights - (z.T @ z.conj()).real / len(ROWS)).max() < 1e-13
    twin = rn.ResonanceNetwork(60, seed=0).entrain(ROWS.tolist())
    assert np.array_equal(twin.weights, net.weights)


def test_entrain_takes_missing_values_where_the_encoder_does() -> None:
    rows = ROWS.copy()
    rows[:, 2] = np.nan
    encoder = PhaseEncoder(None, bandwidth=None).fit(ROWS)
    net = rn.ResonanceNetwork(5, seed=0).entrain(rows, encoder=encoder)
    assert not net.weights[2].any()
    assert np.allclose(np.delete(np.diag(net.weights), 2), 1)
    with pytest.raises(ValueError, match="data must be finite, got nan"):
        rn.ResonanceNetwork(9, seed=0).entrain(rows, encoder=PhaseEncoder(9).fit(ROWS))


# Importing it


def test_importing_the_package_needs_numpy_alone() -> None:
    code = """
import sys
import resonance_native as rn
print([name for name in ("sklearn", "scipy", "resonance_native.learn") if name in sys.modules], "learn" in dir(rn))
print(rn.learn.PhaseEncoder.__name__, "learn" in rn.__all__)
"""
    assert output_of(code).split("\n") == ["[] True", "PhaseEncoder False"]


@pytest.mark.parametrize("how", ["rn.learn", "import resonance_native.learn", "from resonance_native import learn"])
def test_without_scikit_learn_the_error_says_what_to_install(how: str) -> None:
    code = f"""
import sys
sys.modules["sklearn"] = None
import resonance_native as rn
from resonance_native import *
try:
    {how}
except ImportError as error:
    print(error)
"""
    assert 'pip install "resonance-native[learn]"' in output_of(code)


def test_other_names_are_still_errors() -> None:
    with pytest.raises(AttributeError, match="module 'resonance_native' has no attribute 'lern'"):
        rn.lern  # noqa: B018


def test_scales_of_very_many_rows_come_from_some_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from resonance_native.learn import encoder

    rows = np.random.default_rng(0).normal(5, 2, (4000, 3))
    exact = PhaseEncoder(50, random_state=0).fit(rows)
    assert np.allclose(exact.mean_, rows.mean(axis=0))
    monkeypatch.setattr(encoder, "_ROWS_FOR_SCALES", 1000)
    sampled = PhaseEncoder(50, random_state=0).fit(rows)
    assert not np.array_equal(sampled.mean_, exact.mean_)
    assert np.allclose(sampled.mean_, exact.mean_, atol=0.3)
    assert np.allclose(sampled.scale_, exact.scale_, rtol=0.1)
    again = PhaseEncoder(50, random_state=0).fit(rows)
    assert np.array_equal(sampled.projection_, again.projection_)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_phase_map_is_transform(dtype: str) -> None:
    rows = np.random.default_rng(0).normal(3, 2, (40, 5))
    encoder = PhaseEncoder(30, random_state=0).fit(rows)
    projection, shift = encoder.phase_map()
    assert np.allclose(rows @ projection.T + shift, encoder.transform(rows), atol=1e-12)

    class WithoutMap:
        def transform(self, x: np.ndarray) -> np.ndarray:
            return encoder.transform(x)

    within, beside = (
        rn.ResonanceNetwork(30, seed=0, dtype=dtype).entrain(rows, encoder=e) for e in (encoder, WithoutMap())
    )
    assert np.abs(within.weights - beside.weights).max() < (1e-13 if dtype == "float64" else 1e-5)


def test_there_is_no_phase_map_where_transform_is_more() -> None:
    rows = np.random.default_rng(0).normal(size=(40, 5))

    class Squared(PhaseEncoder):
        def transform(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
            return super().transform(X) ** 2

    assert PhaseEncoder(None, bandwidth=None).fit(rows).phase_map() is None
    assert PhaseEncoder(9, random_state=0).fit(rows + 1e6).phase_map() is None
    squared = Squared(9, random_state=0).fit(rows)
    net = rn.ResonanceNetwork(9, seed=0).entrain(rows, encoder=squared)
    assert np.array_equal(net.weights, rn.ResonanceNetwork(9, seed=0).entrain(squared.transform(rows)).weights)
