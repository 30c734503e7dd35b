"""Loops: how long a pattern of phases survives without input, in pairs of nodes (complex weights) or single ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import resonance_native as rn
from resonance_native.learn import PhaseMemory

from .pictures import BLUE, GREY, VERMILLION, figure, save
from .report import Claim, Picture, Table, Verdict, spread

Phasors = NDArray[np.complex128]
Array = NDArray[np.float64]

NODES = 100
DT = 0.01
TIMES = np.array([0.0, 0.5, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50])  # [s], which are mean periods
COUPLINGS = (0.0, 1.0, 3.0, 10.0)
COUNTS = (1, 3, 5, 10)  # patterns stored
NOISE = 0.3  # [rad] on the phases of the cue
COMPLEX, REAL = "complex", "real"


@dataclass(frozen=True)
class Start:
    """Patterns (p, n) of random phases, a noisy cue (n,) of the first, and frequencies [Hz] as a network has them."""

    patterns: Phasors
    cue: Phasors
    frequencies: Array

    @classmethod
    def draw(cls, count: int, seed: int) -> Start:
        """For one seed."""
        rng = np.random.default_rng(seed)
        patterns = np.exp(1j * rng.uniform(0, 2 * np.pi, (count, NODES)))
        cue = patterns[0] * np.exp(1j * NOISE * rng.standard_normal(NODES))
        return cls(patterns, cue, rng.normal(1.0, 0.1, NODES))

    def overlap(self, z: Phasors) -> float:
        """|mean of conj(first pattern)·z|, 1 where all phase differences are those of the pattern."""
        return float(abs(np.vdot(self.patterns[0], z)) / NODES)


def by_complex_weights(start: Start, coupling: float) -> Array:
    """Overlap at ``TIMES``, by the library's memory."""
    memory = PhaseMemory(NODES).store(start.patterns)
    z, overlaps = start.cue, [start.overlap(start.cue)]
    for duration in np.diff(TIMES):
        z = memory.recall(z, duration=duration, dt=DT, coupling=coupling, frequencies=start.frequencies)
        overlaps.append(start.overlap(z))
    return np.array(overlaps)


def by_real_weights(start: Start, coupling: float) -> Array:
    """Overlap at ``TIMES``, by the network with the real part of the same weights, held as they are."""
    weights = (start.patterns.T @ start.patterns.conj()).real / NODES
    phases = np.angle(start.cue) % (2 * np.pi)
    net = rn.ResonanceNetwork.from_state(phases, start.frequencies, np.ones(NODES), weights, coupling=coupling)
    return _followed(net, start, learn=False)


def while_learning(start: Start, coupling: float) -> Array:
    """Overlap at ``TIMES`` of one pattern, held until it was learned and then let go, with learning always on.

    Learning is at the defaults, with all amplitudes at 1; the coupling is divided by the number of nodes, as
    Kuramoto's is, since weights of one pattern are near 1 and not near 1/n.
    """
    net = rn.ResonanceNetwork.from_state(
        np.angle(start.cue) % (2 * np.pi), start.frequencies, np.ones(NODES), np.zeros((NODES, NODES)),
        coupling=coupling / NODES,
    )  # fmt: skip
    net.pin(slice(None), 1.0, phases=np.angle(start.patterns[0]) % (2 * np.pi))
    net.run(0.0, 1000, DT)
    net.unpin()
    net.pin(slice(None), 1.0)
    return _followed(net, start, learn=True)


def _followed(net: rn.ResonanceNetwork, start: Start, *, learn: bool) -> Array:
    overlaps = [start.overlap(np.exp(1j * net.phases))]
    for duration in np.diff(TIMES):
        net.run(0.0, round(duration / DT), DT, learn=learn)
        overlaps.append(start.overlap(np.exp(1j * net.phases)))
    return np.array(overlaps)


Overlaps = dict[tuple[str, int, float], Array]  # (seeds, times) by kind of weights, patterns stored and coupling


def all_overlaps(seeds: int) -> Overlaps:
    """Both kinds of weights, all couplings and numbers of patterns."""
    found: Overlaps = {}
    for count in COUNTS:
        starts = [Start.draw(count, seed) for seed in range(seeds)]
        for coupling in COUPLINGS:
            for kind, follow in ((COMPLEX, by_complex_weights), (REAL, by_real_weights)):
                found[kind, count, coupling] = np.stack([follow(start, coupling) for start in starts])
    return found


def over_time(found: Overlaps) -> Table:
    """Three patterns: overlap at some times."""
    shown = [int(np.flatnonzero(time == TIMES)[0]) for time in (1, 5, 10, 50)]
    rows = [
        (f"{kind} weights, κ = {coupling:g}", *(spread(list(found[kind, 3, coupling][:, i])) for i in shown))
        for kind in (COMPLEX, REAL)
        for coupling in COUPLINGS
    ]
    columns = ("three patterns", *(f"after {TIMES[i]:g}" for i in shown))
    return Table(f"Overlap with the cued pattern, {NODES} nodes, time in mean periods", columns, tuple(rows))


