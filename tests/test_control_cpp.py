"""The pendulum in C++ with MuJoCo's C API: the same motion as in Python, and the same learned weights."""

from __future__ import annotations

import math
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mujoco")
pytest.importorskip("matplotlib")
pytest.importorskip("PIL")
pytest.importorskip("tqdm")

import mujoco
from examples.control import trace
from examples.control.controllers import ResonanceController
from examples.control.pendulum import MODEL, Pendulum
from examples.control.simulate import Sensor, simulate

import resonance_native as rn

PROJECT = Path(__file__).parents[1] / "examples" / "control" / "cpp"
BOUND = 1e-9  # of angles [rad], drives [1] and weights [1]
STEPS = 1000  # the first second
COUNTER = Path(__file__).with_name("heap_counter.c")
PRINT_AT_THE_END = """
#include <stdio.h>
__attribute__((destructor)) static void print_at_the_end(void) { fprintf(stderr, "%ld", heap_calls()); }
"""


def what_is_missing() -> str | None:
    """Why the program can't be built here."""
    if sys.platform == "win32":
        return "the project looks for MuJoCo's library on Linux and macOS"
    if shutil.which("cmake") is None:
        return "no CMake"
    if "CXX" not in os.environ and not any(map(shutil.which, ("c++", "g++", "clang++"))):
        return "no C++ compiler"
    try:
        rn.get_cmake_dir()
    except FileNotFoundError:
        return "a build without installed headers"
    return None


MISSING = what_is_missing()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True)


def configure(build: Path, mujoco_dir: object) -> subprocess.CompletedProcess[str]:
    return run(
        "cmake", "-S", PROJECT, "-B", build, f"-Dresonance_DIR={rn.get_cmake_dir()}", f"-DMUJOCO_DIR={mujoco_dir}"
    )


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    build = tmp_path_factory.mktemp("swing")
    for done in (configure(build, Path(mujoco.__file__).parent), run("cmake", "--build", build)):
        assert done.returncode == 0, done.stdout + done.stderr
    return build / "swing"


@pytest.fixture(scope="module")
def phases(tmp_path_factory) -> Path:
    """Initial phases of seed 0, as the example writes them for others."""
    file = tmp_path_factory.mktemp("phases") / "trace.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["trace", "--seconds", "0.001", "--seed", "0", "--out", str(file)])
        trace.main()
    return file


@dataclass(frozen=True)
class Motion:
    """What is compared."""

    angles: np.ndarray
    drives: np.ndarray
    learned: np.ndarray  # W[body, :]

    def differences(self, other: Motion) -> dict[str, float]:
        return {name: np.abs(vars(self)[name] - vars(other)[name]).max() for name in vars(self)}


def parsed(text: str) -> Motion:
    trajectory, learned = text.split("\n\n")
    rows = np.genfromtxt(trajectory.splitlines(), delimiter=",", names=True)
    assert rows["time"] == pytest.approx(np.arange(1, len(rows) + 1) * 0.001)
    nodes = np.genfromtxt(learned.splitlines(), delimiter=",", names=True)
    assert nodes["node"].tolist() == list(range(33))
    return Motion(rows["angle"], rows["drive"], nodes["learned"])


def by_program(program: Path, phases: Path, *words: object) -> Motion:
    done = run(program, "--model", MODEL, "--phases", phases, "--seconds", 1, *words)
    assert done.returncode == 0, done.stderr
    return parsed(done.stdout)


def by_python(
    lost: tuple[float, float] = (math.inf, math.inf), payload_at: float | None = None, **keywords: float
) -> Motion:
    pendulum = Pendulum()
    controller = ResonanceController(pendulum.dt, seed=0, **keywords)
    recording = simulate(pendulum, controller, 1.0, payload_at=payload_at, sensor=Sensor(lost=lost))
    return Motion(recording.angles, recording.drives, controller.net.weights[controller.body].copy())


