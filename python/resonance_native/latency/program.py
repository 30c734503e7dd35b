"""The C++ program that holds the loop: where it is, and how it is run."""

from __future__ import annotations

import json
import subprocess
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from resonance_native import _core

NAME = "resonance-latency"
FORMAT = 1  # of the program's JSON that is understood here
WAIT = 0.5  # between two signs of life [s]: rare, because they take time from the loop where there is one core only


class ProgramError(Exception):
    """The program is missing, or has refused or failed; the message says which."""


def program() -> Path:
    """Where the program is: in ``bin``, beside the compiled module."""
    path = Path(_core.__file__).parent / "bin" / f"{NAME}{sysconfig.get_config_var('EXE') or ''}"
    if not path.is_file():
        raise ProgramError(f"{path} is missing: this build of resonance_native has no {NAME}")
    return path


def run_program(arguments: Sequence[str], waiting: Callable[[], object] = lambda: None) -> dict[str, Any]:
    """Run the program to its end.

    Parameters
    ----------
    arguments
        Of its command line.
    waiting
        Called now and then while it runs.

    Returns
    -------
    dict
        What it found, as its JSON has it.
    """
    with subprocess.Popen(
        [program(), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            out, err = _communicate(process, waiting)
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        reason = err.strip().removeprefix(f"{NAME}: error: ") or f"it ended with code {process.returncode}"
        raise ProgramError(f"{NAME}: {reason}")
    found: dict[str, Any] = json.loads(out)
    if found["format"] != FORMAT:
        raise ProgramError(f"{NAME}: its format must be {FORMAT}, got {found['format']}: from another version?")
    return found


def _communicate(process: subprocess.Popen[str], waiting: Callable[[], object]) -> tuple[str, str]:
    while True:
        try:
            return process.communicate(timeout=WAIT)
        except subprocess.TimeoutExpired:
            waiting()
