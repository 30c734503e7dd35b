"""A process that saves in a loop and is killed at random moments: what is at the path afterwards."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import resonance_native as rn

# Every state tells which one it is in each of its arrays, so that a mixture of two would show.
SCRIPT = """
import itertools, sys
import numpy as np
import resonance_native as rn
path, n, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
net = rn.ResonanceNetwork(n, dtype="float32", seed=0)
for state in itertools.count(first):
    net.weights = np.full((n, n), state, np.float32)
    net.frequencies = np.full(n, float(state))
    net.amplitudes = np.full(n, float(state))
    net._core.set_clock(state, float(state))
    net.save(path)
    print(state, flush=True)
"""


@dataclass(frozen=True)
class Kills:
    """What came of them."""

    kills: int
    in_the_writing: int  #: left a partial file
    unreadable: int
    mixed: int
    lost: int  #: hold an older state than one whose saving had returned
    largest_folder: int  #: files beside the checkpoint, at most


def state_of(net: rn.ResonanceNetwork) -> int | None:
    """Which state a network is in; None for a mixture."""
    state = net.step_count
    arrays = (net.weights, net.frequencies, net.amplitudes, np.array([net.time]))
    return state if all(np.all(array == state) for array in arrays) else None


def kill_savers(folder: Path, n: int, kills: int, seed: int = 0) -> Kills:
    """Start a process that saves, kill it within its third save or so, load what it left; so many times."""
    chance = random.Random(seed)
    path = folder / "checkpoint.safetensors"
    partial = folder / ".checkpoint.safetensors.partial"
    in_the_writing = unreadable = mixed = lost = largest = 0
    first = 1
    for _ in range(kills):
        saved = _run_and_kill(path, n, first, chance)
        in_the_writing += partial.exists()
        largest = max(largest, sum(1 for file in folder.iterdir() if file != path))
        try:
            found = state_of(rn.ResonanceNetwork.load(path))
        except (ValueError, OSError):
            unreadable += 1
            found = saved
        mixed += found is None
        lost += found is not None and found < saved
        first = saved + 2
    return Kills(kills, in_the_writing, unreadable, mixed, lost, largest)


def _run_and_kill(path: Path, n: int, first: int, chance: random.Random) -> int:
    """Kill it at a random moment of some saves, and return the last state whose saving had returned."""
    command = [sys.executable, "-c", SCRIPT, str(path), str(n), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        saved = int(process.stdout.readline())
        begun = time.perf_counter()
        saved = int(process.stdout.readline())
        time.sleep(chance.uniform(0, 2) * (time.perf_counter() - begun))
        process.send_signal(signal.SIGKILL)
        return max([saved, *(int(line) for line in process.stdout)])