CASES = {
    "swing": ((), by_python),
    "sensor lost": (("--lost", 0.4, 0.6), partial(by_python, lost=(0.4, 0.6))),
    "sensor lost at the end": (("--lost", 0.5, 2), partial(by_python, lost=(0.5, 2.0))),
    "payload": (("--payload-at", 0.5), partial(by_python, payload_at=0.5)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_first_second_is_that_of_python(program, phases, case):
    words, python = CASES[case]
    found = by_program(program, phases, *words)
    assert len(found.angles) == len(found.drives) == STEPS
    differences = found.differences(python())
    assert max(differences.values()) < BOUND, differences


@pytest.mark.parametrize(
    "wrong", [{"strength": 0.2525}, {"time_constant": 3.03}, {"entrainment": 4.04}], ids=lambda wrong: next(iter(wrong))
)
def test_a_wrong_number_would_be_seen(wrong):
    assert by_python().differences(by_python(**wrong))["learned"] > 10 * BOUND


def test_a_case_differs_from_the_plain_swing():
    plain = by_python()
    for case, (_, python) in CASES.items():
        differences = plain.differences(python())
        assert all((value > 10 * BOUND) == (case != "swing") for value in differences.values()), (case, differences)


def test_it_prints_the_largest_angles(program, phases, tmp_path):
    out = tmp_path / "trace.csv"
    words = ("--phases", phases, "--out", out, "--seconds", 70)
    done = run(program, "--model", MODEL, *words)
    assert done.returncode == 0, done.stderr
    degrees = np.degrees(np.abs(parsed(out.read_text()).angles))
    assert done.stdout.splitlines() == [
        "largest angle",
        f"from 50 s to 60 s: {degrees[50_000:60_000].max():.2f} degrees",
        f"from 60 s to 70 s: {degrees[60_000:].max():.2f} degrees, with payload",
    ]
    # Let go at 0.05 rad again with the payload, after a swing that had grown.
    assert degrees[60_000] == pytest.approx(math.degrees(0.05), rel=1e-3)
    assert degrees[50_000:60_000].max() > 90


def test_without_phases_it_spreads_its_own(program):
    done = run(program, "--model", MODEL, "--seconds", 5)
    assert done.returncode == 0, done.stderr
    line = done.stdout.splitlines()[1]
    assert line.startswith("from 0 s to 5 s: ")
    assert float(line.split()[6]) > 4 * math.degrees(0.05)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="counts by glibc's own functions")
def test_a_time_step_takes_no_memory(program, tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler to build the counter with")
    source, library = tmp_path / "counter.c", tmp_path / "counter.so"
    source.write_text(f'#include "{COUNTER}"\n{PRINT_AT_THE_END}')
    built = run(compiler, "-shared", "-fPIC", "-o", library, source)
    assert built.returncode == 0, built.stderr

    def heap_calls(seconds: float) -> int:
        words = [str(word) for word in (program, "--model", MODEL, "--seconds", seconds, "--lost", 0.2, 0.3)]
        done = subprocess.run(words, env={**os.environ, "LD_PRELOAD": str(library)}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return int(done.stderr)

    assert heap_calls(1) > 100
    assert heap_calls(1) == heap_calls(4)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ((), "--model must name the pendulum's file, got nothing"),
        (("--model", "absent.xml"), "absent.xml: ParseXML: Error opening file 'absent.xml'"),
        (("--model", MODEL, "--seconds", "-1"), "--seconds must be a time from 0 to 1000000 s, got '-1'"),
        (("--model", MODEL, "--lost", "1"), "--lost must be followed by a value, got nothing"),
        (("--model", MODEL, "--phases", "absent.csv"), "--phases must be a file that can be read, got absent.csv"),
        (("--model", MODEL, "--out", "trace.csv"), "--out is for a trace, which --phases asks for, got no --phases"),
        (("--model", MODEL, "--secs", "1"), "wanted an option that --help lists, got --secs"),
    ],
)
def test_a_wrong_command_gets_one_line(program, words, line):
    done = run(program, *words)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"swing: {line}\n")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("phase,1.0\n" * 32, "--phases must be a file with 33 rows phase,<radians>, got 32 of them in "),
        ("phase,1.0\n" * 34, "--phases must be a file with 33 rows phase,<radians>, got 34 of them in "),
        ("phase,1.0\n" * 32 + "phase,nan\n", "--phases must hold finite phases [rad], got phase,nan"),
        ("phase,1.0\n" * 32 + "phase,\n", "--phases must hold finite phases [rad], got phase,"),
        ("phase,1.0\n" * 32 + "phase,1.0,2\n", "--phases must hold finite phases [rad], got phase,1.0,2"),
    ],
)
def test_wrong_phases_are_refused(program, tmp_path, text, complaint):
    file = tmp_path / "phases.csv"
    file.write_text(text)
    done = run(program, "--model", MODEL, "--phases", file)
    assert done.returncode == 1
    assert done.stderr.startswith(f"swing: {complaint}")


@pytest.mark.parametrize("holds", [None, (), ("libmujoco.so.1",), ("include/mujoco/mujoco.h",)])
def test_the_project_says_where_mujoco_should_be(tmp_path, holds):
    folder = tmp_path / "mujoco"
    for name in holds or ():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    done = configure(tmp_path / "build", "" if holds is None else folder)
    assert done.returncode != 0
    assert "MUJOCO_DIR must be the folder of the Python package mujoco" in " ".join(done.stderr.split())
