"""Kuramoto's transition: the native network with equal weights that don't learn, beside the theory for n → ∞."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import erfinv

import resonance_native as rn
from examples.claims.report import Table

from .drawing import BLACK, BLUE, ORANGE, canvas, save
from .page import show

WIDTH = 0.1  # half width at half maximum, or standard deviation, of the angular frequencies [rad/s]
DT = 0.1
RATIOS = (0.5, 0.8, 1.0, 1.1, 1.2, 1.4, 1.7, 2.0, 2.5, 3.0)  # K / K_c
SIZES = (250, 1000)


def lorentzian(n: int) -> NDArray[np.float64]:
    """Angular frequencies [rad/s] at the quantiles of a Lorentzian of half width ``WIDTH``."""
    return WIDTH * np.tan(np.pi * (np.arange(n) + 0.5 - n / 2) / n)


def gaussian(n: int) -> NDArray[np.float64]:
    """Angular frequencies [rad/s] at the quantiles of a normal distribution of standard deviation ``WIDTH``."""
    return np.asarray(WIDTH * math.sqrt(2) * erfinv(2 * (np.arange(n) + 0.5) / n - 1))


def lorentzian_order(ratio: float) -> float:
    """Kuramoto's r at K = ratio · K_c, K_c = 2 · half width."""
    return math.sqrt(max(0.0, 1 - 1 / ratio))


def gaussian_order(ratio: float) -> float:
    """Kuramoto's r at K = ratio · K_c, K_c = 2 / (π g(0)): 1 = K ∫ cos²θ g(K r sin θ) dθ."""
    if ratio <= 1:
        return 0.0
    coupling = ratio * math.sqrt(8 / math.pi)  # in units of the standard deviation

    def excess(r: float) -> float:
        def integrand(theta: float) -> float:
            return math.cos(theta) ** 2 * math.exp(-((coupling * r * math.sin(theta)) ** 2) / 2)

        area = quad(integrand, -math.pi / 2, math.pi / 2)[0]
        return float(coupling * area / math.sqrt(2 * math.pi) - 1)

    return float(brentq(excess, 1e-9, 1.0))


def measured_order(omega: NDArray[np.float64], coupling: float, seed: int) -> float:
    """Mean |r| over 1,500 steps, after 1,500 from random phases."""
    n, rng = len(omega), np.random.default_rng(seed)
    net = rn.ResonanceNetwork.from_state(rng.uniform(0, 2 * np.pi, n), omega / (2 * np.pi), np.ones(n),
                                         np.full((n, n), 1 / n), coupling=coupling)  # fmt: skip
    net.run(0.0, 1500, DT, learn=False)
    orders = []
    for _ in range(75):
        net.run(0.0, 20, DT, learn=False)
        orders.append(abs(net.order_parameter()))
    return float(np.mean(orders))


def measure(images: Path) -> Mapping[str, Table]:
    """Order against coupling for both distributions."""
    figure, panels = canvas(2)
    rows = []
    kinds = (("Lorentzian", lorentzian, lorentzian_order, 2 * WIDTH),
             ("Gaussian", gaussian, gaussian_order, math.sqrt(8 / math.pi) * WIDTH))  # fmt: skip
    for axes, (name, draw, theory, critical) in zip(panels, kinds, strict=True):
        found = {n: [measured_order(draw(n), ratio * critical, 0) for ratio in RATIOS] for n in SIZES}
        line = np.linspace(0.4, 3.1, 400)
        axes.plot(line, [theory(ratio) for ratio in line], color=BLACK, label="theory, n → ∞")
        for n, colour, marker in ((250, ORANGE, "s"), (1000, BLUE, "o")):
            axes.plot(RATIOS, found[n], marker, color=colour, label=f"measured, n = {n}")
        axes.set(title=f"{name} frequencies", xlabel="K / K_c", ylim=(0, 1))
        for k, ratio in enumerate(RATIOS):
            expected = theory(ratio)
            rows.append((name, f"{ratio:g}", f"{expected:.3f}", *[f"{found[n][k]:.3f}" for n in SIZES]))
    panels[0].set_ylabel("order parameter r")
    panels[1].legend(loc="lower right")
    save(figure, images, "order_parameter")
    return {"order-parameter": Table("Order parameter of the native network, W = 1/n, mean over 150 s",
                                     ("frequencies", "K / K_c", "theory", *[f"n = {n}" for n in SIZES]),
                                     tuple(rows))}  # fmt: skip


if __name__ == "__main__":
    show(measure)
