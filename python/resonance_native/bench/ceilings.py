"""What the machine allows: a pass over the weights that reads, one that also writes, and arithmetic alone."""

from __future__ import annotations

from collections.abc import Callable

from resonance_native import _core
from resonance_native.weight_store import CORES

from .cases import Case
from .contenders import Contender

FLOPS_PER_WEIGHT = 8  # of a step by the sums of rank two: two multiply-adds for the growth, two for the products
ROUNDS = 20_000  # of multiply-adds in registers: a fraction of a millisecond


class CeilingTrial:
    """A loop of the core's own that takes no step, but does what a step can't do without."""

    def __init__(self, advance: Callable[[], object], steps: float = 1.0) -> None:
        self.advance, self.steps = advance, steps

    def restart(self) -> None:
        """Nothing: one pass is like the other."""

    def state(self) -> None:
        """There is none."""


def threads_for(case: Case) -> int:
    """Threads that a network of the case uses: one where it is small."""
    core = CORES[case.dtype.name](case.n)
    core.set_threads(None)  # as those of Python have it; the core's own default is one
    return core.threads


def _read(case: Case) -> CeilingTrial:
    threads = threads_for(case)
    return CeilingTrial(lambda: _core.total(case.yardstick, threads))


def _read_and_write(case: Case) -> CeilingTrial:
    threads = threads_for(case)
    return CeilingTrial(lambda: _core.scale(case.yardstick, 1.0, threads))


def _multiply_add(case: Case) -> CeilingTrial:
    threads, float32 = threads_for(case), case.dtype.itemsize == 4
    flops = _core.multiply_add(ROUNDS, float32, threads)
    return CeilingTrial(
        lambda: _core.multiply_add(ROUNDS, float32, threads), flops / (FLOPS_PER_WEIGHT * float(case.n) ** 2)
    )


CEILINGS = (
    Contender("ceiling-read", "read W once", "ceiling", _read, 1.0),
    Contender("ceiling-read-write", "read and write W once", "ceiling", _read_and_write, 2.0),
    Contender("ceiling-fma", "4n² multiply-adds", "ceiling", _multiply_add, 0.0),
)
