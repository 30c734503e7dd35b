"""Whether an allocation would fit this machine, told before it is tried."""

from __future__ import annotations

import os
from pathlib import Path


def gib(size: int) -> str:
    """Bytes as text in GiB."""
    value = size / 2**30 if size < 2**1000 else float("inf")
    return f"{value:.1f} GiB" if value < 1e6 else f"{value:.2g} GiB"


def available_bytes() -> int | None:
    """Bytes that this process may still take, as far as the system says; None where it doesn't."""
    limits = [limit for limit in (_system_available(), _control_group_available()) if limit is not None]
    return min(limits, default=None)


def _system_available() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _control_group_available() -> int | None:
    """What a container's limit leaves (cgroup v2)."""
    group = Path("/sys/fs/cgroup")
    try:
        limit, used = (group / "memory.max").read_text().strip(), (group / "memory.current").read_text()
        return None if limit == "max" else max(0, int(limit) - int(used))
    except (OSError, ValueError):
        return None


def require_memory(needed: int, what: str, way_out: str) -> None:
    """Raise MemoryError where ``needed`` bytes for ``what`` would not fit."""
    available = available_bytes()
    if available is not None and needed > available:
        raise MemoryError(f"{what} would take {gib(needed)}, and {gib(available)} are available; {way_out}")
