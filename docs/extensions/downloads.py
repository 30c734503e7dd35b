"""Pages that are notebooks offer themselves, below their title."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx


def offer(app: Sphinx, document: nodes.document) -> None:
    """Put the link in, before Sphinx collects what is to be downloaded."""
    source = Path(app.env.doc2path(app.env.docname))
    title = next(document.findall(nodes.title), None)
    if source.suffix != ".ipynb" or title is None:
        return
    link = addnodes.download_reference("", "", nodes.inline(text=f"Download {source.name}"), reftarget=source.name)
    link["refdoc"] = app.env.docname
    title.parent.insert(1, nodes.paragraph("", "", link))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("doctree-read", offer, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
