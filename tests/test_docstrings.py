"""Examples in docstrings give what stands below them."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from importlib.util import find_spec

import pytest

import resonance_native

pytest.importorskip("sklearn")
pytest.importorskip("xarray")

# Packages without which a part can't be imported.
NEEDS = {"torch": "torch", "plot": "matplotlib"}
# Parts of the command line, which need packages of their own; and who imports mpi4py starts MPI.
APART = {"__main__", "bench", "demo", "latency", "mpi"}


def examples() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = {}
    for module in pkgutil.walk_packages(resonance_native.__path__, "resonance_native."):
        part = module.name.split(".")[1]
        if part in APART or part.startswith("cli") or find_spec(NEEDS.get(part, "numpy")) is None:
            continue
        for test in finder.find(importlib.import_module(module.name)):
            if test.examples:
                found[test.name] = test
    return list(found.values())


@pytest.mark.parametrize("test", examples(), ids=lambda test: test.name.removeprefix("resonance_native."))
def test_example(test, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failures: list[str] = []
    test.globs = {}  # whoever copies an example has nothing else
    doctest.DocTestRunner(verbose=False).run(test, out=failures.append)
    assert not failures, "".join(failures)
