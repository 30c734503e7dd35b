"""The first picture of the README: phases come together, and the weights keep who belongs to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

import resonance_native as rn
from resonance_native.demo.synchronisation import CENTRES, DT, STEPS_PER_SAMPLE, synchronise

from .page import Caption, show

NODES, SEED = 480, 8
MOMENTS = (0.0, 2.0, 4.0, 6.0, 9.0, 12.0)  # at which weights are shown [s]
SHOWN = 6.0  # of the phases [s]
# On a ground of its own, so that it is the same picture on a light page and on a dark one.
GROUND, TEXT, FAINT = "#0d1320", "#e8ecf4", "#7d879b"
GROUPS = ("#56b4e9", "#e69f00", "#2fc59b")
STYLE: Any = {
    "font.size": 15, "text.color": TEXT, "axes.labelcolor": TEXT, "axes.edgecolor": FAINT, "axes.facecolor": GROUND,
    "xtick.color": TEXT, "ytick.color": TEXT, "axes.spines.top": False, "axes.spines.right": False,
}  # fmt: skip
PHASES = "twilight_shifted"
WEIGHTS = LinearSegmentedColormap.from_list(
    "weights", [(0, "#4aa8ff"), (0.5, GROUND), (0.75, "#b4531f"), (0.9, "#f5b342"), (1, "#fff6dc")]
)
WIDTH, HEIGHT = 13.0, 8.6  # [inches]
LEFT, RIGHT = 0.085, 0.98


@dataclass(frozen=True)
class Emergence:
    """A run whose nodes are sorted by group and natural frequency."""

    groups: NDArray[np.intp]  # (n,)
    times: NDArray[np.float64]  # (samples,) [s]
    phases: NDArray[np.float64]  # (samples, n) [rad]
    order: NDArray[np.float64]  # |r| within each group (samples, groups)
    weights: list[NDArray[np.float64]]  # (n, n) at each moment


def emerge(n: int = NODES) -> Emergence:
    """Run the network of the demo in pieces, and keep its weights between them."""
    start = synchronise(n, seconds=0.0, seed=SEED)
    net = start.net
    sorted_nodes = np.lexsort((net.frequencies, start.groups))
    both = np.ix_(sorted_nodes, sorted_nodes)
    times: list[NDArray[np.float64]] = []
    phases: list[NDArray[np.float64]] = []
    weights: list[NDArray[np.float64]] = [net.weights[both]]
    for seconds in np.diff(MOMENTS):
        first = STEPS_PER_SAMPLE if phases else 0  # the state that the last piece ended with is there already
        recorder = rn.Recorder(every=STEPS_PER_SAMPLE, start=first, variables="phases")
        recording: Any = net.run(0.0, round(seconds / DT), DT, record=recorder)
        times.append(recording.time)
        phases.append(recording.phases[:, sorted_nodes])
        weights.append(net.weights[both])
    groups, every_phase = start.groups[sorted_nodes], np.concatenate(phases)
    order = np.abs(rn.analysis.order_parameter(every_phase, groups=groups))
    return Emergence(groups, np.concatenate(times), every_phase, np.asarray(order), weights)


def draw(images: Path) -> Mapping[str, Caption]:
    """Draw phases and order parameter over time, and weights at some moments."""
    run = emerge()
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, HEIGHT), facecolor=GROUND)
        figure.text(LEFT, 0.955, "Oscillators find their rhythm, and the weights remember", size=25, weight="bold")
        _draw_phases(figure, run)
        _draw_weights(figure, run)
        images.mkdir(parents=True, exist_ok=True)
        figure.savefig(images / "emergence.png", dpi=120, facecolor=GROUND, pil_kwargs={"optimize": True})
    same = run.groups[:, None] == run.groups
    shown = run.order[run.times <= SHOWN][-1]
    text = (
        f"{len(run.groups)} oscillators with natural frequencies around {', '.join(f'{f:g}' for f in CENTRES[:-1])} "
        f"and {CENTRES[-1]:g} Hz start with random phases, and with weights of {run.weights[0].mean():.2f} ± "
        f"{run.weights[0].std():.2f} that know nothing of them. Pairs in phase strengthen their weights, and weights "
        f"pull phases together. After {SHOWN:.0f} s the order within the groups is {shown.min():.2f} or more; after "
        f"{run.times[-1]:.0f} s weights within groups are {run.weights[-1][same].mean():.2f} on average, those between "
        f"them {run.weights[-1][~same].mean():.2f}."
    )
    shows = (
        "Colour-coded phases fall into three rhythms, order rises to 1, and three bright blocks emerge in the weights"
    )
    return {"emergence": Caption("emergence.png", shows, text)}


def _draw_phases(figure: Figure, run: Emergence) -> None:
    """Each node a line of colours, and below it the order within each group."""
    raster = figure.add_axes((LEFT, 0.475, RIGHT - LEFT, 0.43))
    early = run.times <= SHOWN
    image = raster.imshow(
        run.phases[early].T, aspect="auto", cmap=PHASES, vmin=0, vmax=2 * np.pi, interpolation="nearest",
        extent=(0, SHOWN, len(run.groups), 0),
    )  # fmt: skip
    order = figure.add_axes((LEFT, 0.3, RIGHT - LEFT, 0.14))
    for group, colour in enumerate(GROUPS):
        nodes = np.flatnonzero(run.groups == group)
        raster.annotate(
            f"{CENTRES[group]:g} Hz", (0, nodes.mean()), xytext=(-10, 0), textcoords="offset points", color=colour,
            weight="bold", size=17, ha="right", va="center",
        )  # fmt: skip
        raster.plot([0, 0], [nodes[0], nodes[-1] + 1], color=colour, lw=7, solid_capstyle="butt")
        order.plot(run.times[early], run.order[early, group], color=colour, lw=2.6)
    raster.set(xticks=[], yticks=[], xlim=(0, SHOWN))
    raster.spines[:].set_visible(False)
    order.set(xlim=(0, SHOWN), ylim=(0, 1.04), yticks=[0, 1], ylabel="order |r|\nwithin")
    seconds = np.arange(SHOWN + 1)
    order.set_xticks(seconds, [f"{second:.0f} s" for second in seconds])
    figure.text(LEFT, 0.918, f"phase of each of {len(run.groups)} nodes over time", size=15.5)
    bar = figure.colorbar(image, cax=figure.add_axes((0.80, 0.921, 0.11, 0.014)), orientation="horizontal", ticks=[])
    bar.outline.set_visible(False)
    figure.text(0.795, 0.918, "0", ha="right")
    figure.text(0.915, 0.918, "2π rad")


def _draw_weights(figure: Figure, run: Emergence) -> None:
    """Weights at some moments, on one colour scale."""
    top = max(float(np.abs(weights).max()) for weights in run.weights)
    gap = 0.012
    side = (RIGHT - LEFT - gap * (len(MOMENTS) - 1)) / len(MOMENTS)
    height = side * WIDTH / HEIGHT
    for index, (moment, weights) in enumerate(zip(MOMENTS, run.weights, strict=True)):
        panel = figure.add_axes((LEFT + index * (side + gap), 0.012, side, height))
        image = panel.imshow(weights, cmap=WEIGHTS, vmin=-top, vmax=top, interpolation="antialiased")
        panel.set(xticks=[], yticks=[])
        panel.spines[:].set_visible(False)
        panel.set_title(f"weights at {moment:.0f} s" if index == 0 else f"{moment:.0f} s", size=15, pad=5, loc="left")
    bar = figure.colorbar(image, cax=figure.add_axes((LEFT - 0.022, 0.012, 0.01, height)), ticks=[-1, 0, 1])
    bar.ax.yaxis.set_ticks_position("left")
    bar.ax.tick_params(length=0, labelsize=13)
    bar.outline.set_visible(False)


if __name__ == "__main__":
    show(draw)
