"""Train a small transformer with and without phase alignment, and show what difference it makes.

``python -m examples.attention --quick`` takes a minute, all of it some ten minutes on two free cores. It needs
``pip install "resonance-native[torch,plot]" tqdm``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, replace
from pathlib import Path

from tqdm import tqdm

from examples.page import ROOT, fill

from .data import load
from .model import ARMS, Arm, Size
from .picture import draw
from .report import facts, phase_table, result_table, setting_table
from .train import Plan, Run, train

LEARNING_RATE = 8e-3  # the best for ordinary attention: see --tune
RATES = (1e-3, 2e-3, 4e-3, 8e-3, 16e-3)
TUNING_SEED = 1000  # that the comparison does not use


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the arguments, train, print and draw."""
    parser = argparse.ArgumentParser(prog="python -m examples.attention", description=__doc__)
    parser.add_argument("--steps", type=int, default=1200, help="training steps of each model (1200)")
    parser.add_argument("--learning-rate", type=float, default=LEARNING_RATE, help=f"of all models ({LEARNING_RATE:g})")
    parser.add_argument("--seeds", type=int, default=3, help="models of each kind (3)")
    parser.add_argument("--jobs", type=int, default=2, help="models that are trained at once, one thread each (2)")
    parser.add_argument("--out", type=Path, default=Path(), help="folder for loss.png and runs.json (this one)")
    parser.add_argument("--quick", action="store_true", help="150 steps, one seed")
    parser.add_argument("--tune", action="store_true", help="instead: ordinary attention at several learning rates")
    parser.add_argument("--redraw", type=Path, metavar="JSON", help="instead of training, take the runs of such a file")
    parser.add_argument("--document", action="store_true", help="rewrite docs/attention_text.md and its picture")
    given = parser.parse_args(arguments)
    if min(given.steps, given.seeds, given.jobs) < 1:
        parser.error("--steps, --seeds and --jobs must be at least 1")
    if given.document and (given.quick or given.tune):
        parser.error("--document measures in full: leave out --quick and --tune")
    plan = Plan(
        Size(), 150 if given.quick else given.steps, given.learning_rate, report_every=50 if given.quick else 100
    )
    if given.tune:
        tune(plan, given.jobs)
        return
    out = ROOT / "docs" / "images" / "attention" if given.document else given.out
    out.mkdir(parents=True, exist_ok=True)
    if given.redraw:
        plan, text, runs = read(given.redraw)
    else:
        text = facts(load(), platform.python_version())
        seeds = range(1 if given.quick else given.seeds)
        runs = train_all([(plan, arm, seed) for seed in seeds for arm in ARMS], given.jobs)
    write(out / "runs.json", plan, text, runs)
    require_equal_parameters(runs)
    draw(runs, out / "loss.png")
    tables = {
        "setting": setting_table(text, plan),
        "result": result_table(runs),
        "phases": phase_table(runs),
    }
    for table in tables.values():
        print("\n" + table.markdown())
    print(f"\nlogits, native kernel against PyTorch: within {max(run.native_error or 0 for run in runs):.1e}")
    print(out / "loss.png")
    if given.document:
        fill(ROOT / "docs" / "attention_text.md", tables, every=True)


def train_all(tasks: Iterable[tuple[Plan, Arm, int]], jobs: int) -> list[Run]:
    """Train the models of all tasks, ``jobs`` at a time, each in a process of its own."""
    tasks = list(tasks)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=spawn) as pool, tqdm(total=len(tasks), unit="model") as bar:
        started = [pool.submit(train, *task) for task in tasks]
        for done in as_completed(started):
            run = done.result()
            bar.write(f"{run.arm}, seed {run.seed}: {run.losses[-1]:.4f} bits a character")
            bar.update()
    return [each.result() for each in started]


def tune(plan: Plan, jobs: int) -> None:
    """Validation loss of ordinary attention by learning rate."""
    tasks = [(replace(plan, learning_rate=rate), ARMS[0], TUNING_SEED) for rate in RATES]
    for rate, run in zip(RATES, train_all(tasks, jobs), strict=True):
        print(f"learning rate {rate:g}: {run.losses[-1]:.4f} bits a character")


def require_equal_parameters(runs: Sequence[Run]) -> None:
    """An error where an arm has more parameters than another."""
    totals = {run.arm: run.parameters for run in runs}
    if len(set(totals.values())) > 1:
        raise ValueError(f"all arms must have the same number of parameters, got {totals}")


def write(path: Path, plan: Plan, text: dict[str, str], runs: Sequence[Run]) -> None:
    """All that tables and picture need."""
    path.write_text(json.dumps({"plan": asdict(plan), "text": text, "runs": [run.to_json() for run in runs]}))


def read(path: Path) -> tuple[Plan, dict[str, str], list[Run]]:
    """What :func:`write` wrote."""
    values = json.loads(path.read_text())
    plan = Plan(**{**values["plan"], "size": Size(**values["plan"]["size"])})
    return plan, values["text"], [Run.from_json(run) for run in values["runs"]]


if __name__ == "__main__":
    main()
