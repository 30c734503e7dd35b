"""The file of a checkpoint: named tensors and JSON values, in the safetensors layout, with checksums of both.

Knows nothing of networks. See docs/checkpoints.md.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ._core import __version__
from .replacing import replacing
from .saved_tensor import Tensor

FORMAT = "resonance_native"
FORMAT_VERSION = 1

_BLOCK_BYTES = 2**24
_SYNC_BYTES = 2**26
# What the library reads at most.
_LARGEST_HEADER = 100_000_000
_CHECKSUM = "sha256"
_NO_CHECKSUM = "0" * 64
# Keys of the metadata that are the file's own.
_OWN_KEYS = ("format", "format_version", "library_version", _CHECKSUM)
_CODES = {"float64": "F64", "float32": "F32", "bool": "BOOL", "uint8": "U8", "int32": "I32", "int64": "I64"}
_DTYPES = {code: np.dtype(name) for name, code in _CODES.items()}


def write(path: str | os.PathLike[str], tensors: Sequence[Tensor], values: Mapping[str, Any]) -> None:
    """Write a checkpoint to ``path``: all of it, or, where anything fails, nothing.

    Parameters
    ----------
    path : path_like
        The file, which is replaced at the end, when all is on the disk.
    tensors : sequence of Tensor
        In any order; each has at least one axis, and finite values.
    values : mapping
        JSON values by names other than the file's own.

    Raises
    ------
    OSError
        If the system can't; the error names the path.
    ValueError
        If a tensor has a NaN or an infinity.
    """
    # Large items first: each tensor then begins at a multiple of its item's size.
    in_order = sorted(tensors, key=lambda tensor: -tensor.dtype.itemsize)
    texts = {name: json.dumps(value, allow_nan=False) for name, value in values.items()}
    with _naming(path), replacing(path) as file:
        header = _header(in_order, texts, dict.fromkeys((tensor.name for tensor in in_order), _NO_CHECKSUM))
        _write_all(file, header)
        with ThreadPoolExecutor(2, "checkpoint") as helpers:
            output = _Output(file, helpers)
            checksums = {tensor.name: _write_tensor(output, tensor, helpers) for tensor in in_order}
            output.finish()
        file.seek(0)
        _write_all(file, _header(in_order, texts, checksums))


def _header(tensors: Sequence[Tensor], texts: Mapping[str, str], checksums: Mapping[str, str]) -> bytes:
    """Length and header, of the same size whatever the checksums are."""
    entries: dict[str, dict[str, Any]] = {}
    end = 0
    for tensor in tensors:
        begin, end = end, end + tensor.nbytes
        code = _CODES[tensor.dtype.name]
        entries[tensor.name] = {"dtype": code, "shape": list(tensor.shape), "data_offsets": [begin, end]}
    metadata = {"format": FORMAT, "format_version": str(FORMAT_VERSION), "library_version": __version__, **texts}
    metadata |= {f"{_CHECKSUM}.{name}": digest for name, digest in checksums.items()}
    metadata[_CHECKSUM] = _header_checksum(metadata, entries)
    text = _compact({"__metadata__": metadata, **entries})
    padded = text + b" " * (-len(text) % 8)
    return len(padded).to_bytes(8, "little") + padded


def _header_checksum(metadata: Mapping[str, str], entries: Mapping[str, Mapping[str, Any]]) -> str:
    """The checksum of everything in the header but itself and where tensors lie, in an order of its own."""
    described = {name: [entry["dtype"], entry["shape"]] for name, entry in entries.items()}
    rest = {key: text for key, text in metadata.items() if key != _CHECKSUM}
    return hashlib.sha256(json.dumps([rest, described], sort_keys=True).encode()).hexdigest()


def _compact(header: Mapping[str, Any]) -> bytes:
    """The one way in which a header is written."""
    return json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()


class _Output:
    """A file whose data go to the disk while more are hashed: little is left to wait for at the end."""

    def __init__(self, file: BinaryIO, helpers: ThreadPoolExecutor) -> None:
        self._file, self._helpers = file, helpers
        self._unsynced = 0
        self._sync: Future[None] | None = None

    def write(self, data: memoryview) -> None:
        _write_all(self._file, data)
        self._unsynced += len(data)
        if self._unsynced >= _SYNC_BYTES and (self._sync is None or self._sync.done()):
            self.finish()
            self._sync = self._helpers.submit(_to_disk, self._file.fileno(), self._file.tell())
            self._unsynced = 0

    def finish(self) -> None:
        """Wait for what was begun; its error is told once only."""
        if self._sync is not None:
            self._sync.result()
            self._sync = None


def _to_disk(descriptor: int, end: int) -> None:
    os.fsync(descriptor)
    if hasattr(os, "posix_fadvise"):
        # So that a large file does not push all else out of the system's cache; and its next pages are these again.
        os.posix_fadvise(descriptor, 0, end, os.POSIX_FADV_DONTNEED)


def _write_tensor(output: _Output, tensor: Tensor, helpers: ThreadPoolExecutor) -> str:
    """Write the data and return its checksum. A block is written and hashed at once, while the next one is copied."""
    digest = hashlib.sha256()
    blocks = list(row_blocks(tensor.shape, tensor.dtype))
    rows = max((last - first for first, last in blocks), default=0)
    buffers = [np.empty((rows, *tensor.shape[1:]), tensor.dtype) for _ in range(min(2, len(blocks)))]
    hashed: Future[None] | None = None
    for index, (first, last) in enumerate(blocks):
        block = buffers[index % 2][: last - first]
        tensor.copy_rows(first, block)
        if hashed is not None:
            hashed.result()  # two helpers could come to two blocks in any order; and its buffer is free again
        hashed = helpers.submit(digest.update, _bytes_of(block))
        if block.dtype.kind == "f" and not _all_finite(block):
            raise ValueError(f"{tensor.name} must be finite to be saved, got a NaN or an infinity")
        output.write(_bytes_of(block))
    if hashed is not None:
        hashed.result()
    return digest.hexdigest()


def row_blocks(shape: Sequence[int], dtype: np.dtype[Any]) -> Iterator[tuple[int, int]]:
    """First and last row, exclusive, of blocks of a bounded size."""
    row_bytes = max(1, dtype.itemsize * int(np.prod(shape[1:], dtype=object)))
    step = max(1, _BLOCK_BYTES // row_bytes)
    for first in range(0, shape[0], step):
        yield first, min(first + step, shape[0])


def _all_finite(block: NDArray[Any]) -> bool:
    # One pass without an array in between; only where a sum is too large, each value is looked at.
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(block.sum())) or bool(np.isfinite(block).all())


def _bytes_of(block: NDArray[Any]) -> memoryview:
    return block.reshape(-1).view(np.uint8).data


def _write_all(file: BinaryIO, data: bytes | memoryview) -> None:
    """Write it all: an unbuffered file may take less than it is given."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


