"""Which library MuJoCo renders with. It is chosen by MUJOCO_GL when MuJoCo is imported, and that fails without it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_NAME = "MUJOCO_GL"


def backends() -> tuple[str, ...]:
    """Values of MUJOCO_GL to try: what the user chose; else those that need no display, if there is none."""
    if _NAME in os.environ:
        return (os.environ[_NAME],)
    return ("glfw",) if "DISPLAY" in os.environ else ("egl", "osmesa")


@contextmanager
def without_rendering() -> Iterator[None]:
    """Let MuJoCo be imported for its physics alone, here and in processes started meanwhile."""
    chosen = os.environ.get(_NAME)
    os.environ[_NAME] = "off"
    try:
        yield
    finally:
        if chosen is None:
            del os.environ[_NAME]
        else:
            os.environ[_NAME] = chosen
