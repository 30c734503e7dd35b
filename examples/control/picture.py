"""The main picture: the swing that grows, what was learned meanwhile, and the drive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from .pendulum import Pendulum, natural_frequency
from .simulate import Recording
from .style import BLUE, FAINT, GREEN, GREY, INK, ORANGE, PURPLE, STYLE, VERMILLION, save
from .swing import BANG, HOPF, NETWORK, PHASE, SINE, Swing
from .traced import Array, Traced

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colour, dashes and width of each line.
_LINES = {
    BANG: (GREY, "--", 2.0),
    PHASE: (PURPLE, ":", 2.6),
    NETWORK: (BLUE, "-", 3.0),
    HOPF: (GREEN, "-.", 2.0),
    SINE: (ORANGE, "-", 2.0),
}
_BLUES = ListedColormap(mpl.colormaps["Blues"](np.linspace(0, 0.62, 256)))  # lines stay legible on it
_ZOOM = 9.0  # length of the stretches in which the drive is shown [s]
_TICKS = (0.3, 0.5, 0.7, 1.0, 1.5, 2.5)  # of the bank's frequencies [Hz]


def draw(swing: Swing, path: Path) -> None:
    """Draw the picture and write it to ``path``."""
    body = Pendulum()
    share = 100 * body.torque_limit / body.static_load()
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(12.5, 11.5), dpi=110, facecolor="white", layout="constrained")
        panels = figure.subplot_mosaic("AA;BB;CD", gridspec_kw={"height_ratios": (1.3, 1.1, 0.8)})
        title = f"A network learns to swing a pendulum: {body.torque_limit:.2f} N·m, {share:.0f} % of its static load"
        figure.suptitle(title, x=0.01, ha="left", size=20, weight="bold")
        panels["B"].sharex(panels["A"])
        _draw_angles(panels["A"], swing)
        _draw_learned(panels["B"], swing)
        recording, payload_at = swing.traced.recording, _payload_at(swing)
        _draw_drive(panels["C"], recording, 0.0, r"$\bf{C}$   drive: the first seconds")
        _draw_drive(panels["D"], recording, payload_at, r"$\bf{D}$   drive: the payload just hung on")
        panels["D"].set_ylabel("")
        save(figure, path)


def _payload_at(swing: Swing) -> float:
    payload_at = swing.schedule.payload_at
    return swing.schedule.seconds if payload_at is None else payload_at


def _draw_angles(axes: Axes, swing: Swing) -> None:
    """Largest angle over time, and the network's swing itself."""
    recording, payload_at = swing.traced.recording, _payload_at(swing)
    every = slice(None, None, 20)
    times = np.arange(len(recording.angles)) * recording.dt
    axes.plot(times[every], np.degrees(recording.angles[every]), color=BLUE, lw=0.6, alpha=0.35)
    lines = [(BANG, swing.baselines[BANG]), (PHASE, swing.baselines[PHASE]), (NETWORK, recording)]
    lines += [(HOPF, swing.baselines[HOPF]), (SINE, swing.baselines[SINE])]
    for name, shown in lines:
        colour, dashes, width = _LINES[name]
        label = f"{name}, {swing.best_sine(False):.2f} Hz" if name == SINE else name
        axes.plot(*_envelope(shown, payload_at), dashes, color=colour, lw=width, label=label)
    axes.axhline(0, color=FAINT, lw=1, zorder=0)
    axes.axvline(payload_at, color=INK, lw=1.2, ls=(0, (2, 2)))
    low, high = axes.get_ylim()
    axes.set(ylabel="angle [°]", xlim=(0, swing.schedule.seconds), ylim=(low, high + 0.12 * (high - low)))
    axes.set_title(r"$\bf{A}$   swing of the network (thin), and the largest angle within 2 s of each drive")
    axes.text(payload_at, low, " payload hung on, let go at rest", va="bottom")
    axes.legend(loc="upper left", bbox_to_anchor=(0.51, 1.03), ncols=1, labelspacing=0.3)
    axes.tick_params(labelbottom=False)


