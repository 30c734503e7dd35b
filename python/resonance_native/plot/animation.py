"""Synchronisation as an animation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.animation import FuncAnimation

from resonance_native.validation import positive_number

from .checks import Array, finite_array, group_numbers, sample_times
from .circle import phases_on_circle
from .matrix import weights as draw_weights
from .order import order_parameter
from .style import group_colours

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray


def animate(
    phases: ArrayLike,
    time: ArrayLike | None = None,
    *,
    amplitudes: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    fps: float = 25.0,
    figure: Figure | None = None,
) -> FuncAnimation:
    """Animate nodes on the circle, with the order parameter growing beside them.

    One sample is one frame. ``animate(...).save("synchronisation.gif", writer="pillow")`` writes a GIF; in a notebook
    ``HTML(animation.to_jshtml())`` plays it. Keep the animation in a variable while it plays.

    Parameters
    ----------
    phases
        Phases (T, n) [rad], a row each frame.
    time
        Times of the samples (T,) [s], rising. None numbers the samples.
    amplitudes
        Amplitudes (T, n), shown as in :func:`phases_on_circle`.
    groups
        Label of each node (n,): rings, colours and lines of their own, and the weights sorted by them. With groups,
        the order parameter of all nodes is the grey line.
    weights
        Weights (T, n, n), shown on one scale of colours. None leaves them out.
    fps
        Frames a second when played in a window or saved.
    figure
        An empty figure to draw in; None opens one in pyplot.

    Returns
    -------
    FuncAnimation
        The animation. Until it is played or saved, the figure shows its last frame.
    """
    scenes = _Scenes(phases, time, amplitudes, groups, weights)
    interval = 1000 / positive_number("fps", fps)
    figure = _own_figure(figure, scenes.width)
    panels = scenes.panels(figure)
    draw = scenes.frame(panels)
    draw(len(scenes.phases) - 1)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # places stay as they are: to lay out each frame anew would take most of the time
    return FuncAnimation(figure, draw, frames=len(scenes.phases), interval=interval, blit=False, cache_frame_data=False)


class _Scenes:
    """What the frames show, checked."""

    def __init__(self, phases: Any, time: Any, amplitudes: Any, groups: Any, weights: Any) -> None:
        self.phases = finite_array("phases", phases, "(T, n)", 2)
        samples, n = self.phases.shape
        self.times, self.time_label = sample_times(time, samples)
        self.amplitudes = None if amplitudes is None else _shaped("amplitudes", amplitudes, (samples, n))
        self.groups = groups
        self.numbers = np.zeros(n, np.intp) if groups is None else group_numbers("groups", groups, n)[0]
        self.weights = None if weights is None else _shaped("weights", weights, (samples, n, n))
        unit = np.exp(1j * self.phases)
        self.order: Array = np.abs(unit.mean(axis=1))
        members = [self.numbers == group for group in range(self.numbers.max() + 1)]
        self.group_order: Array = np.stack([np.abs(unit[:, part].mean(axis=1)) for part in members], axis=1)

    @property
    def width(self) -> float:
        """Of the figure [inches]."""
        return 7.6 if self.weights is None else 10.6

    def panels(self, figure: Figure) -> list[Axes]:
        """Circle, order parameter, and weights where there are some."""
        if self.weights is None:
            return list(figure.subplots(1, 2, width_ratios=(1, 1.25)))
        return list(figure.subplots(1, 3, width_ratios=(1, 1.2, 1)))

    def frame(self, panels: list[Axes]) -> Callable[[int], list[Any]]:
        """The function that draws a frame. Circles are drawn anew, lines and weights only get new values."""
        circle, order = panels[:2]
        lines = self._start_order(order)
        image = None if self.weights is None else self._start_weights(panels[2], self.weights)
        circle.set_anchor("C")

        def draw(sample: int) -> list[Any]:
            circle.clear()
            amplitudes = None if self.amplitudes is None else self.amplitudes[sample]
            phases_on_circle(self.phases[sample], amplitudes, groups=self.groups, ax=circle)
            circle.set_title(_moment(self.times[sample], self.time_label))
            for line, values in lines:
                line.set_data(self.times[: sample + 1], values[: sample + 1])
            if image is not None and self.weights is not None:
                image.set_data(self.weights[sample][self._sorted()])
            return [line for line, _ in lines]

        return draw

    def _sorted(self) -> tuple[NDArray[np.intp], ...]:
        nodes = np.argsort(self.numbers, kind="stable")
        return np.ix_(nodes, nodes)

    def _start_order(self, ax: Axes) -> list[tuple[Any, Array]]:
        """Empty lines over the whole time, and what they will show."""
        columns = self.group_order.T
        looks = list(zip(group_colours(len(columns)), columns, strict=True))
        if self.groups is not None:
            order_parameter(self.order, self.times, ax=ax, color="#AAAAAA", lw=1.2)
        order_parameter(self.group_order, self.times, ax=ax)
        ax.set_xlabel(self.time_label)
        ax.set_xlim(self.times[0], self.times[-1] if len(self.times) > 1 else self.times[0] + 1)
        shown = ([self.order] if self.groups is not None else []) + [values for _, values in looks]
        return list(zip(ax.lines, shown, strict=True))

    def _start_weights(self, ax: Axes, weights: Array) -> Any:
        draw_weights(weights[-1], labels=self.groups, limit=float(np.abs(weights).max()) or 1.0, ax=ax)
        return ax.images[0]


def _moment(time: float, label: str) -> str:
    return f"{time:.1f} s" if label.endswith("[s]") else f"sample {time:.0f}"


def _shaped(name: str, values: Any, shape: tuple[int, ...]) -> Array:
    array = finite_array(name, values, str(shape), len(shape))
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
    return array


def _own_figure(figure: Figure | None, width: float) -> Figure:
    from matplotlib.figure import Figure as AnyFigure

    if figure is None:
        import matplotlib.pyplot as plt

        return plt.figure(figsize=(width, 3.4), layout="constrained")
    if not isinstance(figure, AnyFigure):
        raise TypeError(f"figure must be a matplotlib Figure, got {type(figure).__name__}")
    return figure
