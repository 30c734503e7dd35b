"""How Sphinx builds the site: ``nox -s docs``."""

import re
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import resonance_native

sys.path[:0] = [str(Path(__file__).parent / "extensions"), str(Path(__file__).parents[1])]

project = "resonance_native"
author = "The resonance_native developers"
project_copyright = author
version = release = resonance_native.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "sphinx_copybutton",
    "sphinx_design",
    "downloads",
    "headers",
    "interactive",
    "mathml",
]
templates_path = ["_templates"]
exclude_patterns = ["images"]
nitpicky = True

# Pages stand in Markdown that GitHub shows as well.
myst_enable_extensions = ["colon_fence", "dollarmath", "attrs_block"]
myst_heading_anchors = 3
myst_dmath_double_inline = False
nb_execution_mode = "force"  # a cache would not see that the library has changed
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True

# Python. Docstrings say types, with shapes and units, so signatures need not.
autosummary_generate = True
autosummary_imported_members = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_mock_imports = ["mpi4py", "torch"]  # too large, or in need of a runtime: only their names are shown
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# C++ and C, from the headers.
nitpick_ignore_regex = [
    (r"cpp:.*", r"(resonance::)?(std|detail)::.*|std::.*|.*_t|std|Real|Source|Container|T"),
    (r"c:.*", r".*_t"),
    (r"py:.*", r"(matplotlib|numpy|sklearn|torch|xarray)\..*"),  # the site links to itself alone
]

toc_object_entries_show_parents = "hide"
doctest_global_setup = "import numpy as np"

html_theme = "pydata_sphinx_theme"
html_title = "resonance_native"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/logo.svg"
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo.svg",
        "text": "resonance_native",
        "alt_text": "",
    },
    "header_links_before_dropdown": 5,
    "navbar_persistent": ["search-button"],
    "navbar_align": "left",
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "show_version_warning_banner": False,
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
}
html_sidebars = {"quick_start": []}  # a section of one page
html_context = {"default_mode": "auto"}
copybutton_exclude = ".linenos, .gp, .go"


def escape_bars(*event: Any) -> None:
    """|a| is a modulus in docstrings, never reStructuredText's substitution."""
    lines = event[-1]
    for i, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            lines[i] = re.sub(r"(``.*?``)|\|", lambda match: match[1] or r"\|", line)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("autodoc-process-docstring", escape_bars, priority=900)
