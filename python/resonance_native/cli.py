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
from resonance_native import cli_bench, cli_follow, cli_latency, cli_run
from resonance_native.cli_process import Process
from resonance_native.cli_run import CliError
from resonance_native.launcher import launched
from resonance_native.regimes import advice

FOLLOW = "To follow a run, and to go on with it"

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The Resonance Network: oscillators that learn by phase alignment.",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0 when all is done, 1 for a run that failed on its way, 2 for a wrong argument or file, before anything is computed,
    130 when interrupted.

    Parameters
    ----------
    argv
        Arguments after the command's name; None takes those of the process.
    """
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a character shows "?" in its place
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
    arguments, process = sys.argv[1:] if argv is None else list(argv), Process()
    place = launched()
    if place is not None:
        try:
            process = _rank_process(place[1])
        except CliError as error:
            return _fail(process, str(error), error.code) if place[0] == 0 else error.code
    try:
        process.require_same(arguments=arguments)
        code = app(arguments, prog_name="resonance-native", standalone_mode=False, obj=process)
        return _interrupted() if code == 130 else code if isinstance(code, int) else 0
    except CliError as error:
        message, code = str(error), error.code
    except MemoryError as error:
        message, code = str(error) or "there is not memory enough", 1
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except Exception as error:
        if not hasattr(error, "format_message"):  # what typer raises for a wrong option or argument
            raise
        message, code = f"{error.format_message()} (see resonance-native --help)", 2
    return _fail(process, message, code)


def _rank_process(size: int) -> Process:
    """One of so many ranks."""
    try:
        from resonance_native.cli_ranks import RankProcess
    except (ImportError, RuntimeError) as error:  # mpi4py is missing, or finds no MPI
        advice = 'try: pip install "resonance-native[mpi]"'
        raise CliError(f"{size} ranks were started, which need mpi4py and an MPI; {advice} ({error})") from error
    return RankProcess(size)


def _fail(process: Process, message: str, code: int) -> int:
    return process.fail(f"resonance-native: error: {' '.join(message.split())}", code)


def _interrupted() -> int:
    print("resonance-native: interrupted", file=sys.stderr)
    return 130


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"resonance-native {rn.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  # has a callback of its own
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and leave.")
    ] = False,
) -> None:
    if not context.obj.is_alone and context.invoked_subcommand != "run":
        raise CliError(f"run is what several ranks can share, got {context.invoked_subcommand}")


@app.command()
def run(
    context: typer.Context,
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
    record: Annotated[
        Path | None,
        typer.Option(metavar="DIR.zarr", rich_help_panel=FOLLOW, help="Record the run to this new zarr store."),
    ] = None,
    record_every: Annotated[int, typer.Option(metavar="K", rich_help_panel=FOLLOW, help="Steps between samples.")] = 10,
    record_variables: Annotated[
        str,
        typer.Option(
            metavar="NAME,NAME,...", rich_help_panel=FOLLOW,
            help="Of order_parameter, phases, amplitudes, resonance and weights.",
        ),
    ] = "order_parameter,phases,amplitudes",
    checkpoint: Annotated[
        Path | None,
        typer.Option(metavar="FILE", rich_help_panel=FOLLOW, help="Save the network here on the way and at the end."),
    ] = None,
    checkpoint_seconds: Annotated[
        float, typer.Option(metavar="S", rich_help_panel=FOLLOW, help="Time between two checkpoints.")
    ] = 60.0,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", rich_help_panel=FOLLOW,
            help="Go on from a checkpoint of the same run, with the rows that are left.",
        ),
    ] = None,
    stop: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHEN", rich_help_panel=FOLLOW,
            help="order=0.99: where |r| is above it; settled=1e-6: where no amplitude changes by more in 100 steps.",
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", rich_help_panel=FOLLOW, help="Draw the run: .png, .svg or .pdf."),
    ] = None,
    progress: Annotated[
        bool | None,
        typer.Option(
            "--progress/--no-progress", show_default=False, rich_help_panel=FOLLOW,
            help="Whether to show a bar; if not given, where stderr is a terminal, which it is not under mpiexec.",
        ),
    ] = None,
) -> None:  # fmt: skip
    """Stream the rows of a file into a network.

    Prints its speed, order parameter and regime at the end. Started by mpiexec, ranks share the network.

    With --out: phases, frequencies, amplitudes, weights, step_count, time and order_parameter.

    Ctrl-C ends it after a completed step: --record keeps its samples, --checkpoint is written.

    Exit codes: 0 done, 1 the run failed on its way, 2 a wrong argument or file, 130 interrupted.
    """
    flags = {
        "dt": dt, "hold": hold, "seed": seed, "threads": threads, "dtype": dtype, "coupling": coupling, "gain": gain,
        "learning_rate": learning_rate, "decay": decay, "learn": learn,
    }  # fmt: skip
    process: Process = context.obj
    with process.agreeing():
        settings = cli_run.read_config(config) if config else {}
        settings.update({name: value for name, value in flags.items() if value is not None})
        when = cli_run.timing(settings)
        if out:
            cli_run.check_output(out, (".npz",))
        if plot:
            cli_follow.require("--plot", "plot", "matplotlib")
            cli_run.check_output(plot, (".png", ".svg", ".pdf"), "--plot")
        callbacks = cli_follow.stops(stop or [])
        rows = cli_run.read_rows(inputs)
        this_run = cli_follow.described(rows, when) if checkpoint or resume or not process.is_alone else {}
        if checkpoint:
            callbacks.append(cli_follow.checkpoints(checkpoint, checkpoint_seconds, this_run, process.save))
    process.require_same(**{"INPUT and its timing": this_run})
    if resume:
        net = cli_follow.resumed(resume, this_run, settings, process.load)
    else:
        net = cli_run.build(process.network, rows.shape[1], settings)
    if out:
        process.require_room(out, net)
    done = net.step_count
    recorder = None
    if record:
        recorder = cli_follow.recorder(record, record_every, record_variables, done)
        if plot and not {*cli_follow.NEEDED_BY_PLOT} <= {*recorder.variables}:
            raise CliError(f"--plot needs {' and '.join(cli_follow.NEEDED_BY_PLOT)} among --record-variables")
    elif plot:
        recorder = cli_follow.recorder_of_picture(net.n_nodes, len(rows) * when.hold - done)

    with_bar = process.is_first and (sys.stderr.isatty() if progress is None else progress)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rn.ResonanceWarning)  # in one line, below
        begun = time.perf_counter()
        recording = cli_run.advance(net, rows, when, done, recorder, callbacks, with_bar)
        seconds = time.perf_counter() - begun
    regime = net.regime()
    if regime != "alive" and process.is_first:
        print(f"resonance-native: warning: {advice(regime, net.n_nodes, net.step_count)}", file=sys.stderr)
    steps = net.step_count - done
    print(f"{steps:,} steps of {net.n_nodes:,} nodes in {seconds:.2f} s: {steps / seconds:,.0f} steps/s")
    if net.step_count < len(rows) * when.hold:
        print(f"stopped after {net.step_count:,} of {len(rows) * when.hold:,} steps")
    print(f"order parameter |r| = {abs(net.order_parameter()):.4f}, regime: {regime}")
    if recording is not None and plot:
        process.draw(plot, net, recording)
        print(f"drawn: {plot}")
    if record:
        print(f"recorded: {record}")
    if recording is not None and recording.interrupted:
        raise KeyboardInterrupt
    if out:
        process.write_result(out, net)
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
