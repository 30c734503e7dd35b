"""Eigenvalues of the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .checks import square_matrix
from .style import FAINT, GREY, GROUP_COLOURS, own_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

MARGIN = 0.08  # around the points, as a share of their extent
FLATTEST = 0.3  # half of the least height, as a share of the width


def spectrum(weights: ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Draw the eigenvalues of W in the complex plane, beside those that random weights would have.

    For independent entries of standard deviation s the eigenvalues fill a circle of radius s√n (Girko 1984). Where
    W[i, j] and W[j, i] have the correlation τ, it is an ellipse with half axes s√n(1 + τ) and s√n(1 − τ) (Sommers,
    Crisanti, Sompolinsky and Stein 1988): a line for symmetric weights, which is twice as long as the circle is wide.
    The dashed curve is that ellipse with s and τ of the given weights off the diagonal. Eigenvalues far outside it are
    structure: a mean other than 0 gives one, each cluster of nodes another.

    Parameters
    ----------
    weights
        Weights (n, n).
    ax
        Axes to draw in; None opens a figure.

    Returns
    -------
    Axes
        What was drawn in.
    """
    matrix = square_matrix("weights", weights)
    eigenvalues = np.linalg.eigvals(matrix)
    width, height = random_half_axes(matrix)
    ax = own_axes(ax, (5.6, 4.2))
    ax.axhline(0, color=FAINT, lw=0.8, zorder=0)
    ax.axvline(0, color=FAINT, lw=0.8, zorder=0)
    angle = np.linspace(0, 2 * np.pi, 361)
    ellipse = width * np.cos(angle) + 1j * height * np.sin(angle)
    ax.plot(ellipse.real, ellipse.imag, color=GREY, lw=1.2, ls="--", label="random weights", zorder=3)
    look: Any = {"s": 14, "color": GROUP_COLOURS[0], "alpha": 0.6, "lw": 0}
    ax.scatter(eigenvalues.real, eigenvalues.imag, label="eigenvalues", zorder=2, **look)
    _set_limits(ax, np.concatenate([ellipse, eigenvalues]))
    ax.set(aspect="equal", xlabel="Re λ", ylabel="Im λ")
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, borderaxespad=0.2, handletextpad=0.4)
    return ax


def _set_limits(ax: Axes, points: NDArray[np.complex128]) -> None:
    """Room for all points, and a height that shows the plane where all of them are real."""
    left, right = float(points.real.min()), float(points.real.max())
    margin = MARGIN * (right - left) or 1.0
    height = max((1 + MARGIN) * float(np.abs(points.imag).max()), FLATTEST * (right - left + 2 * margin))
    ax.set(xlim=(left - margin, right + margin), ylim=(-height, height))


def random_half_axes(matrix: NDArray[np.float64]) -> tuple[float, float]:
    """Half axes of the ellipse that random weights with this spread and symmetry would fill."""
    n = len(matrix)
    off = matrix[~np.eye(n, dtype=bool)] if n > 1 else np.zeros(1)
    mirrored = matrix.T[~np.eye(n, dtype=bool)] if n > 1 else np.zeros(1)
    deviation = float(off.std())
    if deviation == 0:
        return 0.0, 0.0
    correlation = float(np.mean((off - off.mean()) * (mirrored - mirrored.mean()))) / deviation**2
    radius = deviation * np.sqrt(n)
    return float(radius * (1 + correlation)), float(radius * (1 - correlation))
