"""Loss curves of all arms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from examples.control.style import BLUE, FAINT, INK, ORANGE, STYLE, save

from .model import ARMS, Arm
from .train import Run

NAMES: dict[Arm, str] = {
    "none": "ordinary attention",
    "input": "phases from the input",
    "position": "a phase for each position",
}
_COLOURS: dict[Arm, str] = {"none": INK, "input": BLUE, "position": ORANGE}


def draw(runs: Sequence[Run], path: Path) -> None:
    """Validation loss by step: a thin line for every seed, a bold one for their mean, and the last part enlarged."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(12.5, 5.6), dpi=110, facecolor="white", layout="constrained")
        whole, end = figure.subplots(1, 2, width_ratios=(3, 2))
        for axes, title in ((whole, "Validation loss"), (end, "The last third")):
            axes.set_title(title)
            axes.set_xlabel("training steps")
            axes.grid(color=FAINT, linewidth=0.8)
            for arm in ARMS:
                mine = [run for run in runs if run.arm == arm]
                if not mine:
                    continue
                steps, losses = np.array(mine[0].steps), np.array([run.losses for run in mine])
                shown = steps >= (2 * steps[-1] // 3 if axes is end else 1)
                axes.plot(steps[shown], losses[:, shown].T, color=_COLOURS[arm], linewidth=0.9, alpha=0.45)
                axes.plot(steps[shown], losses.mean(0)[shown], color=_COLOURS[arm], linewidth=2.6, label=NAMES[arm])
        whole.set_ylabel("bits a character")
        whole.legend(loc="upper right")
        save(figure, path)
