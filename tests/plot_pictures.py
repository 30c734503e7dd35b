"""The pictures that test_plot.py compares with tests/pictures, which ``python tests/plot_pictures.py`` redraws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import NullLocator

import resonance_native.plot as rp

BASELINES = Path(__file__).parent / "pictures"
GROUPS = np.arange(30) % 3


def phases(samples: int = 40) -> np.ndarray:
    """Three groups (samples, 30) that turn at different speeds and draw together."""
    start = np.linspace(0, 5, 30)
    time = np.linspace(0, 1, samples)[:, None]
    return np.mod(start * (1 - (0.3 + 0.3 * GROUPS) * time) + 2 * np.pi * (1 + GROUPS) * time, 2 * np.pi)


def matrix() -> np.ndarray:
    """Weights (30, 30), strong within the groups, not symmetric."""
    rng = np.random.default_rng(5)
    return np.where(GROUPS[:, None] == GROUPS, 0.8, -0.2) + 0.15 * rng.standard_normal((30, 30))


class Variable:
    """As much of an xarray.DataArray as a sweep is drawn from."""

    def __init__(self, values, dims, coords, attrs=None):
        self.values, self.dims, self.coords, self.attrs = np.asarray(values), dims, coords, attrs or {}
        self.size, self.shape, self.dtype = self.values.size, self.values.shape, self.values.dtype

    def __getitem__(self, name):
        return self.coords[name]


class Dataset:
    """As much of an xarray.Dataset as a sweep is drawn from."""

    def __init__(self, **variables):
        self.data_vars = variables

    def __getitem__(self, name):
        return self.data_vars[name]


def swept(lags=(0.0, 0.5, 1.0), seeds: int = 4) -> Dataset:
    """An order parameter over couplings, lags and seeds, the couplings out of order."""
    couplings = np.array([2.0, 0.5, 1.0, 1.5, 3.0])
    r = np.sqrt(np.clip(1 - 1 / (couplings[:, None] * np.cos(lags)), 0, 1))[..., None] * (1 - 0.05 * np.arange(seeds))
    coords = {
        "coupling": Variable(couplings, ("coupling",), {}, {"units": "rad/s"}),
        "phase_lag": Variable(lags, ("phase_lag",), {}),
        "seed": Variable(np.arange(seeds), ("seed",), {}),
    }
    return Dataset(order_parameter=Variable(r, ("coupling", "phase_lag", "seed"), coords))


def _order(ax: Axes) -> None:
    unit = np.exp(1j * phases())
    time = np.linspace(0, 1, 40)
    rp.order_parameter(unit.mean(axis=1), time, ax=ax, color="#AAAAAA", lw=1.2)
    rp.order_parameter(np.stack([unit[:, g == GROUPS].mean(axis=1) for g in range(3)], axis=1), time, ax=ax)


def _animation(ax: Axes) -> None:
    figure = ax.figure
    figure.clear()
    figure.set_size_inches(4.8, 1.6)
    grown = np.linspace(0, 1, 40)[:, None, None] * np.ones((30, 30))
    animation = rp.animate(phases(), np.linspace(0, 1, 40), groups=GROUPS, weights=grown, figure=figure)
    animation._draw_was_started = True  # a frame is drawn by hand: it need not play
    animation._func(25)


PICTURES: dict[str, Callable[[Axes], object]] = {
    "circle": lambda ax: rp.phases_on_circle(np.linspace(-0.4, 2, 30), ax=ax),
    "circle_groups": lambda ax: rp.phases_on_circle(phases()[25], np.linspace(-1, 1, 30), groups=GROUPS, ax=ax),
    "raster": lambda ax: rp.phase_raster(phases(), np.linspace(0, 1, 40), order=np.argsort(GROUPS), ax=ax),
    "raster_uneven": lambda ax: rp.phase_raster(phases(), np.linspace(0, 1, 40) ** 2, ax=ax),
    "order": _order,
    "weights": lambda ax: rp.weights(matrix(), ax=ax),
    "weights_clusters": lambda ax: rp.weights(matrix(), labels=GROUPS, ax=ax),
    "spectrum": lambda ax: rp.spectrum(matrix(), ax=ax),
    "sweep_line": lambda ax: rp.sweep(swept(lags=(0.5,)), ax=ax),
    "sweep_image": lambda ax: rp.sweep(swept(), ax=ax),
    "animation": _animation,
}


def render(draw: Callable[[Axes], object], path: Path) -> None:
    """Draw without text and ticks, which depend on fonts, in matplotlib's own style."""
    with style.context("default"):
        figure = Figure(figsize=(3.2, 2.0), dpi=100)
        FigureCanvasAgg(figure)
        ax = figure.subplots()
        draw(ax)
        if ax in figure.axes:  # every cell of an image has whole pixels, which versions can't round differently
            ax.set_position((0.125, 0.125, 0.5, 0.75))
        for ax in figure.axes:
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_locator(NullLocator())
                axis.set_minor_locator(NullLocator())
            if ax.get_legend() is not None:
                ax.get_legend().remove()
        for text in figure.findobj(Text):
            if type(text) is Text:  # an Annotation is also an arrow
                text.set_visible(False)
        figure.savefig(path)


if __name__ == "__main__":
    BASELINES.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        render(draw, BASELINES / f"{name}.png")
