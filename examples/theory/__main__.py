"""Measure everything that docs/theory.md shows, and write it there."""

from __future__ import annotations

import argparse
import time

from examples.page import fill

from . import (
    amplitudes,
    auto_association,
    cost,
    forgetting,
    order_parameter,
    random_features,
    rank,
    sequences,
    steady_state,
    survival,
    time_step,
)
from .page import PAGE, Measure, run

MEASUREMENTS: dict[str, Measure] = {
    "steady_state": steady_state.measure,
    "rank": rank.measure,
    "forgetting": forgetting.measure,
    "survival": survival.measure,
    "amplitudes": amplitudes.measure,
    "time_step": time_step.measure,
    "order_parameter": order_parameter.measure,
    "auto_association": auto_association.measure,
    "sequences": sequences.measure,
    "random_features": random_features.measure,
    "cost": cost.measure,
}


def main() -> None:
    """Parse the arguments, measure, and fill the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", metavar="NAME", choices=list(MEASUREMENTS), help=", ".join(MEASUREMENTS))
    chosen = parser.parse_args().only or list(MEASUREMENTS)
    for name in chosen:
        began = time.perf_counter()
        tables = run(MEASUREMENTS[name])
        fill(PAGE, tables)
        print(f"{name:<20}{time.perf_counter() - began:6.1f} s", flush=True)


if __name__ == "__main__":
    main()
