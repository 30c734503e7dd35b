"""What a contender is: a way of taking steps, and its trial of one case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from .cases import Case

Family = Literal["NumPy", "native", "peer", "ceiling"]


class State(NamedTuple):
    """What a contender has come to, as NumPy arrays."""

    phases: Any  # (n,) [rad]
    amplitudes: Any  # (n,)
    weights: Any  # (n, n)


class Trial(Protocol):
    """A contender at work on one case."""

    @property
    def steps(self) -> float:
        """Steps of the model in one call of ``advance``."""

    def restart(self) -> object:
        """Go back to the state at which the case begins."""

    def advance(self) -> object:
        """Take some steps: the call that is timed. It returns when they are done."""

    def state(self) -> State | None:
        """The state now; None where there is none."""


class MissingError(Exception):
    """A contender can't take part; the message says why, in a few words for the table."""


@dataclass(frozen=True)
class Contender:
    """A way of taking steps.

    Parameters
    ----------
    key
        Its name in the JSON.
    label
        Its name in the table and in the picture.
    family
        Which of them look alike in the picture.
    begin
        Makes its trial of a case; raises MissingError where it can't.
    transfers
        How often a step reads or writes an element of n × n arrays, per weight, as the algorithm stands:
        W and the temporaries. In the picture its operations are shown over these bytes.
    fewest_steps
        Of the model in one call.
    temporaries
        Arrays of n × n that a step takes and gives back.
    own_threads
        Whether it has a thread pool of its own.
    compiles
        Whether its first call compiles, and so is not counted towards the time that a run may take.
    """

    key: str
    label: str
    family: Family
    begin: Callable[[Case], Trial]
    transfers: float
    fewest_steps: int = 1
    temporaries: int = 0
    own_threads: bool = False
    compiles: bool = False


@dataclass(frozen=True)
class Source:
    """Contenders that come together, because they need the same package.

    Parameters
    ----------
    name
        What is named in the table where they are missing.
    contenders
        Returns them; raises MissingError where the package is not to be had.
    """

    name: str
    contenders: Callable[[], Sequence[Contender]]
