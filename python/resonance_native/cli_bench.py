"""What ``resonance-native bench`` does: read options, measure, write table, JSON and picture."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import resonance_native as rn
from resonance_native.cli_progress import share_bar
from resonance_native.cli_run import CliError, check_output, naming
from resonance_native.memory import require_memory

if TYPE_CHECKING:
    from resonance_native.bench.cases import Gain
    from resonance_native.bench.contenders import Source
    from resonance_native.bench.suite import Plan

STEM = "resonance-bench"  # of the files' names
LARGEST_SIZE = 2**16
INITIAL_BYTES = 16  # for each weight, while they are drawn
NEEDED = ("matplotlib", "rich", "threadpoolctl")

Choice = TypeVar("Choice", bound=str)

sources: list[Source] = []  # of contenders beyond NumPy and the native ones; ``bench/peers`` adds its own


def bench(
    out: Path, quick: bool, sizes: str | None, dtype: str, threads: str | None, gain: str, turns: int | None
) -> None:
    """Measure, print the tables and write the files.

    Parameters
    ----------
    out
        The directory for both files.
    quick
        Whether to be done within a minute.
    sizes, threads
        Numbers between commas; None takes the plan's.
    dtype
        "float64", "float32" or "both".
    gain
        "living", "default" or "both".
    turns
        Laps of each contender; None takes the plan's.
    """
    missing = [name for name in NEEDED if not find_spec(name)]
    if missing:
        raise CliError(f'bench needs {" and ".join(missing)}; try: pip install "resonance-native[bench]"')
    plan = _plan(quick, sizes, dtype, threads, gain, turns)
    data, picture = out / f"{STEM}.json", out / f"{STEM}.png"
    check_output(data, (".json",))
    check_output(picture, (".png",))

    from resonance_native.bench.picture import draw
    from resonance_native.bench.suite import run_suite
    from resonance_native.bench.table import headlines, show

    with share_bar() as progress:
        results = run_suite(plan, sources, progress)
    show(results)
    for line in headlines(results):
        print(line)
    with naming(data):
        results.write_json(data)
    with naming(picture):
        draw(results, picture)
    print(f"written in {results.seconds:.0f} s: {data} and {picture}")


def _plan(quick: bool, sizes: str | None, dtype: str, threads: str | None, gain: str, turns: int | None) -> Plan:
    """Read the options into a plan."""
    from resonance_native.bench.cell import Effort
    from resonance_native.bench.suite import Plan

    every = tuple(sorted({1, rn.get_num_threads()}))
    dtypes = _choice("--dtype", dtype, ("float64", "float32"))
    gains: tuple[Gain, ...] = _choice("--gain", gain, ("living", "default"))
    plan = Plan(
        sizes=(16, 128, 512, 2048) if quick else tuple(2**k for k in range(4, 14)),
        dtypes=dtypes,
        threads=every,
        gains=gains,
        effort=Effort(turns=5, lap=0.004, warm_up=0.008, rest=0.05) if quick else Effort(11, 0.01, 0.03, 0.1),
        cell_seconds=60.0,
        seconds=50.0 if quick else None,
    )
    if sizes is not None:
        plan = replace(plan, sizes=numbers("--sizes", sizes, LARGEST_SIZE))
    if threads is not None:
        plan = replace(plan, threads=numbers("--threads", threads, 1024))
    if turns is not None:
        if turns < 1:
            raise CliError(f"--turns must be ≥ 1, got {turns}")
        plan = replace(plan, effort=replace(plan.effort, turns=turns))
    largest = max(plan.sizes)
    try:
        require_memory(INITIAL_BYTES * largest**2, f"--sizes {largest}: the initial state", "choose smaller sizes")
    except MemoryError as error:
        raise CliError(str(error)) from error
    return plan


def _choice(name: str, value: str, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """One of the choices, or both."""
    if value == "both":
        return choices
    for choice in choices:
        if value == choice:
            return (choice,)
    raise CliError(f"{name} must be {', '.join(choices)} or both, got {value!r}")


def numbers(name: str, text: str, largest: int) -> tuple[int, ...]:
    """Read whole numbers between commas: ascending, each once."""
    try:
        values = sorted({int(part) for part in text.split(",")})
    except ValueError:
        values = [0]
    if not 1 <= values[0] <= values[-1] <= largest:
        raise CliError(f"{name} must be whole numbers from 1 to {largest}, with commas between them, got {text!r}")
    return tuple(values)
