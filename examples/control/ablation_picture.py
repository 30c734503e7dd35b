"""The picture of the ablation: how far the swing gets with and without what was learned."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from .ablation import READ_OUTS, Ablation
from .style import BLUE, ORANGE, STYLE, save


def draw_ablation(found: Ablation, path: Path) -> None:
    """Draw the peaks over K for both read-outs and write the picture to ``path``."""
    pulls = sorted({pull for _, pull in found})
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(12.5, 4.6), dpi=110, facecolor="white", layout="constrained")
        panels = figure.subplots(1, 2)
        for payload, (axes, title) in enumerate(zip(panels, ("without payload", "with payload"), strict=True)):
            for read_out, colour, marker in zip(READ_OUTS, (BLUE, ORANGE), "os", strict=True):
                peaks = np.array([[peaks[payload] for peaks in found[read_out, pull]] for pull in pulls])
                label = f"{read_out} read-out"
                axes.plot(pulls, peaks.mean(axis=1), color=colour, lw=2.4, marker=marker, ms=8, label=label)
                axes.plot(pulls, peaks, ls="", color=colour, marker=marker, ms=4, alpha=0.4)
            axes.set_xscale("log")
            axes.set_xticks(pulls, [f"{pull:g}" for pull in pulls])
            axes.minorticks_off()
            axes.set(xlabel="K, pull of the body's phase on the bank [rad/s]", title=title)
            axes.set_ylim(0, None)
        panels[0].set_ylabel("largest angle at the end [°]")
        panels[0].legend(loc="lower right")
        figure.suptitle(
            "What the learned read-out is worth: most where the pull is weak", x=0.01, ha="left", size=18, weight="bold"
        )
        save(figure, path)
