"""Order over coupling and phase lag, beside the theory of Sakaguchi and Kuramoto."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import resonance_native.plot as rp

from .lorentzian import HALF_WIDTH, critical_coupling, measured, order_parameter
from .page import Caption, save, show

NODES, SEEDS = 300, 3
COUPLINGS = np.linspace(0.2, 4.0, 20)  # [rad/s]
LAGS = np.linspace(0.0, 1.3, 14)  # [rad]
SETTLE, AVERAGE = 40.0, 20.0  # [s]
DRAWN_LAGS = (0, 8, 11)  # of the left panel


def draw(images: Path) -> Mapping[str, Caption]:
    """Lines for three lags, and all of it as an image with the theory's border."""
    data = measured(NODES, list(COUPLINGS), list(LAGS), SEEDS, SETTLE, AVERAGE)
    figure = Figure(figsize=(10.0, 4.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    line = np.linspace(0, COUPLINGS[-1], 400)
    for index, colour in zip(DRAWN_LAGS, ("#0072B2", "#D55E00", "#009E73"), strict=True):
        lag = LAGS[index]
        left.plot(line, order_parameter(line, lag), color=colour, lw=1.6)
        rp.sweep(data.isel(phase_lag=index), ax=left, color=colour, fmt="o", ms=4.5, label=f"α = {lag:.1f} rad")
    left.plot([], [], color="#222222", lw=1.6, label="theory")
    left.set(xlim=(0, 1.02 * COUPLINGS[-1]), xlabel="coupling K [rad/s]")
    left.legend(frameon=False, loc="upper left", fontsize="small")
    rp.sweep(data, ax=right)
    border = np.linspace(0, np.arccos(critical_coupling() / COUPLINGS[-1]), 200)
    right.plot([critical_coupling(lag) for lag in border], border, color="white", lw=2, ls="--")
    right.annotate("$K_c = 2Δ/\\cos α$", (2.05, 1.12), color="white", ha="right")
    right.set(xlabel="coupling K [rad/s]", ylabel="phase lag α [rad]")
    file = save(figure, images, "sakaguchi")
    found = data.order_parameter.values.mean(axis=2)
    expected = np.stack([order_parameter(COUPLINGS, lag) for lag in LAGS], axis=1)
    ratio = COUPLINGS[:, None] / np.array([critical_coupling(lag) for lag in LAGS])
    error = np.abs(found - expected)[ratio >= 1.3]
    text = (
        f"A lag α in the coupling makes order harder to reach: for Lorentzian frequencies r = √(1 − K_c/K) with "
        f"K_c = 2Δ/cos α (Sakaguchi and Kuramoto 1986). n = {NODES}, Δ = {HALF_WIDTH:g} rad/s, {SEEDS} seeds, |r| over "
        f"{AVERAGE:.0f} s after {SETTLE:.0f} s. At K ≥ 1.3 K_c, {error.size} of {found.size} points, the network is "
        f"within {error.max():.3f} of the theory, {error.mean():.3f} on average; at K ≤ 0.7 K_c its |r| is "
        f"{found[ratio <= 0.7].mean():.2f} on average, where {NODES} independent phases have "
        f"{np.sqrt(np.pi / NODES) / 2:.2f}."
    )
    shows = "Order parameter against coupling for three lags on the theory's curves, and over both parameters"
    return {"sakaguchi": Caption(file, shows, text)}


if __name__ == "__main__":
    show(draw)
