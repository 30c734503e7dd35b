"""How measured tables get into docs/theory.md, and how a script shows its own."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import resonance_native as rn
from examples.claims.report import Table

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "theory.md"
IMAGES = ROOT / "docs" / "images" / "theory"

# A measurement writes its pictures to the folder it is given, and returns its tables by the names of their blocks.
Measure = Callable[[Path], Mapping[str, Table]]

_BLOCK = re.compile(r"<!-- measured: (?P<name>[\w-]+) -->\n.*?<!-- end -->", re.DOTALL)


def fill(text: str, tables: Mapping[str, Table]) -> str:
    """The page with the given tables in their blocks; other blocks stay as they are.

    Raises
    ------
    ValueError
        If the page has no block for a table.
    """
    missing = set(tables) - {match["name"] for match in _BLOCK.finditer(text)}
    if missing:
        raise ValueError(f"docs/theory.md has no block for {', '.join(sorted(missing))}")

    def block(match: re.Match[str]) -> str:
        table = tables.get(match["name"])
        if table is None:
            return match[0]
        return f"<!-- measured: {match['name']} -->\n{table.markdown()}\n<!-- end -->"

    return _BLOCK.sub(block, text)


def run(measure: Measure) -> Mapping[str, Table]:
    """The tables of a measurement. Some of its networks are meant to die or to saturate: no warnings of that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rn.ResonanceWarning)
        return measure(IMAGES)


def show(measure: Measure) -> None:
    """Run one measurement by itself and print its tables."""
    for table in run(measure).values():
        print(table.markdown(), end="\n\n")
