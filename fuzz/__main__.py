"""Fuzz one target with atheris: ``python -m fuzz boundary --seconds 600``."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

TARGETS = ("boundary", "checkpoints", "command_line")
CORPUS = Path(__file__).with_name("corpus")


def main() -> None:
    """Instrument the package, and let libFuzzer make bytes."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=600, help="how long")
    parser.add_argument("--work", type=Path, default=Path("build/fuzz"), help="where new cases and crashes go")
    parser.add_argument("libfuzzer", nargs="*", help="options of libFuzzer, behind --")
    arguments = parser.parse_args()

    # A core that was built with coverage finds what it counts with in what atheris brings.
    sys.setdlopenflags(os.RTLD_NOW | os.RTLD_GLOBAL)
    import atheris

    with atheris.instrument_imports(include=["resonance_native"]):
        target = import_module(f"fuzz.{arguments.target}")
    found = arguments.work / arguments.target
    found.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={arguments.seconds}", f"-artifact_prefix={found}/crash-", "-rss_limit_mb=4096"]
    options += ["-timeout=20", "-max_len=400", "-print_final_stats=1", *arguments.libfuzzer]
    corpora = [str(found), str(CORPUS / arguments.target)]
    atheris.Setup([sys.argv[0], *options, *corpora], target.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
