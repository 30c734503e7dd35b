"""``python -m examples.interactive interactive.html`` writes the page."""

from __future__ import annotations

import argparse
from pathlib import Path

from .page import write

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("path", type=Path, nargs="?", default=Path("interactive.html"))
write(parser.parse_args().path)
