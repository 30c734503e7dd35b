"""Batches of a sweep, run by others."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor, Future
from itertools import islice
from queue import SimpleQueue
from typing import TypeVar

Batch = TypeVar("Batch")
Found = TypeVar("Found")

# Batches that are submitted and not done: more than there are workers, and few enough to be kept account of.
_SUBMITTED = 4096


def run_all(
    executor: Executor, work: Callable[[Batch], Found], batches: Iterator[Batch]
) -> Generator[tuple[Batch, Found]]:
    """Run batches, and give each with what came of it, in the order in which they are done.

    Parameters
    ----------
    executor
        Who runs them. It belongs to the caller, and is not shut down.
    work
        What is done with a batch; to be pickled where the executor's workers are processes.
    batches
        What there is to do.

    Yields
    ------
    tuple
        A batch, and what ``work`` has returned for it. Where it has raised, that is raised here. Whatever ends the
        iteration, batches that have not begun are taken back.
    """
    done: SimpleQueue[Future[Found]] = SimpleQueue()
    submitted: dict[Future[Found], Batch] = {}
    try:
        while True:
            for batch in islice(batches, _SUBMITTED - len(submitted)):
                future = executor.submit(work, batch)
                submitted[future] = batch
                future.add_done_callback(done.put)
            if not submitted:
                return
            future = done.get()
            yield submitted.pop(future), future.result()
    finally:
        for future in submitted:
            future.cancel()
