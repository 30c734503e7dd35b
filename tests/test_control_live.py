"""The run that is streamed while it lasts: the ring, the two threads, and what Rerun reads back."""

from __future__ import annotations

import sys
import threading
import time

import numpy as np
import pytest

pytest.importorskip("mujoco")
pytest.importorskip("matplotlib")
pytest.importorskip("PIL")
pytest.importorskip("tqdm")

from examples.control import live
from examples.control.controllers import OSCILLATORS, ResonanceController
from examples.control.live_loop import RECORD, Streamed, run_streamed
from examples.control.pendulum import PAYLOAD_DEPTH, START, Pendulum
from examples.control.ring import Ring
from examples.control.simulate import SAMPLE, Recording, simulate
from examples.control.trials import Schedule

SECONDS, STEPS, SEED = 2.0, 2000, 3
SCHEDULE = Schedule.half_and_half(SECONDS)
PAIR = np.dtype([("number", np.int64), ("copies", np.int64, (40,))])
SCALARS = {"/angle", "/drive", "/update_time"}
PICTURES = {"/pendulum/rod", "/pendulum/bob", "/phases/nodes", "/weights"}


def put(ring: Ring, numbers: range) -> None:
    for number in numbers:
        ring.put(number, np.full(40, number))


def taken(ring: Ring) -> list[int]:
    records = ring.take()
    assert np.array_equal(records["copies"], np.repeat(records["number"][:, None], 40, axis=1))
    return records["number"].tolist()


def test_the_ring_gives_records_in_order_around_its_end():
    ring = Ring(4, PAIR)
    assert taken(ring) == []
    written = 0
    for count in (3, 4, 1, 2, 4, 4):
        put(ring, range(written, written + count))
        assert taken(ring) == list(range(written, written + count))
        written += count
    assert taken(ring) == []
    assert ring.dropped == 0


def test_a_full_ring_drops_the_newest_and_counts():
    ring = Ring(3, PAIR)
    put(ring, range(5))
    assert ring.dropped == 2
    assert taken(ring) == [0, 1, 2]
    put(ring, range(5, 9))
    assert taken(ring) == [5, 6, 7]
    assert ring.dropped == 3


def test_what_was_taken_is_not_overwritten():
    ring = Ring(2, PAIR)
    put(ring, range(2))
    records = ring.take()
    put(ring, range(2, 4))
    assert records["number"].tolist() == [0, 1]


def test_two_threads_never_share_a_half_written_record():
    ring, count = Ring(8, PAIR), 20_000
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        writer = threading.Thread(target=put, args=(ring, range(count)))
        writer.start()
        numbers = []
        while writer.is_alive():
            numbers += taken(ring)
        numbers += taken(ring)
        writer.join()
    finally:
        sys.setswitchinterval(interval)
    assert len(numbers) + ring.dropped == count
    assert (np.diff(numbers) > 0).all()


def test_a_ring_without_room_is_refused():
    with pytest.raises(ValueError, match="capacity must be at least 1 record, got 0"):
        Ring(0, PAIR)


@pytest.fixture(scope="module")
def controller() -> ResonanceController:
    return ResonanceController(0.001, seed=SEED)


@pytest.fixture(scope="module")
def plain(controller) -> Recording:
    """The same run without a stream; its samples are W[body, :] and the phases."""

    def probe() -> np.ndarray:
        return np.concatenate([controller.learned, controller.net.phases])

    return simulate(Pendulum(), controller, SECONDS, payload_at=SCHEDULE.payload_at, probe=probe)


