"""Notebooks of the documentation hold what their authors wrote, and no results: the site's build executes them."""

from __future__ import annotations

import json
import re

import pytest
from snippets import ROOT

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path, kind):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def test_all_are_in_the_site():
    index = (ROOT / "docs" / "notebooks" / "index.md").read_text(encoding="utf-8")
    assert len(NOTEBOOKS) == 4
    assert {path.stem for path in NOTEBOOKS} == set(re.findall(r"^:link: (\S+)$", index, re.MULTILINE))


@each_notebook
def test_it_is_a_valid_notebook_for_any_python(path):
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


@each_notebook
def test_no_results_are_stored(path):
    for cell in cells(path, "code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        assert set(cell["metadata"]) <= {"mystnb"}


@each_notebook
def test_it_begins_with_its_title_and_ends_with_what_to_read_next(path):
    texts = ["".join(cell["source"]) for cell in cells(path, "markdown")]
    assert re.match(r"# \S.*\n\n\S", texts[0])
    assert all(not re.search(r"^# ", text, re.MULTILINE) for text in texts[1:])
    assert "\n## Read next\n\n- [" in texts[-1]
    last = json.loads(path.read_text(encoding="utf-8"))["cells"][-1]
    assert "".join(last["source"]) == texts[-1]


@each_notebook
def test_links_lead_somewhere(path):
    for cell in cells(path, "markdown"):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", "".join(cell["source"])):
            assert (path.parent / target).exists(), target


@each_notebook
def test_pictures_have_words(path):
    drawn = [cell for cell in cells(path, "code") if "plt.show()" in "".join(cell["source"])]
    assert drawn
    for cell in drawn:
        assert len(cell["metadata"]["mystnb"]["image"]["alt"]) > 20
