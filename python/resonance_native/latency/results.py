"""What was found, and its JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resonance_native.bench.interleaved import Laps, Ratio

FORMAT = 1  # of the JSON; a change that would break a reader raises it


class Times:
    """A histogram of times, as the program's JSON has it.

    Parameters
    ----------
    histogram
        Count, quantiles [ns] and buckets.
    """

    def __init__(self, histogram: dict[str, Any]) -> None:
        self.count = int(histogram["count"])
        self.p50, self.p99 = 1e-9 * float(histogram["p50_ns"]), 1e-9 * float(histogram["p99_ns"])
        self.p999, self.max = 1e-9 * float(histogram["p99.9_ns"]), 1e-9 * float(histogram["max_ns"])
        self._buckets = np.array(histogram["buckets"], dtype=np.float64).reshape(-1, 3)

    def exceeded(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Times [s], ascending, and the share of all that is longer than each; the last share is 0."""
        _, highest, counts = self._buckets.T
        return 1e-9 * np.minimum(highest, 1e9 * self.max), 1 - np.cumsum(counts) / self.count


@dataclass(frozen=True)
class Network:
    """One number of nodes.

    Parameters
    ----------
    found
        What the program says of it.
    laps
        Seconds of an update back to back: "cpp", "python" and "numpy".
    """

    found: dict[str, Any]
    laps: Laps

    @property
    def n(self) -> int:
        """Number of nodes."""
        return int(self.found["n"])

    @property
    def update(self) -> Times:
        """Duration of an update in the loop."""
        return Times(self.found["periodic"]["update"])

    @property
    def tail(self) -> float:
        """How many times as long as the median update one in a thousand takes at least."""
        return self.update.p999 / self.update.p50

    @property
    def wake_up(self) -> Times:
        """From a tick until the loop runs."""
        return Times(self.found["periodic"]["wake_up"])

    @property
    def missed(self) -> int:
        """Ticks that came before the update of an earlier one was done."""
        return int(self.found["periodic"]["missed_ticks"])

    @property
    def speed(self) -> Ratio:
        """How many times as long the NumPy reference takes as the C++ update."""
        return self.laps.ratio("numpy", "cpp")


@dataclass
class Results:
    """All that a run found.

    Parameters
    ----------
    machine, settings
        Where, and what was asked for.
    program
        What the program says of itself and of what the system gave it.
    networks
        Every number of nodes that was measured.
    """

    machine: dict[str, Any]
    settings: dict[str, Any]
    program: dict[str, Any] = field(default_factory=dict)
    networks: list[Network] = field(default_factory=list)

    def refusals(self) -> Iterator[str]:
        """Say in a sentence each what the system has not given, and what to make of it."""
        fifo = self.program["sched_fifo"]
        if not fifo["granted"]:
            yield (
                f"SCHED_FIFO was not granted ({fifo['reason']}): wake-up times are those of an ordinary process; "
                "run as root, or with CAP_SYS_NICE or an rtprio limit"
            )
        for reason, networks in self._unlocked().items():
            at = ", ".join(str(network.n) for network in networks)
            yield (
                f"locked memory was not granted at n = {at} ({reason}): page faults may be among the longest times; "
                "run as root, or with CAP_IPC_LOCK or a higher memlock limit"
            )

    def _unlocked(self) -> dict[str, list[Network]]:
        """Networks whose memory was not locked, by the reason."""
        unlocked: dict[str, list[Network]] = {}
        for network in self.networks:
            lock = network.found["locked_memory"]
            if not lock["granted"]:
                unlocked.setdefault(lock["reason"], []).append(network)
        return unlocked

    def as_dict(self) -> dict[str, Any]:
        """Everything, as JSON has it: times in nanoseconds."""
        return {
            "format": FORMAT,
            "machine": self.machine,
            "settings": self.settings,
            "program": self.program,
            "networks": [{**network.found, "laps": _laps_as_dict(network)} for network in self.networks],
        }

    def write_json(self, path: Path) -> None:
        """Write everything to a file."""
        path.write_text(json.dumps(self.as_dict(), ensure_ascii=False, allow_nan=False) + "\n", "utf-8")


def _laps_as_dict(network: Network) -> dict[str, Any]:
    ratio = network.speed
    return {
        "p50_ns": {name: [round(1e9 * lap) for lap in laps] for name, laps in network.laps.seconds.items()},
        "numpy_over_cpp": {name: float(f"{getattr(ratio, name):.6g}") for name in ("median", "low", "high")},
    }
