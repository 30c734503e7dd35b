"""Sweeps whose batches others run: threads, processes and ranks of MPI."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpi_launcher import needs_mpi, run_on_ranks

import resonance_native as rn
from resonance_native import sweep_job, sweep_pool, sweeping
from resonance_native.sweep_samples import Journey
from resonance_native.sweep_store import SweepStore
from resonance_native.sweeping import sweep

xarray = pytest.importorskip("xarray")
pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")

# Steps by blocks, in several segments, whose length the size of a batch decides.
GRID = {"gain": np.linspace(0.02, 0.4, 7), "learning_rate": [0.01, 0.02]}
STEPS = 40
KEYWORDS: dict[str, Any] = {
    "n_nodes": 120,
    "weight_std": 0.3,
    "variables": ("order_parameter", "amplitude", "regime"),
    "every": 3,
}
BATCH, BATCHES = 4, 4


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "_FEWEST", BATCH)
    monkeypatch.setattr(sweeping, "_BATCH_WORK", 1)


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor


class Backwards(Executor):
    """Does a batch when it is told to, and the last one first."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Any]] = []
        self.most = 0

    def submit(self, fn: Any, /, *args: Any, **keywords: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, lambda: fn(*args, **keywords)))
        self.most = max(self.most, len(self.waiting))
        return future

    def work(self, at_least: int) -> None:
        """Do one, when so many are waiting."""
        while len(self.waiting) < at_least:
            time.sleep(0.001)
        future, call = self.waiting.pop()
        future.set_running_or_notify_cancel()
        future.set_result(call())


def test_processes_give_the_same_results(processes: Executor, tmp_path: Path) -> None:
    wanted = sweep(GRID, 0.4, STEPS, **KEYWORDS)
    assert sweep(GRID, 0.4, STEPS, executor=processes, out=tmp_path / "s", **KEYWORDS).identical(wanted)
    assert len(list((tmp_path / "s").glob("batch-*.npz"))) == BATCHES
    other = rn.available_isas()[0]
    with rn.use_isa(other):  # in the processes as well
        wanted = sweep(GRID, 0.4, STEPS, **KEYWORDS)
        assert sweep(GRID, 0.4, STEPS, executor=processes, **KEYWORDS).identical(wanted)


