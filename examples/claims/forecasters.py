"""Standard forecasters, for the script about rhythm.

Each gives, for each horizon h, an array like the series whose entry t + h was made at t; NaN where nothing was.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from reservoirpy.nodes import Reservoir
from sklearn.linear_model import Ridge

Array = NDArray[np.float64]
Forecasts = dict[int, Array]

RIDGES = (0.01, 0.1, 1.0, 10.0, 100.0)


def rmse(forecast: Array, x: Array, when: slice) -> float:
    """Root mean squared error over the samples ``when``."""
    return float(np.sqrt(np.mean((forecast[when] - x[when]) ** 2)))


def shifted(x: Array, lag: int) -> Array:
    """x, ``lag`` samples late."""
    late = np.full(len(x), np.nan)
    late[lag:] = x[: len(x) - lag]
    return late


def seasonal_naive(x: Array, period: int, horizons: Sequence[int]) -> Forecasts:
    """What was, a whole number of periods before."""
    return {h: shifted(x, period * -(-h // period)) for h in horizons}


def lagged(x: Array, lags: int) -> Array:
    """The last ``lags`` values at each sample (len(x), lags), newest first; NaN before there are so many."""
    return np.stack([shifted(x, lag) for lag in range(lags)], axis=1)


def by_ridge(features: Array, x: Array, train: int, horizons: Sequence[int]) -> tuple[Forecasts, float]:
    """Direct forecasts from features (len(x), m) by ridge regression on the first ``train`` samples.

    The strength is the one that does best on the last two fifths of them when fitted on the rest. The error there is
    the second thing returned, summed over horizons, so that a caller can choose between features.
    """
    forecasts, total = {}, 0.0
    tail = slice(int(0.6 * train), train)
    for h in horizons:
        before = shifted_rows(features, h)
        tried = [(rmse(_fitted(before, x, tail.start, ridge), x, tail), ridge) for ridge in RIDGES]
        error, ridge = min(tried)
        forecasts[h] = _fitted(before, x, train, ridge)
        total += error
    return forecasts, total


def shifted_rows(features: Array, lag: int) -> Array:
    """Rows of features, ``lag`` samples late."""
    late = np.full(features.shape, np.nan)
    late[lag:] = features[: len(features) - lag]
    return late


def _fitted(features: Array, x: Array, train: int, ridge: float) -> Array:
    whole = np.isfinite(features).all(axis=1)
    known = whole & (np.arange(len(x)) < train)
    model = Ridge(alpha=ridge).fit(features[known], x[known])
    forecast = np.full(len(x), np.nan)
    forecast[whole] = model.predict(features[whole])
    return forecast


def online_autoregression(x: Array, lags: int, horizons: Sequence[int], forgetting: float = 0.995) -> Forecasts:
    """Autoregression that goes on learning: recursive least squares, every horizon by itself."""
    features = np.column_stack([lagged(x, lags), np.ones(len(x))])
    forecasts = {}
    for h in horizons:
        forecast = np.full(len(x), np.nan)
        covariance, weights = 10.0 * np.eye(lags + 1), np.zeros(lags + 1)
        for t in range(lags - 1 + h, len(x)):
            row = features[t - h]
            gain = covariance @ row / (forgetting + row @ covariance @ row)
            weights = weights + gain * (x[t] - row @ weights)
            covariance = (covariance - np.outer(gain, row @ covariance)) / forgetting
            if t + h < len(x):
                forecast[t + h] = features[t] @ weights
        forecasts[h] = forecast
    return forecasts


def harmonic_regression(x: Array, train: int, period: int, harmonics: int, horizons: Sequence[int]) -> Forecasts:
    """Sines and cosines of the known period, by least squares on the first ``train`` samples, the same ever after."""
    angles = 2 * np.pi / period * np.outer(np.arange(len(x)), np.arange(1, harmonics + 1))
    waves = np.column_stack([np.ones(len(x)), np.cos(angles), np.sin(angles)])
    fitted = waves @ np.linalg.lstsq(waves[:train], x[:train], rcond=None)[0]
    return dict.fromkeys(horizons, fitted)


def echo_state(x: Array, train: int, horizons: Sequence[int], seed: int) -> Forecasts:
    """An echo state network of 300 units at spectral radius 0.9; leak and ridge are chosen on the training part."""
    tried = []
    for leak in (0.1, 0.3, 1.0):
        reservoir = Reservoir(300, lr=leak, sr=0.9, seed=seed)
        states = np.array(reservoir.run(x[:, None]))
        states[:24] = np.nan  # still under the influence of the start
        tried.append(by_ridge(states, x, train, horizons))
    return min(tried, key=lambda attempt: attempt[1])[0]
