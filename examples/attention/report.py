"""The tables of docs/attention_text.md."""

from __future__ import annotations

from collections.abc import Sequence

from examples.claims.report import Table, spread

from .data import Text
from .model import ARMS, Arm
from .picture import NAMES
from .train import Plan, Run


def _of(runs: Sequence[Run], arm: Arm) -> list[Run]:
    return sorted((run for run in runs if run.arm == arm), key=lambda run: run.seed)


def result_table(runs: Sequence[Run]) -> Table:
    """Final loss, and what an arm gains on ordinary attention with the same seed."""
    ordinary = {run.seed: run.losses[-1] for run in runs if run.arm == "none"}
    rows = []
    for arm in ARMS:
        mine = _of(runs, arm)
        gains = [ordinary[run.seed] - run.losses[-1] for run in mine]
        rows.append(
            (
                NAMES[arm],
                f"{mine[0].parameters:,}",
                spread([run.losses[-1] for run in mine], 3),
                "" if arm == "none" else spread(gains, 3),
                ", ".join(f"{gain:+.3f}" for gain in gains) if arm != "none" else "",
                spread([1000 * run.seconds for run in mine], 0),
            )
        )
    return Table(
        f"After {runs[0].steps[-1]:,} steps, {len(ordinary)} seeds (mean ± standard deviation)",
        ("attention", "parameters", "loss [bits a character]", "gain", "gain by seed", "a training step [ms]"),
        tuple(rows),
    )


def phase_table(runs: Sequence[Run]) -> Table:
    """Where phases ended, by layer."""
    rows = []
    for arm in ("input", "position"):
        reports = [run.phases for run in _of(runs, arm) if run.phases is not None]
        for layer in range(len(reports[0].coherence)):
            rows.append(
                (
                    NAMES[arm],
                    str(layer + 1),
                    spread([report.coherence[layer] for report in reports]),
                    spread([100 * report.opposed[layer] for report in reports], 1) + " %",
                )
            )
    return Table(
        "Trained phases: coherence of the pairs that may see each other",
        ("phases", "layer", "mean coherence", "pairs below 0"),
        tuple(rows),
    )


def facts(text: Text, python: str) -> dict[str, str]:
    """What the text is, as it was trained on: another Python has another."""
    return {
        "text": f"modules of Python {python}'s standard library: {len(text.training_files)} files to train on, "
        f"{len(text.validation_files)} others to validate",
        "characters": f"{len(text.training) / 1e6:.2f} million and {len(text.validation) / 1e6:.2f} million",
    }


def setting_table(text: dict[str, str], plan: Plan) -> Table:
    """What was trained on what."""
    size = plan.size
    rows = (
        *text.items(),
        ("model", f"{size.layers} layers, width {size.width}, {size.heads} heads; sees {size.context} characters"),
        ("training", f"AdamW, learning rate {plan.learning_rate:g}, {plan.steps:,} steps of 16 windows"),
    )  # fmt: skip
    return Table("Setting", ("what", "how"), rows)
