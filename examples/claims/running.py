"""Scripts of claims in processes of their own."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from .report import Claim


def run(name: str, seeds: int, images: Path) -> tuple[list[Claim], float]:
    """The claims of one script, and the seconds it took."""
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # baselines that stop early and networks that saturate are part of the figures
        measured = importlib.import_module(f"{__package__}.{name}").measure(seeds, images)
    claims = [measured] if isinstance(measured, Claim) else list(measured)
    return claims, time.perf_counter() - began


def run_all(names: Sequence[str], seeds: int, images: Path, jobs: int) -> Iterator[tuple[str, list[Claim], float]]:
    """Every script in processes of its own, ``jobs`` at a time; as they end."""
    # One thread each, set before the processes load any library.
    os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        running = {pool.submit(run, name, seeds, images): name for name in names}
        for done in as_completed(running):
            if done.exception() is not None:
                pool.shutdown(wait=False, cancel_futures=True)  # what has not begun, never does
                raise RuntimeError(f"{running[done]} failed") from done.exception()
            yield running[done], *done.result()
