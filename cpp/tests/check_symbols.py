"""Code of one instruction set stays in its own names, whatever the linker does: a check of the object files.

usage: check_symbols.py BUILD [NM]

The linker keeps one copy of a weak symbol for the whole program. If that were the one compiled for AVX-512, every
machine without it would crash. So a file of kernels, or with flags for a processor, may show others nothing but what
has the name of its instruction set. BUILD has been built and holds compile_commands.json. What must be found is then
planted, in a copy of the last such file.
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

# Names, each in code that defines it.
PLANTS = {
    "planted_inline": "inline int planted_inline(int x) { return x; }\nstatic int (*volatile a)(int) = planted_inline;",
    "planted_instance": "template <class T> T planted_instance(T x) { return x; }\ntemplate int planted_instance(int);",
    "planted_static": (
        "inline int& counter() { static int planted_static; return planted_static; }\n"
        "static int& (*volatile b)() = counter;"
    ),
    "planted_function": "int planted_function(int x) { return x; }",
    "planted_variable": "extern int planted_variable;\nint planted_variable = 1;",
}
# No code: where exceptions find their handler, and what sanitizers keep.
BOOKKEEPING = re.compile(r"DW\.ref|__odr_|__asan|__ubsan")


def complaints(obj: pathlib.Path, isa: str, nm: str) -> list[str]:
    """The symbols that an object file must not define."""
    listed = subprocess.run([nm, "-C", "--defined-only", str(obj)], capture_output=True, text=True, check=True).stdout
    wrong = []
    for line in listed.splitlines():
        kind, name = line[17:18], line[19:]  # after 16 digits of the address
        if BOOKKEEPING.search(name):
            continue
        if kind in "WVu":
            wrong.append(f"{obj} defines the weak symbol {name}")
        elif kind.isupper() and not re.match(rf"resonance::detail::.*{isa}\b", name):
            wrong.append(f"{obj} shows {name}, which is not of {isa}")
    if not listed:
        wrong.append(f"{obj} defines nothing at all")
    return wrong


def main() -> int:
    """0 if the objects are clean, and everything planted is found."""
    build = pathlib.Path(sys.argv[1]).resolve()
    nm = sys.argv[2] if len(sys.argv) > 2 else "nm"
    entries = json.loads((build / "compile_commands.json").read_text())
    units = [
        (pathlib.Path(entry["file"]), shlex.split(entry["command"]), entry["directory"])
        for entry in entries
        if pathlib.Path(entry["file"]).parent.name == "kernels" or "-march=" in entry["command"]
    ]
    if not units:
        print(f"{build} has no file of kernels")
        return 1
    wrong = []
    for path, command, directory in units:
        obj = pathlib.Path(directory, command[command.index("-o") + 1])
        wrong += complaints(obj, path.stem.removeprefix("phases_"), nm)
    with tempfile.TemporaryDirectory() as folder:
        source, obj = pathlib.Path(folder, "planted.cpp"), pathlib.Path(folder, "planted.o")
        command[command.index("-o") + 1] = str(obj)
        command[command.index("-c") + 1] = str(source)
        plants = "\n".join(PLANTS.values())
        source.write_text(f'#include "{path}"\nnamespace resonance::detail {{\n{plants}\n}}\n')
        subprocess.run([*command, "-w"], cwd=directory, check=True)
        found = "\n".join(complaints(obj, path.stem.removeprefix("phases_"), nm))
        wrong += [f"{name} was not found in a copy of {path}" for name in PLANTS if name not in found]
    print("\n".join(wrong) or f"{len(units)} object files are clean, and {len(PLANTS)} planted symbols were found")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
