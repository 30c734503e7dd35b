"""Every combination of hyperparameters, run as ensembles."""

from __future__ import annotations

import hashlib
import inspect
import math
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core, memory
from .ensemble import ResonanceEnsemble
from .ensemble_state import CORES
from .hyperparameters import checked_dtype
from .progress import bar as progress_bar
from .runtime import isa
from .sweep_job import SweepJob
from .sweep_pool import run_all
from .sweep_store import SweepStore
from .validation import node_count, positive_number, truth, whole_number

if TYPE_CHECKING:
    import xarray

_UNITS = {
    "learning_rate": "1",
    "decay": "1",
    "gain": "1",
    "coupling": "rad/s",
    "phase_lag": "rad",
    "learning_lag": "rad",
    "noise_std": "rad/s^0.5",
    "amplitude_floor": "1",
    "base_freq": "Hz",
    "freq_std": "Hz",
    "weight_std": "1",
    "seed": "1",
}
_VARIABLES = {
    "order_parameter": "modulus of the mean of exp(i phase)",
    "amplitude": "mean magnitude of the amplitudes",
    "regime": "regime at the end",
}
_REDUCTIONS = ("mean", "std", "min", "max", "last")

# A batch is what a killed sweep may lose: some seconds of weight updates, and little memory.
_BATCH_WORK = 2e10
_FEWEST, _MOST = 16, 4096
_BATCH_BYTES = 2**30
_MOST_VALUES_IN_ATTRIBUTES = 10_000


def sweep(
    grid: Mapping[str, ArrayLike],
    inputs: ArrayLike = 0.0,
    steps: int | None = None,
    *,
    start: int = 0,
    every: int = 1,
    reduce: str = "mean",
    n_nodes: int = 100,
    dt: float = 0.01,
    hold: int = 1,
    learn: bool = True,
    variables: str | Sequence[str] = ("order_parameter",),
    seed: int = 0,
    out: str | os.PathLike[str] | None = None,
    progress: bool = False,
    executor: Executor | None = None,
    **keywords: Any,
) -> xarray.Dataset:
    """Run a network for every combination of hyperparameters, and keep a few numbers of each.

    Networks run as a :class:`ResonanceEnsemble`, in batches that fit in memory.

    Parameters
    ----------
    grid : mapping of str to array_like
        Values of hyperparameters, among them ``base_freq``, ``freq_std`` and ``weight_std``, or of ``"seed"``.
    inputs : float or array_like, (n,) or (T, n)
        x [rad/s], the same for all networks, as :meth:`ResonanceNetwork.run` takes it.
    steps : int, optional
        Steps of each network; None is T·hold.
    start : int
        Steps before the first sample, ≤ ``steps``; 0 samples the initial state too.
    every : int
        Steps between samples, ≥ 1.
    reduce : {"mean", "std", "min", "max", "last"}
        What is kept of the samples over time.
    n_nodes : int
        Nodes of each network.
    dt : float
        Time step [s], > 0.
    hold : int
        Steps for which each of T rows is held, ≥ 1.
    learn : bool
        False keeps the weights as they are.
    variables : str or sequence of str
        Which of "order_parameter" (its modulus), "amplitude" (mean of |a|) and "regime" (at the end).
    seed : int
        Of every network, unless the grid has seeds: all combinations start from the same state.
    out : path_like, optional
        A folder for finished batches. A sweep that was interrupted or killed goes on there when it is called again
        with the same arguments.
    progress : bool
        Whether to show a progress bar (needs tqdm).
    executor : concurrent.futures.Executor, optional
        What runs the batches, of 16 networks or more: threads, processes, or ranks of MPI (``mpi4py.futures``). Each
        batch then has one thread, unless ``threads`` says otherwise. Results are the same, and stored by the caller
        alone. None runs one batch after the other here.
    **keywords
        Any other keyword of :class:`ResonanceEnsemble`, a number each.

    Returns
    -------
    xarray.Dataset
        The variables, with one dimension for each name in the grid. Networks that grew beyond the range of their dtype
        have NaN, and the regime "diverged". The attributes hold all settings, and inputs of up to 10,000 values.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range, or ``out`` holds another sweep.
    ImportError
        If xarray is missing, or tqdm for ``progress``.
    Exception
        Whatever a batch raises, or the executor. Batches that have not begun are then cancelled.

    Examples
    --------
    >>> import resonance_native as rn
    >>> found = rn.sweep({"coupling": [0, 1, 2], "gain": [0.1, 0.2]}, 0.0, 20, n_nodes=16, weight_std=0.5)
    >>> dict(found.sizes)
    {'coupling': 3, 'gain': 2}
    """
    xr = _xarray()
    axes = _axes(grid, keywords)
    names = _variables(variables)
    if reduce not in _REDUCTIONS:
        raise ValueError(f"reduce must be one of {', '.join(_REDUCTIONS)}, got {reduce!r}")
    n, hold = node_count(n_nodes), whole_number("hold", hold, at_least=1)
    array = _core.real_array(inputs, "inputs")
    steps = _steps(array, n, steps, hold)
    start, every = whole_number("start", start, at_least=0), whole_number("every", every, at_least=1)
    if start > steps:
        raise ValueError(f"start must be at most steps = {steps}, got {start}")
    dt, learn = positive_number("dt", dt), truth("learn", learn)
    settings = {
        "grid": {name: values.tolist() for name, values in axes.items()},
        "n_nodes": n,
        "steps": steps,
        "dt": dt,
        "hold": hold,
        "learn": learn,
        "start": start,
        "every": every,
        "reduce": reduce,
        "variables": names,
        **({} if "seed" in axes else {"seed": whole_number("seed", seed, at_least=0, at_most=None)}),
        **_keywords(keywords, axes),
        **_described(array),
    }

    count = math.prod(map(len, axes.values()))
    results: dict[str, NDArray[Any]] = {
        name: np.empty(count, "U9") if name == "regime" else np.full(count, np.nan) for name in names
    }

    with_bar = truth("progress", progress)
    if executor is not None:
        if not isinstance(executor, Executor):
            raise TypeError(f"executor must be a concurrent.futures.Executor or None, got {executor!r}")
        if keywords.get("threads") is None:
            keywords = {**keywords, "threads": 1}
    _try_all(axes, keywords)
    job = SweepJob(
        axes, names, reduce, start, every, array, steps, dt, hold, learn, n_nodes=n, seed=seed, keywords=keywords,
        isa=isa(),
    )  # fmt: skip
    store = None if out is None else SweepStore(out, settings)
    missing = np.setdiff1d(np.arange(count), np.empty(0, np.int64) if store is None else store.load(results))
    size = _batch_size(n, steps, keywords)
    batches = (missing[first : first + size] for first in range(0, len(missing), size))
    with (
        progress_bar(with_bar, len(missing) * steps, unit="steps", what="sweep") as bar,
        closing(_run(job, batches, executor, (lambda _steps: None) if bar is None else bar.update)) as finished,
    ):
        for places, found in finished:
            for name, values in found.items():
                results[name][places] = values
            if store is not None:
                store.save(places, results)
    return _dataset(xr, axes, results, reduce, {"version": _core.__version__, **settings})


