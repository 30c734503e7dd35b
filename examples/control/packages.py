"""What this example needs beside the library, said in one line where it is missing."""

from __future__ import annotations

import importlib.util

_NEEDED = ("mujoco", "matplotlib", "tqdm", "PIL")


def require() -> None:
    """End with one line that says what to install, if anything is missing.

    Raises
    ------
    SystemExit
        If a package is missing.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise SystemExit(f'this example needs {", ".join(missing)}: pip install "resonance-native[control]"')
