"""Python in a process of its own, for what could end or hang the tests' one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

# Nothing here takes more than seconds; a hang ends here.
TIMEOUT = 120

# A shell starts what it puts into the background with SIGINT ignored, and children inherit that.
HEAR_INTERRUPTS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


def run_script(code: str, *, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python code in a new interpreter and return what came of it."""
    return subprocess.run(
        [sys.executable, "-c", HEAR_INTERRUPTS + textwrap.dedent(code)],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def output_of(code: str, *, environment: dict[str, str] | None = None) -> str:
    """What the code prints; it has to succeed."""
    result = run_script(code, environment=environment)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def output_of_example(folder: Path, page: str, word: str) -> str:
    """What the example of a page of docs/ prints that has the word in it. A file, so that processes can import it."""
    text = (Path(__file__).parents[1] / "docs" / page).read_text(encoding="utf-8")
    (example,) = [code for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if word in code]
    (folder / "example.py").write_text(example, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "example.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