def measured(recording: Recording) -> np.ndarray:
    """The angle before each time step: the one after the step before, and that at which the pendulum is let go."""
    angles = np.append(START, recording.angles[:-1])
    angles[STEPS // 2] = START  # where the payload is hung on
    return angles


def streamed(**keywords) -> tuple[np.ndarray, Streamed]:
    batches: list[np.ndarray] = [np.empty(0, RECORD)]
    found = run_streamed(batches.append, SCHEDULE, seed=SEED, **keywords)
    return np.concatenate(batches), found


def test_the_streamed_run_is_the_plain_one(plain, controller):
    records, found = streamed(capacity=STEPS)
    assert found.dropped == 0
    assert np.array_equal(found.recording.angles, plain.angles)
    assert records["time"] == pytest.approx(np.arange(STEPS) * 0.001, abs=1e-12)
    assert np.array_equal(records["angle"], measured(plain))
    assert np.array_equal(records["drive"], plain.drives)
    assert np.array_equal(records["learned"][::SAMPLE], plain.samples[:, :OSCILLATORS])
    assert np.array_equal(records["phases"][::SAMPLE], plain.samples[:, OSCILLATORS:])
    assert np.array_equal(records["phases"][-1], controller.net.phases)
    assert (records["update_time"] > 0).all()


def test_the_loop_does_not_wait_for_a_slow_reader(plain):
    batches: list[np.ndarray] = []

    def slow(records: np.ndarray) -> None:
        batches.append(records)
        time.sleep(0.05)

    found = run_streamed(slow, SCHEDULE, seed=SEED, capacity=5)
    records = np.concatenate(batches)
    assert found.dropped > 0
    assert len(records) + found.dropped == STEPS
    assert np.array_equal(found.recording.angles, plain.angles)
    steps = np.rint(records["time"] / 0.001).astype(int)
    assert (np.diff(steps) > 0).all()
    assert np.array_equal(records["angle"], measured(plain)[steps])


def test_what_fails_outside_the_loop_is_said_after_it():
    def fails(records: np.ndarray) -> None:
        raise OSError(f"no room for {records.dtype.names[0]}")

    with pytest.raises(OSError, match="no room for time"):
        run_streamed(fails, SCHEDULE)


def test_real_time_is_not_faster_than_time():
    began = time.perf_counter()
    run_streamed(lambda _: None, Schedule(0.3, None), real_time=True)
    assert time.perf_counter() - began >= 0.299


def call(monkeypatch: pytest.MonkeyPatch, *words: object) -> None:
    monkeypatch.setattr("sys.argv", ["live", "--seconds", str(SECONDS), "--seed", str(SEED), *map(str, words)])
    live.main()


class Opened:
    """A file that Rerun has read: the rows of an entity's component over simulated time."""

    def __init__(self, path: object) -> None:
        reader = pytest.importorskip("rerun.chunk").RrdReader(path)
        self.blueprints = len(reader.blueprints())
        chunks = list(reader.stream().to_chunks())
        self.static = {chunk.entity_path for chunk in chunks if chunk.is_static}
        self._moving = [chunk for chunk in chunks if not chunk.is_static]
        self.moving = {chunk.entity_path for chunk in self._moving}

    def rows(self, entity: str, component: str) -> tuple[np.ndarray, list]:
        """Times [ns], and the values of each row."""
        batches = [chunk.to_record_batch() for chunk in self._moving if chunk.entity_path == entity]
        times = np.concatenate([batch.column("time").to_numpy(zero_copy_only=False) for batch in batches])
        rows = [row for batch in batches for row in batch.column(component).to_pylist()]
        order = np.argsort(times)
        return times[order].astype(np.int64), [rows[k] for k in order]


@pytest.fixture
def opened(tmp_path, monkeypatch, capsys) -> Opened:
    pytest.importorskip("rerun")
    path = tmp_path / "folder" / "run.rrd"
    call(monkeypatch, "--out", path)
    assert capsys.readouterr().out == f"2000 of 2000 time steps to {path}, 0 dropped\n"
    return Opened(path)


def test_rerun_reads_every_time_step_back(opened, plain):
    assert opened.moving == SCALARS | PICTURES
    assert opened.static >= SCALARS | {"/phases/circle"}
    assert opened.blueprints == 1
    for entity, expected in (("/angle", measured(plain)), ("/drive", plain.drives)):
        times, values = opened.rows(entity, "Scalars:scalars")
        assert np.array_equal(times, np.arange(STEPS) * 1_000_000)
        assert np.array_equal(np.ravel(values), expected)
    _, microseconds = opened.rows("/update_time", "Scalars:scalars")
    assert len(microseconds) == STEPS
    assert 1 < np.median(microseconds) < 10_000


def test_rerun_reads_the_pictures_back(opened, plain):
    twenty_milliseconds = np.arange(STEPS // 20) * 20_000_000
    times, bobs = opened.rows("/pendulum/bob", "Points2D:positions")
    assert np.array_equal(times, twenty_milliseconds)
    angles, depths = measured(plain)[::20], np.repeat([0.5, PAYLOAD_DEPTH], 50)
    assert np.reshape(bobs, (-1, 2)) == pytest.approx(
        (np.array([-np.sin(angles), np.cos(angles)]) * depths).T, abs=1e-6
    )
    times, rods = opened.rows("/pendulum/rod", "LineStrips2D:strips")
    assert np.array_equal(times, twenty_milliseconds)
    assert np.array_equal(np.reshape(rods, (-1, 2, 2))[:, 1], np.reshape(bobs, (-1, 2)))
    times, nodes = opened.rows("/phases/nodes", "Points2D:positions")
    assert np.array_equal(times, twenty_milliseconds)
    # The plain run's samples are 50 ms apart, so that every other one is a picture.
    phases, learned = plain.samples[::2, OSCILLATORS:], plain.samples[::2, :OSCILLATORS]
    assert np.array(nodes)[::5] == pytest.approx(np.stack([np.cos(phases), -np.sin(phases)], axis=-1), abs=1e-6)
    times, bars = opened.rows("/weights", "BarChart:values")
    assert np.array_equal(times, twenty_milliseconds)
    assert np.array_equal([row[0]["buffer"] for row in bars[::5]], learned)


def test_dropped_time_steps_are_said(tmp_path, monkeypatch, capsys):
    pytest.importorskip("rerun")
    path = tmp_path / "run.rrd"
    call(monkeypatch, "--out", path, "--ring", 3)
    words = capsys.readouterr().out.split()
    kept, dropped = int(words[0]), int(words[-2])
    assert dropped > 0
    assert kept + dropped == STEPS
    assert len(Opened(path).rows("/angle", "Scalars:scalars")[0]) == kept


def test_the_viewer_gets_the_run_instead_of_a_file(tmp_path, monkeypatch, capsys):
    rerun = pytest.importorskip("rerun")
    seen = tmp_path / "seen.rrd"
    monkeypatch.setattr(rerun.RecordingStream, "spawn", lambda stream, **keywords: stream.save(seen, **keywords))
    monkeypatch.chdir(tmp_path)
    call(monkeypatch, "--spawn")
    assert capsys.readouterr().out == "2000 of 2000 time steps to the viewer, 0 dropped\n"
    assert list(tmp_path.iterdir()) == [seen]
    assert len(Opened(seen).rows("/drive", "Scalars:scalars")[0]) == STEPS


def test_a_viewer_that_cannot_be_reached_is_said(tmp_path, monkeypatch, capsys):
    rerun = pytest.importorskip("rerun")

    def flush(_stream: object) -> None:
        raise RuntimeError("unable to connect")

    monkeypatch.setattr(rerun.RecordingStream, "flush", flush)
    with pytest.raises(SystemExit, match=r"^Rerun did not get the whole run: unable to connect$"):
        call(monkeypatch, "--out", tmp_path / "run.rrd")
    assert capsys.readouterr().out == ""


def test_colours_tell_the_sign_and_the_share_of_the_largest_weight():
    pytest.importorskip("rerun")
    from examples.control.live_entities import coherence_colours

    vermillion, blue, grey = (213, 94, 0), (0, 114, 178), (217, 217, 217)
    assert coherence_colours(np.zeros(2)).tolist() == [list(grey)] * 2
    found = coherence_colours(np.array([0.2, -0.2, 0.0, 0.1]))
    assert found == pytest.approx(np.array([vermillion, blue, grey, np.mean([vermillion, grey], axis=0)]))


def test_without_rerun_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "rerun" else name)
    monkeypatch.setattr("sys.argv", ["live"])
    with pytest.raises(SystemExit, match=r'^this example needs rerun-sdk: pip install "resonance-native\[live\]"$'):
        live.main()


@pytest.mark.parametrize("words", [("--seconds", "0"), ("--seconds", "nan"), ("--ring", "0"), ("--seed", "-1")])
def test_a_wrong_argument_is_refused(monkeypatch, capsys, words):
    monkeypatch.setattr("sys.argv", ["live", *words])
    with pytest.raises(SystemExit, match="2"):
        live.main()
    assert f"error: {words[0]} must be " in capsys.readouterr().err
