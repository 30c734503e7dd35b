"""A run's initial phases and the angle at every millisecond, for a comparison with another implementation."""

from __future__ import annotations

import argparse
from pathlib import Path

from .packages import require


def main() -> None:
    """Run the network and write the trace.

    The CSV has two columns, ``quantity,value``: 33 rows ``phase`` [rad], in the order of the nodes, then a row
    ``angle`` [rad] after every time step. Each number is written so that reading it gives the same float64.
    """
    parser = argparse.ArgumentParser(prog="python -m examples.control.trace", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="simulated time [s] (1)")
    parser.add_argument("--seed", type=int, default=0, help="of the initial phases (0)")
    parser.add_argument("--out", type=Path, default=Path("trace.csv"), help="the file to write (trace.csv)")
    arguments = parser.parse_args()
    require()
    from .controllers import ResonanceController
    from .pendulum import Pendulum
    from .simulate import simulate

    pendulum = Pendulum()
    controller = ResonanceController(pendulum.dt, seed=arguments.seed)
    rows = [("phase", float(phase)) for phase in controller.net.initial_phases]
    recording = simulate(pendulum, controller, arguments.seconds)
    rows += [("angle", float(angle)) for angle in recording.angles]
    text = "".join(f"{quantity},{value!r}\n" for quantity, value in rows)
    arguments.out.write_text("quantity,value\n" + text, encoding="utf-8")
    print(f"{arguments.out}: {controller.net.n_nodes} phases, {len(recording.angles)} angles")


if __name__ == "__main__":
    main()
