"""Files that are replaced as a whole: a reader, or a machine that fails, finds the old one or the new one."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # a system without POSIX locks
    fcntl = None  # type: ignore[assignment]


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A new file, unbuffered, which takes the place of ``path`` at the end, when it is on the disk.

    It is written beside ``path``, under the name ``.{name}.partial``. Where anything fails, that is removed, and what
    was at ``path`` stays.

    Raises
    ------
    BlockingIOError
        If somebody else is writing to ``path`` in the same way.
    OSError
        If the system can't; the error names the path.
    """
    name = os.fspath(path)
    target = os.path.realpath(name)  # a link stays a link
    partial = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.partial")
    try:
        if os.path.isdir(target):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
        with _open_alone(partial, name) as file:
            try:
                file.truncate(0)
                yield file
                os.fsync(file.fileno())
                if fcntl is not None:
                    os.replace(partial, target)  # while the lock keeps others from the partial file
            except BaseException:
                with suppress(OSError):
                    if _is_at(file, partial):
                        os.unlink(partial)
                raise
        if fcntl is None:
            os.replace(partial, target)  # a file that is open can't be renamed there
        _sync_folder(os.path.dirname(target))
    except OSError as error:
        if error.filename == name or error.errno is None:
            raise
        raise type(error)(error.errno, error.strerror, name) from error


def _open_alone(partial: str, name: str) -> BinaryIO:
    """The partial file, left over or new, with a lock on it."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    flags |= getattr(os, "O_BINARY", 0)
    while True:
        # Not truncated before it is known whose it is: another writer may have made a checkpoint of it by then.
        file = open(os.open(partial, flags, 0o666), "r+b", buffering=0)  # noqa: SIM115  # for the caller to close
        try:
            if not _locked(file.fileno()):
                raise BlockingIOError(errno.EAGAIN, "another call is writing to this file", name)
            if _is_at(file, partial):
                return file
        except BaseException:
            file.close()
            raise
        file.close()


def _is_at(file: BinaryIO, partial: str) -> bool:
    """Whether the open file still has that name."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(partial))
    except FileNotFoundError:
        return False


def _locked(descriptor: int) -> bool:
    """Whether this writer has the file; True, too, where the file system knows no locks."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
    return True


def _sync_folder(folder: str) -> None:
    """Make the new name last, where folders can be synced."""
    if fcntl is None:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
