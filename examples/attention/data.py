"""Text that is on every machine: the modules of Python's standard library, as characters."""

from __future__ import annotations

import string
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

VOCABULARY = "\n" + string.printable[:95]  # without tabs and their like
HELD_OUT = 10  # every tenth file is for validation
LIMIT = 40_000  # characters of a file: no single one may be most of what is validated


@dataclass(frozen=True)
class Text:
    """Character codes of two sets of files that have none in common, and the names of these files."""

    training: Tensor
    validation: Tensor
    training_files: tuple[str, ...]
    validation_files: tuple[str, ...]


def encode(text: str) -> Tensor:
    """Codes (n,) of the characters that the vocabulary has; a tab is four spaces, others are left out."""
    codes = {character: code for code, character in enumerate(VOCABULARY)}
    return torch.tensor([codes[c] for c in text.expandtabs(4) if c in codes], dtype=torch.uint8)


def load(folder: Path | None = None) -> Text:
    """The modules at the top of ``folder``, by default of the standard library, in the order of their names."""
    files = sorted(folder.glob("*.py")) if folder else _standard_library()
    if len(files) < HELD_OUT:
        raise FileNotFoundError(f"{folder or 'the standard library'} has {len(files)} modules, fewer than {HELD_OUT}")
    held_out = files[HELD_OUT - 1 :: HELD_OUT]
    training = [file for file in files if file not in held_out]
    return Text(_joined(training), _joined(held_out), tuple(f.name for f in training), tuple(f.name for f in held_out))


def _standard_library() -> list[Path]:
    # Some files beside the modules are written anew on every machine, and hold its paths: _sysconfigdata_*, say.
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    return [file for file in files if file.stem in sys.stdlib_module_names]


def _joined(files: list[Path]) -> Tensor:
    return torch.cat([encode(file.read_text(encoding="utf-8", errors="ignore"))[:LIMIT] for file in files])


def windows(codes: Tensor, count: int, length: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """``count`` stretches of the text (count, length), drawn anew, and the characters that follow each of theirs."""
    begins = torch.randint(len(codes) - length, (count,), generator=generator)
    stretches = torch.stack([codes[begin : begin + length + 1] for begin in begins.tolist()]).long()
    return stretches[:, :-1], stretches[:, 1:]
