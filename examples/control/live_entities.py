"""What Rerun shows of a run: entities, their looks and where they stand."""

from __future__ import annotations

import numpy as np
import rerun as rr
import rerun.blueprint as rrb
from numpy.typing import NDArray

from .live_loop import Records
from .pendulum import PAYLOAD_DEPTH, Pendulum
from .style import BLUE, FAINT, GREEN, GREY, INK, ORANGE, VERMILLION

TIMELINE = "time"
PICTURE_PERIOD = 20_000_000  # simulated time from one picture to the next [ns]: 50 a second
_BOB_RADII = (0.05, 0.08)  # without and with payload [m]
Colour = tuple[int, int, int]


def _rgb(colour: str) -> Colour:
    """Red, green and blue of a colour written like #0072B2."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


_NEGATIVE, _NONE, _POSITIVE = _rgb(BLUE), _rgb(FAINT), _rgb(VERMILLION)
_BODY = _rgb(INK)


class Entities:
    """Gives records to Rerun: every time step as scalars, pictures at 50 Hz.

    Parameters
    ----------
    stream
        Where to.
    payload_at
        When the payload is hung on [s]; None is never.
    """

    def __init__(self, stream: rr.RecordingStream, payload_at: float | None) -> None:
        self._stream = stream
        self._payload_at = np.inf if payload_at is None else payload_at
        self._depth = -float(Pendulum().model.body("bob").pos[2])
        self._log_looks()

    def log(self, records: Records) -> None:
        """Give records to Rerun, in the order of time."""
        nanoseconds = np.rint(records["time"] * 1e9).astype("timedelta64[ns]")
        self._log_scalars(records, nanoseconds)
        for k in np.flatnonzero(nanoseconds.astype(np.int64) % PICTURE_PERIOD == 0):
            self._log_picture(records[k], nanoseconds[k])

    def _log_looks(self) -> None:
        """What never changes."""
        circle = np.linspace(0, 2 * np.pi, 129)
        looks = {
            "phases/circle": rr.LineStrips2D([on_circle(circle)], colors=_NONE, radii=0.004),
            "angle": rr.SeriesLines(names="angle [rad]", colors=_rgb(BLUE)),
            "drive": rr.SeriesLines(names="drive [1]", colors=_rgb(ORANGE)),
            "update_time": rr.SeriesLines(names="controller's update [µs]", colors=_rgb(GREEN)),
        }
        for path, look in looks.items():
            self._stream.log(path, look, static=True, strict=True)

    def _log_scalars(self, records: Records, nanoseconds: NDArray[np.timedelta64]) -> None:
        """One value a time step, sent a batch at a time."""
        times = rr.TimeColumn(TIMELINE, duration=nanoseconds)
        values = {"angle": records["angle"], "drive": records["drive"], "update_time": records["update_time"] / 1e3}
        for path, column in values.items():
            self._stream.send_columns(path, [times], rr.Scalars.columns(scalars=column), strict=True)

    def _log_picture(self, record: np.void, nanoseconds: np.timedelta64) -> None:
        """Pendulum, phases and weights at one time."""
        loaded = record["time"] >= self._payload_at
        depth = PAYLOAD_DEPTH if loaded else self._depth
        bob = depth * np.array([-np.sin(record["angle"]), np.cos(record["angle"])])  # y points down in Rerun
        learned = record["learned"]
        colours = np.vstack([coherence_colours(learned), _BODY]).astype(np.uint8)
        radii = np.append(np.full(len(learned), 0.03), 0.05)
        pictures = {
            "pendulum/rod": rr.LineStrips2D([np.vstack([np.zeros(2), bob])], colors=_rgb(GREY), radii=0.01),
            "pendulum/bob": rr.Points2D([bob], colors=_POSITIVE, radii=_BOB_RADII[int(loaded)]),
            "phases/nodes": rr.Points2D(on_circle(record["phases"]), colors=colours, radii=radii),
            "weights": rr.BarChart(learned, color=_POSITIVE),
        }
        self._stream.set_time(TIMELINE, duration=nanoseconds)
        for path, picture in pictures.items():
            self._stream.log(path, picture, strict=True)


def on_circle(phases: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of the unit circle, which turn counter-clockwise on the screen: y points down in Rerun."""
    return np.column_stack([np.cos(phases), -np.sin(phases)])


def coherence_colours(learned: NDArray[np.float64]) -> NDArray[np.float64]:
    """A colour for each weight, relative to the largest: vermillion where positive, blue where negative, grey at 0."""
    largest = np.abs(learned).max()
    relative = learned / largest if largest > 0 else np.zeros(len(learned))
    channels = zip(_NEGATIVE, _NONE, _POSITIVE, strict=True)
    return np.column_stack([np.interp(relative, (-1.0, 0.0, 1.0), channel) for channel in channels])


def blueprint() -> rrb.Blueprint:
    """Pendulum and phases on the left; weights, angle, drive and update time on the right."""
    bounds = rrb.VisualBounds2D(x_range=(-1.2, 1.2), y_range=(-1.2, 1.2))
    return rrb.Blueprint(
        rrb.Horizontal(
            rrb.Vertical(
                rrb.Spatial2DView(origin="pendulum", name="pendulum", visual_bounds=bounds),
                rrb.Spatial2DView(origin="phases", name="phases, by learned coherence", visual_bounds=bounds),
            ),
            rrb.Vertical(
                rrb.BarChartView(origin="weights", name="W[body, i], slow to fast oscillators"),
                rrb.TimeSeriesView(origin="angle", name="angle"),
                rrb.TimeSeriesView(origin="drive", name="drive"),
                rrb.TimeSeriesView(origin="update_time", name="controller's update"),
            ),
            column_shares=(2, 3),
        ),
        collapse_panels=True,
    )
