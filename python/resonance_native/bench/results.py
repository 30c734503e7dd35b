"""What a run of the suite found, and its JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .cases import Setting
from .contenders import Contender
from .interleaved import Laps, Ratio

FORMAT = 1  # of the JSON; a change that would break a reader raises it
YARDSTICKS = ("native-run", "native-update")  # whom the others' times are divided by, in the JSON


@dataclass(frozen=True)
class Cell:
    """One setting, measured.

    Parameters
    ----------
    setting
        What was measured.
    laps
        Seconds a step of each contender, in every turn.
    steps, calls
        Steps in a call, and calls in a lap, of each.
    skipped
        Why a contender did not take part.
    """

    setting: Setting
    laps: Laps
    steps: dict[str, float]
    calls: dict[str, int]
    skipped: dict[str, str]

    def time(self, key: str) -> float | None:
        """Median time [s] of a step, or None."""
        return self.laps.median(key) if key in self.laps.seconds else None

    def spread(self, key: str) -> Ratio | None:
        """Median and quartiles of the time [s] of a step, or None."""
        return self.laps.spread(key) if key in self.laps.seconds else None

    def ratio(self, slow: str, fast: str) -> Ratio | None:
        """How many times as long a step of ``slow`` took as one of ``fast``, or None."""
        if slow not in self.laps.seconds or fast not in self.laps.seconds:
            return None
        return self.laps.ratio(slow, fast)


@dataclass
class Results:
    """All that a run found.

    Parameters
    ----------
    machine, settings
        Where, and what was asked for.
    contenders
        Who could take part, in the order of the table.
    absent
        Why a whole source could not, by its name.
    cells
        Every setting that was measured.
    seconds
        That it took.
    """

    machine: dict[str, Any]
    settings: dict[str, Any]
    contenders: list[Contender]
    absent: dict[str, str]
    cells: list[Cell] = field(default_factory=list)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Everything, as JSON has it: times in seconds a step."""
        return {
            "format": FORMAT,
            "machine": self.machine,
            "settings": self.settings,
            "seconds": round(self.seconds, 1),
            "contenders": {
                c.key: {"label": c.label, "family": c.family, "transfers": c.transfers} for c in self.contenders
            },
            "absent": self.absent,
            "cells": [_cell_as_dict(cell) for cell in self.cells],
        }

    def write_json(self, path: Path) -> None:
        """Write everything to a file."""
        path.write_text(json.dumps(self.as_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")


def _cell_as_dict(cell: Cell) -> dict[str, Any]:
    keys = list(cell.laps.seconds)
    return {
        "n": cell.setting.n,
        "dtype": cell.setting.dtype,
        "threads": cell.setting.threads,
        "gain": cell.setting.gain,
        "times": {
            key: {
                **_spread_as_dict(cell.laps.spread(key)),
                "steps_per_call": cell.steps[key],
                "calls_per_lap": cell.calls[key],
                "laps": [None if np.isnan(lap) else float(f"{lap:.6g}") for lap in cell.laps.seconds[key]],
            }
            for key in keys
        },
        "ratios": {
            yardstick: {key: _spread_as_dict(cell.laps.ratio(key, yardstick)) for key in keys if key != yardstick}
            for yardstick in YARDSTICKS
            if yardstick in keys
        },
        "skipped": cell.skipped,
    }


def _spread_as_dict(ratio: Ratio) -> dict[str, float]:
    return {name: float(f"{getattr(ratio, name):.6g}") for name in ("median", "low", "high")}
