"""Results of a sweep against its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .checks import Array
from .style import GROUP_COLOURS, SIZES, colour_bar, open_frame, own_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMES = {"order_parameter": "order parameter |r|", "amplitude": "mean amplitude |a|"}
BETWEEN_ZERO_AND_ONE = ("order_parameter", "amplitude")
UNITS = {
    "base_freq": "Hz", "freq_std": "Hz", "coupling": "rad/s", "phase_lag": "rad", "learning_lag": "rad",
    "noise_std": "rad/√s",
}  # fmt: skip


def sweep(
    dataset: Any, variable: str = "order_parameter", *, spread: str = "seed", ax: Axes | None = None, **line: Any
) -> Axes:
    """Draw a result against one parameter as a line, or over two as an image.

    Where ``dataset`` has the dimension ``spread``, the line is the mean over it with bars of one standard deviation
    (of the sample, n − 1), and the image the mean. Points that are NaN, not yet computed, leave a gap.

    Parameters
    ----------
    dataset
        What :func:`resonance_native.sweep` returns: an ``xarray.Dataset`` whose dimensions are the parameters, with
        their values as coordinates. Besides ``spread`` one or two of its dimensions may be longer than 1; choose with
        ``dataset.sel(...)`` where there are more.
    variable
        Which of its variables to draw.
    spread
        Dimension to average over.
    ax
        Axes to draw in; None opens a figure.
    **line
        For a line: passed on to :meth:`matplotlib.axes.Axes.errorbar`, such as ``color``, ``fmt`` and ``label``.

    Returns
    -------
    Axes
        What was drawn in. An image has the first of the two dimensions to the right and the second upwards.
    """
    values, spreads, parameters = _averaged(_chosen(dataset, variable), spread)
    if len(parameters) == 1:
        ax = own_axes(ax, (5.6, 3.8))
        _draw_line(ax, parameters, values, spreads, line)
        ax.set_ylabel(_name(dataset[variable], variable))
        if variable in BETWEEN_ZERO_AND_ONE:
            ax.set_ylim(0, 1.03)
        return ax
    if line:
        raise TypeError(f"an image over two parameters takes no keywords of a line, got {', '.join(sorted(line))}")
    ax = own_axes(ax, (5.4, 4.2))
    _draw_image(ax, parameters, values, variable, _name(dataset[variable], variable))
    return ax


def _chosen(dataset: Any, variable: str) -> Any:
    """The variable, with dimensions and coordinates: all that is used of xarray."""
    names = getattr(dataset, "data_vars", None)
    if names is None:
        raise TypeError(f"dataset must be an xarray.Dataset, as rn.sweep returns it, got {type(dataset).__name__}")
    if variable not in names:
        raise ValueError(f"variable must be one of {', '.join(map(str, names))}, got {variable!r}")
    found = dataset[variable]
    if found.size == 0 or np.asarray(found.values).dtype.kind not in "biuf":
        raise ValueError(f"variable {variable!r} must hold numbers, got {found.dtype} of shape {found.shape}")
    return found


def _averaged(found: Any, spread: str) -> tuple[Array, Array | None, list[tuple[str, Array]]]:
    """Means and standard deviations over ``spread``, and the parameters that are left with their sorted values."""
    values, names = np.asarray(found.values, np.float64), list(found.dims)
    spreads = None
    if spread in names:
        axis = names.index(spread)
        if values.shape[axis] > 1:
            spreads = values.std(axis=axis, ddof=1)
        values = values.mean(axis=axis)
        names.remove(spread)
    long = [name for name, length in zip(names, values.shape, strict=True) if length > 1] or names[:1]
    if not 1 <= len(long) <= 2:
        raise ValueError(
            f"dataset must have one or two parameters besides {spread!r} to draw, got {', '.join(long) or 'none'}; "
            "choose with dataset.sel(...)"
        )
    lengths = [values.shape[names.index(name)] for name in long]
    values = values.reshape(lengths)
    spreads = None if spreads is None else spreads.reshape(lengths)
    parameters = []
    for axis, name in enumerate(long):
        places, order = _sorted_values(found, name)
        values = np.take(values, order, axis)
        spreads = None if spreads is None else np.take(spreads, order, axis)
        parameters.append((_axis_label(found, name), places))
    return values, spreads, parameters


def _sorted_values(found: Any, name: str) -> tuple[Array, Any]:
    places = np.asarray(found[name].values)
    if places.dtype.kind not in "iuf" or not np.isfinite(places).all() or len(np.unique(places)) < len(places):
        raise ValueError(f"the values of {name!r} must be different finite numbers, got {places!r}")
    order = np.argsort(places)
    return np.asarray(places[order], np.float64), order


def _name(found: Any, variable: str) -> str:
    return NAMES.get(variable, str(found.attrs.get("long_name", variable.replace("_", " "))))


def _axis_label(found: Any, name: str) -> str:
    """Name and unit: the coordinate's own, or what the hyperparameter is measured in."""
    unit = found[name].attrs.get("units") or UNITS.get(name)
    plain = str(found[name].attrs.get("long_name", name.replace("_", " ")))
    return plain if unit in (None, "", "1") else f"{plain} [{unit}]"


def _draw_line(
    ax: Axes, parameters: list[tuple[str, Array]], values: Array, spreads: Array | None, line: dict[str, Any]
) -> None:
    (label, places), = parameters  # fmt: skip
    look: dict[str, Any] = {"color": GROUP_COLOURS[0], "fmt": "o-", "ms": 5, "lw": 1.6, "capsize": 3, "elinewidth": 1.2}
    ax.errorbar(places, values, yerr=spreads, **look | line)
    ax.set_xlabel(label)
    open_frame(ax)


def _draw_image(ax: Axes, parameters: list[tuple[str, Array]], values: Array, variable: str, name: str) -> None:
    (right, columns), (upward, rows) = parameters
    limits: Any = {"vmin": 0.0, "vmax": 1.0} if variable in BETWEEN_ZERO_AND_ONE else {}
    image = ax.pcolormesh(
        columns, rows, np.ma.masked_invalid(values.T), shading="nearest", cmap=SIZES, rasterized=True, **limits
    )
    ax.set(xlabel=right, ylabel=upward)
    colour_bar(ax, image, name)
