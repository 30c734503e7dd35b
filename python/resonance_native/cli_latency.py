"""What ``resonance-native latency`` does: read options, measure, write tables, JSON and picture."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from resonance_native.cli_bench import numbers
from resonance_native.cli_progress import share_bar
from resonance_native.cli_run import CliError, check_output, naming

if TYPE_CHECKING:
    from resonance_native.latency.suite import Plan

STEM = "resonance-latency"  # of the files' names
LARGEST = 4096  # number of nodes: there an update takes NumPy half a second
LONGEST = 86400.0  # [s]
NEEDED = ("matplotlib", "rich", "threadpoolctl")


def latency(out: Path, quick: bool, nodes: str | None, seconds: float | None, dtype: str, coupling: float) -> None:
    """Measure, print the tables and write the files.

    Parameters
    ----------
    out
        The directory for both files.
    quick
        Whether to be done within half a minute.
    nodes
        Numbers between commas; None takes the plan's.
    seconds
        Of the loop, for each number of nodes; None takes the plan's.
    dtype
        "float64" or "float32".
    coupling
        κ [rad/s].
    """
    missing = [name for name in NEEDED if not find_spec(name)]
    if missing:
        raise CliError(f'latency needs {" and ".join(missing)}; try: pip install "resonance-native[bench]"')
    plan = _plan(quick, nodes, seconds, dtype, coupling)
    data, picture = out / f"{STEM}.json", out / f"{STEM}.png"
    check_output(data, (".json",))
    check_output(picture, (".png",))

    from resonance_native.latency.picture import draw
    from resonance_native.latency.program import ProgramError
    from resonance_native.latency.suite import measure
    from resonance_native.latency.table import show

    with share_bar() as progress:
        try:
            results = measure(plan, progress)
        except ProgramError as error:
            raise CliError(str(error)) from error
    show(results)
    with naming(data):
        results.write_json(data)
    with naming(picture):
        draw(results, picture)
    print(f"written: {data} and {picture}")


def _plan(quick: bool, nodes: str | None, seconds: float | None, dtype: str, coupling: float) -> Plan:
    """Read the options into a plan."""
    from resonance_native.latency.suite import Plan

    if dtype not in ("float64", "float32"):
        raise CliError(f"--dtype must be float64 or float32, got {dtype!r}")
    if seconds is None:
        seconds = 3.0 if quick else 10.0
    if not 0.001 <= seconds <= LONGEST:
        raise CliError(f"--seconds must be from 0.001 to {LONGEST:.0f}, got {seconds}")
    if not abs(coupling) <= 1e6:  # nor a NaN
        raise CliError(f"--coupling must be from -1e6 to 1e6, got {coupling}")
    sizes = (16, 64, 256) if quick else (16, 32, 64, 128, 256, 512)
    return Plan(
        nodes=sizes if nodes is None else numbers("--nodes", nodes, LARGEST),
        seconds=seconds, dtype=dtype, coupling=coupling, turns=5 if quick else 11,
    )  # fmt: skip
