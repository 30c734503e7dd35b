"""Where the installed package keeps what C++ and C programs build on."""

from __future__ import annotations

from pathlib import Path

from . import _core

# Beside the compiled module: an editable install keeps the Python files elsewhere.
_PACKAGE = Path(_core.__file__).resolve().parent


def get_include() -> str:
    """Folder of the headers, for a compiler's ``-I``; the first to look at is ``resonance/network.hpp`` in it.

    Returns
    -------
    str
        An absolute path.

    Raises
    ------
    FileNotFoundError
        If this build of the package came without the headers.
    """
    return _folder("include", "resonance/network.hpp", "the C++ headers")


def get_cmake_dir() -> str:
    """Folder of the CMake package, for ``-Dresonance_DIR=…`` where a project calls ``find_package(resonance)``.

    It gives the target ``resonance::resonance``: headers and a static library, without Python.

    Returns
    -------
    str
        An absolute path.

    Raises
    ------
    FileNotFoundError
        If this build of the package came without the CMake package.
    """
    return _folder("lib/cmake/resonance", "resonance-config.cmake", "the CMake package")


def _folder(name: str, witness: str, what: str) -> str:
    folder = _PACKAGE / name
    if not (folder / witness).is_file():
        raise FileNotFoundError(f"{folder} should hold {what}, but does not: install the package by pip")
    return str(folder)
