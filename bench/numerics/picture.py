"""The picture: how errors go on over a million steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from resonance_native.bench.picture import FAINT, STYLE

from .drift import Curve, phase_bound

# Okabe and Ito's colours: float64 in blues and green, float32 in oranges, the model's own in grey.
LOOKS = {
    "float64": ("#0072B2", "o", "-"), "float64, compressed": ("#0072B2", "o", "-"),
    "float64, factored": ("#009E73", "s", "-"), "float32": ("#D55E00", "^", "-"),
    "float32, compressed": ("#D55E00", "^", "-"), "one ulp apart": ("#6E6E6E", None, "--"),
}  # fmt: skip
FLOOR = 1e-17  # where an error of 0 is drawn
PANELS = (
    ("alive", "n = 64", "alive, n = 64: against NumPy's steps"),
    ("alive", "n = 512", "alive, n = 512: runs against single steps"),
    ("quiet", "n = 512", "at the floor, n = 512"),
)


def draw(drift: Mapping[str, Sequence[Curve]], path: Path) -> None:
    """Draw four panels below each other and write them to ``path``."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({**STYLE, "font.size": 13, "axes.titlesize": 15, "legend.frameon": False}):
        figure = Figure(figsize=(7.5, 15), dpi=100, facecolor="white", layout="constrained")
        panels = figure.subplots(1 + len(PANELS), sharex=True)
        for axes in panels:
            axes.set(xscale="log", yscale="log", ylabel="error")
            axes.grid(color=FAINT, lw=0.8)
            axes.set_axisbelow(True)
        _draw_phases(panels[0], drift["phases"][0])
        for axes, (regime, nodes, title) in zip(panels[1:], PANELS, strict=True):
            _draw_weights(axes, [curve for curve in drift[regime] if curve.name.startswith(f"{nodes},")])
            axes.set_title(title)
        panels[-1].set_xlabel("steps")
        figure.savefig(path)


def _draw_phases(axes: Any, curve: Curve) -> None:
    steps = np.array(curve.steps)
    axes.plot(steps, phase_bound(steps), color="#6E6E6E", ls="--", lw=1.8, label="bound")
    axes.plot(steps, curve.phases, color="#0072B2", marker="o", ms=5, lw=2, label="measured, n = 64")
    axes.set(title="phases against exact ones, dt = 0.01 s", ylabel="error [rad]")
    axes.legend(loc="upper left")


def _draw_weights(axes: Any, curves: Sequence[Curve]) -> None:
    for curve in curves:
        name = curve.name.split(", ", 1)[1]
        colour, marker, line = LOOKS[name]
        larger = np.maximum(curve.weights, curve.amplitudes)
        label = "float64, started one ulp apart" if name == "one ulp apart" else name
        axes.plot(curve.steps, np.maximum(larger, FLOOR), color=colour, marker=marker, ms=5, ls=line, lw=2, label=label)
    axes.set_ylim(FLOOR, 10)
    axes.legend(loc="upper left", fontsize=12)
