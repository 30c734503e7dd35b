"""What ``resonance-native run`` does: read, run, write."""

from __future__ import annotations

import inspect
import os
import tomllib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

import resonance_native as rn
from resonance_native.running import watched_run

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from resonance_native.callbacks import Callback

    Array = NDArray[np.float64]

SAVED = ("phases", "frequencies", "amplitudes", "step_count", "time")


class CliError(Exception):
    """A wrong argument or file, or a run that failed; its message is shown in one line."""

    def __init__(self, message: str, *, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Timing:
    """How rows become steps."""

    dt: float = 0.01
    hold: int = 1
    learn: bool = True


@contextmanager
def naming(path: Path, code: int = 2) -> Iterator[None]:
    """Name the file in what the system has to say about it."""
    try:
        yield
    except OSError as error:
        raise CliError(f"{error.filename or path}: {error.strerror or error}", code=code) from error


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
        except OSError:
            raise
        except Exception as error:  # NumPy reads the header as Python's literals, with errors of many kinds
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
        except (ValueError, RecursionError) as error:  # also an integer too long to read, or lists too deep
            raise CliError(f"{path}: not a TOML file ({error})") from error
    known = [name for name in inspect.signature(rn.ResonanceNetwork).parameters if name != "n_nodes"]
    known += ["dt", "hold", "learn"]
    if "n_nodes" in settings:
        raise CliError(f"{path}: n_nodes can't be set, it is the number of values in a row of INPUT")
    unknown = [name for name in settings if name not in known]
    if unknown:
        raise CliError(f"{path}: unknown key {', '.join(unknown)}; known are {', '.join(known)}")
    return settings


def check_output(path: Path, suffixes: tuple[str, ...], option: str = "--out") -> None:
    """Refuse a path that cannot be written, before anything is computed.

    Parameters
    ----------
    path
        The file to be written later.
    suffixes
        Those it may have; none stands for any.
    option
        Which option names it.
    """
    if suffixes and path.suffix.lower() not in suffixes:
        raise CliError(f"{option} {path}: the suffix must be {' or '.join(suffixes)}, got {path.suffix or 'none'}")
    if path.is_dir():
        raise CliError(f"{option} {path}: is a directory, not a file")
    if not path.parent.is_dir():
        raise CliError(f"{option} {path}: the directory {path.parent} does not exist")
    if not os.access(path.parent, os.W_OK):
        raise CliError(f"{option} {path}: the directory {path.parent} is not writable")


def build(kind: type[rn.ResonanceNetwork], n: int, settings: Mapping[str, Any]) -> rn.ResonanceNetwork:
    """Make the network.

    Parameters
    ----------
    kind
        Its class.
    n
        Number of nodes.
    settings
        Keywords of the constructor, which checks them.
    """
    try:
        return kind(n, **settings)
    except (ValueError, TypeError, OverflowError, MemoryError) as error:
        raise CliError(str(error)) from error


def timing(settings: dict[str, Any]) -> Timing:
    """Take out of the settings what is the run's and not the network's."""
    taken = Timing(**{name: settings.pop(name) for name in ("dt", "hold", "learn") if name in settings})
    if not isinstance(taken.hold, int) or isinstance(taken.hold, bool) or taken.hold < 1:
        raise CliError(f"hold must be an integer ≥ 1, got {taken.hold!r}")
    if not isinstance(taken.learn, bool):
        raise CliError(f"learn must be true or false, got {taken.learn!r}")
    return taken


def advance(
    net: rn.ResonanceNetwork,
    rows: Array,
    when: Timing,
    done: int,
    record: rn.Recorder | None,
    callbacks: Sequence[Callback],
    with_bar: bool,
) -> rn.Recording | None:
    """Run the rows through the network.

    Parameters
    ----------
    net
        The network.
    rows
        Inputs [rad/s] (T, n).
    when
        Time step and the like.
    done
        Steps of the whole run that are done already.
    record, callbacks
        As in :meth:`resonance_native.ResonanceNetwork.run`.
    with_bar
        Whether to show a progress bar.
    """
    row, skip = divmod(done, when.hold)
    try:
        return watched_run(
            net, rows[row:], None, when.dt, when.hold, when.learn, record, callbacks, with_bar, skip=skip
        )
    except (ValueError, TypeError, MemoryError, ImportError, FileExistsError) as error:
        raise CliError(str(error)) from error
    except FloatingPointError as error:
        raise CliError(f"the run failed after {net.step_count:,} steps: {error}", code=1) from error
    except OSError as error:
        raise CliError(f"{error.filename or 'writing'}: {error.strerror or error}", code=1) from error


def all_but_weights(net: rn.ResonanceNetwork) -> dict[str, Any]:
    """What a result holds of a network, beside its weights."""
    return {**{name: getattr(net, name) for name in SAVED}, "order_parameter": net.order_parameter()}


def replace(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file, whole or not at all.

    Parameters
    ----------
    path
        The file; one that exists is replaced.
    write
        Writes what is to be in it.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with naming(path, code=1):
        try:
            with temporary.open("xb") as file:
                write(file)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
