"""Examples in docstrings give what stands below them."""

from __future__ import annotations

import doctest
import importlib
from importlib.util import find_spec

import pytest
from public import MODULES, public_names

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")
pytest.importorskip("xarray")


def examples() -> list[doctest.DocTest]:
    finder, found = doctest.DocTestFinder(exclude_empty=True), {}
    for part in MODULES:
        if part == "mpi" or (part == "torch" and find_spec("torch") is None):  # who imports mpi4py starts MPI
            continue
        module = importlib.import_module(f"resonance_native.{part}".rstrip("."))
        for name in public_names(part):
            for test in finder.find(getattr(module, name), f"{part}.{name}".lstrip(".")):
                if test.examples:
                    found[test.name] = test
    return list(found.values())


@pytest.mark.parametrize("test", examples(), ids=lambda test: test.name)
def test_example(test, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failures: list[str] = []
    test.globs = {}  # whoever copies an example has nothing else
    doctest.DocTestRunner(verbose=False).run(test, out=failures.append)
    assert not failures, "".join(failures)
