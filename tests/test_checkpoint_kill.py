"""A process that is killed while it saves leaves the old file or the new one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("safetensors")
from bench.figures.kills import kill_savers, state_of
from networks import lively

KILLS = int(os.environ.get("RESONANCE_KILLS", "12"))


@pytest.mark.skipif(os.name != "posix", reason="kills of POSIX")
@pytest.mark.parametrize("n", [32, 1500])
def test_a_killed_writer_leaves_a_whole_file(n: int, tmp_path: Path) -> None:
    found = kill_savers(tmp_path, n, KILLS, seed=n)
    assert (found.unreadable, found.mixed, found.lost) == (0, 0, 0)
    assert found.largest_folder <= 1
    assert found.in_the_writing > 0  # else nothing was tested


def test_a_mixture_would_be_seen() -> None:
    assert state_of(lively()) is None
