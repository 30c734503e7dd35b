"""``resonance-native bench`` with the peers; it takes the same options."""

from __future__ import annotations

import sys

from resonance_native import cli_bench
from resonance_native.__main__ import main

from . import SOURCES

if __name__ == "__main__":
    cli_bench.sources.extend(SOURCES)
    sys.exit(main(["bench", *sys.argv[1:]]))
