"""A network that learns which of its oscillators belong together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import resonance_native.plot as rp
from resonance_native.demo.synchronisation import CENTRES, synchronise

from .page import Caption, save, show

SHOWN = 6.0  # of the raster [s]


def draw(images: Path) -> Mapping[str, Caption]:
    """Phases, order parameter, circle and weights of one run."""
    run = synchronise()
    early = run.times <= SHOWN
    by_group = np.lexsort((run.net.frequencies, run.groups))
    figure = Figure(figsize=(10.5, 7.0), layout="constrained")
    panels = figure.subplot_mosaic("RRW;OOC", width_ratios=(1, 1, 1.25))
    rp.phase_raster(run.phases[early], run.times[early], order=by_group, ax=panels["R"])
    panels["R"].set_title("phases", loc="left")
    rp.weights(run.weights_after, labels=run.groups, ax=panels["W"])
    panels["W"].set_title(f"weights after {run.times[-1]:.0f} s", loc="left", pad=14)
    rp.order_parameter(run.order, run.times, ax=panels["O"], color="#AAAAAA", lw=1.2, labels=["all nodes"])
    rp.order_parameter(run.group_order, run.times, ax=panels["O"], labels=[f"around {f:g} Hz" for f in CENTRES])
    panels["O"].legend(
        frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0.2, borderpad=0,
        handlelength=1.4, columnspacing=1.6,
    )  # fmt: skip
    moment = run.moments()[1]
    rp.phases_on_circle(run.phases[moment], groups=run.groups, ax=panels["C"])
    panels["C"].set_title(f"phases at {run.times[moment]:.1f} s", loc="left")
    file = save(figure, images, "learning")
    same = run.groups[:, None] == run.groups
    within, between = run.weights_after[same].mean(), run.weights_after[~same].mean()
    clusters, placed = run.recovered()
    text = (
        f"{len(run.groups)} oscillators of {len(CENTRES)} natural frequencies start with random phases and weights of "
        f"{run.weights_before.mean():.2f} ± {run.weights_before.std():.2f}. Nodes that agree strengthen their weights, "
        f"and these pull them together: the order within the groups rises from {run.group_order[0].mean():.2f} to "
        f"{run.group_order[-1].mean():.2f}, while all nodes together stay at "
        f"{run.order[run.times > SHOWN].mean():.2f} on average. In the end weights within groups are {within:.2f} and "
        f"those between them {between:.2f}. Read from the weights alone, {clusters} clusters hold {placed} of "
        f"{len(run.groups)} nodes in their own group."
    )
    shows = "Raster of phases, weight matrix in blocks, order parameter over time, and phases on the circle"
    return {"learning": Caption(file, shows, text)}


if __name__ == "__main__":
    show(draw)
