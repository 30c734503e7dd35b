"""What a machine has that matters to a control loop."""

from __future__ import annotations

import contextlib
import platform
import re
from pathlib import Path
from typing import Any

from resonance_native.bench import machine


def describe() -> dict[str, Any]:
    """Name the machine as the benchmarks do, and in "real_time" what its system does for a loop.

    Where a system does not tell, a value is None.
    """
    return {**machine.describe(), "real_time": _real_time()}


def _real_time() -> dict[str, Any]:
    flags = re.search(r"^flags\s*:(.*)$", _text("/proc/cpuinfo") or "", flags=re.MULTILINE)
    return {
        "kernel": platform.version(),
        "preempt_rt": "PREEMPT_RT" in platform.version() or _text("/sys/kernel/realtime") == "1",
        "governor": _text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "isolated_cores": _text("/sys/devices/system/cpu/isolated"),
        "virtual_machine": "hypervisor" in flags[1].split() if flags else None,
    }


def _text(path: str) -> str | None:
    """What a file of the system says; None where it has no such file or says nothing."""
    with contextlib.suppress(OSError):
        return Path(path).read_text().strip() or None
    return None
