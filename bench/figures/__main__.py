"""Measure every figure and print the tables."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable

import resonance_native as rn
from resonance_native.bench.cases import Start

from .attention import measure_attention, measure_attention_memory
from .checkpoint import measure_kills, measure_writing
from .ensemble import measure_ensemble
from .entrain import measure_clusterer, measure_entrain
from .errors import measure_error
from .factored import measure_factored
from .figure import Figure
from .loop import measure_loop
from .memory import measure_memory
from .peers import measure_peers
from .recording import measure_bits, measure_progress, measure_recording, measure_stream
from .run import measure_coupled, measure_held, measure_long, measure_noise
from .sparse import measure_sparse
from .table import measure_table
from .update import measure_large, measure_small

HELD = {
    1024: {"published": 300.0, "NumPy blocked": 3.0},
    4096: {"published": 1000.0, "NumPy blocked": 5.0, "numba rank-2": 15.0},
}


def measure_runs(turns: int, threads: int) -> list[Figure]:
    """Runs at both gains."""
    figures: list[Figure] = []
    for n, asked in HELD.items():
        start = Start(n)
        for gain in ("living", "default"):
            figures += measure_held(start, n, threads, gain, turns, asked)
    for gain in ("living", "default"):
        figures += measure_long(start, n, threads, gain, max(3, turns // 4), 2000)
        figures += measure_noise(start, n, threads, gain, turns)
    return figures


def measure_errors() -> list[Figure]:
    """Errors at the sizes that NumPy does in minutes."""
    figures: list[Figure] = []
    for gain in ("living", "default"):
        figures += measure_error(1024, 512, gain, by_reference=True)
        figures += measure_error(4096, 1000, gain, by_reference=False)
        figures += measure_error(1024, 10_000, gain, by_reference=False)
    return figures


def measure_learning(turns: int, threads: int) -> list[Figure]:
    """Rows of data, and a read-out."""
    figures: list[Figure] = []
    for dtype in ("float32", "float64"):
        figures += measure_entrain(60_000, 784, 1000, dtype, max(5, turns // 2), threads)
    return figures + measure_clusterer(turns)


def measure_attentions(turns: int, threads: int) -> list[Figure]:
    """Attention at two lengths in both dtypes, and its memory."""
    figures: list[Figure] = []
    for length in (1024, 4096):
        for dtype in ("float32", "float64"):
            figures += measure_attention(length, dtype, turns, threads)
    return figures + measure_attention_memory(16384, threads)


def measure_recordings(turns: int, threads: int) -> list[Figure]:
    """Runs that are watched, their bits, and a long stream."""
    figures: list[Figure] = []
    for dtype in ("float64", "float32"):
        for team in sorted({1, threads}):
            figures += measure_recording(4096, dtype, team, turns)
    for n, steps in ((64, 1_000_000), (1024, 20_000)):
        figures += measure_progress(n, steps, turns)
    return figures + measure_bits(1024) + measure_stream(1_000_000)


def main() -> None:
    """Parse the arguments and measure."""
    threads = min(2, rn.get_num_threads())
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=11, help="turns of each contestant (11)")
    parser.add_argument(
        "--only",
        nargs="*",
        metavar="PART",
        help="steps, loop, coupled, runs, peers, memory, learning, attention, recording, checkpoint, ensemble, "
        "factored, sparse, errors, table",
    )
    arguments = parser.parse_args()
    turns = arguments.turns
    parts: dict[str, Callable[[], list[Figure]]] = {
        "steps": lambda: measure_large(4096, turns, threads) + measure_small(64, turns),
        "loop": lambda: measure_loop(turns),
        "coupled": lambda: measure_coupled(Start(4096), 4096, threads, turns),
        "runs": lambda: measure_runs(turns, threads),
        "peers": lambda: [figure for n in (64, 256, 1024, 4096) for figure in measure_peers(n, threads, turns)],
        "memory": lambda: measure_memory(8192),
        "learning": lambda: measure_learning(turns, threads),
        "attention": lambda: measure_attentions(turns, threads),
        "recording": lambda: measure_recordings(turns, threads),
        "checkpoint": lambda: measure_writing(16384, turns) + measure_kills(200),
        "ensemble": lambda: [
            figure
            for dtype in ("float64", "float32")
            for figure in measure_ensemble(turns=turns, threads=threads, dtype=dtype)
        ],
        "factored": lambda: measure_factored(turns, threads),
        "sparse": lambda: measure_sparse(turns, threads),
        "errors": measure_errors,
    }
    rn.show_config()
    print()
    figures: list[Figure] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rn.ResonanceWarning)  # held for so long, some saturate
        for name, measure in parts.items():
            if arguments.only is None or name in arguments.only:
                figures += measure()
        if arguments.only is None or "table" in arguments.only:
            print("\nMicroseconds a step\n")
            table = measure_table({64: (15, 200), 256: (15, 20), 1024: (11, 3), 4096: (7, 1)}, threads)
            print("\n" + "\n".join(table))
    print("\n| figure | asked | measured: median (quartiles) | |\n|---|---|---|---|")
    for figure in figures:
        print(f"| {figure.name} | {figure.asked} | {figure.measured} | {'yes' if figure.met else 'NO'} |")


if __name__ == "__main__":
    main()
