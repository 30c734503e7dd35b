"""The animation: the network's pendulum beside that of the best fixed sine, rendered by MuJoCo.

Rendering runs in a process of its own (``python -m examples.control.animation``): without a GL library, it is
importing MuJoCo that fails.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .simulate import Recording
from .style import INK
from .trials import Schedule

Array = NDArray[np.float64]

ROOT = Path(__file__).parents[2]
FRAMES_A_SECOND = 12.5  # a GIF counts hundredths of a second
STRETCH = 3.6  # shown in one go [s]
WIDTH, HEIGHT, ABOVE, BELOW = 300, 240, 58, 28  # of one pendulum, and of the text above and below it [pixels]
COLOURS = 24
_TIMEOUT = 300  # of the rendering [s]


def stretches(schedule: Schedule) -> list[float]:
    """When the shown stretches begin [s]: start, growth and end, without and with the payload."""
    halves = [(0.0, schedule.seconds if schedule.payload_at is None else schedule.payload_at)]
    if schedule.payload_at is not None:
        halves.append((schedule.payload_at, schedule.seconds))
    return [max(a, a + part * (b - a) - STRETCH * (part == 1)) for a, b in halves for part in (0.0, 0.4, 1.0)]


def animate(
    network: Recording,
    beside: Recording,
    beside_name: str,
    schedule: Schedule,
    path: Path,
    backends: Sequence[str],
) -> str:
    """Write the animation to ``path``, rendered with the first of the backends (values of MUJOCO_GL) that can.

    Returns
    -------
    str
        One line: what was written, or why nothing was.
    """
    every = round(1 / FRAMES_A_SECOND / network.dt)
    length = min(round(STRETCH / network.dt), len(network.angles))
    firsts = [min(round(begin / network.dt), len(network.angles) - length) for begin in stretches(schedule)]
    steps = np.concatenate([np.arange(first, first + length, every) for first in firsts])
    peaks = [
        [np.degrees(np.abs(recording.angles[first : first + length]).max()) for recording in (network, beside)]
        for first in firsts
    ]
    payload_at = np.inf if schedule.payload_at is None else schedule.payload_at
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        frames = Path(folder) / "frames.npz"
        np.savez(
            frames, times=steps * network.dt, payload=steps * network.dt >= payload_at,
            network=network.angles[steps], beside=beside.angles[steps], name=np.array(beside_name),
            peaks=np.repeat(peaks, len(steps) // len(firsts), axis=0),
        )  # fmt: skip
        for backend in backends:
            done = subprocess.run(
                [sys.executable, "-m", __name__, str(frames), str(path.resolve())],
                cwd=ROOT,
                env={**os.environ, "MUJOCO_GL": backend},
                capture_output=True,
                text=True,
                timeout=_TIMEOUT,
                check=False,
            )
            if done.returncode == 0:
                return f"{path}  (rendered with {backend}, {path.stat().st_size / 1e6:.1f} MB)"
    tried = " or ".join(backends)
    return (
        f"no animation: MuJoCo could not render with MUJOCO_GL={tried}. Debian's package libosmesa6 lets it render "
        "without a display and without a graphics card (MUJOCO_GL=osmesa)."
    )


def _pictures(angles: Array, payload: NDArray[np.bool_]) -> Iterator[NDArray[np.uint8]]:
    """The pendulum at each angle."""
    import mujoco

    from .pendulum import Pendulum

    for loaded in (False, True):
        pendulum = Pendulum()
        if loaded:
            pendulum.hang_payload()
        camera = mujoco.MjvCamera()
        camera.lookat[:] = (0.0, 0.0, 0.6)
        camera.distance, camera.azimuth, camera.elevation = 1.7, 90.0, 0.0
        with mujoco.Renderer(pendulum.model, HEIGHT, WIDTH) as renderer:
            for angle in angles[payload == loaded]:
                pendulum.data.qpos[0] = angle
                mujoco.mj_forward(pendulum.model, pendulum.data)
                renderer.update_scene(pendulum.data, camera)
                yield renderer.render()


def render(frames: Path, path: Path) -> None:
    """Render what :func:`animate` chose, and write the GIF."""
    with np.load(frames) as chosen:
        times, payload, name = chosen["times"], chosen["payload"], str(chosen["name"])
        peaks = chosen["peaks"]
        pendulums = [list(_pictures(chosen[key], payload)) for key in ("network", "beside")]
    images = []
    for k, (time, loaded) in enumerate(zip(times, payload, strict=True)):
        image = Image.new("RGB", (2 * WIDTH, ABOVE + HEIGHT + BELOW), "white")
        pen = ImageDraw.Draw(image)
        for column, (title, shown) in enumerate(zip(("network", name), pendulums, strict=True)):
            image.paste(Image.fromarray(shown[k]), (column * WIDTH, ABOVE))
            middle = (column + 0.5) * WIDTH
            pen.text((middle, 10), title, INK, ImageFont.load_default(20), anchor="mt")
            pen.text((middle, 36), f"swings to {peaks[k, column]:.0f}°", INK, ImageFont.load_default(17), anchor="mt")
        text = f"{time:.0f} s" + (", with payload" if loaded else "")
        pen.text((WIDTH, ABOVE + HEIGHT + BELOW - 8), text, INK, ImageFont.load_default(18), anchor="mb")
        images.append(image)
    # One palette for all frames: pixels that stay the same cost nothing.
    palette = images[-1].quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
    few_colours = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    duration = round(1000 / FRAMES_A_SECOND)
    few_colours[0].save(path, save_all=True, append_images=few_colours[1:], duration=duration, loop=0, optimize=True)


def main() -> None:
    """Render frames in this process."""
    parser = argparse.ArgumentParser(prog="python -m examples.control.animation", description="Render frames to a GIF.")
    parser.add_argument("frames", type=Path, help="angles and times, as animate() writes them (.npz)")
    parser.add_argument("path", type=Path, help="the GIF to write")
    arguments = parser.parse_args()
    render(arguments.frames, arguments.path)


if __name__ == "__main__":
    main()
