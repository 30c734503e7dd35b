"""How what was measured gets into a page of the documentation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"<!-- measured: (?P<name>[\w-]+) -->\n.*?<!-- end -->", re.DOTALL)


class Measured(Protocol):
    """A table, or a picture with its caption."""

    def markdown(self) -> str:
        """Return it as Markdown."""


def fill(page: Path, tables: Mapping[str, Measured], *, every: bool = False) -> None:
    """Write tables, or pictures, into the blocks of a page that bear their names; other blocks stay as they are.

    Parameters
    ----------
    page
        A Markdown file.
    tables
        By the names of their blocks.
    every
        Whether all blocks of the page have to be filled.

    Raises
    ------
    ValueError
        If the page has no block for a table, or ``every`` block is wanted and there is no table for one. The page
        is then as before.
    """
    text = page.read_text(encoding="utf-8")
    blocks = {match["name"] for match in _BLOCK.finditer(text)}
    if missing := set(tables) - blocks:
        raise ValueError(f"{page.name} has no block for {', '.join(sorted(missing))}")
    if every and (left := blocks - set(tables)):
        raise ValueError(f"{page.name} has blocks without a table: {', '.join(sorted(left))}")

    def block(match: re.Match[str]) -> str:
        table = tables.get(match["name"])
        if table is None:
            return match[0]
        return f"<!-- measured: {match['name']} -->\n{table.markdown()}\n<!-- end -->"

    page.write_text(_BLOCK.sub(block, text), encoding="utf-8")
