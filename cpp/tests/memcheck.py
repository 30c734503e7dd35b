"""C++ tests under valgrind, which sees reads of memory that was never written: ``memcheck.py BUILD [TESTS]``.

BUILD has been built, with optimization. Without TESTS, those of CHOSEN run, which are quick enough; ``--whole`` is all
of them, and takes far longer. Valgrind knows no AVX-512, so the kernels are those of AVX2 at most; and its long double
is a double, so what a test says of the last digits is not heard.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOUND = 99  # what valgrind returns where it found something
VALGRIND = ("valgrind", "--quiet", f"--error-exitcode={FOUND}", "--leak-check=full", "--errors-for-leak-kinds=definite")
CHOSEN = ("kernels", "sparse", "products", "setters", "storage", "noise", "nodes", "phases", "c_api", "isa")


def found(program: Path) -> tuple[int, str]:
    """What a program returns, and all that it and valgrind say."""
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}  # one thread at a time has the processor
    done = subprocess.run([*VALGRIND, str(program)], capture_output=True, text=True, env=environment, check=False)
    return done.returncode, done.stdout + done.stderr


def main() -> int:
    """0 if the planted read is found, and nothing in the tests."""
    folder = Path(sys.argv[1]) / "cpp/tests"
    code, said = found(folder / "planted_unwritten")
    if code != FOUND or "uninitialised" not in said:
        print(f"valgrind has not found the planted read of memory that nobody has written\n{said}")
        return 1
    names = sys.argv[2:] or CHOSEN
    if names == ["--whole"]:
        names = [path.name.removeprefix("test_") for path in sorted(folder.glob("test_*"))]
    wrong = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:  # valgrind itself uses one processor
        for name, (code, said) in zip(names, pool.map(found, (folder / f"test_{name}" for name in names)), strict=True):
            clean = code in (0, 1)
            print(f"{name}: {'nothing found' if clean else said}", flush=True)
            wrong += not clean
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