class CheckpointReader:
    """An open checkpoint: its header was verified, and tensors are when they are read.

    Attributes
    ----------
    values : dict
        The JSON values.
    shapes : dict
        Shapes of the tensors.
    dtypes : dict
        Their dtypes.
    """

    def __init__(self, metadata: Mapping[str, str], entries: Mapping[str, Mapping[str, Any]], data: Any) -> None:
        self._metadata, self._data = metadata, data
        self.values = {key: _parsed(text) for key, text in metadata.items() if not _is_own(key)}
        self.shapes = {name: tuple(entry["shape"]) for name, entry in entries.items()}
        self.dtypes = {name: _DTYPES[entry["dtype"]] for name, entry in entries.items()}

    def tensor(self, name: str) -> NDArray[Any]:
        """A whole tensor, verified."""
        array = np.empty(self.shapes[name], self.dtypes[name])
        for first, rows in self.rows(name):
            array[first : first + len(rows)] = rows
        return array

    def rows(self, name: str) -> Iterator[tuple[int, NDArray[Any]]]:
        """A tensor as (index of the first row, rows), in blocks.

        Raises ValueError after the last block, where the tensor is not what was written.
        """
        digest = hashlib.sha256()
        data = self._data.get_slice(name)
        for first, last in row_blocks(self.shapes[name], self.dtypes[name]):
            block = np.ascontiguousarray(data[first:last])
            digest.update(_bytes_of(block))
            yield first, block
        if digest.hexdigest() != self._metadata[f"{_CHECKSUM}.{name}"]:
            raise ValueError(f"tensor {name!r} is not what was written: its checksum differs")


