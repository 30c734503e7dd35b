"""The page: what the runs have shown, packed into one HTML file that asks for nothing else."""

from __future__ import annotations

import base64
import gzip
import html
import inspect
import json
from pathlib import Path

import numpy as np

import resonance_native as rn

from . import grid

FOLDER = Path(__file__).parent
SHOWN = slice(None, None, 2)  # nodes whose weights are shown


def packed(runs: grid.Runs) -> bytes:
    """Bytes of all runs, one array after the other.

    - order parameter |r| and mean amplitude |a|, in thousandths: uint16, little-endian, (225, T) each;
    - phases in turns of 256, each but the first less the one before, modulo 256: uint8, (225, n, T). Most differences
      are small or constant, so that they compress well;
    - weights of every second node as shares of 1/n, in 127ths: int8, (225, T_w, m, m).
    """
    recording = runs.recording
    means = np.abs(recording.order_parameter), np.abs(recording.amplitudes).mean(axis=-1)
    turns = np.rint(np.asarray(recording.phases) * (256 / (2 * np.pi))).astype(np.int64).transpose(1, 2, 0)
    steps = np.diff(turns, axis=-1, prepend=0).astype(np.uint8)
    shares = np.asarray(recording.weights)[:, :, SHOWN, SHOWN].swapaxes(0, 1) * grid.NODES
    weights = np.clip(np.rint(127 * shares), -127, 127).astype(np.int8)
    thousandths = [np.rint(1000 * mean.T).astype("<u2") for mean in means]
    return b"".join(np.ascontiguousarray(part).tobytes() for part in (*thousandths, steps, weights))


def described(runs: grid.Runs) -> dict[str, object]:
    """What the page has to know of the bytes."""
    recording = runs.recording
    return {
        "coupling": grid.COUPLINGS,
        "phase_lag": grid.PHASE_LAGS,
        "gain": grid.GAINS,
        "nodes": grid.NODES,
        "frequencies": [round(frequency, 4) for frequency in grid.frequencies()],
        "time": [round(time, 9) for time in np.asarray(recording.time).tolist()],
        "weights_time": [round(time, 9) for time in np.asarray(recording.weights_time).tolist()],
        "weights_nodes": len(range(grid.NODES)[SHOWN]),
        "regimes": runs.regimes,
    }


def page(runs: grid.Runs) -> str:
    """The HTML file."""
    parts = {
        "style": (FOLDER / "style.css").read_text(encoding="utf-8"),
        "script": "\n".join(
            (FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in ("runs", "drawing", "player")
        ),
        "about": json.dumps(described(runs), ensure_ascii=False, separators=(",", ":")),
        "recordings": base64.b64encode(gzip.compress(packed(runs), mtime=0)).decode("ascii"),
        "call": html.escape(inspect.getsource(grid.simulate)),
        "nodes": str(grid.NODES),
        "count": str(len(runs.regimes)),
        "sample": f"{grid.EVERY * grid.DT:g}",
        "picture": f"{grid.WEIGHTS_EVERY * grid.DT:g}",
        "version": html.escape(rn.__version__),
    }
    text = (FOLDER / "page.html").read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"@@{name}@@", part)
    return text


def write(path: Path) -> None:
    """Run all networks and write the page, with the folder where that is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(grid.simulate()), encoding="utf-8")
