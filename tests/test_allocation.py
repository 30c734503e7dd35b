"""A step from Python takes nothing from the heap: not in the core, not for an object of Python's."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COUNTER = Path(__file__).with_name("heap_counter.c")

# Run in a process of its own, in which every allocation of Python's goes to malloc. What a loop itself takes does not
# depend on its length, so that two lengths tell what a step takes.
PROGRAM = """
import ctypes, itertools, sys
import numpy as np
import resonance_native as rn

heap_calls = ctypes.CDLL(None).heap_calls
heap_calls.restype = ctypes.c_long

def calls_of(step, times):
    before = heap_calls()
    for _ in itertools.repeat(None, times):
        step()
    return heap_calls() - before

def calls_a_step(step):
    calls_of(step, 100)
    return (calls_of(step, 11_000) - calls_of(step, 1_000)) / 10_000

assert calls_a_step(lambda: np.empty(1000)) >= 2, "the counter does not count"
for n in (33, 64, 256):
    for dtype in ("float64", "float32"):
        net = rn.ResonanceNetwork(n, dtype=dtype, coupling=0.1 / n, amplitude_floor=0.1, seed=0)
        net.pin([0, 1], [0.5, 1.0], phases=[0.0, 1.0])
        same, other, dt = np.ones(n, dtype), np.ones(n, "float32" if dtype == "float64" else "float64"), 0.001
        for name, step in {
            "array": lambda: net.update(same, dt),
            "array of the other dtype": lambda: net.update(other, dt),
            "number": lambda: net.update(0.5, dt),
            "without learning": lambda: net.update(same, dt, learn=False),
        }.items():
            print(f"{n} {dtype} {name}: {calls_a_step(step)}")
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="counts by glibc's own functions")
def test_update_allocates_nothing(tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler to build the counter with")
    library = tmp_path / "heap_counter.so"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", str(library), str(COUNTER)], check=True)
    environment = {**os.environ, "LD_PRELOAD": str(library), "PYTHONMALLOC": "malloc"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 24
    assert [line for line in lines if not line.endswith(": 0.0")] == []
