"""What is checked, and how: `nox` runs lint, tests and cpp; `nox -s bench figures` measures."""

import nox

nox.options.sessions = ["lint", "tests", "cpp"]
nox.options.error_on_missing_interpreters = False

PYTHON = ("python", "tests", "bench", "examples", "docs/conf.py", "docs/extensions", "noxfile.py")
CODE_IN_DOCUMENTS = ("docs", "docstrings", "snippets", "native_snippets")


@nox.session
def lint(session: nox.Session) -> None:
    """Format and style of Python and C++, types, the stub of the core, and where arrows may point."""
    session.install(".[dev]")
    session.run("ruff", "check", *PYTHON)
    session.run("ruff", "format", "--check", *PYTHON)
    session.run("mypy")
    session.run("python", "-m", "mypy.stubtest", "resonance_native._core")
    sources = session.run(
        "git",
        "ls-files",
        *(f"{folder}/**.{end}" for folder in ("cpp", "examples", "tests") for end in ("cpp", "hpp", "c", "h")),
        external=True,
        silent=True,
    )
    session.run("clang-format", "--dry-run", "--Werror", *str(sources).split())
    session.run("python", "cpp/tests/check_arrows.py")


@nox.session
def tests(session: nox.Session) -> None:
    """The Python suite against a fresh build, and each benchmark once."""
    session.install(".[test]")
    session.run("pytest", "-n", "2", *session.posargs)
    session.run("pytest", "bench", "-q", "--benchmark-disable")


@nox.session
def cpp(session: nox.Session) -> None:
    """The C++ tests, plain and under sanitizers; clang-tidy, which also proves what a control loop is promised."""
    session.install("cmake>=3.25", "ninja>=1.11", "clang-tidy==23.*", "cmeel-eigen>=3.4")
    packages = session.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", silent=True)
    for preset in ("dev", "asan-ubsan", "tidy"):
        session.run("cmake", "--workflow", "--preset", preset, env={"CMAKE_PREFIX_PATH": str(packages).strip()})
    session.run("python", "cpp/tests/check_nonblocking.py")


@nox.session
def docs(session: nox.Session) -> None:
    """The site in build/docs/html, without a warning; the code that stands in the documents; the site in a browser."""
    session.install(".[docs]", "pytest>=8", "hypothesis>=6.100", "networkx>=3", "playwright>=1.49")
    session.run(
        *("python", "-m", "sphinx", "--fail-on-warning", "--keep-going", "--nitpicky", "--jobs", "2"),
        *("-d", "build/docs/doctrees", "docs", "build/docs/html"),
    )
    session.run("pytest", *(f"tests/test_{what}.py" for what in CODE_IN_DOCUMENTS), "tests/test_site.py")


@nox.session
def claims(session: nox.Session) -> None:
    """The published claims and the theory, measured: rewrites docs/claims.md and the tables of docs/theory.md."""
    session.install(".[claims]")
    session.run("python", "-m", "examples.claims", *session.posargs)
    session.run("python", "-m", "examples.theory")


@nox.session
def gallery(session: nox.Session) -> None:
    """The pictures of docs/gallery.md, drawn anew, with the numbers below them."""
    session.install(".[plot,sim]")
    session.run("python", "-m", "examples.gallery", *session.posargs)


@nox.session
def torch(session: nox.Session) -> None:
    """What needs PyTorch: attention on tensors, and the example that trains with it."""
    session.install(".[test,torch]")
    session.run(
        "pytest", "tests/test_torch_attention.py", "tests/test_torch_module.py", "tests/test_example_attention.py"
    )


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmark suite beside all peers; ``nox -s bench -- --quick`` for a first look."""
    session.install(".[peers]")
    session.run("python", "-m", "bench.peers", *session.posargs)


@nox.session
def numerics(session: nox.Session) -> None:
    """Errors of every kernel and engine, measured: rewrites the tables and the figure of docs/numerics.md."""
    session.install(".[bench,sim,mpi]", "mpich")
    session.run("python", "-m", "bench.numerics", *session.posargs)


@nox.session
def figures(session: nox.Session) -> None:
    """Every figure of the documentation, measured side by side."""
    session.install(".[bench,torch,sim]")
    session.run("python", "-m", "bench.figures", *session.posargs)
