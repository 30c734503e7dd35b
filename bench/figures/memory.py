"""Figures of memory: the peak of a process of its own, above the weights."""

from __future__ import annotations

import subprocess
import sys

from .figure import Figure

SCRIPT = """
import re, sys
from pathlib import Path
import numpy as np
import resonance_native as rn
n = int(sys.argv[1])
peak = lambda: 1024 * int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
before = peak()
net = rn.ResonanceNetwork(n, seed=0, gain=30 / n)
net.update(np.zeros(n))
print((peak() - before) / (8 * n * n) - 1)
x = np.random.default_rng(0).standard_normal(n)
net.run(x, 256)
print((peak() - before) / (8 * n * n) - 1)
"""


def measure_memory(n: int) -> list[Figure]:
    """Above the weights, after a step and after a run."""
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, str(n)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    name = f"memory above W itself, n = {n}, construction included"
    return [
        Figure(f"{name}{what}", f"≤ {most:.0%}", f"{float(above):.2%}", float(above) <= most)
        for what, most, above in zip((", after a step", ", after a run"), (0.03, 0.10), lines, strict=True)
    ]
