"""Rows that estimators learn, and their phasors."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

DATA = {"iris": load_iris, "wine": load_wine, "breast cancer": load_breast_cancer, "digits": load_digits}
FLOWERS, SPECIES = load_iris(return_X_y=True)
BLOBS = np.random.default_rng(0).normal(np.repeat([[-4.0], [0.0], [4.0]], 40, axis=0), 0.5, (120, 4))
KINDS = np.repeat([0, 1, 2], 40)


def phasors(estimator: Any, rows: np.ndarray) -> np.ndarray:
    return np.exp(1j * (estimator.network_.initial_phases + estimator.encoder_.transform(rows)))
