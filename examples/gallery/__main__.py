"""Draw every picture of docs/gallery.md and write what it measured below it."""

from __future__ import annotations

import argparse
import time

from examples.page import fill

from . import animation, eigenvalues, emergence, kuramoto, learning, sakaguchi
from .page import IMAGES, PAGE, Draw

PICTURES: dict[str, Draw] = {
    "kuramoto": kuramoto.draw,
    "emergence": emergence.draw,
    "learning": learning.draw,
    "animation": animation.draw,
    "spectrum": eigenvalues.draw,
    "sakaguchi": sakaguchi.draw,
}


def main() -> None:
    """Parse the arguments, draw, and fill the page."""
    parser = argparse.ArgumentParser(prog="python -m examples.gallery", description=__doc__)
    parser.add_argument("--only", nargs="*", metavar="NAME", choices=list(PICTURES), help=", ".join(PICTURES))
    for name in parser.parse_args().only or list(PICTURES):
        began = time.perf_counter()
        fill(PAGE, PICTURES[name](IMAGES))
        print(f"{name:<12}{time.perf_counter() - began:6.1f} s", flush=True)


if __name__ == "__main__":
    main()
