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
from resonance_native.bench.table import duration
from resonance_native.memory import available_bytes

from .kinds import KINDS
from .model import Link, fitted, seconds

FITTED_UP_TO = 4  # ranks
SHARE = 0.4  # of the memory, for weights

# What the model is asked for: a network that no machine holds, on networks of computers that are in use.
N, DTYPE, RANKS = 200_000, "float32", (16, 64, 256, 1024)
NETWORKS = {"InfiniBand, 100 Gbit/s, 1.5 µs": (1.5e-6, 1 / 12e9), "Ethernet, 25 Gbit/s, 20 µs": (20e-6, 1 / 3e9)}


def main() -> None:
    """Parse the arguments, measure, and write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.ranks")
    parser.add_argument("--ranks", type=int, nargs="+", default=[1, 2, 3, 4], help="numbers of ranks (1 2 3 4)")
    parser.add_argument("--largest", type=int, default=None, metavar="N", help="leave out dense weights of more nodes")
    parser.add_argument("--turns", type=int, default=1, help="how often everything is measured (1)")
    parser.add_argument(
        "--out", type=Path, default=Path("docs/images/ranks.json"), help="file (docs/images/ranks.json)"
    )
    arguments = parser.parse_args()
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


def report(found: list[dict[str, Any]]) -> None:
    """Print what was measured, how the model fits it, and what it says of more ranks."""
    laps = medians(found)
    ratios(laps)
    link = Link.fitted(
        {each["ranks"]: each["exchanges"] for each in found if each["together"] and 1 < each["ranks"] <= FITTED_UP_TO}
    )
    print(f"\nexchange: {link.call * 1e6:.1f} µs a call, {link.message * 1e6:.2f} µs a message, "
          f"{1e-9 / max(link.byte, 1e-15):.1f} GB/s")  # fmt: skip
    constants = {}
    print("\nmodel against measured time, relative error in %; fitted to up to 4 ranks, of one thread each")
    ranks = sorted({lap["ranks"] for lap in laps if lap["together"]})
    print(f"{'':32}{'n':>9}  " + "".join(f"{count:>7}" for count in ranks))
    for kind in KINDS:
        for dtype in ("float64", "float32"):
            own = [lap for lap in laps if lap["together"] and lap["kind"] == kind.name and lap["dtype"] == dtype]
            constants[kind.name, dtype] = fitted(
                kind.name, dtype, [lap for lap in own if lap["ranks"] <= FITTED_UP_TO], link
            )
            for n in sorted({lap["n"] for lap in own}):
                errors = {
                    lap["ranks"]: seconds(
                        kind.name, n, lap["ranks"], dtype, link, constants[kind.name, dtype], lap["rank"]
                    )
                    / lap["seconds"]
                    - 1
                    for lap in own
                    if lap["n"] == n
                }
                row = "".join(f"{100 * errors[count]:>7.0f}" for count in ranks)
                print(f"{kind.label + ', ' + dtype:32}{n:>9,}  {row}")
    print(f"\nsimulation: n = {N:,}, {DTYPE}, ranks of one thread with a machine's memory bandwidth each")
    for kind in KINDS[1:3]:
        for name, (message, byte) in NETWORKS.items():
            other = Link(link.call, message, byte)
            row = [duration(seconds(kind.name, N, count, DTYPE, other, constants[kind.name, DTYPE])) for count in RANKS]
            print(f"{kind.label:24}{name:32}" + "".join(f"{text:>12}" for text in row))


def medians(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Over all turns."""
    groups: dict[Any, list[dict[str, Any]]] = {}
    for each in found:
        for lap in each["laps"]:
            count = each["ranks"] if each["together"] else each["threads"]
            groups.setdefault((each["together"], count, lap["kind"], lap["n"], lap["dtype"]), []).append(lap)
    return [
        {
            "together": together, "ranks": count, "kind": kind, "n": n, "dtype": dtype, "rank": laps[0]["rank"],
            **{name: float(np.median([lap[name] for lap in laps])) for name in ("seconds", "exchange_share")},
        }
        for (together, count, kind, n, dtype), laps in groups.items()
    ]  # fmt: skip


def ratios(laps: list[dict[str, Any]]) -> None:
    """Ranks of one thread beside one process of as many threads."""
    print(f"{'':32}{'n':>9}{'ranks':>7}{'ranks, a step':>16}{'one process':>14}{'ratio':>8}{'exchanges':>11}")
    alone = {(lap["ranks"], lap["kind"], lap["n"], lap["dtype"]): lap["seconds"] for lap in laps if not lap["together"]}
    for lap in laps:
        key = lap["ranks"], lap["kind"], lap["n"], lap["dtype"]
        if not lap["together"] or key not in alone:
            continue
        label = next(kind.label for kind in KINDS if kind.name == lap["kind"]) + ", " + lap["dtype"]
        print(f"{label:32}{lap['n']:>9,}{lap['ranks']:>7}{duration(lap['seconds']):>16}{duration(alone[key]):>14}"
              f"{lap['seconds'] / alone[key]:>8.2f}{100 * lap['exchange_share']:>10.1f}%")  # fmt: skip


if __name__ == "__main__":
    main()
