"""The look that the demo's pictures share."""

from __future__ import annotations

from typing import Any

LEFT = 0.022  # margin of the text, as a share of the width
INK, GREY = "#222222", "#767676"
STYLE: Any = {
    "font.size": 13, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": GREY,
    "axes.titlesize": 14, "axes.titlelocation": "left", "axes.titlepad": 10, "axes.labelsize": 13,
    "xtick.color": GREY, "ytick.color": GREY, "xtick.labelsize": 12, "ytick.labelsize": 12,
    "axes.spines.top": False, "axes.spines.right": False, "mathtext.fontset": "dejavusans",
}  # fmt: skip
