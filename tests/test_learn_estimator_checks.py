"""scikit-learn's own checks of estimators, without exceptions."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from resonance_native.learn import (
    PhaseEncoder,
    ResonanceClassifier,
    ResonanceClusterer,
    ResonanceEmbedding,
    ResonanceNovelty,
)

ESTIMATORS = [
    PhaseEncoder(20),
    PhaseEncoder(20, scale="global"),
    PhaseEncoder(20, scale=None),
    PhaseEncoder(None, bandwidth=None),
    ResonanceEmbedding(),
    ResonanceEmbedding(1),
    ResonanceEmbedding(n_nodes=30),
    ResonanceEmbedding(n_nodes=30, fading_factor=0.99, dtype="float32"),
    ResonanceClusterer(),
    ResonanceClusterer(3, n_modes=4, n_nodes=30),
    ResonanceNovelty(),
    ResonanceNovelty(50, contamination=0.1, fading_factor=0.99),
    ResonanceClassifier(),
    ResonanceClassifier(n_nodes=200),
]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=repr)
def test_checks_of_estimators(estimator: Any) -> None:
    ran = 0
    for instance, check in estimator_checks_generator(estimator):
        if check.func.__name__ == "check_array_api_input":
            continue  # skips itself where SciPy was not told to take other arrays
        check(instance)
        ran += 1
    assert ran > 40
