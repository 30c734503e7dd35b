"""What looks on in a run: functions of yours, and checkpoints."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .validation import positive_number, whole_number

if TYPE_CHECKING:
    from .network import ResonanceNetwork


class Callback(ABC):
    """Something that looks on in :meth:`ResonanceNetwork.run`, and may stop it after a completed step.

    It is a specification without a state of its own: one may serve many runs. Make it with :func:`every`,
    :class:`Checkpoint`, :func:`resonance_native.stop.when_order_above` or
    :func:`resonance_native.stop.when_settled`.
    """

    @abstractmethod
    def specify(self, net: ResonanceNetwork) -> tuple[Any, ...]:
        """What the core is told of it: a kind and its arguments."""

    def finish(self, net: ResonanceNetwork) -> None:  # noqa: B027  # most have nothing to do
        """Do what is to be done after the run, which has ended or was stopped."""


class Every(Callback):
    """A function that is called after every k-th step of a run; see :func:`every`."""

    def __init__(self, k: int, f: Callable[[ResonanceNetwork], bool | None]) -> None:
        self._k = whole_number("k", k, at_least=1)
        if not callable(f):
            raise TypeError(f"f must be a function of a network, got {f!r}")
        self._f = f

    def specify(self, net: ResonanceNetwork) -> tuple[Any, ...]:
        """What the core is told of it."""
        return "every", self._k, lambda: self._f(net)

    def __repr__(self) -> str:
        return f"every({self._k}, {self._f!r})"


def every(k: int, f: Callable[[ResonanceNetwork], bool | None]) -> Callback:
    """Call a function after every k-th step of a run.

    Parameters
    ----------
    k : int
        Steps from one call to the next, ≥ 1.
    f : callable
        ``f(net)``, which returns True to stop the run there, else False or None. It may read the network, whose
        phases, amplitudes, weights, step count and time are those after that step; to advance or set it raises
        RuntimeError. An exception stops the run after that step, and is raised by it.

    Returns
    -------
    Callback
        For ``net.run(..., callback=...)``.

    Notes
    -----
    The bits of a run are the same with and without. Where many steps share a pass over the weights, ``net.weights``
    is put together when ``f`` asks for it, as a copy: that takes as long as some fifty single updates.

    Examples
    --------
    >>> import resonance_native as rn
    >>> net = rn.ResonanceNetwork(50, gain=0.3, seed=0)
    >>> seen = []
    >>> net.run(0.0, 100, callback=rn.every(25, lambda net: seen.append(net.step_count)))
    >>> seen
    [25, 50, 75, 100]
    """
    return Every(k, f)


class Checkpoint(Callback):
    """Save the network to a file now and then during a run, and at its end.

    The file is written as :meth:`ResonanceNetwork.save` does it: whatever happens, it is the whole of one moment.
    After a run that was killed, ``ResonanceNetwork.load(path)`` goes on from the last one.

    Parameters
    ----------
    path : path_like
        The file; one that exists is replaced.
    seconds : float
        Time from the end of one saving to the beginning of the next [s], > 0.
    """

    def __init__(self, path: str | os.PathLike[str], seconds: float = 60) -> None:
        self._path = Path(path)
        self._seconds = positive_number("seconds", seconds)

    def specify(self, net: ResonanceNetwork) -> tuple[Any, ...]:
        """What the core is told of it."""
        return net._by_clock(self._seconds, lambda: self.save(net))

    def finish(self, net: ResonanceNetwork) -> None:
        """Save the end of the run."""
        self.save(net)

    def save(self, net: ResonanceNetwork) -> None:
        """Write the file."""
        net.save(self._path)

    def __repr__(self) -> str:
        return f"Checkpoint({str(self._path)!r}, seconds={self._seconds!r})"


def listed(callback: Any) -> list[Callback]:
    """What ``run`` was given as ``callback``: one, several or none. A plain function is called after every step."""
    if callback is None:
        return []
    if isinstance(callback, Callback) or callable(callback):
        callback = [callback]
    if not isinstance(callback, Iterable):
        raise TypeError(f"callback must be a callback or a list of them, got {callback!r}")
    found: list[Callback] = []
    for one in callback:
        if isinstance(one, Callback):
            found.append(one)
        elif callable(one):
            found.append(Every(1, one))
        else:
            raise TypeError(
                f"callback must be of what every, Checkpoint and stop make, or functions of the network, got {one!r}"
            )
    return found
