"""The command line: commands, their options, and errors in one line."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

import resonance_native as rn
from resonance_native import cli_bench, cli_latency, cli_run
from resonance_native.cli_run import CliError
from resonance_native.regimes import advice

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The Resonance Network: oscillators that learn by phase alignment.",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, 2 for a wrong argument or file, 130 when interrupted.

    Parameters
    ----------
    argv
        Arguments after the command's name; None takes those of the process.
    """
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a character shows "?" in its place
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
    try:
        code = app(None if argv is None else list(argv), prog_name="resonance-native", standalone_mode=False)
        return _interrupted() if code == 130 else code if isinstance(code, int) else 0
    except CliError as error:
        message = str(error)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except Exception as error:
        if not hasattr(error, "format_message"):  # what typer raises for a wrong option or argument
            raise
        message = f"{error.format_message()} (see resonance-native --help)"
    print(f"resonance-native: error: {' '.join(message.split())}", file=sys.stderr)
    return 2


def _interrupted() -> int:
    print("resonance-native: interrupted", file=sys.stderr)
    return 130


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"resonance-native {rn.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and leave.")
    ] = False,
) -> None: ...


@app.command()
def run(
    inputs: Annotated[
        Path, typer.Argument(metavar="INPUT", help="A .npy or .csv file: rows of n values in rad/s, one per node.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE.npz", help="Where to write the network at the end.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", "-c", metavar="FILE.toml",
            help="Any keyword of ResonanceNetwork, and dt, hold and learn, as key = value. Options here overrule it.",
        ),
    ] = None,
    dt: Annotated[float | None, typer.Option(help="Time step in s, 0.01 if not given.")] = None,
    hold: Annotated[int | None, typer.Option(help="Steps for which each row is held, 1 if not given.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the initial state; random if not given.")] = None,
    threads: Annotated[int | None, typer.Option(help="Chosen by the size of the network if not given.")] = None,
    dtype: Annotated[str | None, typer.Option(help="Of the weights: float64 (if not given) or float32.")] = None,
    coupling: Annotated[float | None, typer.Option(help="Pull of the weights on the phases, 0 if not given.")] = None,
    gain: Annotated[float | None, typer.Option(help="Of the amplitudes, 1 if not given.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Of the weights, 0.01 if not given.")] = None,
    decay: Annotated[float | None, typer.Option(help="Of the weights, per step, 0.99 if not given.")] = None,
    learn: Annotated[
        bool | None, typer.Option("--learn/--no-learn", show_default=False, help="Whether the weights change.")
    ] = None,
) -> None:  # fmt: skip
    """Stream the rows of a file into a network.

    Prints its speed, order parameter and regime at the end.

    With --out: phases, frequencies, amplitudes, weights, step_count, time and order_parameter.
    """
    flags = {
        "dt": dt, "hold": hold, "seed": seed, "threads": threads, "dtype": dtype, "coupling": coupling, "gain": gain,
        "learning_rate": learning_rate, "decay": decay, "learn": learn,
    }  # fmt: skip
    settings = cli_run.read_config(config) if config else {}
    settings.update({name: value for name, value in flags.items() if value is not None})
    if out:
        cli_run.check_output(out, (".npz",))
    rows = cli_run.read_rows(inputs)
    timing = {name: settings.pop(name) for name in ("dt", "hold", "learn") if name in settings}

    net = cli_run.build(rows.shape[1], settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rn.ResonanceWarning)  # for each piece of the run; what counts is the end
        begun = time.perf_counter()
        cli_run.stream(net, rows, **timing)
        seconds = time.perf_counter() - begun
    regime = net.regime()
    if regime != "alive":
        print(f"resonance-native: warning: {advice(regime, net.n_nodes, net.step_count)}", file=sys.stderr)
    speed = net.step_count / seconds
    print(f"{net.step_count:,} steps of {net.n_nodes:,} nodes in {seconds:.2f} s: {speed:,.0f} steps/s")
    print(f"order parameter |r| = {abs(net.order_parameter()):.4f}, regime: {regime}")
    if out:
        cli_run.write_result(out, net)
        print(f"written: {out}")


@app.command()
def info() -> None:
    """Print version, instruction set, threads and build."""
    rn.show_config()


@app.command()
def cmake_dir() -> None:
    """Print the folder of the CMake package, for cmake -Dresonance_DIR=..."""
    try:
        print(rn.get_cmake_dir())
    except FileNotFoundError as error:
        raise CliError(str(error)) from None


@app.command()
def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where the picture goes: .png, .svg or .pdf.")
    ] = Path("resonance-demo.png"),
) -> None:
    """Compare with NumPy, learn from handwritten digits and draw a network that synchronises (under a minute)."""
    needed = {"matplotlib": "matplotlib", "sklearn": "scikit-learn"}
    missing = [name for module, name in needed.items() if not find_spec(module)]
    if missing:
        raise CliError(f'demo needs {" and ".join(missing)}; try: pip install "resonance-native[demo]"')
    cli_run.check_output(out, (".png", ".svg", ".pdf"))
    from resonance_native import demo as parts

    with cli_run.naming(out):
        parts.demo(out)


@app.command()
def bench(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer sizes and turns: done within a minute.")] = False,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Where resonance-bench.json and resonance-bench.png go.")
    ] = Path(),
    sizes: Annotated[
        str | None, typer.Option(metavar="N,N,...", help="Numbers of nodes; 16 to 8192 if not given.")
    ] = None,
    dtype: Annotated[str, typer.Option(help="float64, float32 or both.")] = "both",
    threads: Annotated[
        str | None, typer.Option(metavar="K,K,...", help="Numbers of threads; one and all if not given.")
    ] = None,
    gain: Annotated[str, typer.Option(help="living (30/n), default (1: large networks saturate) or both.")] = "living",
    turns: Annotated[int | None, typer.Option(help="Laps of each; 11 if not given, 5 with --quick.")] = None,
) -> None:
    """Measure the native steps beside NumPy and beside what this machine's memory and arithmetic allow.

    Prints tables and writes all figures as JSON, and a picture.
    """
    cli_bench.bench(out, quick, sizes, dtype, threads, gain, turns)


@app.command()
def latency(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer sizes, shorter: done within half a minute.")] = False,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Where resonance-latency.json and .png go.")
    ] = Path(),
    nodes: Annotated[
        str | None, typer.Option(metavar="N,N,...", help="Numbers of nodes; 16 to 512 if not given.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Of the loop, for each; 10 if not given, 3 with --quick.")
    ] = None,
    dtype: Annotated[str, typer.Option(help="float64 or float32.")] = "float64",
    coupling: Annotated[float, typer.Option(help="Pull of the weights on the phases.")] = 0.0,
) -> None:
    """Time updates in a 1 kHz control loop, and how late the loop wakes up.

    Prints tables and writes all histograms as JSON, and a picture.
    """
    cli_latency.latency(out, quick, nodes, seconds, dtype, coupling)
