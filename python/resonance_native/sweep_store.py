"""Finished parts of a sweep on disk, so that one that was killed goes on where it was."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SETTINGS = "sweep.json"


class SweepStore:
    """A folder: the settings, and one file for every batch that is finished.

    A file gets its name when it is whole, so whatever ends the process leaves whole files alone behind.

    Parameters
    ----------
    path
        The folder; it is made where it does not exist, and has to be empty or of a sweep with the same settings.
    settings
        What the results depend on, as JSON can hold it.
    """

    def __init__(self, path: str | os.PathLike[str], settings: dict[str, Any]) -> None:
        self._folder = Path(path)
        if self._folder.exists() and not self._folder.is_dir():
            raise ValueError(f"out must be a folder, got the file {str(path)!r}")
        wanted: dict[str, Any] = json.loads(json.dumps(settings))
        file = self._folder / _SETTINGS
        if file.exists():
            _require_same(_stored_settings(file), wanted, path)
            return
        if self._folder.exists() and any(each.suffix != ".tmp" for each in self._folder.iterdir()):
            raise ValueError(f"out must be a new or empty folder, or one of the same sweep, got {str(path)!r}")
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".tmp")
        unfinished.write_text(json.dumps(settings, indent=1))
        unfinished.replace(file)

    def load(self, results: dict[str, NDArray[Any]]) -> NDArray[np.int64]:
        """Fill in what was stored, and return the places of it."""
        places = [np.empty(0, np.int64)]
        for file in sorted(self._folder.glob("batch-*.npz")):
            with file.open("rb") as opened:
                try:
                    with np.load(opened) as stored:
                        batch = {name: stored[name] for name in results}
                        places.append(stored["place"].astype(np.int64, casting="safe"))
                    for name, values in results.items():
                        values[places[-1]] = batch[name]
                except Exception as error:  # of many kinds, for an archive that is damaged
                    raise ValueError(f"{file} is damaged; remove it, and its batch runs again ({error})") from error
        return np.concatenate(places)

    def save(self, places: NDArray[np.int64], results: dict[str, NDArray[Any]]) -> None:
        """Store the results at these places."""
        file = self._folder / f"batch-{places[0]:010d}.npz"
        unfinished = file.with_suffix(".tmp")
        arrays: dict[str, Any] = {name: values[places] for name, values in results.items()}
        with unfinished.open("wb") as opened:
            np.savez(opened, place=places, **arrays)
        unfinished.replace(file)


def _stored_settings(file: Path) -> dict[str, Any]:
    try:
        stored = json.loads(file.read_text())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file} is damaged ({error})") from error
    if not isinstance(stored, dict):
        raise ValueError(f"{file} is damaged: it holds no settings")
    return stored


def _require_same(stored: dict[str, Any], wanted: dict[str, Any], path: Any) -> None:
    different = [name for name in {**stored, **wanted} if stored.get(name) != wanted.get(name)]
    if different:
        raise ValueError(
            f"out must be a new folder or one of the same sweep, got {str(path)!r}, which is of another one: it "
            f"differs in {', '.join(different)}"
        )
