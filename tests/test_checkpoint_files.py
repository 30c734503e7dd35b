"""What happens to the file of a checkpoint: writers and readers, permissions, links, and errors of the system."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from networks import bits, lively, reloaded
from scripts import output_of

import resonance_native as rn
from resonance_native import checkpoint_file, replacing

pytest.importorskip("safetensors")

POSIX = pytest.mark.skipif(os.name != "posix", reason="files of POSIX")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.safetensors"


def test_what_the_system_says(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        rn.ResonanceNetwork.load(tmp_path / "nowhere")
    with pytest.raises((IsADirectoryError, PermissionError), match=str(tmp_path)):
        rn.ResonanceNetwork.load(tmp_path)
    with pytest.raises((IsADirectoryError, PermissionError), match=str(tmp_path)):
        lively().save(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        lively().save(tmp_path / "nowhere" / "net")


@POSIX
def test_a_pipe_is_refused_and_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(ValueError, match=r"net\.safetensors: not a regular file"):
        rn.ResonanceNetwork.load(path)


@POSIX
def test_permissions(path: Path) -> None:
    lively().save(path)
    rn.ResonanceNetwork.load(path)  # what is imported lazily is there from now on
    path.chmod(0)
    me = os.geteuid()
    try:
        if me == 0:
            os.seteuid(65534)  # root may read everything
        with pytest.raises(PermissionError, match=r"net\.safetensors"):
            rn.ResonanceNetwork.load(path)
    finally:
        os.seteuid(me)


@POSIX
def test_a_second_writer_is_told(path: Path) -> None:
    net = lively()
    net.save(path)
    with replacing.replacing(path) as file:
        file.write(b"half")
        with pytest.raises(BlockingIOError, match=r"another call is writing.*net\.safetensors"):
            net.save(path)
        assert file.seek(0, os.SEEK_END) == 4  # nothing of the first one's was touched
        assert bits(rn.ResonanceNetwork.load(path)) == bits(net)
        file.truncate(0)
    assert path.read_bytes() == b""
    net.save(path)
    assert bits(rn.ResonanceNetwork.load(path)) == bits(net)


@POSIX
def test_a_writer_that_waited_finds_another_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between opening and locking, the partial file can become the checkpoint: it must not be truncated then."""
    net = lively()
    lock = replacing._locked

    def another_comes_first(descriptor: int) -> bool:
        monkeypatch.setattr(replacing, "_locked", lock)
        rn.ResonanceNetwork(3, seed=0).save(path)
        return lock(descriptor)

    monkeypatch.setattr(replacing, "_locked", another_comes_first)
    with replacing.replacing(path):
        assert rn.ResonanceNetwork.load(path).n_nodes == 3
    net.save(path)
    assert os.listdir(path.parent) == [path.name]


def test_a_partial_file_that_a_kill_left_is_used(path: Path) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(bytes(10**6))
    net = lively()
    assert bits(reloaded(net, path)) == bits(net)
    assert os.listdir(path.parent) == [path.name]


@POSIX
def test_permissions_are_those_of_a_new_file(path: Path) -> None:
    before = os.umask(0o027)
    try:
        lively().save(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@POSIX
def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    path.symlink_to(tmp_path / "elsewhere" / "net")
    net = lively()
    assert bits(reloaded(net, path)) == bits(net)
    assert path.is_symlink()
    assert os.listdir(tmp_path / "elsewhere") == ["net"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_errors_of_the_system_keep_the_old_file(call: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = lively(), lively(9)
    old.save(path)

    def fail(*_: Any) -> None:
        raise OSError(errno.EIO, "I/O error")

    with monkeypatch.context() as failing:
        failing.setattr(os, call, fail)
        with pytest.raises(OSError, match=r"I/O error.*net\.safetensors"):
            new.save(path)
    assert bits(rn.ResonanceNetwork.load(path)) == bits(old)
    assert os.listdir(path.parent) == [path.name]


def test_an_early_sync_s_error_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system reports a failed write once only, to whichever sync comes next."""
    synced: list[int] = []
    fsync = os.fsync

    def fail_once(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 1:
            raise OSError(errno.EIO, "I/O error")
        fsync(descriptor)

    monkeypatch.setattr(checkpoint_file, "_SYNC_BYTES", 1)
    monkeypatch.setattr(os, "fsync", fail_once)
    with pytest.raises(OSError, match=r"I/O error.*net\.safetensors"):
        lively().save(path)
    assert os.listdir(path.parent) == []


@POSIX
def test_a_full_disk(path: Path) -> None:
    code = f"""
    import os, resource
    import resonance_native as rn
    path = {str(path)!r}
    rn.ResonanceNetwork(50, seed=0).save(path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, 10**6))
    try:
        rn.ResonanceNetwork(500, seed=0).save(path)
    except OSError as error:
        print(error.filename == path, path in str(error), os.listdir(os.path.dirname(path)))
    print(rn.ResonanceNetwork.load(path).n_nodes)
    """
    assert output_of(code) == f"True True ['{path.name}']\n50"


def test_readers_always_find_a_whole_file(path: Path) -> None:
    nets = [rn.ResonanceNetwork(n, seed=n) for n in (20, 30)]
    nets[0].save(path)
    stop = threading.Event()

    def save_in_turns() -> None:
        while not stop.is_set():
            for net in nets:
                net.save(path)

    writer = threading.Thread(target=save_in_turns)
    writer.start()
    try:
        wanted = {net.n_nodes: bits(net) for net in nets}
        for _ in range(200):
            found = rn.ResonanceNetwork.load(path)
            assert bits(found) == wanted[found.n_nodes]
    finally:
        stop.set()
        writer.join()
