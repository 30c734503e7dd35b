"""C++, C, Rust and Ada that stand in docs/ compile against the installed headers and library, and run."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from snippets import ROOT, snippets

import resonance_native as rn

DOCS = ROOT / "docs"


def compiler(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"no {names[0]}")
    return found


@pytest.fixture
def installed() -> tuple[str, str]:
    """Folders of headers and library."""
    try:
        headers = rn.get_include()
    except FileNotFoundError:
        pytest.skip("a build without installed headers")
    return headers, str(Path(headers).parent / "lib")


def run(*words: object, cwd: Path) -> str:
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build_and_run(source: str, name: str, installed: tuple[str, str], folder: Path) -> str:
    """Compile one file of C++ or C, link it as C++ with the library, and return what it prints."""
    headers, library = installed
    (folder / name).write_text(source, encoding="utf-8")
    c = name.endswith(".c")
    flags = ["-std=c11"] if c else ["-std=c++17", "-fno-exceptions", "-fno-rtti"]
    command = compiler("cc", "gcc") if c else compiler("c++", "g++")
    run(command, *flags, "-Wall", "-Wextra", "-Werror", f"-I{headers}", "-c", name, "-o", "snippet.o", cwd=folder)
    run(compiler("c++", "g++"), "-fopenmp", "snippet.o", f"-L{library}", "-lresonance", "-o", "snippet", cwd=folder)
    return run(folder / "snippet", cwd=folder)


def parted(code: str) -> tuple[str, str]:
    """Includes of a snippet, and the rest of it."""
    lines = code.splitlines(keepends=True)
    return "".join(li for li in lines if li.startswith("#")), "".join(li for li in lines if not li.startswith("#"))


def test_the_loop_in_cpp(installed, tmp_path):
    loop, entrain, observe, without_heap = snippets(DOCS / "embedding.md", "cpp")
    (include_loop, loop), (include_observe, observe) = parted(loop), parted(observe)
    before, network = without_heap.split("Network<float>* network")
    using = "".join(line for line in loop.splitlines(keepends=True) if line.startswith("using"))
    source = f"""
#include <cstdio>
#include <cstdlib>
{include_loop}{include_observe}{using}
static int ticks = 0;
static void report() {{ std::abort(); }}
static void read_sensors(std::vector<double>& input) {{ input[1] = 1.0; }}
static double phase_of_the_body() {{ return 0.5; }}
static void drive_motors(const std::vector<double>&, resonance::span<const double>);
static std::vector<float> encode(const std::vector<float>& rows) {{ return rows; }}
static int loop() {{ {loop.replace(using, "")} return 0; }}
static void drive_motors(const std::vector<double>& outputs, resonance::span<const double> weights) {{
    if (++ticks == 3) std::exit(outputs.size() == 64 && weights.size() == 64 ? 0 : 1);
}}
{before}
static int without_heap() {{ Network<float>* network{network} return network->n_nodes() == 64 ? 0 : 1; }}
static void others() {{
    Options options;
    options.n_nodes = 64;
    std::unique_ptr<Network<double>> network;
    if (Network<double>::create(options, network) != Status::ok) report();
    {{ const std::vector<float> rows(2 * 64, 0.5f); {entrain} if (completed != 2) report(); }}
    {{ const std::vector<double> input(64, 1.0); {observe} if (completed != 10'000) report(); }}
}}
int main() {{ others(); if (without_heap() != 0) report(); return loop(); }}
"""
    build_and_run(source, "snippet.cpp", installed, tmp_path)


def test_attention_in_cpp(installed, tmp_path):
    (code,) = snippets(DOCS / "attention.md", "cpp")
    include, code = parted(code)
    source = f"""
{include}
static float q[32], k[200 * 32], v[200 * 32], out[32];
static double phase_q[1], phase_k[200];
int main() {{
    for (float& value : v) value = 2;
    {code}
    return status == resonance::Status::ok && out[0] > 1.99f && out[31] < 2.01f ? 0 : 1;
}}
"""
    build_and_run(source, "snippet.cpp", installed, tmp_path)


def test_the_loop_in_c(installed, tmp_path):
    (code,) = snippets(DOCS / "c_api.md", "c")
    include, code = parted(code)
    source = f"""
#include <stdio.h>
#include <stdlib.h>
{include}
static double input[64], output[64];
static int ticks = 0;
static void read_sensors(double* values) {{ values[0] = 1; }}
static void drive_motors(const double* values) {{
    if (++ticks == 3) exit(values[0] == values[0] ? 0 : 1);
}}
int main(void) {{ {code} return 1; }}
"""
    build_and_run(source, "snippet.c", installed, tmp_path)


def test_the_program_in_rust(installed, tmp_path, monkeypatch):
    cargo = compiler("cargo")
    program, build = snippets(DOCS / "c_api.md", "rust")
    monkeypatch.setenv("RESONANCE_LIB", installed[1])
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.rs").write_text(program, encoding="utf-8")
    (tmp_path / "build.rs").write_text(build, encoding="utf-8")
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "snippet"\nversion = "0.1.0"\nedition = "2021"\n')
    run(cargo, "build", "--offline", "--quiet", cwd=tmp_path)
    amplitudes = run(tmp_path / "target" / "debug" / "snippet", cwd=tmp_path).strip("[]\n").split(", ")
    # tanh of the sum of 64 equal weights η decay, as it is where all phases are equal.
    assert [float(a) for a in amplitudes] == pytest.approx([0.560, 0.560], abs=1e-3)


def test_the_program_in_ada(installed, tmp_path):
    gnatmake = compiler("gnatmake")
    (code,) = snippets(DOCS / "c_api.md", "ada")
    (tmp_path / "control_loop.adb").write_text(code, encoding="utf-8")
    link = [f"-L{installed[1]}", "-lresonance", "-lstdc++", "-lgomp", "-lm"]
    run(gnatmake, "-q", "control_loop.adb", "-largs", *link, cwd=tmp_path)
    assert abs(float(run(tmp_path / "control_loop", cwd=tmp_path))) == pytest.approx(0.560, abs=1e-3)
