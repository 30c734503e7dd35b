"""What ``resonance-native run`` does: read, run in pieces, write."""

from __future__ import annotations

import inspect
import os
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

import resonance_native as rn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

WEIGHTS_PER_PIECE = 1e8  # weight updates between two moves of the progress bar: about a tenth of a second
WEIGHTS_PER_CALL = 1000  # what else a step costs, in weight updates
STEPS_PER_PIECE = 256  # at least: blocks of steps share passes over the weights
SAVED = ("phases", "frequencies", "amplitudes", "weights", "step_count", "time")


class CliError(Exception):
    """A wrong argument or file; its message is shown in one line."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Name the file in what the system has to say about it."""
    try:
        yield
    except OSError as error:
        raise CliError(f"{error.filename or path}: {error.strerror or error}") from error


def read_rows(path: Path) -> Array:
    """Read a .npy or .csv file of finite numbers.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    array (T, n)
        Its rows, at least one, of at least one value.
    """
    readers = {".npy": _read_npy, ".csv": _read_csv}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise CliError(f"{path}: the suffix must be .npy or .csv, got {path.suffix or 'none'}")
    with naming(path):
        array = reader(path)
    if array.ndim != 2 or array.size == 0:
        raise CliError(f"{path}: the shape must be (T, n), T rows of n values and neither 0, got {array.shape}")
    if array.dtype.kind not in "biuf":
        raise CliError(f"{path}: the values must be real numbers, got dtype {array.dtype}")
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(array, dtype=np.float64)
    wrong = np.argwhere(~np.isfinite(rows))
    if len(wrong):
        row, column = wrong[0]
        raise CliError(f"{path}: row {row + 1}, column {column + 1} is {rows[row, column]}; every value must be finite")
    return rows


def _read_npy(path: Path) -> NDArray[Any]:
    with path.open("rb") as file:
        try:
            # Not np.load: it takes anything that it does not know for a pickle.
            return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
        except (ValueError, EOFError, MemoryError) as error:
            raise CliError(f"{path}: not a .npy file of numbers ({error})") from error


def _read_csv(path: Path) -> NDArray[Any]:
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*input contained no data", category=UserWarning)
            return np.loadtxt(path, delimiter=",", ndmin=2, encoding="utf-8-sig")
    except ValueError as error:
        raise CliError(f"{path}: {_csv_fault(path) or error}") from error


def _csv_fault(path: Path) -> str | None:
    """Where a file is not comma-separated numbers."""
    width = 0
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    for number, line in enumerate(lines, start=1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        cells = [cell.strip() for cell in content.split(",")]
        for column, cell in enumerate(cells, start=1):
            try:
                float(cell)
            except ValueError:
                return f"line {number}, column {column} must be a number, got {cell[:40]!r}"
        width = width or len(cells)
        if len(cells) != width:
            return f"line {number} has {len(cells)} values where the lines before it have {width}"
    return None


def read_config(path: Path) -> dict[str, Any]:
    """Read the settings of a run from a TOML file.

    Parameters
    ----------
    path
        A file of keywords of :class:`resonance_native.ResonanceNetwork`, ``dt``, ``hold`` and ``learn``.

    Returns
    -------
    dict
        The settings by name.
    """
    with naming(path), path.open("rb") as file:
        try:
            settings = tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CliError(f"{path}: not a TOML file ({error})") from error
    known = [name for name in inspect.signature(rn.ResonanceNetwork).parameters if name != "n_nodes"]
    known += ["dt", "hold", "learn"]
    if "n_nodes" in settings:
        raise CliError(f"{path}: n_nodes can't be set, it is the number of values in a row of INPUT")
    unknown = [name for name in settings if name not in known]
    if unknown:
        raise CliError(f"{path}: unknown key {', '.join(unknown)}; known are {', '.join(known)}")
    return settings


def check_output(path: Path, suffixes: tuple[str, ...]) -> None:
    """Refuse a path that cannot be written, before anything is computed.

    Parameters
    ----------
    path
        The file to be written later.
    suffixes
        Those it may have.
    """
    if path.suffix.lower() not in suffixes:
        raise CliError(f"--out {path}: the suffix must be {' or '.join(suffixes)}, got {path.suffix or 'none'}")
    if path.is_dir():
        raise CliError(f"--out {path}: is a directory, not a file")
    if not path.parent.is_dir():
        raise CliError(f"--out {path}: the directory {path.parent} does not exist")
    if not os.access(path.parent, os.W_OK):
        raise CliError(f"--out {path}: the directory {path.parent} is not writable")


def build(n: int, settings: Mapping[str, Any]) -> rn.ResonanceNetwork:
    """Make the network.

    Parameters
    ----------
    n
        Number of nodes.
    settings
        Keywords of the constructor, which checks them.
    """
    try:
        return rn.ResonanceNetwork(n, **settings)
    except (ValueError, TypeError, OverflowError, MemoryError) as error:
        raise CliError(str(error)) from error


def stream(net: rn.ResonanceNetwork, rows: Array, *, dt: float = 0.01, hold: int = 1, learn: bool = True) -> None:
    """Run the rows through the network, with a progress bar where stderr is a terminal.

    Parameters
    ----------
    net
        The network.
    rows
        Inputs [rad/s] (T, n).
    dt
        Time step [s].
    hold
        Steps for which each row is held.
    learn
        Whether the weights change.
    """
    if not isinstance(hold, int) or isinstance(hold, bool) or hold < 1:
        raise CliError(f"hold must be an integer ≥ 1, got {hold!r}")
    if not isinstance(learn, bool):
        raise CliError(f"learn must be true or false, got {learn!r}")
    with tqdm(total=len(rows) * hold, unit=" steps", unit_scale=True, disable=None, leave=False) as progress:
        for first, last, steps in pieces(len(rows), rows.shape[1], hold):
            try:
                net.run(rows[first:last], dt=dt, hold=steps, learn=learn)
            except (ValueError, TypeError) as error:
                raise CliError(str(error)) from error
            progress.update((last - first) * steps)


def pieces(count: int, n: int, hold: int) -> Iterator[tuple[int, int, int]]:
    """Cut a run into pieces of about a tenth of a second.

    They depend on the sizes alone and never on the clock, so that two runs of one command end in the same bits.

    Parameters
    ----------
    count, n
        Rows, and nodes.
    hold
        Steps for which each row is held.

    Yields
    ------
    first row, row after the last, steps for which each of them is held
    """
    steps = max(STEPS_PER_PIECE, int(WEIGHTS_PER_PIECE / (n * n + WEIGHTS_PER_CALL)))
    if hold <= steps:
        together = steps // hold
        for first in range(0, count, together):
            yield first, min(first + together, count), hold
    else:
        for row in range(count):
            for done in range(0, hold, steps):
                yield row, row + 1, min(steps, hold - done)


def write_result(path: Path, net: rn.ResonanceNetwork) -> None:
    """Write the network's state, whole or not at all.

    Parameters
    ----------
    path
        The .npz file; one that exists is replaced.
    net
        The network.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with naming(path):
        try:
            with temporary.open("xb") as file:
                np.savez(file, **{name: getattr(net, name) for name in SAVED}, order_parameter=net.order_parameter())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
