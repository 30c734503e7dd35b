"""Figures of an update in a control loop: C++ alone, beside NumPy, Python and what the machine does at best."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np

import resonance_native as rn
from resonance_native.bench.cases import DT
from resonance_native.bench.interleaved import Laps, take_turns

from .figure import Figure, at_least, at_most, show

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build-bench" / "cpp" / "bench" / "step_parts"
N = 64
MULTIPLY_ADDS = 5  # a weight: decay, two of the growth, one for each product


def measure_loop(turns: int) -> list[Figure]:
    """An update of 64 nodes on one thread, in float64 and float32."""
    if not shutil.which("cmake"):
        return [Figure(f"C++ update, n = {N}", "", "not measured: cmake is not installed", False)]
    for command in (["cmake", "--preset", "bench"], ["cmake", "--build", "--preset", "bench"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return [figure for dtype in ("float64", "float32") for figure in _measure(dtype, turns)]


def _measure(dtype: str, turns: int) -> list[Figure]:
    net = rn.ResonanceNetwork(N, gain=30 / N, seed=0, threads=1, dtype=dtype)
    reference = rn.reference.ResonanceNetwork(N, gain=30 / N, seed=0)
    x = np.random.default_rng(1).standard_normal(N)
    same = x.astype(dtype)
    seconds: dict[str, list[float]] = {name: [] for name in ("NumPy reference", "Python", "C++", "floor")}
    for _ in range(turns):
        calls = {"NumPy reference": lambda: reference.update(x, DT), "Python": lambda: net.update(same, DT)}
        laps = take_turns(calls, 1, calls=2000)
        for name in calls:
            seconds[name].append(laps.median(name))
        parts = _parts(dtype)
        seconds["C++"].append(1e-9 * parts["update_ns"])
        at_peak = 2 * MULTIPLY_ADDS * N**2 / parts["operations_per_ns"]
        seconds["floor"].append(1e-9 * (at_peak + parts["vector_math_ns"]))
    laps = Laps(seconds)
    title = f"update, n = {N}, {dtype}, 1 thread"
    print(f"{title}: microseconds a step")
    show(laps, 1e6)
    above = 1e6 * np.median(laps.seconds["Python"] - laps.seconds["C++"])
    return [
        at_least(f"{title}: NumPy reference ÷ C++", 40, laps.ratio("NumPy reference", "C++")),
        at_most(f"{title}: C++ ÷ (its multiply-adds at peak + vector math)", 3, laps.ratio("C++", "floor")),
        Figure(f"{title}: Python's update above C++'s", "≤ 1.5 µs", f"{above:.2f} µs", bool(above <= 1.5)),
    ]


def _parts(dtype: str) -> dict[str, float]:
    kind = "double" if dtype == "float64" else "float"
    done = subprocess.run([PROGRAM, kind, str(N), "15"], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))