@contextmanager
def reading(path: str | os.PathLike[str]) -> Iterator[CheckpointReader]:
    """Open a checkpoint. Every ValueError from within names the path.

    Raises
    ------
    OSError
        As the system says.
    ValueError
        If the file is not a checkpoint, is damaged, or of a newer format.
    ImportError
        If safetensors is missing.
    """
    try:
        import safetensors
    except ImportError as error:
        raise ImportError('loading a checkpoint needs safetensors; try: pip install "resonance-native[sim]"') from error
    with _naming(path, safetensors.SafetensorError):
        header, data = _opened(os.fspath(path), safetensors)
        with data:
            yield CheckpointReader(*_verified(header), data)


@contextmanager
def _naming(path: str | os.PathLike[str], other: type[Exception] = ValueError) -> Iterator[None]:
    """Errors of what a file holds, as ValueErrors that begin with its path."""
    try:
        yield
    except (ValueError, RecursionError, other) as error:
        raise ValueError(f"{os.fspath(path)}: {error}") from error


def _opened(name: str, safetensors: Any) -> tuple[bytes, Any]:
    """The bytes of the header, and the open file, of one and the same file."""
    while True:
        if not stat.S_ISREG((found := os.stat(name)).st_mode) and not stat.S_ISDIR(found.st_mode):
            raise ValueError("not a regular file")
        with open(name, "rb") as file:
            header = _read_header(file)
            data = safetensors.safe_open(name, framework="numpy")
            if os.path.samestat(os.fstat(file.fileno()), os.stat(name)):
                return header, data
            # It was replaced in between: once more.


def _read_header(file: BinaryIO) -> bytes:
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little")
    if size < 10 or not 2 <= length <= min(size - 8, _LARGEST_HEADER):
        raise ValueError("not a safetensors file, or cut short")
    header = file.read(length)
    if len(header) != length:
        raise ValueError("cut short")
    return header


def _verified(header: bytes) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Metadata and entries of the tensors, where the header is as it was written."""
    entries = _parsed_header(header)
    metadata: dict[str, str] = entries.pop("__metadata__", {})
    if metadata.get("format") != FORMAT:
        raise ValueError("a safetensors file, but not a checkpoint of resonance_native")
    version = metadata.get("format_version", "")
    if version != str(FORMAT_VERSION) and version.isdecimal() and int(version) > FORMAT_VERSION:
        writer = metadata.get("library_version", "a newer version")
        raise ValueError(
            f"of format version {version}, written by resonance_native {writer}; this is {__version__}, which reads "
            f"format version {FORMAT_VERSION}: a newer resonance_native is needed"
        )
    if version != str(FORMAT_VERSION) or metadata.get(_CHECKSUM) != _header_checksum(metadata, entries):
        raise ValueError("the header is not what was written: its checksum differs")
    for name, entry in entries.items():
        if entry["dtype"] not in _DTYPES or not entry["shape"] or f"{_CHECKSUM}.{name}" not in metadata:
            raise ValueError(f"tensor {name!r} has an unknown dtype, no axis or no checksum")
    return metadata, entries


def _parsed_header(header: bytes) -> dict[str, Any]:
    """The header as a dict. The library has found that it is one, of the right form."""
    text = header.rstrip(b" ")
    parsed: dict[str, Any] = json.loads(header)
    # JSON can say one thing in many ways. Only one is written, so that no byte can be another one unnoticed.
    if _compact(parsed) != text or len(header) != len(text) + -len(text) % 8:
        raise ValueError("the header is not what was written")
    return parsed


def _is_own(key: str) -> bool:
    return key in _OWN_KEYS or key.startswith(f"{_CHECKSUM}.")


def _parsed(text: str) -> Any:
    return json.loads(text)