def _envelope(recording: Recording, payload_at: float) -> tuple[Array, Array]:
    """The largest angle, with a gap where the pendulum was stopped for the payload."""
    times, degrees = recording.envelope()
    degrees[np.abs(times - payload_at) < 1.0] = np.nan
    return times, degrees


def _draw_learned(axes: Axes, swing: Swing) -> None:
    """W[body, :] over time, against the natural frequencies of bank and body."""
    traced, payload_at = swing.traced, _payload_at(swing)
    # Negative weights have no part in the read-out: they are white.
    image = axes.pcolormesh(*_edges(traced), traced.learned[::4].T, cmap=_BLUES, vmin=0, rasterized=True)
    for since, until, payload in ((0.0, payload_at, False), (payload_at, swing.schedule.seconds, True)):
        label = None if payload else "body's natural frequency, small swings"
        axes.plot((since, until), [natural_frequency(payload)] * 2, color=INK, lw=2, ls=(0, (4, 3)), label=label)
    times, frequencies = traced.swing_frequency()
    undisturbed = (times < payload_at - 0.1) | (times - 1 / frequencies > payload_at + 0.1)
    axes.plot(times[undisturbed], frequencies[undisturbed], ".", color=ORANGE, ms=6, label="each swing's frequency")
    axes.axvline(payload_at, color=INK, lw=1.2, ls=(0, (2, 2)))
    axes.set_yscale("log")
    axes.set_yticks(_TICKS, [f"{tick:g}" for tick in _TICKS])
    axes.minorticks_off()
    axes.set(xlabel="time [s]", ylabel="natural frequency [Hz]", xlim=(0, swing.schedule.seconds))
    axes.set_ylim(traced.frequencies[0], traced.frequencies[-1])
    axes.set_title(r"$\bf{B}$   learned coherence of each oscillator with the body, $W_{\mathrm{body},\,i}$")
    background = mpl.colors.to_hex(_BLUES(0.0))  # hides the line of the payload behind the words
    axes.legend(loc="upper right", ncols=2, frameon=True, facecolor=background, edgecolor="none", framealpha=1)
    scale = axes.inset_axes((0.015, 0.9, 0.22, 0.05))
    assert axes.figure is not None
    axes.figure.colorbar(image, cax=scale, orientation="horizontal").ax.tick_params(labelsize=10, pad=1)


def _edges(traced: Traced) -> tuple[Array, Array]:
    """Edges of the cells of the heat map: every fourth sample, and halfway between frequencies."""
    times = traced.times[::4]
    step = np.sqrt(traced.frequencies[1] / traced.frequencies[0])
    return np.append(times, traced.times[-1]), np.append(traced.frequencies / step, traced.frequencies[-1] * step)


def _draw_drive(axes: Axes, recording: Recording, since: float, title: str) -> None:
    """Torque over some seconds, beside the velocity in its own scale."""
    first = min(round(since / recording.dt), len(recording.drives) - 2)
    stretch = slice(first, first + round(_ZOOM / recording.dt))
    torque = Pendulum().torque_limit * recording.drives[stretch]
    velocities = recording.velocities[stretch]
    times = (first + np.arange(len(torque))) * recording.dt
    scaled = velocities / max(np.abs(velocities).max(), 1e-9) * np.abs(torque).max()
    axes.plot(times, scaled, color=VERMILLION, lw=1.5, label="velocity, scaled")
    axes.plot(times, torque, color=BLUE, lw=2.2, label="torque")
    axes.axhline(0, color=FAINT, lw=1, zorder=0)
    axes.set(xlabel="time [s]", ylabel="torque [N·m]", title=title, xlim=(times[0], times[-1]), ylim=(-0.12, 0.155))
    axes.set_yticks((-0.1, 0, 0.1))
    axes.legend(loc="upper right", ncols=2, borderaxespad=0)
