"""Nodes on the unit circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .checks import finite_array, group_numbers, one_a_node
from .style import FAINT, GREY, INK, group_colours, own_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

AREA = 42.0  # of a node with amplitude 1 [points²]
LEAST_AREA = 3.0  # so that silent nodes can be seen
RING_STEP = 0.09  # from one group's ring to the next


def phases_on_circle(
    phases: ArrayLike, amplitudes: ArrayLike | None = None, *, groups: ArrayLike | None = None, ax: Axes | None = None
) -> Axes:
    """Draw each node at exp(iφ) and the order parameter r = mean exp(iφ) as an arrow.

    Phase 0 is at the right, and phases grow counterclockwise. An arrow that touches its ring says |r| = 1.

    Parameters
    ----------
    phases
        Phases (n,) [rad].
    amplitudes
        Amplitudes (n,): a node's area is proportional to their magnitude, and nodes with a negative amplitude are
        hollow. They don't enter r. None draws all nodes alike.
    groups
        Label of each node (n,): every group has a ring, a colour and an arrow of its own, rings from the outermost
        inwards in the labels' order. None makes all nodes one group.
    ax
        Axes to draw in; None opens a figure.

    Returns
    -------
    Axes
        What was drawn in.
    """
    values = finite_array("phases", phases, "(n,)", 1)
    sizes = np.ones(len(values)) if amplitudes is None else one_a_node("amplitudes", amplitudes, len(values))
    numbers, names = group_numbers("groups", np.zeros(len(values), int) if groups is None else groups, len(values))
    ax = own_axes(ax, (4.4, 4.4))
    for group, (colour, radius) in enumerate(zip(group_colours(len(names)), ring_radii(len(names)), strict=True)):
        of_group = numbers == group
        name = None if groups is None else str(names[group])
        _draw_group(ax, radius * np.exp(1j * values[of_group]), sizes[of_group], radius, colour, name)
    ax.scatter([0], [0], s=24, color=INK, zorder=4)
    _draw_directions(ax)
    return ax


def ring_radii(count: int) -> NDArray[np.float64]:
    """Radii of the groups' rings: from 1 inwards, never below a half."""
    return np.asarray(1 - min(RING_STEP, 0.5 / count) * np.arange(count), np.float64)


def _draw_group(
    ax: Axes, unit: NDArray[Any], amplitudes: NDArray[np.float64], radius: float, colour: Any, name: str | None
) -> None:
    angle = np.linspace(0, 2 * np.pi, 361)
    ax.plot(radius * np.cos(angle), radius * np.sin(angle), color=FAINT, lw=1, zorder=0)
    area = np.maximum(AREA * np.abs(amplitudes), LEAST_AREA)
    for part, filled in ((amplitudes >= 0, True), (amplitudes < 0, False)):
        if part.any():
            look: dict[str, Any] = {"color": colour, "lw": 0} if filled else {"facecolor": "none", "edgecolor": colour}
            ax.scatter(unit[part].real, unit[part].imag, s=area[part], alpha=0.5, zorder=2, **look)
    mean = unit.mean()
    head = 14 * min(1.0, 4 * abs(mean))  # [points]: a short arrow is not all head
    ax.annotate(
        "", xy=(mean.real, mean.imag), xytext=(0, 0), zorder=3,
        arrowprops={"arrowstyle": "-|>,head_width=0.28,head_length=0.5", "color": colour, "lw": 2.5,
                    "shrinkA": 0, "shrinkB": 0, "mutation_scale": head, "joinstyle": "miter"},
    )  # fmt: skip
    ax.plot([], [], color=colour, lw=2.5, label=name)


def _draw_directions(ax: Axes) -> None:
    """Frame, limits, and the phases at the four ends of the axes."""
    for x, y, text in ((1, 0, "0"), (0, 1, "π/2"), (-1, 0, "π"), (0, -1, "3π/2")):
        ax.text(1.14 * x, 1.14 * y, text, color=GREY, ha="center", va="center")
    ax.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
