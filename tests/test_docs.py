"""The reference has everything that is public, and the documents lead to files that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from public import MODULES, PACKAGE, public_names
from snippets import PAGES, ROOT

REFERENCE = ROOT / "docs" / "reference"
# Of the package's own names: what is a module, or is said in a sentence.
NOT_PAGES = {"kernels", "reference", "stop", "__version__"}


def in_reference() -> list[str]:
    """What the page of the Python reference lists."""
    text = (REFERENCE / "python.rst").read_text(encoding="utf-8")
    tables = re.findall(r"\.\. autosummary::\n(?:   :.*\n)+\n((?:   \S+\n)+)", text)
    return [name for table in tables for name in table.split()]


def test_every_public_name_has_a_page():
    wanted = {f"{module}.{name}".lstrip(".") for module in MODULES for name in public_names(module)}
    listed = in_reference()
    assert set(listed) == (wanted - NOT_PAGES) | {"reference.ResonanceNetwork"}
    assert len(listed) == len(set(listed))


def test_every_public_module_is_looked_at():
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders - set(MODULES) == {"bench", "demo", "latency"}  # of the command line alone


def test_every_header_is_in_the_reference():
    shown = [
        header
        for page in [REFERENCE / "c.rst", *sorted((REFERENCE / "cpp").glob("*.rst"))]
        for header in re.findall(r"^\.\. header:: (\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    headers = (ROOT / "cpp" / "include").glob("resonance/*")
    assert sorted(shown) == sorted(f"resonance/{header.name}" for header in headers)


def test_every_c_function_and_cpp_call_is_in_the_site():
    site = ROOT / "build" / "docs" / "html" / "reference"
    if not site.is_dir():
        pytest.skip("no site was built: nox -s docs")
    header = (ROOT / "cpp" / "include" / "resonance" / "c_api.h").read_text(encoding="utf-8")
    functions = set(re.findall(r"^RESONANCE_API .*?\b(resonance_\w+)\(", header, re.MULTILINE))
    page = (site / "c.html").read_text(encoding="utf-8")
    assert len(functions) > 100
    assert functions - set(re.findall(r'id="c\.(\w+)"', page)) == set()
    network = (site / "cpp" / "network.html").read_text(encoding="utf-8")
    for call in ("update", "run", "entrain", "pin", "snapshot", "storage_size", "default_tolerance"):
        assert f'<span class="n"><span class="pre">{call}</span></span>' in network, call


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page: Path):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), target
