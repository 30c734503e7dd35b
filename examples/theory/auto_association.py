"""How many random phase patterns a network can hold and call back: measured beside the signal-to-noise theory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import resonance_native as rn
from examples.claims.report import Table

from .drawing import BLACK, BLUE, GREEN, ORANGE, canvas, save
from .memory_theory import curve
from .page import show

Kind = Literal["complex", "real", "signs"]
NAMES: dict[Kind, str] = {"complex": "phasors, complex W", "real": "phasors, real W", "signs": "signs (Hopfield)"}
FACTORS = (0.3, 0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.8)  # load / the theory's capacity
SEEDS = {250: 8, 500: 6, 1000: 4, 2000: 2}
LEAST = 0.7  # a pattern is called back where the overlap is at least this


def patterns(rng: np.random.Generator, shape: tuple[int, int], kind: Kind) -> NDArray[Any]:
    """Random phasors (complex), or signs (real)."""
    if kind == "signs":
        return np.where(rng.random(shape) < 0.5, 1.0, -1.0)
    return np.asarray(np.exp(1j * rng.uniform(0, 2 * np.pi, shape)))


def product(z: NDArray[Any], out: NDArray[Any], into: NDArray[Any], kind: Kind
            ) -> NDArray[Any]:  # fmt: skip
    """W z of states (k, n), with W = Σ out inᴴ / n or the real part of that, without forming W."""
    field = (z @ into.conj().T) @ out
    if kind == "real":
        field = (field + (z @ into.T) @ out.conj()) / 2
    return np.asarray(field / z.shape[1])


def advanced(field: NDArray[Any], kind: Kind) -> NDArray[Any]:
    """The new states: each node takes the phase, or the sign, of its field."""
    return np.where(field >= 0, 1.0, -1.0) if kind == "signs" else field / np.abs(field)


def corrupted(stored: NDArray[Any], rng: np.random.Generator, kind: Kind, share: float = 0.25) -> NDArray[Any]:
    """Cues: a share of the nodes at random."""
    return np.where(rng.random(stored.shape) < share, patterns(rng, stored.shape, kind), stored)


def recalled(
    n: int, count: int, kind: Kind, seed: int, *, share: float = 0.25, cues: int = 10, steps: int = 100
) -> float:
    """Mean overlap |zᴴx|/n with the first of the stored patterns after so many steps from their corrupted cues."""
    rng = np.random.default_rng(seed)
    stored = patterns(rng, (count, n), kind)
    wanted = stored[:cues]
    z = corrupted(wanted, rng, kind, share)
    for _ in range(steps):
        # A node does not act on itself: the diagonal of W, count/n, is taken out.
        z = advanced(product(z, stored, stored, kind) - count / n * z, kind)
    return float(np.abs((z * wanted.conj()).mean(axis=1)).mean())


def coupled(n: int, count: int, seed: int) -> float:
    """The same with the native network: one cue, real weights that don't learn, Kuramoto's coupling."""
    rng = np.random.default_rng(seed)
    stored = patterns(rng, (count, n), "real")
    weights = (stored.T @ stored.conj()).real / n
    np.fill_diagonal(weights, 0)
    cue = corrupted(stored[:1], rng, "real")[0]
    # Stable for certain: dt · κ · Σ_j|W_ij| = 1.
    coupling = 1.0 / np.abs(weights).sum(axis=1).max()
    net = rn.ResonanceNetwork.from_state(np.angle(cue), np.zeros(n), np.ones(n), weights, coupling=coupling)
    net.run(0.0, 1500, 1.0, learn=False)
    return float(np.abs((np.exp(1j * net.phases) * stored[0].conj()).mean()))


def theory(kind: Kind, sequence: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Load and overlap of the theory."""
    found = curve(phasors=kind != "signs", sequence=sequence)
    return found.load / (2 if kind == "real" else 1), found.overlap


def largest_load(loads: Sequence[float], overlaps: Sequence[float]) -> float:
    """Where the overlap first falls below ``LEAST``, by linear interpolation."""
    k = next(k for k, overlap in enumerate(overlaps) if overlap < LEAST)
    part = (overlaps[k - 1] - LEAST) / (overlaps[k - 1] - overlaps[k])
    return loads[k - 1] + part * (loads[k] - loads[k - 1])


