"""The built site in a browser, on a desk and on a phone: nothing sticks out, fails, or is asked of another host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import BROWSER, launched, mishaps, served
from snippets import ROOT

SITE = ROOT / "build" / "docs" / "html"
SIZES = {"desk": (1440, 900), "phone": (390, 844)}

pytest.importorskip("playwright")
pytestmark = [
    pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="no site was built: nox -s docs"),
    pytest.mark.skipif(BROWSER is None, reason="no Chromium"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(SITE) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with launched() as browser:
        yield browser


@pytest.fixture(params=list(SIZES))
def visit(request, browser, address):
    """A page of the browser, and what went wrong in it."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="dark")
    page = context.new_page()
    wrong = mishaps(page, address)
    page.set_default_timeout(10_000)
    yield page, wrong
    context.close()


def pages() -> list[str]:
    """All of them but the many of the Python reference, of which the longest stands for the others."""
    found = [path for path in SITE.rglob("*.html") if "generated" not in path.parts and "_static" not in path.parts]
    longest = SITE / "reference" / "generated" / "resonance_native.ResonanceNetwork.html"
    return sorted(str(path.relative_to(SITE)) for path in [*found, longest])


def test_no_page_sticks_out_or_fails(visit, address):
    page, wrong = visit
    assert len(pages()) > 40
    for name in pages():
        page.goto(address + name)
        sticks_out = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sticks_out <= 0, f"{name} is {sticks_out} pixels too wide"
        assert wrong == [], name


def test_search_finds(visit, address):
    page, wrong = visit
    page.goto(address + "index.html")
    page.locator(".search-button-field:visible, .search-button:visible").first.click()
    page.keyboard.type("order parameter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    results = page.locator("#search-results li a")
    results.first.wait_for()
    assert any("order_parameter" in str(link) for link in results.evaluate_all("links => links.map(link => link.href)"))
    results.first.click()
    page.wait_for_load_state()
    assert page.title()
    assert wrong == []


def test_one_gets_from_the_front_page_to_a_header(visit, address):
    page, wrong = visit
    page.goto(address + "index.html")
    for card in ("Reference", "C++"):
        page.locator(".sd-card", has=page.get_by_text(card, exact=True)).click()
        page.wait_for_load_state()
    page.locator("article").get_by_role("link", name="A network").click()
    page.wait_for_load_state()
    assert page.locator("dt", has_text="update").count()
    assert wrong == []


def test_the_menu_opens_on_a_phone(browser, address):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(address + "index.html")
    link = page.locator("#pst-primary-sidebar a, #pst-primary-sidebar-modal a", has_text="User guide").first
    assert not link.is_visible()
    page.locator(".primary-toggle").click()
    link.wait_for(state="visible")
    context.close()


def test_formulas_are_drawn_by_the_browser(visit, address):
    page, _ = visit
    page.goto(address + "model.html")
    formula = page.locator("div.math math").first.bounding_box()
    assert formula["height"] > 50
    assert formula["x"] >= 0  # what is too wide can be scrolled to


def test_sliders_stand_in_their_page_at_full_height(visit, address):
    page, wrong = visit
    page.goto(address + "interactive.html")
    inside = page.frame_locator("iframe")
    inside.locator("#order").get_by_text(".").wait_for()
    page.wait_for_function(
        """() => {
            const { clientHeight, scrollHeight, scrollWidth, clientWidth } =
                document.querySelector("iframe").contentDocument.documentElement;
            return scrollHeight <= clientHeight + 1 && scrollWidth <= clientWidth;
        }"""
    )
    paper = "getComputedStyle(document.body).backgroundColor"
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        assert (
            inside.locator("html").evaluate(paper) == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 30)"}[theme]
        )
    assert wrong == []


@pytest.mark.parametrize("notebook", sorted(path.stem for path in (ROOT / "docs" / "notebooks").glob("*.ipynb")))
def test_a_notebook_shows_results_and_can_be_had(visit, address, notebook):
    page, wrong = visit
    page.goto(f"{address}notebooks/{notebook}.html")
    assert page.locator("article .cell_output").count() >= 3
    pictures = page.locator("article .cell_output img")
    assert all(len(str(pictures.nth(k).get_attribute("alt"))) > 20 for k in range(pictures.count()))
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download {notebook}.ipynb").click()
    original = ROOT / "docs" / "notebooks" / f"{notebook}.ipynb"
    assert download.value.path().read_bytes() == original.read_bytes()
    assert wrong == []
