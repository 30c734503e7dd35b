"""How measured tables get into docs/control.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from examples.claims.report import Table

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "control.md"
IMAGES = ROOT / "docs" / "images" / "control"
_BLOCK = re.compile(r"<!-- measured: (?P<name>[\w-]+) -->\n.*?<!-- end -->", re.DOTALL)


def fill(text: str, tables: Mapping[str, Table]) -> str:
    """The page with every table in its block.

    Raises
    ------
    ValueError
        If blocks and tables are not the same ones.
    """
    blocks = {match["name"] for match in _BLOCK.finditer(text)}
    if blocks != set(tables):
        raise ValueError(f"docs/control.md must have a block for each of {sorted(tables)}, got {sorted(blocks)}")
    return _BLOCK.sub(lambda m: f"<!-- measured: {m['name']} -->\n{tables[m['name']].markdown()}\n<!-- end -->", text)
