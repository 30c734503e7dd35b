"""Where the gallery's pictures go, and how a caption says what was measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from examples.page import ROOT

PAGE = ROOT / "docs" / "gallery.md"
IMAGES = ROOT / "docs" / "images" / "gallery"


@dataclass(frozen=True)
class Caption:
    """A picture in docs/images/gallery and the text below it."""

    file: str
    shows: str  # for a reader who can't see it
    text: str

    def markdown(self) -> str:
        """Picture and text as Markdown."""
        return f"![{self.shows}](images/gallery/{self.file})\n\n{self.text}"


# A picture writes its file to the folder it is given, and returns captions by the names of their blocks.
Draw = Callable[[Path], Mapping[str, Caption]]


def save(figure: Figure, images: Path, name: str) -> str:
    """Write ``images/name.png`` and return the file's name."""
    images.mkdir(parents=True, exist_ok=True)
    figure.savefig(images / f"{name}.png", dpi=110)
    return f"{name}.png"


def show(draw: Draw) -> None:
    """Draw one picture by itself and print its captions."""
    for caption in draw(IMAGES).values():
        print(caption.markdown(), end="\n\n")
