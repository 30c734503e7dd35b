"""The counting of instructions: what it compares, and what it says where it can't count."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench.instructions import CountError, read, regressions

SCRIPT = Path(__file__).resolve().parents[1] / "bench" / "instructions.py"


def test_growth_beyond_the_tolerance_is_a_regression():
    assert regressions({"a": 100.5, "new": 7.0}, {"a": 100.0, "gone": 1.0}, 0.01) == []
    (line,) = regressions({"a": 102.0}, {"a": 100.0}, 0.01)
    assert "+2.0%" in line


def test_counts_are_read_back(tmp_path):
    path = tmp_path / "counts.json"
    path.write_text(json.dumps({"compiler": "GNU 12", "counts": {"a": 1.5}}))
    assert read(path) == {"compiler": "GNU 12", "counts": {"a": 1.5}}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"compiler": "GNU 12", "counts": {"a": "many"}}'])
def test_what_is_no_file_of_counts_is_refused(text, tmp_path):
    path = tmp_path / "counts.json"
    path.write_text(text)
    with pytest.raises(CountError, match=r"counts\.json: not a file that --out wrote"):
        read(path)
    with pytest.raises(CountError, match="none: No such file"):
        read(tmp_path / "none")


def test_without_valgrind_one_line_says_so(tmp_path):
    done = subprocess.run(
        [sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False, env={"PATH": str(tmp_path)}
    )
    assert done.returncode == 2
    assert done.stderr.startswith("instructions: error: valgrind is not installed")
    assert done.stderr.count("\n") == 1
