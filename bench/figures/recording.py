"""Figures of recording: what it costs a run, and what a stream takes of memory."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

import numpy as np

import resonance_native as rn
from resonance_native.bench.interleaved import Contestant, take_turns

from .figure import Figure, at_most, per_step, show

STEPS = 512  # of a run
SERIES = rn.Recorder(every=1, start=1, variables=("order_parameter", "amplitudes"))

STREAM = """
import re, sys, tempfile
from pathlib import Path
import resonance_native as rn
samples = int(sys.argv[1])
peak = lambda: 1024 * int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
import zarr
net = rn.ResonanceNetwork(64, gain=0.3, amplitude_floor=0.2, seed=0)
with tempfile.TemporaryDirectory() as folder:
    recorder = lambda name: rn.Recorder(
        every=1, start=1, variables=("order_parameter", "phases", "amplitudes"), out=Path(folder) / name
    )
    net.run(0.5, 1000, record=recorder("first"))  # what libraries load, and buffers that any stream has
    before = peak()
    recording = net.run(0.5, samples, record=recorder("second"))
    assert len(recording) == samples
print((peak() - before) / 2**20)
"""


def measure_recording(n: int, dtype: str, threads: int, turns: int) -> list[Figure]:
    """A held input: plain, recorded at every step, and with callbacks."""
    net = rn.ResonanceNetwork(n, gain=30 / n, seed=0, dtype=dtype, threads=threads)
    held = np.random.default_rng(0).standard_normal(n)
    run = partial(net.run, held, STEPS)
    contestants = {
        "run": Contestant(run),
        "recorded": Contestant(partial(run, record=SERIES)),
        "with callbacks": Contestant(partial(run, callback=[rn.every(100, lambda _: None), rn.stop.when_settled(0)])),
    }
    laps = per_step(take_turns(contestants, turns, warm_up=0.05), dict.fromkeys(contestants, STEPS))
    title = f"run of {STEPS} steps, held input, n = {n}, {dtype}, {threads} thread{'s' if threads > 1 else ''}"
    print(f"{title}: microseconds a step")
    show(laps, 1e6)
    return [
        at_most(f"{title}: {name} ÷ run", most, laps.ratio(name, "run"))
        for name, most in (("recorded", 1.1), ("with callbacks", 1.1))
    ]


def measure_progress(n: int, steps: int, turns: int) -> list[Figure]:
    """What a progress bar costs a run of about a second, on one thread."""
    net = rn.ResonanceNetwork(n, gain=30 / n, amplitude_floor=0.2, seed=0, threads=1)
    run = partial(net.run, 0.5, steps)
    contestants = {"run": Contestant(run), "with progress": Contestant(partial(run, progress=True))}
    laps = take_turns(contestants, turns, warm_up=0.05)
    return [at_most(f"run of {steps:,} steps, n = {n}: with progress ÷ run", 1.01, laps.ratio("with progress", "run"))]


def measure_stream(samples: int) -> list[Figure]:
    """Memory that a long stream adds to that of a short one, in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-c", STREAM, str(samples)]
    grown = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [
        Figure(
            f"{samples:,} samples streamed, n = 64: growth of peak memory", "≤ 64 MiB", f"{grown:.1f} MiB", grown <= 64
        )
    ]


def measure_bits(n: int) -> list[Figure]:
    """The same run with and without everything that can look on."""
    figures = []
    for dtype in ("float64", "float32"):
        nets = [rn.ResonanceNetwork(n, gain=30 / n, seed=0, dtype=dtype) for _ in range(2)]
        held = np.random.default_rng(0).standard_normal(n)
        nets[0].run(held, 600)
        nets[1].run(
            held, 600, record=rn.Recorder(every=7, weights_every=200), progress=True,
            callback=[rn.every(13, lambda at: at.weights.sum() < -np.inf), rn.stop.when_settled(0)],
        )  # fmt: skip
        same = all(
            np.array_equal(*(getattr(net, name) for net in nets)) for name in ("phases", "amplitudes", "weights")
        )
        figures.append(
            Figure(f"bits of a run watched in every way, n = {n}, {dtype}", "equal", "equal" if same else "other", same)
        )
    return figures
