"""What the script of a claim returns, and how docs/claims.md shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Verdict = Literal["as published", "with an extension", "false"]


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Mean ± standard deviation of what the seeds gave."""
    array = np.asarray(values, float)
    mean = round(float(array.mean()), digits) + 0.0  # no "-0.00"
    return f"{mean:.{digits}f}" if len(array) == 1 else f"{mean:.{digits}f} ± {array.std(ddof=1):.{digits}f}"


@dataclass(frozen=True)
class Table:
    """Figures of one experiment: a title, the heads of all columns, and rows of cells."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """The table as Markdown, its title above it."""
        lines = [f"**{self.title}**", "", _line(self.columns), _line(("---",) * len(self.columns))]
        return "\n".join(lines + [_line(row) for row in self.rows])


@dataclass(frozen=True)
class Picture:
    """An image in docs/images/claims and what a reader who can't see it should know."""

    file: str
    shows: str


@dataclass(frozen=True)
class Claim:
    """One published claim and what was measured of it. ``verdict`` follows from the figures of this very run."""

    title: str
    claim: str
    verdict: Verdict
    number: str
    baseline: str
    text: str
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    extension: str = field(default="")  # what had to be added, where the verdict says so

    def summary(self) -> tuple[str, ...]:
        """The claim's row in the table that opens the page."""
        verdict = f"{self.verdict}: {self.extension}" if self.extension else self.verdict
        return self.claim, verdict, self.number, self.baseline

    def section(self) -> str:
        """The claim's section of the page."""
        parts = [f"## {self.title}", self.text.strip()]
        parts += [table.markdown() for table in self.tables]
        parts += [f"![{picture.shows}](images/claims/{picture.file})" for picture in self.pictures]
        return "\n\n".join(parts)


def page(claims: Sequence[Claim], introduction: str) -> str:
    """The whole of docs/claims.md."""
    columns = ("claim", "verdict", "measured", "beside it")
    opening = [_line(columns), _line(("---",) * len(columns))] + [_line(claim.summary()) for claim in claims]
    return "\n\n".join([introduction.strip(), "\n".join(opening), *[claim.section() for claim in claims]]) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"
