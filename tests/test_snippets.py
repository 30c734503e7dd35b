"""Python that stands in README.md and docs/ runs; where results stand beside it, they are those."""

from __future__ import annotations

import doctest
from importlib.util import find_spec

import numpy as np
import pytest
from snippets import PAGES, ROOT, snippets

import resonance_native as rn

pytest.importorskip("matplotlib")
pytest.importorskip("networkx")
pytest.importorskip("safetensors")
pytest.importorskip("sklearn")
pytest.importorskip("xarray")
pytest.importorskip("zarr")

import matplotlib.pyplot as plt

# What a page takes for granted, and numbers of its examples that would take too long here.
GIVEN = {
    "README.md": {
        "rows": np.random.default_rng(2).standard_normal((40, 20)),
        "inputs": np.random.default_rng(3).standard_normal(2000),
        "scipy_or_networkx_graph": None,
        **dict(zip("qkv", np.random.default_rng(4).standard_normal((3, 10, 8)), strict=True)),
        "phase_q": np.zeros(10), "phase_k": np.zeros(10), "d": 8,
    },
    "attention.md": {},
    "analysis.md": {},
    "callbacks.md": {"net": rn.ResonanceNetwork(20, amplitude_floor=0.2, seed=0), "inputs": 0.0},
    "checkpoints.md": {"net": rn.ResonanceNetwork(200, seed=0)},
    "control.md": {},
    "ensembles.md": {},
    "factored.md": {"inputs": np.linspace(-1, 1, 2000), "x": np.ones(2000)},
    "gallery.md": {
        "n": 30, "first_phases": np.linspace(0, 6, 30), "frequencies": np.linspace(0, 1, 30),
        "phases": np.ones((5, 30)), "times": np.arange(5.0), "r": np.ones(5), "groups": np.arange(30) % 3,
    },
    "learning.md": {
        "rows": np.random.default_rng(5).standard_normal((50, 30)),
        "row": np.random.default_rng(6).standard_normal(30),
        "images": np.random.default_rng(7).standard_normal((60, 30)),
    },
    "model.md": {"n": 100, "pattern": np.random.default_rng(8).standard_normal(100), "twins": []},
    "quick_start.md": {},
    "recording.md": {"net": rn.ResonanceNetwork(20, amplitude_floor=0.2, seed=0), "inputs": 0.0},
    "sparse.md": {},
}  # fmt: skip
SMALLER = {
    "README.md": {"1_000_000": "2000", "100_000": "5000"},
    "callbacks.md": {"1_000_000": "5000"},
    "ensembles.md": {"1000": "50", "5000": "200", "4000": "100", "41": "3", "20)": "2)"},
    "factored.md": {"1_000_000": "2000"},
    "recording.md": {"10**8": "100_000"},
    "sparse.md": {"100_000": "1000"},
}
# Programs for ranks, which tests/test_mpi*.py and tests/test_sweep_executor.py run in like form; and for processes,
# which tests/test_processes.py and tests/test_torch_workers.py run.
ONLY_COMPILED = {"concurrency.md", "scaling.md"}


def needs_torch(code: str) -> bool:
    return "torch" in code and find_spec("torch") is None


def test_every_page_with_python_is_run():
    with_python = {page.name for page in PAGES if snippets(page, "python")}
    assert with_python == {*GIVEN, *ONLY_COMPILED}


@pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")  # examples are short, or small, or published
@pytest.mark.parametrize("name", sorted(GIVEN))
def test_python_of_a_page_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = next(page for page in PAGES if page.name == name)
    names = {"np": np, "rn": rn, "rp": rn.plot, **GIVEN[name]}
    prepare(name, names)
    ran = 0
    for code in snippets(page, "python"):
        if needs_torch(code):
            continue
        for number, fewer in SMALLER.get(name, {}).items():
            code = code.replace(number, fewer)
        if ">>>" in code:
            check_results(code, names, name)
        else:
            exec(compile(code, name, "exec"), names)
        ran += 1
    plt.close("all")
    assert ran


def prepare(name: str, names: dict[str, object]) -> None:
    """What takes a network or a graph to make."""
    if name == "README.md":
        import networkx as nx

        names["scipy_or_networkx_graph"] = nx.path_graph(50)
    if name == "gallery.md":
        names["dataset"] = rn.sweep({"coupling": [0.0, 1.0], "seed": [0, 1]}, 0.0, 20, n_nodes=8, weight_std=0.5)
    if name == "model.md":
        names["twins"] = [rn.ResonanceNetwork(5, seed=0) for _ in range(3)]


def check_results(code: str, names: dict[str, object], name: str) -> None:
    """Run an example of a session, and compare what it prints."""
    test = doctest.DocTestParser().get_doctest(code, names, name, str(ROOT), 0)
    failures = []
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test, out=failures.append, clear_globs=False)
    assert not failures, "".join(failures)
    names.update(test.globs)


@pytest.mark.parametrize("name", sorted(ONLY_COMPILED))
def test_programs_for_ranks_compile(name):
    for code in snippets(ROOT / "docs" / name, "python"):
        compile(code, name, "exec")
