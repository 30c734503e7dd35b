"""Measure all lines, and write the picture and its numbers."""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path

import resonance_native as rn
from resonance_native.bench.machine import describe
from resonance_native.bench.table import duration
from resonance_native.cli_progress import share_bar

from .lines import DTYPE, LINES, SIZES, TOLERANCE
from .measure import Times, measure
from .picture import draw


def main() -> None:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.scaling")
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="folder of both files (docs/images)")
    parser.add_argument("--largest", type=int, default=SIZES[-1], metavar="N", help="leave out more nodes than that")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    sizes = [n for n in SIZES if n <= arguments.largest]
    if not sizes:
        parser.error(f"--largest must be ≥ {SIZES[0]}, got {arguments.largest}")
    begun, machine = time.perf_counter(), describe()
    with share_bar() as progress, warnings.catch_warnings():
        warnings.simplefilter("ignore", rn.ResonanceWarning)  # of inputs that are noise, some networks fall silent
        times = measure(sizes, progress)
    show(times)
    data, picture = arguments.out / "scaling.json", arguments.out / "scaling.png"
    data.write_text(json.dumps(as_dict(times, machine), indent=1, ensure_ascii=False) + "\n", "utf-8")
    draw(times, machine, picture)
    print(f"written in {time.perf_counter() - begun:.0f} s: {data} and {picture}")


def show(times: list[Times]) -> None:
    """Print the medians: a row for each n."""
    table = {(t.key, t.n): duration(t.seconds.median) for t in times}
    print(f"{'n':>10}" + "".join(f"{line.label:>24}" for line in LINES))
    for n in dict.fromkeys(t.n for t in times):
        print(f"{n:>10,}" + "".join(f"{table.get((line.key, n), ''):>24}" for line in LINES))


def as_dict(times: list[Times], machine: dict[str, object]) -> dict[str, object]:
    """Everything, as JSON has it: seconds a step."""
    return {
        "machine": machine,
        "settings": {"dtype": DTYPE, "tolerance": TOLERANCE},
        "lines": {
            line.key: {
                "label": line.label,
                "times": {
                    str(t.n): {name: float(f"{getattr(t.seconds, name):.4g}") for name in ("median", "low", "high")}
                    for t in times
                    if t.key == line.key
                },
            }
            for line in LINES
        },
    }


if __name__ == "__main__":
    main()
