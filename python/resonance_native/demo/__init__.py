"""The demo: what the library does, measured on this machine. Nothing that it prints is written down beforehand."""

from __future__ import annotations

import time
from pathlib import Path

import resonance_native as rn

from .digits import HOLD, stream_digits
from .learning import cluster_digits, complete_digits, recall_sequence
from .learning_picture import draw_learning
from .million import run_million
from .picture import draw
from .steps import compare_steps
from .synchronisation import synchronise


def demo(
    out: Path,
    *,
    n: int = 4096,
    repeats: int = 7,
    images: int | None = None,
    nodes: int = 240,
    seconds: float = 12.0,
    many: int = 1_000_000,
) -> None:
    """Run the five parts, print what they measured and write the two pictures.

    Parameters
    ----------
    out
        Where the picture of the fourth part goes. That of the third goes beside it, with "-learning" in its name.
    n, repeats
        Size and steps of the first part, NumPy beside native.
    images
        Digits in the second and third part; None takes all.
    nodes, seconds
        Size and simulated time [s] of the fourth part.
    many
        Size of the last part; with less memory than it needs it takes fewer nodes.
    """
    begun = time.perf_counter()
    threads = rn.get_num_threads()
    print(f"resonance_native {rn.__version__}, {rn.isa()}, {threads} thread{'s' if threads > 1 else ''}")
    _print_steps(n, repeats)
    _print_digits(images)
    learning = out.with_stem(f"{out.stem}-learning")
    _print_learning(learning, images)
    _print_picture(out, nodes, seconds)
    _print_million(many)
    print(f"\nThe pictures are {out} and {learning} ({time.perf_counter() - begun:.0f} s in all).", flush=True)


def _announce(number: int, text: str) -> None:
    print(f"\n{number}. {text} ...", flush=True)


def _print_steps(n: int, repeats: int) -> None:
    _announce(1, f"The same step in NumPy and natively, {n:,} nodes and {n * n / 1e6:,.1f} million weights")
    result = compare_steps(n, repeats)
    rows = (
        ("NumPy as published", result.published),
        ("NumPy, rank-2 update", result.rank_two),
        ("resonance_native", result.native),
    )
    for name, duration in rows:
        print(f"   {name:<22}{duration * 1e3:10,.2f} ms {result.published / duration:8,.1f} ×")
    print(
        f"   medians of {repeats} steps, taken in turn\n"
        f"   largest difference     weights {result.weight_error:.1e} of max|W|, "
        f"amplitudes {result.amplitude_error:.1e}\n"
        f"                          (learning 1 % too fast would show as {result.sensitivity:.1e})\n"
        f"   1 and 2 threads        {'the same bits' if result.same_bits else 'DIFFERENT BITS'}",
        flush=True,
    )


def _print_digits(limit: int | None) -> None:
    _announce(2, "Handwritten digits streamed into 64 nodes, one per pixel, without labels")
    result = stream_digits(limit)
    net, rows = result.net, len(result.images)
    learned, best = result.neighbour_share(net.weights), result.neighbour_share(result.likeness())
    print(
        f"   {rows:,} images, {HOLD} steps each: {rows / result.seconds:,.0f} images/s, "
        f"{rows * HOLD / result.seconds:,.0f} steps/s\n"
        f"   largest difference from the NumPy reference: {result.error:.1e}\n"
        f"   at the end {net.regime()}, amplitudes {net.amplitudes.min():.2f} to {net.amplitudes.max():.2f}, "
        f"order parameter {abs(net.order_parameter()):.2f}\n"
        f"   weights against how alike two pixels are in all images: rank correlation {result.rank_correlation():.2f}\n"
        f"   The network was never told which pixels touch. Strongest learned partner is a neighbour:\n"
        f"   {learned:.0%} of {result.used.sum()} pixels (by chance {result.chance():.0%}; "
        f"choosing the most alike in all images, {best:.0%})"
    )
    for line in result.arrows():
        print(f"      {line}")
    print("   each pixel points to its partner; · is a partner further away, blank a pixel that never changes")


def _print_learning(out: Path, limit: int | None) -> None:
    _announce(3, "Digits entrained, each image once, and read out")
    clusters, completion, sequence = cluster_digits(limit), complete_digits(limit), recall_sequence(limit)
    error, of_mean = completion.errors
    print(
        f"   ten clusters of {len(clusters.images):,} images in {clusters.seconds * 1e3:.0f} ms, "
        f"adjusted Rand index with the digits shown: {clusters.agreement:.2f}\n"
        f"   lower halves of {len(completion.truth)} unseen images completed from the upper: "
        f"error {error:.3f} (mean image {of_mean:.3f})\n"
        f"   a sequence of {len(sequence.images)} images, from a cue with a quarter of its nodes random: "
        f"{sequence.right} of {len(sequence.images)} steps right",
        flush=True,
    )
    draw_learning(clusters, completion, sequence, out)


def _print_picture(out: Path, nodes: int, seconds: float) -> None:
    _announce(4, f"{nodes} coupled oscillators synchronise through the weights they learn")
    result = synchronise(nodes, seconds)
    clusters, placed = result.recovered()
    amplitudes, within = result.net.amplitudes, result.group_order
    print(
        f"   order parameter within the groups {within[0].min():.2f} to {within[0].max():.2f} at the start, "
        f"{within[-1].min():.3f} to {within[-1].max():.3f} after {seconds:g} s\n"
        f"   {result.net.regime()}, amplitudes {amplitudes.min():.2f} to {amplitudes.max():.2f}\n"
        f"   clusters read from the learned weights alone: {clusters}, "
        f"with {placed} of {nodes} nodes among those of their own frequency",
        flush=True,
    )
    draw(result, out)


def _print_million(n: int) -> None:
    _announce(5, f"{n:,} nodes, whose weights are kept as factors instead of n × n numbers")
    result = run_million(n)
    net, taken = result.net, result.peak_bytes
    nodes = net.n_nodes
    if nodes < n:
        print(f"   memory suffices for {nodes:,} nodes")
    memory = "" if taken is None else f", {taken / 2**30:.2f} GiB of memory"
    dense = " or ".join(f"{_size(result.dense_bytes(dtype))} in {dtype}" for dtype in ("float32", "float64"))
    print(
        f"   {result.seconds * 1e3:,.3g} ms a step with a held input, float32{memory}\n"
        f"   weights of rank {result.rank} at a tolerance of {net.tolerance:g}, where dense ones would take {dense}\n"
        f"   {net.regime()}, amplitudes {net.amplitudes.min():.2f} to {net.amplitudes.max():.2f}",
        flush=True,
    )


def _size(count: float) -> str:
    """Bytes in three digits, with their unit."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"
