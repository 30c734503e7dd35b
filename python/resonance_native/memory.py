"""Whether an allocation would fit this machine, told before it is tried."""

from __future__ import annotations

import os
from pathlib import Path

GIB = 2**30


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


def require_memory(needed: int, n_nodes: int, dtype: str, float32_needed: int) -> None:
    """Raise MemoryError, with the size and the way out, where ``needed`` bytes would not fit."""
    available = available_bytes()
    if needed > 0 and (available is None or needed <= available):
        return
    size = f"{needed / GIB:.1f} GiB" if needed > 0 else "more than any address space"
    have = "" if available is None else f" and {available / GIB:.1f} GiB are available"
    ways = [] if dtype == "float32" else [f'dtype="float32" takes {float32_needed / GIB:.1f} GiB']
    ways.append('storage="factored", which never forms n × n weights, is planned for a later version')
    raise MemoryError(f"n_nodes = {n_nodes} needs {size} of {dtype} weights{have}; use fewer nodes ({'; '.join(ways)})")
