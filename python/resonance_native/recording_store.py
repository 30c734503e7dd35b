"""Recordings in zarr stores, laid out so that xarray reads them as they are."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import warnings
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from .recording_layout import (
    CHUNK_BYTES,
    CLOCKS,
    FORMAT,
    FORMAT_VERSION,
    LAYOUT,
    VARIABLES,
    Layout,
    node_names,
)


def import_zarr() -> ModuleType:
    """The module zarr, or an ImportError that names the extra."""
    advice = 'recordings in a store need zarr ≥ 3; try: pip install "resonance-native[sim]"'
    try:
        zarr = import_module("zarr")
    except ImportError:
        raise ImportError(advice) from None
    if int(zarr.__version__.partition(".")[0]) < 3:
        raise ImportError(f"{advice}, got zarr {zarr.__version__}")
    return zarr


class RecordingStore:
    """A group of zarr arrays that grow along their first axis.

    Readers go by the consolidated metadata in the group's own file, which :meth:`write` replaces last. So a process
    that is killed leaves a recording whose arrays agree, with all samples up to the last chunk.
    """

    def __init__(self, group: Any, made: Path | None) -> None:
        self._group = group
        self._made = made
        self._before = group.attrs.asdict()
        self._arrays: dict[str, Any] = {}

    @classmethod
    def create(
        cls,
        out: Any,
        nodes: NDArray[np.int64],
        names: Mapping[str, tuple[str, ...]],
        chunks: Mapping[str, int],
        layout: Layout,
        attributes: Mapping[str, Any],
        *,
        argument: str,
    ) -> RecordingStore:
        """Make the arrays, without samples.

        Parameters
        ----------
        out
            A path, a zarr store or a zarr group: new, or empty.
        nodes
            Numbers of the recorded nodes.
        names, chunks
            Of each series: the arrays, and the samples of one chunk.
        layout
            Of the samples.
        attributes
            Of the recording.
        argument
            What the caller calls ``out``.

        Raises
        ------
        FileExistsError
            If there is something already.
        """
        group, made = _empty_group(out, argument)
        store = cls(group, made)
        try:
            recorded = tuple(name for names_of in names.values() for name in names_of)
            for series, names_of in names.items():
                for name in names_of:
                    shape, dtype = layout.sample_shape(name), layout.sample_dtype(name)
                    chunk = (max(1, chunks[series]), *_chunk_of_sample(shape, dtype.itemsize))
                    store._arrays[name] = _create(group, name, layout.dims(name), (0, *shape), chunk, dtype)
            for name, numbers in coordinates(recorded, nodes, layout.networks).items():
                _create(group, name, (name,), numbers.shape, numbers.shape, numbers.dtype)[...] = numbers
            secondary = [name for name in recorded if name in CLOCKS and LAYOUT[name].dims != (name,)]
            # It counts as interrupted until it is closed. xarray finds other coordinates by their dimensions.
            told = {**attributes, "interrupted": 1, "coordinates": " ".join(secondary)}
            group.attrs.put({**store._before, **told})
            store._publish()
        except BaseException:
            with contextlib.suppress(Exception):
                store.discard()
            raise
        return store

    def write(self, first: int, block: Mapping[str, NDArray[Any]]) -> None:
        """Write samples of one series, from number ``first`` on, and let readers see them."""
        for name, samples in block.items():
            array, end = self._arrays[name], first + len(samples)
            array.resize((end, *array.shape[1:]))
            array[first:end] = samples
        self._publish()

    def trim(self, counts: Mapping[str, int]) -> None:
        """Take back what a failed :meth:`write` has left beyond the ``counts`` of each series."""
        for name, array in self._arrays.items():
            count = counts["weights" if LAYOUT[name].dims[0] == "weights_time" else "samples"]
            with contextlib.suppress(Exception):  # where it fails, readers still go by what was published
                array.resize((count, *array.shape[1:]))

    def close(self, *, interrupted: bool) -> Any:
        """End the recording, and return its group to read from."""
        if not interrupted:
            self._group.attrs["interrupted"] = 0
            self._publish()
        return import_zarr().open_group(self._group.store, path=self._group.path, mode="r")

    def discard(self) -> None:
        """Leave nothing, or what was empty before empty."""
        if self._made is not None:
            shutil.rmtree(self._made)
            return
        for name in list(self._group.array_keys()):
            del self._group[name]
        self._group.attrs.put(self._before)
        self._publish()

    def _publish(self) -> None:
        with warnings.catch_warnings():
            # xarray wants it, and warns where it is missing; the specification of zarr 3 has yet to adopt it.
            warnings.filterwarnings("ignore", "Consolidated metadata", UserWarning)
            import_zarr().consolidate_metadata(self._group.store, path=self._group.path)


def open_recording(source: Any) -> Any:
    """The group of a recording, to read from.

    Parameters
    ----------
    source
        A path, a zarr store or a zarr group.

    Raises
    ------
    FileNotFoundError
        If nothing is there.
    ValueError
        If it is something else, or of a later version.
    """
    zarr = import_zarr()
    if isinstance(source, zarr.Group):
        group = zarr.open_group(source.store, path=source.path, mode="r")
    else:
        try:
            group = zarr.open_group(source, mode="r")
        except (zarr.errors.ContainsArrayError, NotADirectoryError):
            raise ValueError(f"{source} is not a recording") from None
        except FileNotFoundError:
            if _is_local(source) and Path(source).exists():
                raise ValueError(f"{source} is not a recording") from None
            raise FileNotFoundError(f"{source} does not exist") from None
        except OSError:
            raise
        except Exception as error:  # zarr raises errors of many kinds for what is damaged
            raise ValueError(f"{source} is not a recording, or damaged ({error})") from error
    if group.attrs.get("format") != FORMAT:
        raise ValueError(f"{source} is not a recording")
    if group.attrs.get("format_version") != FORMAT_VERSION:
        raise ValueError(
            f"{source} is a recording in format version {group.attrs.get('format_version')}, and resonance_native "
            f"{_core.__version__} reads version {FORMAT_VERSION}"
        )
    return group


def require_free(path: Path, *, overwrite: bool) -> None:
    """Raise FileExistsError where a recording may not be saved: nothing but a recording is ever overwritten."""
    if not path.exists() or _holds_at_most(path, set()):
        return
    if not overwrite:
        raise FileExistsError(f"{path} exists already; choose another path, or overwrite=True")
    try:
        open_recording(path)
    except Exception:
        raise FileExistsError(f"{path} is not a recording and is not overwritten; choose another path") from None


def _empty_group(out: Any, argument: str) -> tuple[Any, Path | None]:
    """The group of an empty or new store, and its folder if that was made for it."""
    zarr = import_zarr()
    refusal = f"{argument} must be new or empty, got {out!r}, which is not; remove it, or choose another"
    made = None
    if isinstance(out, zarr.Group):
        group = out
    else:
        if _is_local(out):
            made = None if Path(out).exists() else Path(out)
            if made is None and not _holds_at_most(Path(out), {"zarr.json"}):  # an empty group has that
                raise FileExistsError(refusal)
        try:
            group = zarr.open_group(out, mode="a", zarr_format=3)
        except TypeError:
            raise TypeError(f"{argument} must be a path, a zarr store or a zarr group, got {out!r}") from None
        except zarr.errors.ContainsArrayError:
            raise FileExistsError(refusal) from None
    if group.metadata.zarr_format != 3:
        raise ValueError(f"{argument} must be in zarr format 3, got {out!r} in format {group.metadata.zarr_format}")
    if list(group):
        raise FileExistsError(refusal)
    return group, made


def _is_local(out: Any) -> bool:
    return isinstance(out, os.PathLike) or (isinstance(out, str) and "://" not in out)


def _holds_at_most(path: Path, names: set[str]) -> bool:
    """Whether it is a folder with none but these entries."""
    return path.is_dir() and {entry.name for entry in path.iterdir()} <= names


def _chunk_of_sample(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Rows of weights that go into one file, or all of a smaller sample."""
    if len(shape) < 2:
        return shape
    return (min(shape[0], max(1, CHUNK_BYTES // (itemsize * math.prod(shape[1:])))), *shape[1:])


def _create(
    group: Any,
    name: str,
    dims: tuple[str, ...],
    shape: tuple[int, ...],
    chunks: tuple[int, ...],
    dtype: np.dtype[Any],
) -> Any:
    # On phases, lz4 after a shuffle writes three times as fast as zarr's default, and into less space.
    compressor = import_zarr().codecs.BloscCodec(cname="lz4", clevel=3, shuffle="shuffle")
    return group.create_array(
        name,
        shape=shape,
        chunks=chunks,
        dtype=dtype,
        compressors=compressor,
        dimension_names=dims,
        attributes=LAYOUT[name].attributes,
    )


def coordinates(
    variables: tuple[str, ...], nodes: NDArray[np.int64], networks: int | None
) -> dict[str, NDArray[np.int64]]:
    """The coordinates that number nodes, and networks if there are several."""
    numbers = dict.fromkeys(node_names(variables), nodes)
    return numbers if networks is None else {**numbers, "network": np.arange(networks)}


def recorded_variables(group: Any) -> tuple[str, ...]:
    """Names of the variables in a recording."""
    return tuple(name for name in VARIABLES if name in group)
