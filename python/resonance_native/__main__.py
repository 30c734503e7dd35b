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
        missing = (error.name or "").partition(".")[0]
        if missing not in ("typer", "tqdm"):
            raise
        print(
            f'resonance-native: error: {missing} is not installed; try: pip install "resonance-native[cli]"',
            file=sys.stderr,
        )
        return 2
    return cli.main(argv)


if __name__ == "__main__":
    sys.exit(main())
