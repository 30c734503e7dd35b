"""Measured tables go into their blocks of a page, and nothing else of it changes."""

import pytest
from examples.claims.report import Table
from examples.page import fill

TABLE = Table("new", ("a",), (("1",),))
PAGE = "before\n<!-- measured: one -->\nold\n<!-- end -->\nbetween\n<!-- measured: two -->\nold\n<!-- end -->\nafter\n"


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_a_table_fills_its_block_alone(page):
    fill(page, {"two": TABLE})
    filled = page.read_text(encoding="utf-8")
    assert filled == PAGE.replace("two -->\nold\n", f"two -->\n{TABLE.markdown()}\n")
    fill(page, {"two": TABLE})
    assert page.read_text(encoding="utf-8") == filled


def test_a_table_without_a_block_changes_nothing(page):
    with pytest.raises(ValueError, match=r"page\.md has no block for three"):
        fill(page, {"one": TABLE, "three": TABLE})
    assert page.read_text(encoding="utf-8") == PAGE


def test_every_block_may_be_wanted(page):
    with pytest.raises(ValueError, match=r"page\.md has blocks without a table: two"):
        fill(page, {"one": TABLE}, every=True)
    assert page.read_text(encoding="utf-8") == PAGE
    fill(page, {"one": TABLE, "two": TABLE}, every=True)
    assert "old" not in page.read_text(encoding="utf-8")
