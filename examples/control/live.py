"""Stream a run of the network to Rerun while it lasts: to a file, or to the viewer."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from .packages import require

if TYPE_CHECKING:
    from rerun import RecordingStream


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.control.live", description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="simulated time, the payload in the middle [s] (20)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the initial phases (0)")
    sink = parser.add_mutually_exclusive_group()
    sink.add_argument("--out", type=Path, default=Path("run.rrd"), help="the file to write (run.rrd)")
    sink.add_argument("--spawn", action="store_true", help="open the viewer and show the run there, and write no file")
    parser.add_argument(
        "--real-time", action="store_true", help="one simulated second a second; else as fast as it can"
    )
    parser.add_argument("--ring", type=int, help="time steps that fit between loop and Rerun (32768)")
    arguments = parser.parse_args()
    if not 0.1 <= arguments.seconds <= 3600:
        parser.error("--seconds must be from 0.1 to 3600")
    if arguments.seed < 0:
        parser.error("--seed must be at least 0")
    if arguments.ring is not None and arguments.ring < 1:
        parser.error("--ring must be at least 1")
    return arguments


def require_rerun() -> None:
    """End with one line that says what to install, if Rerun is missing.

    Raises
    ------
    SystemExit
        If it is.
    """
    if importlib.util.find_spec("rerun") is None:
        raise SystemExit('this example needs rerun-sdk: pip install "resonance-native[live]"')


def main() -> None:
    """Run the network, stream what it does, and say what was streamed."""
    arguments = _arguments()
    require()
    require_rerun()
    import rerun

    from .live_entities import blueprint

    stream = rerun.RecordingStream("resonance_native_control")
    if arguments.spawn:
        stream.spawn(default_blueprint=blueprint())
    else:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        stream.save(arguments.out, default_blueprint=blueprint())
    try:
        line = _run(arguments, stream)
        _flush(stream)
    finally:
        stream.disconnect()
    print(line)


def _flush(stream: RecordingStream) -> None:
    """Wait until Rerun has everything, or end with a line that says why it has not."""
    try:
        stream.flush()
    except RuntimeError as error:
        raise SystemExit(f"Rerun did not get the whole run: {error}") from None


def _run(arguments: argparse.Namespace, stream: RecordingStream) -> str:
    """Stream one run, and give a line about it."""
    from .live_entities import Entities
    from .live_loop import CAPACITY, run_streamed
    from .trials import Schedule

    schedule = Schedule.half_and_half(arguments.seconds)
    streamed = run_streamed(
        Entities(stream, schedule.payload_at).log,
        schedule,
        seed=arguments.seed,
        capacity=arguments.ring or CAPACITY,
        real_time=arguments.real_time,
        progress="live",
    )
    steps, where = len(streamed.recording.angles), "the viewer" if arguments.spawn else arguments.out
    return f"{steps - streamed.dropped} of {steps} time steps to {where}, {streamed.dropped} dropped"


if __name__ == "__main__":
    main()
