"""Many calls, good and bad, on networks that come and go: ``python -m fuzz.endurance``, a million and 100,000."""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

import resonance_native as rn

from .checks import REFUSALS, Defect

Call = Callable[[Any], Any]
_N = 6
_NAN = np.full(_N, np.nan)

GOOD: Sequence[Call] = (
    lambda net: net.update(0.3),
    lambda net: net.update(np.ones(_N, np.float32), 0.02, learn=False),
    lambda net: net.run(np.ones((2, _N)), hold=2),
    lambda net: net.predict(np.zeros(_N), 2),
    lambda net: net.pin([0, 2], 0.5, phases=[0.1, 0.2]),
    lambda net: net.unpin(),
    lambda net: setattr(net, "phases", net.phases[::-1]),
    lambda net: setattr(net, "weights", np.eye(_N) * 0.1),
    lambda net: setattr(net, "coupling", 0.2),
    lambda net: net.entrain(np.ones((2, _N))),
    lambda net: net.reset(3),
    lambda net: rn.phase_attention(*[np.ones((2, 2))] * 3, net.phases[:2], np.ones(2)),
)
BAD: Sequence[Call] = (
    lambda net: net.update(_NAN),
    lambda net: net.update("x"),
    lambda net: net.update(0.1, -1.0),
    lambda net: net.update(1e308, 1e10),
    lambda net: net.run(np.ones((3, _N + 1))),
    lambda net: net.run(np.stack([np.ones(_N), _NAN])),
    lambda net: net.run(0.1, 2**70),
    lambda net: net.run(0.1, 3, record=rn.Recorder(nodes=[_N])),
    lambda net: net.predict(np.ones(_N, complex)),
    lambda net: net.pin([0, _N], 0.5),
    lambda net: net.pin(slice(None), _NAN),
    lambda net: setattr(net, "phases", np.ones(_N - 1)),
    lambda net: setattr(net, "weights", np.full((_N, _N), np.inf)),
    lambda net: setattr(net, "decay", 1.5),
    lambda net: net.entrain(np.full((2, _N), np.inf)),
    lambda net: net.reset(-1),
    lambda net: rn.ResonanceNetwork.from_state(net.phases, _NAN, _NAN, np.eye(_N)),
    lambda net: rn.phase_attention(*[np.ones((2, 2))] * 3, net.phases[:2], np.full(2, np.nan)),
    lambda net: rn.kernels.fused_step(net.weights, net.phases, net.amplitudes),
)


def _seen(net: rn.ResonanceNetwork) -> tuple[Any, ...]:
    arrays = (net.phases, net.frequencies, net.amplitudes, net.weights, net.pinned)
    return (*(array.tobytes() for array in arrays), net.step_count, net.time, net.presentation_count, net.decay)


def mixed_calls(count: int, seed: int = 0) -> int:
    """Make so many calls, of which half are bad, in random order; return how many were refused.

    Raises
    ------
    Defect
        If a bad call is taken, or leaves another state.
    """
    chosen, refused = random.Random(seed), 0
    nets = [rn.ResonanceNetwork(_N, seed=0, gain=3.0, dtype=dtype) for dtype in ("float64", "float32")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rn.ResonanceWarning)
        for _ in range(count):
            net = chosen.choice(nets)
            if chosen.random() < 0.5:
                chosen.choice(GOOD)(net)
                continue
            call, before = chosen.choice(BAD), _seen(net)
            try:
                call(net)
            except REFUSALS:
                refused += 1
            else:
                raise Defect(f"bad call {BAD.index(call)} was taken")
            if _seen(net) != before:
                raise Defect(f"bad call {BAD.index(call)} has left another state")
    return refused


def resident_bytes() -> int:
    """Memory of this process that is in use, as Linux tells it."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def come_and_go(count: int) -> None:
    """Make, use and drop so many networks, each in one of several ways; every second way fails."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", rn.ResonanceWarning)
        good, damaged = Path(folder, "good"), Path(folder, "damaged")
        rn.ResonanceNetwork(30, seed=0).save(good)
        content = good.read_bytes()
        damaged.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        ways: Sequence[Callable[[], Any]] = (
            lambda: rn.ResonanceNetwork(30, seed=0).run(0.1, 3),
            lambda: rn.ResonanceNetwork(30, decay=2.0),
            lambda: rn.ResonanceNetwork(30, storage="factored").copy().update(0.1),
            lambda: rn.ResonanceNetwork.from_state(np.ones(30), np.ones(30), np.full(30, np.nan), np.eye(30)),
            lambda: rn.ResonanceEnsemble(3, 10).run(0.1, 3),
            lambda: rn.ResonanceNetwork(30).run(np.full(30, np.nan), 3),
            lambda: rn.ResonanceNetwork(30).run(0.1, 5, record=rn.Recorder(every=1)),
            lambda: rn.ResonanceNetwork(30).weights.nothing,
            lambda: rn.ResonanceNetwork.load(good).update(0.1),
            lambda: rn.ResonanceNetwork.load(damaged),
        )
        for k in range(count):
            with suppress(*REFUSALS, AttributeError):
                ways[k % len(ways)]()


def growth(count: int, make: Callable[[int], None] = come_and_go) -> int:
    """Bytes by which memory grows over ``count`` networks, when as many as a tenth were before."""
    make(max(1000, count // 10))
    before = resident_bytes()
    make(count)
    return resident_bytes() - before


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--networks", type=int, default=100_000)
    arguments = parser.parse_args()
    print(f"{mixed_calls(arguments.calls):,} of {arguments.calls:,} calls were refused, and changed nothing")
    print(f"{arguments.networks:,} networks came and went: memory grew by {growth(arguments.networks) / 1024:,.0f} KiB")


if __name__ == "__main__":
    main()