def by_count(found: Overlaps) -> Table:
    """Overlap at the end by the number of patterns."""
    rows = [
        (f"{kind} weights, κ = {coupling:g}", *(spread(list(found[kind, count, coupling][:, -1])) for count in COUNTS))
        for kind in (COMPLEX, REAL)
        for coupling in COUPLINGS[2:]
    ]
    columns = ("patterns stored", *(str(count) for count in COUNTS))
    return Table(f"Overlap after {TIMES[-1]:g} mean periods", columns, tuple(rows))


def learning_table(seeds: int) -> Table:
    """One pattern, held for ten seconds, then let go with learning on."""
    rows = []
    for coupling in COUPLINGS:
        followed = np.stack([while_learning(Start.draw(1, seed), coupling) for seed in range(seeds)])
        shown = [int(np.flatnonzero(time == TIMES)[0]) for time in (1, 5, 10, 50)]
        rows.append((f"κ = {coupling:g}/n", *(spread(list(followed[:, i])) for i in shown)))
    columns = ("learning goes on", "after 1", "after 5", "after 10", "after 50")
    return Table("Overlap with one pattern that was held, the published rule at work throughout", columns, tuple(rows))


def draw(found: Overlaps, images: Path) -> Picture:
    """Overlap against time."""
    fig, axes = figure(height=3.4)
    for kind, coupling, color, style, label in (
        (COMPLEX, 3.0, BLUE, "-", "complex weights, κ = 3"),
        (REAL, 3.0, VERMILLION, "--", "real weights, κ = 3"),
        (COMPLEX, 0.0, GREY, ":", "κ = 0, as published"),
    ):
        overlaps = found[kind, 3, coupling]
        axes.plot(TIMES, overlaps.mean(axis=0), style, color=color, label=label)
        axes.fill_between(TIMES, overlaps.min(axis=0), overlaps.max(axis=0), color=color, alpha=0.15, lw=0)
    axes.set(
        xlabel="mean periods without input", ylabel="overlap with the pattern", ylim=(0, 1.02), xlim=(0, TIMES[-1])
    )
    fig.legend(loc="outside upper center", ncols=3, fontsize=9, frameon=False)
    return Picture(
        save(fig, images, "loops.png"),
        "Overlap with a stored pattern of phases against time without input: mean, and range over the seeds.",
    )


def measure(seeds: int, images: Path) -> Claim:
    """Overlaps after 50 mean periods."""
    found = all_overlaps(seeds)
    kept, free, real = (
        list(found[kind, 3, coupling][:, -1]) for kind, coupling in ((COMPLEX, 3.0), (COMPLEX, 0.0), (REAL, 3.0))
    )
    verdict: Verdict = "false"
    if np.mean(free) >= 0.9:
        verdict = "as published"
    elif np.mean(kept) >= 0.9:
        verdict = "with an extension"
    lost = next((count for count in COUNTS if np.mean(found[COMPLEX, count, 3.0][:, -1]) < 0.9), None)
    text = f"""
As published the weights never reach the phases. Nodes turn at their own frequencies, and after {TIMES[-1]:g} periods
the overlap with where they began is {spread(free)}: chance. With the phases coupled through the weights, as in
Kuramoto's equation, a pattern of phases can hold itself together while it goes round. It does so with complex weights,
the sum of z zᴴ/n over the patterns ({spread(kept)} at κ = 3). The published rule learns these, too, where each
oscillator is two nodes, a quarter turn apart: then real weights hold the cosine and the sine of every phase difference.
That is how `PhaseMemory` is built, and the native network runs it. With one node each, real weights are the mean of the
complex ones and their conjugates: a pattern and its mirror image are one to them, and the overlap falls to
{spread(real)}.

{f"There is little room: at κ = 3 the overlap is lost with {lost} patterns in {NODES} nodes." if lost else ""} Where the
published rule goes on learning, what a coupled network drifts to is learned in place of what was held.
"""
    return Claim(
        title="Loops",
        claim="It forms stable temporal loops",
        verdict=verdict,
        number=f"overlap {spread(kept)} after {TIMES[-1]:g} periods without input, 3 patterns in {NODES} nodes, κ = 3",
        baseline=f"κ = 0, as published: {spread(free)}; real weights: {spread(real)}",
        text=text,
        tables=(over_time(found), by_count(found), learning_table(seeds)),
        pictures=(draw(found, images),),
        extension="phases coupled through the weights, two nodes for each oscillator"
        if verdict == "with an extension"
        else "",
    )


if __name__ == "__main__":
    print(measure(5, Path("docs/images/claims")).section())
