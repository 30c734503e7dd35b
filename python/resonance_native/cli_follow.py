"""What looks on in ``resonance-native run``: a recording, checkpoints, conditions to stop, a picture."""

from __future__ import annotations

import hashlib
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import resonance_native as rn
from resonance_native import checkpoint
from resonance_native.callbacks import Callback, Checkpoint
from resonance_native.cli_run import CliError, Timing, check_output, naming

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from resonance_native.cli_run import Array

    Saver = Callable[[rn.ResonanceNetwork, Path, Mapping[str, Any]], None]
    Loader = Callable[[Path], tuple[rn.ResonanceNetwork, dict[str, Any]]]

SAMPLES_OF_A_PICTURE, NODES_OF_A_PICTURE = 500, 500
NEEDED_BY_PLOT = ("order_parameter", "phases")
STOPS = {"order": rn.stop.when_order_above, "settled": rn.stop.when_settled}


def require(option: str, extra: str, *modules: str) -> None:
    """Refuse an option whose packages are missing."""
    missing = [module for module in modules if not find_spec(module)]
    if missing:
        raise CliError(f'{option} needs {" and ".join(missing)}; try: pip install "resonance-native[{extra}]"')


def stops(texts: list[str]) -> list[Callback]:
    """Conditions such as ``order=0.99`` and ``settled=1e-6``."""
    found = []
    for text in texts:
        name, _, value = text.partition("=")
        try:
            found.append(STOPS[name](float(value)))
        except KeyError:
            raise CliError(f"--stop must be order=VALUE or settled=VALUE, got {text!r}") from None
        except ValueError as error:
            raise CliError(f"--stop {text}: {error}") from None
    return found


class RunCheckpoint(Checkpoint):
    """A checkpoint that tells which run it is of."""

    def __init__(self, path: Path, seconds: float, run: dict[str, Any], save: Saver = checkpoint.save) -> None:
        super().__init__(path, seconds)
        self._run, self._save = run, save

    def save(self, net: rn.ResonanceNetwork) -> None:
        """Save the network and the run's settings."""
        self._save(net, self._path, {"run": self._run})


def described(rows: Array, when: Timing) -> dict[str, Any]:
    """What makes a run the same run."""
    digest = hashlib.sha256(rows.tobytes()).hexdigest()
    return {"rows": list(rows.shape), "sha256": digest, "dt": when.dt, "hold": when.hold, "learn": when.learn}


def checkpoints(path: Path, seconds: float, run: dict[str, Any], save: Saver) -> Callback:
    """The callback that saves."""
    require("--checkpoint", "sim", "safetensors")
    check_output(path, (), "--checkpoint")
    try:
        return RunCheckpoint(path, seconds, run, save)
    except ValueError as error:
        raise CliError(f"--checkpoint-seconds: {error}") from None


def resumed(path: Path, run: dict[str, Any], settings: dict[str, Any], load: Loader) -> rn.ResonanceNetwork:
    """The network of a checkpoint of this very run."""
    require("--resume", "sim", "safetensors")
    if settings:
        raise CliError(f"--resume {path}: the network is as it was saved; leave out {', '.join(settings)}")
    try:
        with naming(path):
            net, user = load(path)
    except (ValueError, MemoryError) as error:
        raise CliError(f"--resume {error}") from error
    saved = user.get("run")
    if saved is None:
        raise CliError(f"--resume {path}: was not saved by resonance-native run --checkpoint")
    for name, value in run.items():
        if name in ("rows", "sha256") and saved.get(name) != value:
            raise CliError(f"--resume {path}: is of a run of other rows than INPUT holds")
        if saved.get(name) != value:
            raise CliError(f"--resume {path}: is of a run with {name} {saved.get(name)}, got {value}")
    return net


def recorder(path: Path, every: int, variables: str, done: int) -> rn.Recorder:
    """What streams to a zarr store, on the grid of the whole run."""
    require("--record", "sim", "zarr")
    check_output(path, (".zarr",), "--record") if not path.exists() else None
    try:
        names = [name.strip() for name in variables.split(",")]
        return rn.Recorder(every=every, start=-done % every if every > 0 else 0, variables=names, out=path)
    except (ValueError, TypeError) as error:
        raise CliError(f"--record: {error}") from error


def recorder_of_picture(n: int, steps: int) -> rn.Recorder:
    """Enough for a picture, in memory."""
    nodes = np.unique(np.linspace(0, n - 1, min(n, NODES_OF_A_PICTURE)).astype(np.int64))
    return rn.Recorder(every=max(1, steps // SAMPLES_OF_A_PICTURE), variables=NEEDED_BY_PLOT, nodes=nodes)


def nodes_of_weights(recording: rn.Recording) -> NDArray[np.int64]:
    """Between which nodes weights are drawn: what is in phase at the end stands together."""
    nodes: NDArray[np.int64] = recording.nodes[np.argsort(recording.phases[-1])]
    return nodes[:: max(1, nodes.size // NODES_OF_A_PICTURE)]


def draw(path: Path, recording: rn.Recording, weights: NDArray[Any]) -> None:
    """Write the picture of a run: phases and order parameter over time, and what the weights have become.

    Parameters
    ----------
    path
        The picture's file.
    recording
        Of the run.
    weights
        Those between the nodes of :func:`nodes_of_weights`.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    every = max(1, len(recording) // SAMPLES_OF_A_PICTURE)
    time = np.asarray(recording.time[::every])
    with pyplot.style.context("default"):
        figure, (raster, order, matrix) = pyplot.subplots(
            3, 1, figsize=(7, 9), height_ratios=(2, 1, 3), layout="constrained"
        )
        phases = np.asarray(recording.phases[::every])
        rn.plot.phase_raster(phases, time, order=np.argsort(phases[-1]), ax=raster)
        rn.plot.order_parameter(np.asarray(recording.order_parameter[::every]), time, ax=order)
        rn.plot.weights(weights, ax=matrix)
        matrix.set(xlabel="from node j, sorted", ylabel="to node i, sorted")
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    with naming(path, code=1):
        try:
            figure.savefig(temporary, dpi=150)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
            pyplot.close(figure)
