"""What has to hold of every call, whatever it is given."""

from __future__ import annotations

import re
import struct
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

import resonance_native as rn

#: What calls are documented to raise for an argument.
REFUSALS = (TypeError, ValueError, IndexError, MemoryError)


class Defect(AssertionError):  # noqa: N818  # it is no error of a program
    """What should not be: what a fuzzer looks for."""


class Outcome(NamedTuple):
    """What came of a call."""

    result: Any
    error: Exception | None


def outcome_of(call: Callable[[], Any]) -> Outcome:
    """Call it. A warning is an error, but for those about what a network has come to."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", rn.ResonanceWarning)
        try:
            return Outcome(call(), None)
        except Exception as error:
            return Outcome(None, error)


def flat(value: Any) -> Any:
    """A value with everything in it, equal to another where every bit is."""
    if isinstance(value, np.ndarray | np.generic):
        return (value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, float):
        return struct.pack("<d", value)
    if isinstance(value, complex):
        return struct.pack("<dd", value.real, value.imag)
    if isinstance(value, Mapping):
        return {key: flat(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [flat(item) for item in value]
    if isinstance(value, np.random.SeedSequence):
        return str(value)
    if isinstance(value, rn.FactoredWeights):
        return [flat(part) for part in value.parts]
    if hasattr(value, "indptr"):  # a sparse matrix
        return [flat(value.indptr), flat(value.indices), flat(value.data)]
    return value


def state(subject: Any) -> Any:
    """Everything that a network, or an ensemble, goes on with, but for sums that follow from the rest."""
    return _without_sums(flat(subject.__getstate__()))


def _without_sums(saved: Any) -> Any:
    if isinstance(saved, dict):
        return {key: _without_sums(item) for key, item in saved.items() if key not in ("cosine_sums", "sine_sums")}
    return [_without_sums(item) for item in saved] if isinstance(saved, list) else saved


def following(subject: Any) -> Any:
    """The state after one more step of a copy, which depends on those sums too; or the error of that step."""
    copy = subject.copy()
    return flat(outcome_of(lambda: copy.update(0.5, 0.1)).error is None), state(copy)


def require(holds: bool, what: str, *about: Outcome) -> None:
    """Raise Defect unless it holds."""
    if not holds:
        first = next((outcome.error for outcome in about if outcome.error is not None), None)
        raise Defect(f"{what}: {[(outcome.error, outcome.result) for outcome in about]!r:.2000}") from first


def require_refusal(outcome: Outcome, names: Sequence[str]) -> None:
    """The error is of a documented kind, and its message names an argument."""
    require(isinstance(outcome.error, REFUSALS), "an error of a kind that is not documented", outcome)
    named = isinstance(outcome.error, MemoryError) or any(
        re.search(rf"\b{name}\b", str(outcome.error)) for name in names
    )
    require(named, f"the message names none of {names}", outcome)


def require_same(outcome: Outcome, expected: Outcome) -> None:
    """A call has come to what it comes to with clean arguments: the same result, or an error of the same kind."""
    require(
        type(outcome.error) is type(expected.error) and flat(outcome.result) == flat(expected.result),
        "not what a clean copy of the arguments gives",
        outcome,
        expected,
    )


def require_as(subject: Any, start: Any, outcome: Outcome) -> None:
    """A call that has failed left the subject as it was."""
    same = state(subject) == state(start) and following(subject) == following(start)
    require(same, "an error, and another state than before", outcome)


def check_call(
    subject: Any, call: Callable[..., Any], names: Sequence[str], given: Sequence[Any], clean: Sequence[Any] | None
) -> None:
    """Call ``call(subject, *given)``, and require all that is promised.

    An error is of a documented kind, names an argument and has changed nothing. Otherwise result and state are those
    of the same call on a copy of the subject, with clean arguments. ``clean`` is None where an argument is one that
    can't be taken: then there has to be an error.
    """
    start, twin = subject.copy(), subject.copy()
    outcome = outcome_of(lambda: call(subject, *given))
    if clean is None:
        require(outcome.error is not None, f"{names} were taken, which can't be", outcome)
    else:
        require_same(outcome, outcome_of(lambda: call(twin, *clean)))
        require(state(subject) == state(twin), "another state than by a clean copy of the arguments", outcome)
    if outcome.error is not None and not isinstance(outcome.error, FloatingPointError):
        require_refusal(outcome, names)
        require_as(subject, start, outcome)
