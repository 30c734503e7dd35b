"""Figures of checkpoints: how fast one is written, and what is left where its writer is killed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import resonance_native as rn
from resonance_native.bench.interleaved import take_turns

from .figure import Figure, at_least, show
from .kills import kill_savers

# Of which many saves end before the kill, and of which nearly all kills fall into the writing.
SMALL, LARGE = 32, 2750


def measure_writing(n: int, turns: int) -> list[Figure]:
    """Saving beside dd, which writes the same bytes to the same disk and syncs them; both replace what was there."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as on_disk, tempfile.TemporaryDirectory(dir=_in_memory()) as fast:
        path, source = Path(on_disk, "net.safetensors"), Path(fast, "source")
        net = rn.ResonanceNetwork(n, dtype="float32", seed=0)
        net.save(path)
        shutil.copy(path, source)
        dd = ["dd", f"if={source}", f"of={Path(on_disk, 'copy')}", "bs=16M", "conv=fsync"]
        copy = partial(subprocess.run, dd, check=True, stderr=subprocess.DEVNULL)
        laps = take_turns({"dd": copy, "save": partial(net.save, path)}, turns, 1, rest=0.1)
        size = path.stat().st_size
    title = f"saving {size / 2**30:.2f} GiB, n = {n}, float32"
    print(f"{title}: seconds")
    show(laps, 1)
    return [at_least(f"{title}: throughput ÷ dd bs=16M conv=fsync", 0.8, laps.ratio("dd", "save"))]


def _in_memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def measure_kills(kills: int) -> list[Figure]:
    """Files that can't be read, or hold parts of two states, after their writer was killed."""
    figures = []
    for n in (SMALL, LARGE):
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            found = kill_savers(Path(folder), n, kills)
        title = f"{kills} kills of a process that saves n = {n}, {found.in_the_writing} within the writing"
        wrong = found.unreadable + found.mixed + found.lost
        print(found, flush=True)
        figures.append(Figure(f"{title}: unreadable, mixed or lost", "0", str(wrong), wrong == 0))
        most = found.largest_folder
        figures.append(Figure(f"{title}: files left beside the checkpoint", "≤ 1", str(most), most <= 1))
    return figures
