"""What the command line reads: arguments, rows, settings and checkpoints."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

import resonance_native as rn
from resonance_native.__main__ import main

from .checks import Outcome, outcome_of, require
from .draws import INTEGERS, NUMBERS, Draws
from .mutations import changed_bytes

_TOML = b'seed = 3\ngain = 3.0\ndtype = "float32"\ndt = 0.01\nhold = 2\nlearn = true\ntolerance = 1e-6\n'
_CSV = b"# rows\n0.1, 0.2, 0.3\n1e0,-2,3.5\n"
_TEXTS = ("", "x", "-1", "0", "nan", "1e400", "[" * 2000, "φ", "\0", *map(str, INTEGERS), *map(str, NUMBERS))
_KEYS = ("seed", "gain", "dtype", "storage", "threads", "hold", "learn", "dt", "max_rank", "weight_std", "n_nodes", "x")
_FLAGS = ("--dt", "--seed", "--threads", "--dtype", "--coupling", "--gain", "--decay", "--stop", "--learning-rate",
          "--record-every", "--record-variables", "--checkpoint-seconds")  # fmt: skip


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    import atexit

    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _files() -> dict[str, bytes]:
    """Good ones of each kind."""
    array = io.BytesIO()
    np.save(array, np.linspace(-1, 1, 6).reshape(2, 3))
    net = rn.ResonanceNetwork(3, seed=0)
    net.save(_folder() / "saved")
    return {
        "rows.npy": array.getvalue(),
        "rows.csv": _CSV,
        "a.toml": _TOML,
        "net.st": (_folder() / "saved").read_bytes(),
    }


def _toml(draws: Draws) -> bytes:
    values = ("1", "-1", "1.5", '"float32"', '"factored"', "true", "nan", "inf", "[1, 2]", "{a = 1}",
              "2026-11-26", "9" * 5000, "[" * 3000 + "]" * 3000, '"f4,f4"', "0x7fffffffffffffff", "1_0")  # fmt: skip
    lines = [f"{draws.choice(_KEYS)} = {draws.choice(values)}" for _ in range(1 + draws.below(4))]
    return "\n".join(lines).encode()


def one(data: bytes) -> None:
    """Run a command, and require an exit code, and a line that tells of an error, and no traceback."""
    draws, folder = Draws(data), _folder()
    files = dict(_files())
    rows = draws.choice(("rows.npy", "rows.csv"))
    arguments = ["run", str(folder / rows), "--no-progress"]
    changed = draws.choice((rows, "a.toml", "net.st", None))
    if changed == "a.toml" or draws.one_in(4):
        arguments += ["--config", str(folder / "a.toml")]
        if draws.one_in(2):
            files["a.toml"] = _toml(draws)
    if changed == "net.st":
        arguments += ["--resume", str(folder / "net.st")]
    for _ in range(draws.below(3)):
        arguments += [
            draws.choice(_FLAGS),
            draws.choice(_TEXTS) if draws.one_in(2) else draws.choice(("1", "2", "0.5")),
        ]
    if draws.one_in(4):
        arguments += ["--out", str(folder / draws.choice(("out.npz", "out.txt", "no/out.npz")))]
    if changed:
        files[changed] = changed_bytes(draws, files[changed])
    for name, content in files.items():
        (folder / name).write_bytes(content)
    told = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(told):
        outcome = outcome_of(lambda: main(arguments))
    require(outcome.error is None, "an exception, and no message", outcome)
    require(outcome.result in (0, 1, 2), "another exit code", outcome)
    if outcome.result:
        lines = told.getvalue().splitlines()
        said = Outcome((arguments, told.getvalue()), None)
        require(any(line.startswith("resonance-native: error: ") for line in lines), "no line that tells of it", said)