def test_threads_give_the_same_results_with_one_bar(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = sweep(GRID, 0.4, STEPS, **KEYWORDS)
    with ThreadPoolExecutor(3) as executor:
        assert sweep(GRID, 0.4, STEPS, executor=executor, progress=True, **KEYWORDS).identical(wanted)
    said = capsys.readouterr().err
    assert "sweep: 100%" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(("given", "wanted"), [({}, 1), ({"threads": 2}, 2)])
def test_a_batch_has_one_thread_unless_more_are_asked_for(
    given: dict[str, int], wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = set()
    monkeypatch.setattr(sweep_job, "Journey", lambda *a: seen.add(a[0].threads) or Journey(*a))
    with ThreadPoolExecutor(2) as executor:
        sweep({"gain": np.ones(4)}, 0.4, 1, n_nodes=900, executor=executor, **given)  # worth two
    assert seen == {wanted}


def test_batches_are_stored_in_the_order_in_which_they_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = []
    save = SweepStore.save

    def noted(self: SweepStore, places: Any, results: Any) -> None:
        stored.append(places[0] // BATCH)
        save(self, places, results)

    monkeypatch.setattr(SweepStore, "save", noted)
    monkeypatch.setattr(sweep_pool, "_SUBMITTED", 3)
    executor = Backwards()
    worker = threading.Thread(target=lambda: [executor.work(at_least) for at_least in (3, 3, 2, 1)], daemon=True)
    worker.start()
    found = sweep(GRID, 0.4, STEPS, executor=executor, out=tmp_path / "s", **KEYWORDS)
    worker.join(60)
    assert stored == [2, 3, 1, 0]
    assert executor.most == 3
    assert found.identical(sweep(GRID, 0.4, STEPS, out=tmp_path / "s", **KEYWORDS))
    assert found.identical(sweep(GRID, 0.4, STEPS, **KEYWORDS))


def test_what_was_not_done_is_done_by_another_sweep(tmp_path: Path, processes: Executor) -> None:
    wanted = sweep(GRID, 0.4, STEPS, out=tmp_path / "s", **KEYWORDS)
    for batch in (0, 2):
        (tmp_path / "s" / f"batch-{BATCH * batch:010d}.npz").unlink()
    kept = {file: file.stat().st_mtime_ns for file in (tmp_path / "s").glob("batch-*.npz")}
    assert sweep(GRID, 0.4, STEPS, executor=processes, out=tmp_path / "s", **KEYWORDS).identical(wanted)
    assert len(list((tmp_path / "s").glob("batch-*.npz"))) == BATCHES
    assert {file: file.stat().st_mtime_ns for file in kept} == kept


def test_an_error_of_a_batch_comes_out_and_what_has_not_begun_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    executor = Backwards()
    waiting, future = executor.waiting, Future[Any]()
    future.set_exception(OSError(28, "No space left on device"))
    submit = executor.submit
    monkeypatch.setattr(executor, "submit", lambda *a: submit(*a) if len(waiting) < 2 else future)
    with pytest.raises(OSError, match="No space left"):
        sweep(GRID, 0.4, STEPS, executor=executor, **KEYWORDS)
    assert [each.cancelled() for each, _ in waiting] == [True, True]


def test_an_error_of_a_process_comes_out(processes: Executor) -> None:
    with pytest.raises(ZeroDivisionError):
        list(sweep_pool.run_all(processes, _inverse, iter([1, 0])))


def _inverse(batch: int) -> float:
    return 1 / batch


def test_an_error_of_the_caller_cancels_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SweepStore, "save", full)
    executor = Backwards()
    worker = threading.Thread(target=executor.work, args=[BATCHES], daemon=True)
    worker.start()
    with pytest.raises(OSError, match="No space left"):
        sweep(GRID, 0.4, STEPS, executor=executor, out=tmp_path / "s", **KEYWORDS)
    worker.join(60)
    assert [future.cancelled() for future, _ in executor.waiting] == [True] * (BATCHES - 1)


@pytest.mark.parametrize("executor", [2, "processes", ThreadPoolExecutor])
def test_what_is_no_executor_is_refused(executor: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"^executor must be a concurrent.futures.Executor or None, got"):
        sweep(GRID, 0.4, STEPS, executor=executor, out=tmp_path / "s", **KEYWORDS)
    assert not (tmp_path / "s").exists()


PROGRAM = """
import sys
import numpy as np
from mpi4py.futures import MPIPoolExecutor
from resonance_native import sweep, sweeping
sweeping._FEWEST, sweeping._BATCH_WORK = 4, 1
if __name__ == "__main__":
    grid = {"gain": np.linspace(0.02, 0.4, 7), "learning_rate": [0.01, 0.02]}
    keywords = {"n_nodes": 120, "weight_std": 0.3, "variables": ("order_parameter", "amplitude", "regime"), "every": 3}
    with MPIPoolExecutor() as executor:
        found = sweep(grid, 0.4, 40, executor=executor, out=sys.argv[1], **keywords)
        print("workers", executor.num_workers)
    np.savez(sys.argv[2], **{name: found[name].values for name in keywords["variables"]})
"""


@needs_mpi
def test_ranks_give_the_same_results(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = run_on_ranks(3, "-m", "mpi4py.futures", str(program), str(tmp_path / "s"), str(tmp_path / "found.npz"))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "workers 2\n"
    wanted = sweep(GRID, 0.4, STEPS, **KEYWORDS)
    with np.load(tmp_path / "found.npz") as found:
        for name in KEYWORDS["variables"]:
            np.testing.assert_array_equal(found[name], wanted[name].values)
    assert len(list((tmp_path / "s").glob("batch-*.npz"))) == BATCHES
