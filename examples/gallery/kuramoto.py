"""Order parameter against coupling, beside Kuramoto's theory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import resonance_native.plot as rp

from .lorentzian import DT, HALF_WIDTH, critical_coupling, measured, order_parameter
from .page import Caption, save, show

NODES, SEEDS = 2000, 5
RATIOS = (0.4, 0.7, 0.9, 1.0, 1.1, 1.2, 1.4, 1.7, 2.0, 2.5, 3.0)  # K / K_c
SETTLE, AVERAGE = 50.0, 30.0  # [s]


def draw(images: Path) -> Mapping[str, Caption]:
    """The transition to order of 2,000 oscillators."""
    critical = critical_coupling()
    couplings = [ratio * critical for ratio in RATIOS]
    data = measured(NODES, couplings, [0.0], SEEDS, SETTLE, AVERAGE)
    figure = Figure(figsize=(6.6, 4.2), layout="constrained")
    ax = figure.subplots()
    line = np.linspace(0, 1.05 * couplings[-1], 500)
    ax.plot(line, order_parameter(line), color="#222222", lw=1.8, label=r"$\sqrt{1 - K_c/K}$, Kuramoto 1975")
    rp.sweep(data, ax=ax, fmt="o", ms=6, label=f"network, n = {NODES:,}, {SEEDS} seeds")
    ax.axvline(critical, color="#767676", lw=1, ls=":")
    ax.annotate("$K_c = 2Δ$", (critical, 0.93), xytext=(-6, 0), textcoords="offset points", color="#767676", ha="right")
    ax.set(xlim=(0, line[-1]), xlabel="coupling K [rad/s]")
    ax.legend(loc="lower right", frameon=False)
    file = save(figure, images, "kuramoto")
    found, expected = data.order_parameter.values[:, 0], order_parameter(np.array(couplings))
    above = np.array(RATIOS) >= 1.2
    error = np.abs(found.mean(axis=1) - expected)
    text = (
        f"Weights of 1/n that don't learn, angular frequencies at the quantiles of a Lorentzian of half width "
        f"Δ = {HALF_WIDTH:g} rad/s, no noise, dt = {DT:g} s, float32. Points are |r| over {AVERAGE:.0f} s after "
        f"{SETTLE:.0f} s, mean and standard deviation of {SEEDS} seeds of the first phases. From K = 1.2 K_c on they "
        f"lie within {error[above].max():.3f} of the curve, which has nothing fitted to it; at K_c itself |r| is "
        f"{found[RATIOS.index(1.0)].mean():.2f}, and far below it {found[0].mean():.3f}, where n independent phases "
        f"have {np.sqrt(np.pi / NODES) / 2:.3f}."
    )
    return {"kuramoto": Caption(file, "Points of the network on Kuramoto's curve, above the critical coupling", text)}


if __name__ == "__main__":
    show(draw)
