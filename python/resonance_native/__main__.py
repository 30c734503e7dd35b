"""The command ``resonance-native``, also ``python -m resonance_native``."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv
        Arguments after the command's name; None takes those of the process.
    """
    try:
        from resonance_native import cli
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "typer":
            raise
        print(
            'resonance-native: error: typer is not installed; try: pip install "resonance-native[cli]"', file=sys.stderr
        )
        return 2
    return cli.main(argv)


if __name__ == "__main__":
    sys.exit(main())
