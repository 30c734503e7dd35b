"""Code that stands in the documents."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def snippets(page: Path, language: str) -> list[str]:
    """All fenced blocks of a page in one language, in order."""
    text = page.read_text(encoding="utf-8")
    return [textwrap.dedent(code) for _, tag, code in _BLOCK.findall(text) if tag == language]
