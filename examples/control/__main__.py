"""Let a network learn to swing a pendulum, beside its baselines, and draw what happened."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from . import graphics
from .packages import require

if TYPE_CHECKING:
    from examples.claims.report import Table

    from .trials import Runner, Schedule

FULL_SINE_STEP, QUICK_SINE_STEP = 0.02, 0.1  # [Hz]
QUICK_SECONDS, QUICK_ENTRAINMENTS = 24.0, (1.0, 4.0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.control", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("control"), help="folder for the pictures (control)")
    parser.add_argument("--seconds", type=float, help="simulated time of a run, the payload in the middle [s] (120)")
    parser.add_argument("--seeds", type=int, default=3, help="draws of initial phases for the network (3)")
    parser.add_argument("--jobs", type=int, default=2, help="processes that simulate (2)")
    parser.add_argument("--quick", action="store_true", help="24 s, one seed, few baselines: a look in some seconds")
    parser.add_argument("--no-animation", action="store_true", help="pictures only")
    parser.add_argument(
        "--document", action="store_true",
        help="measure noise and a lost sensor as well, and write docs/control.md and its pictures",
    )  # fmt: skip
    arguments = parser.parse_args()
    if arguments.seeds < 1 or arguments.jobs < 1:
        parser.error("--seeds and --jobs must be at least 1")
    if arguments.seconds is not None and not 6 <= arguments.seconds <= 3600:
        parser.error("--seconds must be from 6 to 3600")
    if arguments.document and (arguments.quick or arguments.seconds is not None):
        parser.error("--document measures in full: leave out --quick and --seconds")
    return arguments


def main() -> None:
    """Parse the arguments, simulate, print the tables and write the pictures."""
    arguments = _arguments()
    require()
    backends = graphics.backends()
    with graphics.without_rendering():
        _run(arguments, backends)


def _run(arguments: argparse.Namespace, backends: Sequence[str]) -> None:
    """Do what the arguments say; rendering is left to a process of its own."""
    from examples.page import ROOT, fill

    from . import loss, noise, trials

    began = time.perf_counter()
    schedule = trials.Schedule.half_and_half(arguments.seconds or (QUICK_SECONDS if arguments.quick else 120.0))
    docs = ROOT / "docs"
    images = docs / "images" / "control" if arguments.document else arguments.out
    with trials.runner(arguments.jobs) as runner:
        tables = _swing(arguments, schedule, images, backends, runner)
        if arguments.document:
            tables["noise"] = noise.table(noise.measure(schedule, arguments.seeds, runner))
            tables["loss"] = loss.table(loss.measure(arguments.seeds, runner))
    for table in tables.values():
        print("\n" + table.markdown())
    if arguments.document:
        fill(docs / "control.md", tables, every=True)
        print("\nwrote docs/control.md")
    print(f"\n{time.perf_counter() - began:.0f} s in all")


def _swing(
    arguments: argparse.Namespace, schedule: Schedule, images: Path, backends: Sequence[str], runner: Runner
) -> dict[str, Table]:
    """Swing and ablation: measured, drawn, and as tables."""
    from . import ablation, swing
    from .ablation_picture import draw_ablation
    from .animation import animate
    from .picture import draw

    seeds = 1 if arguments.quick else arguments.seeds
    found = swing.measure(schedule, seeds, QUICK_SINE_STEP if arguments.quick else FULL_SINE_STEP, runner)
    pulls = QUICK_ENTRAINMENTS if arguments.quick else ablation.ENTRAINMENTS
    by_read_out = ablation.measure(schedule, seeds, pulls, runner)
    draw(found, images / "swing.png")
    draw_ablation(by_read_out, images / "ablation.png")
    print(f"{images / 'swing.png'}\n{images / 'ablation.png'}", flush=True)
    if not arguments.no_animation:
        sine = found.baselines[swing.SINE]
        path = images / "swing.gif"
        print(animate(found.traced.recording, sine, swing.SINE, schedule, path, backends), flush=True)
    return {
        "body": swing.body_table(),
        "swing": swing.table(found),
        "sines": swing.sine_table(found),
        "power": swing.power_table(found),
        "ablation": ablation.table(by_read_out),
    }


if __name__ == "__main__":
    main()
