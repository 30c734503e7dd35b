"""The compiler finds what a control loop must not do: plants it in copies of the sources, and looks for its complaint.

That the sources themselves are free of it is seen where clang-tidy runs over all of them.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPLAINT = "clang-diagnostic-function-effects"

# A file of an update's path, a line in it, and what is planted before that line.
PLANTS = {
    "memory in the step": ("engines/fused.cpp", "    state.step_count += 1;", "    delete new double;\n"),
    "memory in a kernel": ("kernels/nodes.hpp", "    const double least = floor > 0", "    delete new double;\n"),
    "memory in the noise": ("kernels/phase_noise.hpp", "    alignas(64) double batch", "    delete new double;\n"),
    "memory in attention": ("kernels/attention.hpp", "    pack_queries(head, ", "    delete new double;\n"),
    "a call that nobody has marked": (
        "products.cpp",
        "    state.phases[node] = phase;",
        "    void unmarked(); unmarked();\n",
    ),
    "a lock in a setter": ("network/settings.cpp", "    learning_ = learning;", "    static std::mutex m; m.lock();\n"),
}
# Headers are seen where they are compiled.
UNITS = dict.fromkeys(("kernels/nodes.hpp", "kernels/phase_noise.hpp", "kernels/attention.hpp"), "kernels/baseline.cpp")


def complaints(tree: pathlib.Path, file: str) -> str:
    """What clang-tidy says of a file of the tree, with the project's settings."""
    unit = tree / "cpp/src" / UNITS.get(file, file)
    settings = f"--config-file={ROOT / '.clang-tidy'}", "--checks=-clang-analyzer-*"  # which is slow, and not asked
    command = ["clang-tidy", "--quiet", *settings, "--extra-arg=-Wfunction-effects"]
    flags = ["-std=c++17", f"-I{tree / 'cpp/include'}", f"-I{tree / 'cpp/src'}", "-include", "mutex"]
    done = subprocess.run([*command, str(unit), "--", *flags], capture_output=True, text=True)
    return done.stdout if done.returncode else ""


def wrong_of(name: str) -> list[str]:
    """What is wrong with the finding of one plant."""
    file, line, plant = PLANTS[name]
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        for part in ("include", "src"):
            shutil.copytree(ROOT / "cpp" / part, tree / "cpp" / part)
        if COMPLAINT in complaints(tree, file):
            wrong.append(f"{file} is not clean before anything is planted")
        path = tree / "cpp/src" / file
        text = path.read_text()
        if text.count(line) != 1:
            wrong.append(f"{file} has no longer the one line {line.strip()!r}")
        path.write_text(text.replace(line, plant + line))
        if COMPLAINT not in complaints(tree, file):
            wrong.append(f"{name} was not found in {file}")
    return wrong


def main() -> int:
    """0 if clean copies are clean, and each plant is found."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        wrong = [line for lines in pool.map(wrong_of, PLANTS) for line in lines]
    print("\n".join(wrong) or f"{len(PLANTS)} planted violations were found")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
