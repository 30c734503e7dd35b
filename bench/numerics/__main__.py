"""Measure, and write the tables of docs/numerics.md, its figure and all numbers."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import time
import warnings
from collections.abc import Callable
from typing import Any

from examples.claims.report import Table
from examples.page import ROOT, fill

import resonance_native as rn
from resonance_native.bench.machine import describe, summary

from . import bits, drift, kernels, picture, steps, tables

PAGE = ROOT / "docs" / "numerics.md"
IMAGES = ROOT / "docs" / "images"
DATA = IMAGES / "numerics.json"


def measure_kernels(points: int) -> tuple[Any, dict[str, Table]]:
    """Every kernel against mpmath."""
    found = kernels.gather(kernels.measure(dataclasses.replace(kernels.FULL, points=points)))
    data = [{"kernel": kernel, "dtype": dtype, "isa": isa, **dataclasses.asdict(errors)}
            for (kernel, dtype, isa), errors in found.items()]  # fmt: skip
    return data, {"kernels": tables.kernel_table(found)}


def measure_steps() -> tuple[Any, dict[str, Table]]:
    """Every engine against long double."""
    found = list(steps.measure())
    shown = {f"growth-{name}": tables.growth_table(found, given_phases=given)
             for name, given in (("given", True), ("exact", False))}  # fmt: skip
    return [dataclasses.asdict(growth) for growth in found], shown


def measure_drift(count: int) -> tuple[Any, dict[str, Table]]:
    """Many steps, and the picture of them."""
    found = {"phases": [drift.phase_drift(count)],
             **{regime: drift.weight_drift(regime, count) for regime in ("alive", "quiet")}}  # fmt: skip
    picture.draw(found, IMAGES / "numerics_drift.png")
    data = {name: [dataclasses.asdict(curve) for curve in curves] for name, curves in found.items()}
    return data, {"drift": tables.drift_table(found)}


def measure_bits() -> tuple[Any, dict[str, Table]]:
    """What differs."""
    found = list(bits.measure())
    return [dataclasses.asdict(each) for each in found], {"differences": tables.difference_table(found)}


def main() -> None:
    """Parse the arguments, measure, and write."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.numerics")
    parser.add_argument("--points", type=int, default=kernels.FULL.points, help="random arguments of a range (100,000)")
    parser.add_argument("--steps", type=int, default=1_000_000, help="of the longest runs (1,000,000)")
    parser.add_argument("--only", nargs="*", metavar="PART", choices=["kernels", "steps", "drift", "bits"])
    arguments = parser.parse_args()
    parts: dict[str, Callable[[], tuple[Any, dict[str, Table]]]] = {
        "kernels": lambda: measure_kernels(arguments.points),
        "steps": measure_steps,
        "drift": lambda: measure_drift(arguments.steps),
        "bits": measure_bits,
    }
    machine = describe()
    for name in arguments.only or parts:
        began = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rn.ResonanceWarning)  # pinned networks count as saturated
            found, shown = parts[name]()
        data = json.loads(DATA.read_text("utf-8")) if DATA.exists() else {}
        data[name] = {"machine": machine, "found": rounded(found)}
        fill(PAGE, {**shown, f"machine-{name}": Line(f"Measured on {summary(machine)}.")})
        DATA.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(f"{name:<10}{time.perf_counter() - began:7.0f} s", flush=True)


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of text, in place of a table."""

    text: str

    def markdown(self) -> str:
        """The line."""
        return self.text


def rounded(data: Any) -> Any:
    """Floats to four digits, wherever they are; none where there is no number."""
    if isinstance(data, float):
        return None if math.isnan(data) else float(f"{data:.4g}")
    if isinstance(data, dict):
        return {key: rounded(value) for key, value in data.items()}
    return [rounded(value) for value in data] if isinstance(data, list) else data


if __name__ == "__main__":
    main()
