"""The core is free of Python, and kernels of the standard library's code: a check of what the sources include."""

import pathlib
import re
import sys

CORE = pathlib.Path(__file__).resolve().parents[1]

# Headers without code that a linker could share among files of different instruction sets.
KERNEL_HEADERS = {"cstddef", "cstdint"}


def includes(path: pathlib.Path) -> list[str]:
    """The names that a source file includes."""
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', path.read_text(), flags=re.MULTILINE)


def main() -> int:
    """Print each forbidden include; 1 if there is any."""
    wrong = []
    sources = [
        path
        for folder in ("include", "src")
        for path in (CORE / folder).rglob("*")
        if path.suffix in {".cpp", ".hpp", ".h"}
    ]
    for path in sources:
        for name in includes(path):
            if name.startswith(("pybind11", "Python.h", "numpy")):
                wrong.append(f"{path}: the core must not include {name}")
            if path.parent.name == "kernels" and not name.endswith(".hpp") and name not in KERNEL_HEADERS:
                wrong.append(f"{path}: kernels must not include <{name}>")
    print("\n".join(wrong) or f"{len(sources)} files include nothing that they must not")
    return 1 if wrong or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
