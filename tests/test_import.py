"""Importing the package needs NumPy alone, and is quick."""

from __future__ import annotations

import pytest
from scripts import output_of

import resonance_native as rn


def test_import_brings_little_beside_numpy() -> None:
    code = """
    import copy, importlib.util, pathlib, sys, warnings
    import numpy
    before = set(sys.modules)
    import resonance_native
    print(*sorted(set(sys.modules) - before))
    """
    brought = output_of(code).split()
    assert "resonance_native.network" in brought
    assert {name.partition(".")[0] for name in brought} <= {"__future__", "numpy", "resonance_native"}
    for module in ("recorder", "ensemble", "sweeping", "checkpoint", "analysis", "plot", "learn", "torch"):
        assert f"resonance_native.{module}" not in brought


@pytest.mark.parametrize("name", [name for name in rn.__all__ if name != "__version__"])
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert name in dir(rn)
    assert getattr(rn, name).__doc__


def test_what_is_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = rn.nothing  # type: ignore[attr-defined]
