"""What is measured on ranks, and the model of it. Never how fast anything is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("threadpoolctl")
pytest.importorskip("scipy")
from bench.ranks import __main__ as command
from bench.ranks import model, report, work
from bench.ranks.kinds import KINDS

NUMBERS = Path(__file__).parent.parent / "docs" / "images" / "ranks.json"


def test_one_process_is_measured_as_ranks_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(work, "SIZES", {"dense": (40, 90), "factored": (50,)})
    monkeypatch.setattr(sys, "argv", ["work", "--alone", "1", "--dtypes", "float32", "--largest", "80"])
    work.main()
    found = json.loads(capsys.readouterr().out)
    assert found["ranks"] == found["threads"] == 1
    assert [(lap["kind"], lap["n"]) for lap in found["laps"]] == [
        ("single", 40), ("blocks", 40), ("held", 40), ("factored", 50),
    ]  # fmt: skip
    assert all(lap["seconds"] > 0 and lap["exchange_share"] == 0 for lap in found["laps"])
    assert found["laps"][-1]["rank"] > 0


def test_the_model_finds_the_constants_that_times_were_made_with() -> None:
    link = model.Link(7e-6, 1.5e-6, 2.5e-10)
    exchanges: dict[int, dict[str, float]] = {}
    for ranks in (2, 3, 4, 16):
        received = {width: width * work.NODES * (ranks - 1) / ranks for width in work.BYTES}
        exchanges[ranks] = {f"sum {count}": link.sum(ranks, count) for count in work.NUMBERS}
        exchanges[ranks] |= {f"gather {width}": link.gather(ranks, received[width]) for width in work.BYTES}
    found = model.Link.fitted(exchanges)
    np.testing.assert_allclose([found.call, found.message, found.byte], [7e-6, 1.5e-6, 2.5e-10], rtol=1e-6)
    for kind, constants in {
        "single": [2e-10, 3e-11, 1e-8], "blocks": [6e-11, 5e-12, 4e-9], "held": [8e-9, 1e-9, 4e-8, 2e-9],
        "factored": [2e-8, 2e-9, 3e-5],
    }.items():  # fmt: skip
        laps: list[dict[str, Any]] = [
            {"n": n, "ranks": ranks, "rank": 84} for n in (4096, 8192, 12_288) for ranks in (1, 2, 4)
        ]
        for lap in laps:
            lap["seconds"] = model.seconds(kind, lap["n"], lap["ranks"], "float32", link, np.array(constants), rank=84)
        np.testing.assert_allclose(model.fitted(kind, "float32", laps, link), constants, rtol=1e-5)


def test_ranks_apart_do_not_share_a_memory() -> None:
    constants = np.array([2e-10, 1e-10, 0.0])
    nothing = model.Link(0, 0, 0)
    together, apart, alone = (
        model.seconds("single", 10_000, ranks, "float32", nothing, constants, apart=apart)
        for ranks, apart in ((4, False), (4, True), (1, False))
    )
    assert apart == pytest.approx(alone / 4)
    assert together > apart


def test_the_numbers_of_the_docs_are_within_a_fifth_of_the_model() -> None:
    found = json.loads(NUMBERS.read_text("utf-8"))["measured"]
    laps, link = report.fastest(found), model.Link.fitted(report.exchanges(found))
    for kind in KINDS:
        for dtype in ("float64", "float32"):
            own = [lap for lap in laps if lap["together"] and (lap["kind"], lap["dtype"]) == (kind.name, dtype)]
            assert {lap["ranks"] for lap in own} == {1, 2}
            constants = model.fitted(kind.name, dtype, own, link)
            for lap in own:
                expected = model.seconds(kind.name, lap["n"], lap["ranks"], dtype, link, constants, rank=lap["rank"])
                assert expected == pytest.approx(lap["seconds"], rel=0.2)


def test_files_are_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["ranks", "--read", str(NUMBERS)])
    command.main()
    printed = capsys.readouterr().out
    for text in ("one process", "model against measured", "simulation: n = 200,000", "run of a held input"):
        assert text in printed
