"""Where the measurements of the theory go, and how a script shows its own."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import resonance_native as rn
from examples.claims.report import Table
from examples.page import ROOT

PAGE = ROOT / "docs" / "theory.md"
IMAGES = ROOT / "docs" / "images" / "theory"

# A measurement writes its pictures to the folder it is given, and returns its tables by the names of their blocks.
Measure = Callable[[Path], Mapping[str, Table]]


def run(measure: Measure) -> Mapping[str, Table]:
    """The tables of a measurement. Some of its networks are meant to die or to saturate: no warnings of that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rn.ResonanceWarning)
        return measure(IMAGES)


def show(measure: Measure) -> None:
    """Run one measurement by itself and print its tables."""
    for table in run(measure).values():
        print(table.markdown(), end="\n\n")
