"""Oscillators that synchronise, as an animation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

import resonance_native as rn
import resonance_native.plot as rp
from resonance_native.demo.synchronisation import DT, synchronise

from .page import Caption, show

NODES, FRAMES = 120, 90
STEPS_PER_FRAME = 7
COLOURS = 128
FPS = 1 / (STEPS_PER_FRAME * DT)  # as fast as the network lives


def draw(images: Path) -> Mapping[str, Caption]:
    """Write the GIF."""
    start = synchronise(NODES, seconds=0.0)
    recorder = rn.Recorder(every=STEPS_PER_FRAME, variables=("phases", "weights"))
    recording = start.net.run(0.0, (FRAMES - 1) * STEPS_PER_FRAME, DT, record=recorder)
    phases, weights, times = recording.phases, recording.weights, recording.time
    images.mkdir(parents=True, exist_ok=True)
    path = images / "synchronisation.gif"
    with mpl.rc_context({"font.size": 9}):
        figure = Figure(figsize=(8.6, 2.8), layout="constrained")
        animation = rp.animate(phases, times, groups=start.groups, weights=weights, fps=FPS, figure=figure)
        animation.save(path, writer="pillow", dpi=80)
    _shrink(path)
    order = np.abs(rn.analysis.order_parameter(phases, groups=start.groups))
    ordered = times[int(np.flatnonzero(order.min(axis=1) <= 0.9)[-1]) + 1]
    text = (
        f"{NODES} oscillators of three natural frequencies in real time, {FPS:.0f} frames a second: phases with the "
        f"groups' arrows, order within the groups (grey: of all nodes), and the weights. From {ordered:.1f} s on every "
        f"group's order is above 0.9. `rp.animate(phases, times, groups=groups, weights=weights)` draws it."
    )
    return {"animation": Caption(path.name, "Phases gather in three groups while blocks appear in the weights", text)}


def _shrink(path: Path) -> None:
    """Few colours, one palette for all frames: pixels that stay the same cost nothing."""
    from PIL import Image, ImageSequence

    with Image.open(path) as film:
        frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(film)]
        duration = film.info["duration"]
    sheet = Image.new("RGB", (frames[0].width, 3 * frames[0].height))
    for row, frame in enumerate((frames[0], frames[len(frames) // 2], frames[-1])):
        sheet.paste(frame, (0, row * frame.height))
    palette = sheet.quantize(COLOURS, Image.Quantize.FASTOCTREE)
    few = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    few[0].save(path, save_all=True, append_images=few[1:], duration=duration, loop=0, optimize=True)


if __name__ == "__main__":
    show(draw)