def capacities(found: Mapping[tuple[Kind, int], tuple[list[float], list[float]]], sequence: bool, title: str) -> Table:
    """The table of largest loads."""
    kinds, sizes = list(dict.fromkeys(k for k, _ in found)), list(dict.fromkeys(n for _, n in found))
    rows = []
    for kind in kinds:
        load, overlap = theory(kind, sequence)
        cells = [f"{largest_load(*found[kind, n]):.4f}" for n in sizes]
        rows.append((NAMES[kind], *cells, f"{load[-1]:.4f}", f"{overlap[-1]:.2f}"))
    return Table(title, ("", *[f"n = {n}" for n in sizes], "theory, n → ∞", "overlap there"), tuple(rows))


def draw(found: Mapping[tuple[Kind, int], tuple[list[float], list[float]]], sequence: bool, images: Path, name: str,
         unit: str) -> None:  # fmt: skip
    """Overlap against load, the smallest and the largest n."""
    kinds, sizes = list(dict.fromkeys(k for k, _ in found)), list(dict.fromkeys(n for _, n in found))
    figure, (axes,) = canvas()
    colours: dict[Kind, str] = {"real": ORANGE, "complex": BLUE, "signs": GREEN}
    for kind in kinds:
        load, overlap = theory(kind, sequence)
        axes.plot(load, overlap, color=colours[kind], linewidth=2)
        axes.plot([load[-1]] * 2, [0, overlap[-1]], color=colours[kind], linewidth=1, linestyle=":")
        for n, marker, fill in ((sizes[0], "s", "none"), (sizes[-1], "o", colours[kind])):
            axes.plot(*found[kind, n], marker, color=colours[kind], markerfacecolor=fill, markersize=6)
        axes.plot([], [], color=colours[kind], linewidth=4, label=NAMES[kind])
    axes.plot([], [], color=BLACK, label="theory, n → ∞")
    axes.plot([], [], "s", color=BLACK, markerfacecolor="none", label=f"measured, n = {sizes[0]}")
    axes.plot([], [], "o", color=BLACK, label=f"measured, n = {sizes[-1]}")
    axes.set(xlabel=f"{unit} / n", ylabel="overlap with what was stored", ylim=(0, 1.03), xlim=(0, None))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=10)
    save(figure, images, name)


def measure(images: Path) -> Mapping[str, Table]:
    """Overlaps over a range of loads, for three kinds of memory and four sizes."""
    found: dict[tuple[Kind, int], tuple[list[float], list[float]]] = {}
    kinds: tuple[Kind, ...] = ("real", "complex", "signs")
    for kind in kinds:
        capacity = theory(kind, sequence=False)[0][-1]
        for n, seeds in SEEDS.items():
            counts = sorted({max(1, round(factor * capacity * n)) for factor in FACTORS})
            overlaps = [float(np.mean([recalled(n, count, kind, seed) for seed in range(seeds)])) for count in counts]
            found[kind, n] = [count / n for count in counts], overlaps
    draw(found, False, images, "auto_association", "patterns")
    table = capacities(
        found, False, f"Largest patterns/n with overlap ≥ {LEAST} from cues with 25 % of the nodes at random"
    )

    rows = []
    for count in (10, 14, 18, 22, 30):
        ten = range(10)
        by_coupling = np.mean([coupled(1000, count, seed) for seed in ten])
        same_cue = np.mean([recalled(1000, count, "real", seed, cues=1, steps=400) for seed in ten])
        ten_cues = np.mean([recalled(1000, count, "real", seed) for seed in ten])
        uncorrupted = np.mean([recalled(1000, count, "real", seed, share=0.0) for seed in ten])
        rows.append((str(count), *[f"{value:.3f}" for value in (by_coupling, same_cue, ten_cues, uncorrupted)]))
    native = Table(
        "Real W, n = 1000, mean of 10 seeds: overlap by Kuramoto's coupling (native) and by z ← Wz/|Wz|",
        ("patterns", "coupling, 1 cue", "z ← Wz/|Wz|, the same cue", "10 cues", "10 patterns themselves"),
        tuple(rows),
    )
    return {"auto-capacity": table, "auto-native": native}


if __name__ == "__main__":
    show(measure)
