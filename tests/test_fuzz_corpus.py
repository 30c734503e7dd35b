"""What fuzzers have found interesting, and every defect, replayed. See fuzz/README.md."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[1] / "fuzz" / "corpus"
NEEDS = {
    "boundary": ("scipy", "networkx"),
    "checkpoints": ("safetensors", "scipy", "zarr"),
    "command_line": ("safetensors", "scipy", "typer"),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # what NumPy leaves of damaged archives
@pytest.mark.parametrize("target", NEEDS)
def test_corpus(target: str) -> None:
    for package in NEEDS[target]:
        pytest.importorskip(package)
    cases = sorted((CORPUS / target).iterdir())
    assert cases
    one = import_module(f"fuzz.{target}").one
    for case in cases:
        try:
            one(case.read_bytes())
        except Exception as error:
            raise AssertionError(f"{target}/{case.name}") from error