def _run(
    job: SweepJob, batches: Iterator[NDArray[np.int64]], executor: Executor | None, moved: Callable[[int], object]
) -> Generator[tuple[NDArray[np.int64], dict[str, NDArray[Any]]]]:
    """The places of each batch and what was found there, as batches are done."""
    if executor is None:
        for places in batches:
            yield places, job.run(places, moved)
        return
    with closing(run_all(executor, job.run, batches)) as finished:
        for places, found in finished:
            moved(len(places) * job.steps)
            yield places, found


def _xarray() -> Any:
    try:
        import xarray
    except ImportError:
        raise ImportError('sweep needs xarray; try: pip install "resonance-native[sim]"') from None
    return xarray


def _axes(grid: Mapping[str, ArrayLike], keywords: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The grid's values as arrays."""
    if not isinstance(grid, Mapping) or not grid:
        raise TypeError(f"grid must be a dict of hyperparameters and their values, got {grid!r}")
    axes = {}
    for name, values in grid.items():
        if name not in _UNITS:
            raise ValueError(f"grid must name hyperparameters ({', '.join(_UNITS)}), got {name!r}")
        if name in keywords:
            raise TypeError(f"{name} must be in the grid or a keyword, got both")
        array = _core.real_array(values, f"grid[{name!r}]")
        if array.ndim != 1 or array.size == 0:
            raise ValueError(f"grid[{name!r}] must have shape (k,) with k ≥ 1, got shape {array.shape}")
        if name == "seed" and (array.dtype.kind not in "iu" or array.min() < 0):
            raise ValueError(f"grid['seed'] must be integers ≥ 0, got {values!r}")
        axes[name] = array if name == "seed" else array.astype(np.float64)
    return axes


def _variables(variables: str | Sequence[str]) -> list[str]:
    names = [variables] if isinstance(variables, str) else list(variables)
    if not names or len(set(names)) != len(names) or not set(names) <= set(_VARIABLES):
        raise ValueError(f"variables must be different ones of {', '.join(_VARIABLES)}, got {variables!r}")
    return names


def _steps(inputs: NDArray[Any], n_nodes: int, steps: int | None, hold: int) -> int:
    """The number of steps that inputs and arguments agree on."""
    if inputs.ndim > 2 or (inputs.ndim > 0 and inputs.shape[-1] != n_nodes):
        raise ValueError(
            f"inputs must be a number or have shape ({n_nodes},) or (T, {n_nodes}), got shape {inputs.shape}"
        )
    if not np.isfinite(inputs).all():
        raise ValueError("inputs must be finite")
    if inputs.ndim < 2:
        if steps is None:
            raise ValueError("steps must be given where inputs is a number or one row, got None")
        if hold != 1:
            raise ValueError(f"hold is for inputs of shape (T, n), got hold={hold!r}")
        return whole_number("steps", steps, at_least=0)
    if steps is not None and whole_number("steps", steps, at_least=0) != len(inputs) * hold:
        raise ValueError(f"steps must be None or T * hold = {len(inputs) * hold}, got {steps!r}")
    return len(inputs) * hold


def _keywords(given: Mapping[str, Any], axes: Mapping[str, Any]) -> dict[str, Any]:
    """What else the results depend on, with what was not given at its default."""
    parameters = inspect.signature(ResonanceEnsemble).parameters
    known = {name: each.default for name, each in parameters.items() if name not in ("n_networks", "n_nodes", "seed")}
    for name, value in given.items():
        if name not in known:
            raise TypeError(f"sweep got an unexpected keyword argument {name!r}")
        if name in _UNITS and np.ndim(value) > 0:
            raise ValueError(f"{name} must be a number; values to go through belong into the grid, got {value!r}")
    values = {**known, **given}
    values["dtype"] = checked_dtype(values["dtype"]).name
    for name in _UNITS:
        if name in values and values[name] is not None:
            values[name] = float(_core.real_number(values[name], name))
    # Results have the same bits for any number of threads.
    return {name: value for name, value in values.items() if name not in axes and name != "threads"}


def _try_all(axes: Mapping[str, NDArray[Any]], keywords: Mapping[str, Any]) -> None:
    """Errors in any value come before the first batch: whether one is in range does not depend on the nodes."""
    count = max(map(len, axes.values()))
    values: dict[str, Any] = {name: np.resize(array, count) for name, array in axes.items()}
    values["seed"] = [int(each) for each in values.get("seed", [0] * count)]
    ResonanceEnsemble(count, 1, **{**keywords, **values})


def _described(inputs: NDArray[Any]) -> dict[str, Any]:
    """The inputs, or of many values a digest and the shape."""
    if inputs.size <= _MOST_VALUES_IN_ATTRIBUTES:
        return {"inputs": inputs.astype(np.float64).tolist()}
    digest = hashlib.sha256(np.ascontiguousarray(inputs, np.float64).tobytes()).hexdigest()
    return {"inputs_sha256": digest, "inputs_shape": list(inputs.shape)}


def _batch_size(n_nodes: int, steps: int, keywords: Mapping[str, Any]) -> int:
    work = (n_nodes**2 + 1000) * max(steps, 1)
    wanted = min(max(int(_BATCH_WORK // work), _FEWEST), _MOST)
    one = CORES[checked_dtype(keywords.get("dtype", "float64")).name].storage_size(1, n_nodes)
    available = memory.available_bytes()
    room = _BATCH_BYTES if available is None else min(_BATCH_BYTES, available // 4)
    return max(1, min(wanted, room // one))


def _dataset(
    xr: Any, axes: dict[str, NDArray[Any]], results: dict[str, NDArray[Any]], reduce: str, attributes: Any
) -> xarray.Dataset:
    grid = attributes.pop("grid")  # the coordinates hold it
    shape = [len(values) for values in grid.values()]
    plain = {name: "default" if value is None else value for name, value in attributes.items()}
    dataset: xarray.Dataset = xr.Dataset(
        {
            name: (
                list(axes),
                values.reshape(shape),
                {"units": "1", "long_name": _VARIABLES[name] + ("" if name == "regime" else f", {reduce} over time")},
            )
            for name, values in results.items()
        },
        coords={name: (name, values, {"units": _UNITS[name]}) for name, values in axes.items()},
        attrs={**plain, "dt_units": "s", "inputs_units": "rad/s"},
    )
    return dataset
