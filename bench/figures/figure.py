"""One figure, and how its measurements are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from resonance_native.bench.interleaved import Laps, Ratio


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    asked: str
    measured: str
    met: bool


def at_least(name: str, least: float, ratio: Ratio) -> Figure:
    """A ratio that should be no less than asked."""
    return Figure(name, f"≥ {least:,g}", str(ratio), ratio.median >= least)


def at_most(name: str, most: float, ratio: Ratio) -> Figure:
    """A ratio that should be no more than asked."""
    return Figure(name, f"≤ {most:,g}", str(ratio), ratio.median <= most)


def per_step(laps: Laps, steps: Mapping[str, float]) -> Laps:
    """The same laps in seconds a step, where a call takes so many steps; 1 where none are given."""
    return Laps({name: list(seconds / steps.get(name, 1)) for name, seconds in laps.seconds.items()})


def show(laps: Laps, unit: float) -> None:
    """Print the medians of all contestants."""
    for name in laps.seconds:
        print(f"   {name:<20}{laps.median(name) * unit:12.3f}", flush=True)
