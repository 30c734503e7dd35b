"""What a row of entrain costs beside a step, in multiply-adds and on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

import resonance_native as rn
from examples.claims.report import Table

from .page import show


def fastest(call: Callable[[], object], turns: int = 5) -> float:
    """The shortest time of several calls [s]."""
    times = []
    for _ in range(turns):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


def microseconds(n: int) -> tuple[float, float, float, float]:
    """One update, one step of a run of white noise, one of a held input, one row of entrain [µs]."""
    rng, count = np.random.default_rng(0), 512
    net = rn.ResonanceNetwork(n, seed=0, threads=1)
    net.pin(slice(None), 1.0)
    rows = rng.normal(0, 1, (count, n))

    def updates() -> None:
        for row in rows[:20]:
            net.update(row)

    update = fastest(updates) / 20
    noise = fastest(lambda: net.run(rows)) / count
    held = fastest(lambda: net.run(rows[0], count)) / count
    entrain = fastest(lambda: net.entrain(rows)) / count
    return 1e6 * update, 1e6 * noise, 1e6 * held, 1e6 * entrain


def measure(images: Path) -> Mapping[str, Table]:  # noqa: ARG001
    """Microseconds a row and a step, one thread."""
    rows = []
    for n in (250, 500, 1000, 2000):
        times = [f"{time:.0f}" for time in microseconds(n)]
        rows.append((str(n), f"{4 * n * n / 1e6:.2f}", f"{n * n / 1e6:.2f}", *times))
    columns = ("n", "a step", "a row", "`update`", "`run`, noise", "`run`, held input", "`entrain`")
    title = f"Multiply-adds [millions], and µs a step or row on one thread ({rn.isa()}), float64, least of 5 calls"
    return {"cost": Table(title, columns, tuple(rows))}


if __name__ == "__main__":
    show(measure)
