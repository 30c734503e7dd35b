"""The machine and the software that figures belong to."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

import resonance_native as rn

# Variables that change how fast NumPy, the library or a peer computes.
SPEED_SETTINGS = re.compile(r"(OPENBLAS|OMP|GOMP|KMP|MKL|BLIS|VECLIB|NUMBA|TORCH|XLA|JAX|RESONANCE|NPY)_\w+")


def describe() -> dict[str, Any]:
    """Name processor, caches, memory, system, and the versions and settings of what computes."""
    return {
        "date": datetime.now().astimezone().isoformat(timespec="minutes"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "cores_usable": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "caches": _caches(),
        "memory_bytes": _memory(),
        "load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "library": rn.show_config("dicts"),
        "numpy": np.__version__,
        "blas": _blas(),
        "environment": {name: os.environ[name] for name in sorted(os.environ) if SPEED_SETTINGS.fullmatch(name)},
    }


def summary(machine: dict[str, Any]) -> str:
    """Put a description in one line."""
    library, blas = machine["library"], machine["blas"]
    kernel = f" ({blas['architecture']})" if blas["architecture"] else ""
    return (
        f"{machine['processor']}, {machine['cores_usable']} cores, {library['isa']}; "
        f"resonance_native {library['version']}, NumPy {machine['numpy']} with {blas['name']}{kernel}"
    )


def _processor() -> str:
    with contextlib.suppress(OSError):
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), flags=re.MULTILINE)
        if found:
            return found[1].strip()
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    return platform.processor() or platform.machine()


def _caches() -> list[dict[str, Any]]:
    """Data caches of the first core, as Linux tells them; empty elsewhere."""
    caches = []
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        with contextlib.suppress(OSError, ValueError):
            kind, size = ((folder / name).read_text().strip() for name in ("type", "size"))
            if kind == "Instruction":
                continue
            cores = (folder / "shared_cpu_list").read_text().strip()
            level, factor = int((folder / "level").read_text()), {"K": 2**10, "M": 2**20}[size[-1]]
            caches.append({"level": level, "bytes": int(size[:-1]) * factor, "shared_by_cores": cores})
    return caches


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _blas() -> dict[str, Any]:
    """NumPy's BLAS as built, and the kernels that it has chosen on this machine."""
    config: Any = np.show_config(mode="dicts")
    built = config.get("Build Dependencies", {}).get("blas", {})
    used: dict[str, Any] = next((pool for pool in threadpool_info() if pool["user_api"] == "blas"), {})
    return {
        "name": built.get("name", "unknown"),
        "version": built.get("version", "unknown"),
        "architecture": used.get("architecture"),
        "threading_layer": used.get("threading_layer"),
        "threads": used.get("num_threads"),
    }
