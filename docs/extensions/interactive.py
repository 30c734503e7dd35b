"""The page with sliders, made anew for every site of HTML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from examples.interactive.page import write
from sphinx.application import Sphinx


def add(app: Sphinx, exception: Exception | None) -> None:
    """Write it beside the static files, once these have been copied."""
    if exception is None and app.builder.format == "html":
        write(Path(app.outdir) / "_static" / "interactive.html")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("build-finished", add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
