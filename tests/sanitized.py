"""Tests with a core that was built with sanitizers: ``python tests/sanitized.py FOLDER [arguments of pytest]``.

FOLDER has the package with that core. Without arguments, what is in CHOSEN is tested; with ``--whole`` all that can be.

The interpreter is not built with them, so their runtime is loaded before it. Reports go to files, which pytest can't
capture and no dying process can lose, and are shown at the end; any of them fails the run. That it would is seen first,
by a planted overflow.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

# Writes a byte behind an array of the heap, by memset, which the runtime watches for all of the process.
PLANTED = "import numpy, ctypes; a = numpy.zeros(1000, 'uint8'); ctypes.memset(a.ctypes.data, 0, 1001)"

# Each way into the core, and what fuzzers found, in about a minute.
CHOSEN = (
    *("kernels", "network", "network_copies", "pins", "bad_input", "fuzz_corpus", "hostile", "callbacks", "recorder"),
    *("ensemble", "factored_weights", "sparse_graphs", "sparse_copies", "attention_input", "attention_out"),
)

# Of these, what runs so long that only ``--whole`` has it (pytest deselects what begins so).
LONG = (
    "test_attention_out.py::test_out_may_share_memory_with_what_is_read[float64",
    "test_callbacks.py::test_a_callback_may_keep_the_network",
    "test_ensemble.py::test_several_segments_by_blocks_agree_within_the_bound",
    "test_ensemble.py::test_progress",
    "test_hostile.py::test_networks_that_come_and_go_leave_no_memory_behind",
)

# What can't be tested so: these count the heap by a library that has to come first too, limit the memory of a process,
# or hold calls to a time that they don't keep here.
UNFIT = (
    "test_allocation.py::test_update_allocates_nothing",
    "test_attention_calls.py::test_a_handler_s_own_error_ends_the_call_and_handlers_may_attend",
    "test_attention_calls.py::test_ctrl_c_stops_a_call_with_very_many_keys",
    "test_latency.py::test_too_little_memory_is_said",
    "test_recording_stream.py::test_a_million_samples_take_little_memory",
)


def runtime(name: str) -> str:
    """Where the compiler has a library."""
    compiler = os.environ.get("CXX", "g++")
    found = subprocess.run([compiler, f"-print-file-name={name}"], check=True, capture_output=True, text=True)
    return str(Path(found.stdout.strip()).resolve())


def environment(package: str, reports: str) -> dict[str, str]:
    """Of a process with the sanitizers' runtime, which writes reports to files in a folder."""
    log = f"log_path={reports}/report"
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])]),
        # The C++ library too: the runtime looks for its exceptions when it starts.
        "LD_PRELOAD": f"{runtime('libasan.so')} {runtime('libstdc++.so')}",
        # Python keeps memory to the end. Sizes that no machine has are for the library to refuse.
        "ASAN_OPTIONS": f"detect_leaks=0:allocator_may_return_null=1:{log}",
        "UBSAN_OPTIONS": f"print_stacktrace=1:{log}",
        "PYTHONMALLOC": "malloc",  # every object by itself
    }


def without(tests: tuple[str, ...]) -> list[str]:
    """Arguments of pytest that leave tests out."""
    return [f"--deselect=tests/{name}" for name in tests]


def main() -> int:
    package, *arguments = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        planted = subprocess.run([sys.executable, "-c", PLANTED], env=environment(package, folder), check=False)
        if planted.returncode == 0 or "heap-buffer-overflow" not in texts(folder):
            print("the sanitizer has not seen a planted overflow")
            return 1
    with tempfile.TemporaryDirectory() as folder:
        where = "import resonance_native; print(resonance_native._core.__file__)"
        subprocess.run([sys.executable, "-c", where], env=environment(package, folder), check=True)
        if not arguments:
            arguments = [*(f"tests/test_{name}.py" for name in CHOSEN), *without(LONG)]
        elif arguments == ["--whole"]:
            arguments = ["tests", *without(UNFIT)]
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", *arguments]
        code = subprocess.run(command, env=environment(package, folder), check=False).returncode
        reports = texts(folder)
        print(reports)
        return code or bool(reports)


def texts(folder: str) -> str:
    """All reports."""
    return "\n".join(path.read_text(errors="replace") for path in sorted(Path(folder).iterdir()))


if __name__ == "__main__":
    sys.exit(main())
