"""Instructions that a step takes, counted by valgrind: a figure that no noise can touch.

``python bench/instructions.py --out FILE`` writes them, ``--compare FILE`` holds them against those of
another commit and ends with exit code 1 where one has grown. Counts depend on the compiler, and say
nothing of caches: a regression that they show is one, but not the other way round. AVX-512 is not
counted, valgrind does not know it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "build-bench" / "cpp" / "bench" / "count_steps"
CASES = (("update", 64), ("update", 256), ("run", 256))
TYPES = ("double", "float")
ISAS = ("baseline", "avx2")
STEPS = (256, 512)  # the difference is free of what is done once; whole blocks for engines that take many together
TOLERANCE = 0.01  # of growth, before it is called a regression


class CountError(Exception):
    """What keeps the counting from being done; its message is shown in one line."""


def build() -> Path:
    """Build the program, in the folder of the preset."""
    if not shutil.which("cmake"):
        raise CountError("cmake is not installed; build cpp/bench yourself and pass --program")
    for command in (["cmake", "--preset", "bench"], ["cmake", "--build", "--preset", "bench", "--parallel"]):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise CountError(f"{' '.join(command)} failed: {(done.stderr or done.stdout).strip()[-300:]}")
    return PROGRAM


def compiler() -> str:
    """The compiler that built the program, as CMake noted it; "unknown" where it was built elsewhere."""
    notes = sorted((ROOT / "build-bench" / "CMakeFiles").glob("*/CMakeCXXCompiler.cmake"))
    text = notes[-1].read_text() if notes else ""
    found = [re.search(rf'CMAKE_CXX_COMPILER_{name} "([^"]+)"', text) for name in ("ID", "VERSION")]
    return " ".join(match[1] for match in found if match) or "unknown"


def instructions(program: Path, isa: str, arguments: Sequence[str]) -> int | None:
    """Instructions of one run of the program; None where the machine lacks the instruction set."""
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}", str(program), *arguments]
    environment = {**os.environ, "RESONANCE_ISA": isa, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or collected is None:
        raise CountError(f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}")
    return int(collected[1]) if done.stdout.startswith(f"{isa} ") else None


def count_all(program: Path) -> dict[str, float]:
    """Instructions a step of every case, type and instruction set that there is."""
    counts = {}
    for (kind, n), real, isa in product(CASES, TYPES, ISAS):
        few, many = (instructions(program, isa, [kind, real, str(n), str(steps)]) for steps in STEPS)
        if few is not None and many is not None:
            name = f"{kind}, n = {n}, {real}, {isa}"
            counts[name] = (many - few) / (STEPS[1] - STEPS[0])
            print(f"{name:<34}{counts[name]:>14,.0f} a step{counts[name] / n**2:>9.3f} a weight", flush=True)
    return counts


def regressions(counts: dict[str, float], before: dict[str, float], tolerance: float) -> list[str]:
    """Cases that take more instructions than before by more than the tolerance, as lines to print."""
    shared = [name for name in counts if name in before]
    return [
        f"{name}: {before[name]:,.0f} instructions a step before, {counts[name]:,.0f} now "
        f"({counts[name] / before[name] - 1:+.1%})"
        for name in shared
        if counts[name] > (1 + tolerance) * before[name]
    ]


def read(path: Path) -> dict[str, Any]:
    """Counts that an earlier run wrote."""
    try:
        data = json.loads(path.read_text("utf-8"))
        return {"compiler": str(data["compiler"]), "counts": {str(k): float(v) for k, v in data["counts"].items()}}
    except OSError as error:
        raise CountError(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CountError(f"{path}: not a file that --out wrote ({error})") from error


def main(argv: Sequence[str] | None = None) -> int:
    """Count, print, write and compare; 0, 1 where a case has grown, 2 where it can't be done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, help="count_steps, if it is built already")
    parser.add_argument("--out", type=Path, help="JSON file for the counts")
    parser.add_argument("--compare", type=Path, help="JSON file of counts to hold these against")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE, help=f"growth to let pass ({TOLERANCE})")
    arguments = parser.parse_args(argv)
    try:
        if not shutil.which("valgrind"):
            raise CountError("valgrind is not installed (apt-get install valgrind, or your system's package of it)")
        before = read(arguments.compare) if arguments.compare else None
        program = arguments.program or build()
        result = {"compiler": "unknown" if arguments.program else compiler(), "counts": count_all(program)}
        if arguments.out:
            arguments.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    except (CountError, OSError) as error:
        print(f"instructions: error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    if before is None:
        return 0
    if before["compiler"] != result["compiler"]:
        print(f"compared with counts of another compiler: {before['compiler']} then, {result['compiler']} now")
    grown = regressions(result["counts"], before["counts"], arguments.tolerance)
    print("\n".join(grown) or f"nothing takes {arguments.tolerance:.2%} more instructions than before")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
