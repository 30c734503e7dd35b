"""What learning does to the eigenvalues of the weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import resonance_native.plot as rp
from resonance_native.demo.synchronisation import TIME_CONSTANT, synchronise
from resonance_native.plot.eigenvalues import random_half_axes

from .page import Caption, save, show


def draw(images: Path) -> Mapping[str, Caption]:
    """Eigenvalues before and after learning."""
    run = synchronise()
    figure = Figure(figsize=(9.6, 6.6), layout="constrained")
    panels = figure.subplot_mosaic("AB;CD", width_ratios=(1.6, 1))
    cases = (("AB", run.weights_before, "before", 1.9), ("CD", run.weights_after, f"after {run.times[-1]:.0f} s", 0.75))
    for (plane, middle), weights, name, reach in cases:
        rp.spectrum(weights, ax=panels[plane])
        panels[plane].set_title(name, loc="left")
        rp.spectrum(weights, ax=panels[middle])
        panels[middle].get_legend().remove()
        panels[middle].set(xlim=(-reach, reach), ylim=(-reach, reach))
        panels[middle].locator_params(nbins=5)
        panels[middle].set_title(f"{name}, around 0", loc="left")
    file = save(figure, images, "spectrum")
    start, end = (np.linalg.eigvals(weights) for weights in (run.weights_before, run.weights_after))
    radius = random_half_axes(run.weights_before)[0]
    outside = np.sort(end.real[np.abs(end) > 0.1 * np.abs(end).max()])[::-1]
    rest = np.sort(np.abs(end))[-len(outside) - 1]
    text = (
        f"Before learning, {np.sum(np.abs(start) < 1.05 * radius)} of {len(start)} eigenvalues lie within 1.05 times "
        f"the circle of random weights, of radius {radius:.2f}; one, {np.abs(start).max():.1f}, is the mean weight "
        f"times n. Learning makes the weights nearly symmetric: {len(outside)} real "
        f"eigenvalues stand out, one for each group, {', '.join(f'{value:.1f}' for value in outside)}, and no other "
        f"exceeds {rest:.2f} in size. The disc of the first weights has shrunk to a half height of "
        f"{np.abs(end.imag).max():.2f}, as they are forgotten: {radius:.2f} · exp(−t/τ) is "
        f"{radius * np.exp(-run.times[-1] / TIME_CONSTANT):.2f}, with the memory τ = {TIME_CONSTANT:g} s."
    )
    shows = "Eigenvalues in the complex plane: a disc and one far off, then three far off on the real axis"
    return {"spectrum": Caption(file, shows, text)}


if __name__ == "__main__":
    show(draw)
