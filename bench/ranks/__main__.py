"""Measure ranks on this machine, fit the model to up to 4 of them, and tell what it says of more."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from resonance_native.bench.machine import describe
from resonance_native.memory import available_bytes

from .report import report

SHARE = 0.4  # of the memory, for weights


def main() -> None:
    """Parse the arguments, measure, and write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.ranks")
    parser.add_argument("--ranks", type=int, nargs="+", default=[1, 2, 3, 4], help="numbers of ranks (1 2 3 4)")
    parser.add_argument("--largest", type=int, default=None, metavar="N", help="leave out dense weights of more nodes")
    parser.add_argument("--turns", type=int, default=1, help="how often everything is measured (1)")
    parser.add_argument(
        "--out", type=Path, default=Path("docs/images/ranks.json"), help="file (docs/images/ranks.json)"
    )
    parser.add_argument("--read", type=Path, nargs="+", metavar="FILE", help="measure nothing, report what is in files")
    arguments = parser.parse_args()
    if arguments.read:
        report([each for file in arguments.read for each in json.loads(file.read_text("utf-8"))["measured"]])
        return
    largest = arguments.largest or largest_n()
    begun, found = time.perf_counter(), []
    for turn in range(arguments.turns):
        for ranks in arguments.ranks:
            for together in (True, False):
                print(f"turn {turn + 1}: {ranks} {'ranks' if together else 'threads'}", file=sys.stderr, flush=True)
                found.append({"together": together, **run(ranks, together, largest)})
    written = {"machine": describe(), "measured": found}
    arguments.out.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", "utf-8")
    report(found)
    print(f"measured in {time.perf_counter() - begun:.0f} s, written to {arguments.out}")


def largest_n() -> int:
    """The most nodes whose dense weights in float64 fit."""
    available = available_bytes()
    return 10**9 if available is None else int(np.sqrt(SHARE * available / 8))


def run(ranks: int, together: bool, largest: int) -> dict[str, Any]:
    """Measure with so many ranks of one thread, or with one process of so many threads."""
    work = [sys.executable, "-m", "bench.ranks.work", "--largest", str(largest)]
    if together:
        mpiexec = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        if mpiexec is None:
            raise SystemExit("mpiexec not found: bench.ranks needs an MPI")
        work = [mpiexec, "-n", str(ranks), *work]
    else:
        work += ["--alone", str(ranks)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1" if together else str(ranks)}
    done = subprocess.run(work, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


if __name__ == "__main__":
    main()
