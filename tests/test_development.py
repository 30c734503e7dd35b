"""What the package carries for C++ programs: where it is, and that a project of somebody else's builds on it."""

import shutil
import subprocess
from pathlib import Path

import pytest

import resonance_native as rn
from resonance_native import development
from resonance_native.cli import main

CONSUMER = Path(__file__).parents[1] / "cpp" / "tests" / "consumer"


def has_headers():
    try:
        rn.get_include()
    except FileNotFoundError:
        return False
    return True


needs_headers = pytest.mark.skipif(not has_headers(), reason="a build without installed headers")


@needs_headers
def test_folders_hold_what_they_are_for():
    assert (Path(rn.get_include()) / "resonance" / "network.hpp").is_file()
    assert (Path(rn.get_include()) / "resonance" / "c_api.h").is_file()
    assert (Path(rn.get_cmake_dir()) / "resonance-config.cmake").is_file()
    assert Path(rn.get_include()).is_absolute()


@needs_headers
def test_the_command_prints_the_folder(capsys):
    assert main(["cmake-dir"]) == 0
    assert capsys.readouterr().out.strip() == rn.get_cmake_dir()


def test_a_package_without_headers_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(development, "_PACKAGE", tmp_path)
    with pytest.raises(FileNotFoundError, match="C\\+\\+ headers"):
        rn.get_include()
    with pytest.raises(FileNotFoundError, match="CMake package"):
        rn.get_cmake_dir()
    assert main(["cmake-dir"]) == 2
    assert "CMake package" in capsys.readouterr().err


@needs_headers
@pytest.mark.skipif(shutil.which("cmake") is None, reason="no CMake")
def test_a_cmake_project_builds_on_it(tmp_path):
    def run(*command):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("cmake", "-S", str(CONSUMER), "-B", str(tmp_path), f"-Dresonance_DIR={rn.get_cmake_dir()}")
    run("cmake", "--build", str(tmp_path))
    assert "within a group" in run(str(tmp_path / "loop_resonance"))
