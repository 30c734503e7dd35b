"""Arrays of every kind that NumPy has, beside what they mean: a contiguous copy of the same values."""

from __future__ import annotations

import array as standard
import decimal
import tempfile
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .draws import Draws

DTYPES = ("f8", "f4", "f2", "g", ">f8", ">f4", "?", "i1", "u1", "<i4", ">i8", "u8", "F", "D", "G", "O", "U4", "S3")
OTHER_DTYPES = ("M8[s]", "m8[us]", "V8", [("a", "f8"), ("b", "i4")], [("a", "f8", (2,))])


class Refused:
    """What an argument means that no call may take."""


REFUSED = Refused()


class Hostile(NamedTuple):
    """A value to call with, and what it means."""

    value: Any
    #: The same numbers, in a contiguous array where they are several; REFUSED where they are no real numbers.
    clean: Any


def itself(value: Any) -> Hostile:
    """A value that means itself; whether it is taken, both calls tell."""
    return Hostile(value, value)


class Subclass(np.ndarray):
    """An array with attributes of its own."""

    def __array_finalize__(self, other: Any) -> None:
        self.made_from = other


class ArrayLike:
    """Is no array, but becomes one."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self._array if dtype is None else self._array.astype(dtype)


class Interface:
    """Has the protocol of arrays, and no more."""

    def __init__(self, array: NDArray[Any]) -> None:
        self.__array_interface__ = array.__array_interface__
        self._array = array


class Unshown:
    """Is no number, and its representation is long and not ASCII."""

    def __repr__(self) -> str:
        return "φ" * 200


def _mapped(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.hasobject or array.size == 0:
        return array
    with tempfile.TemporaryFile() as file:
        mapped = np.memmap(file, array.dtype, "w+", shape=array.shape)
    mapped[...] = array
    return mapped


def _unaligned(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.hasobject:
        return array
    room = np.zeros(array.nbytes + 1, np.uint8)
    made = room[1:].view(array.dtype).reshape(array.shape) if array.nbytes else array
    made[...] = array
    return made


def _strided(array: NDArray[Any]) -> NDArray[Any]:
    """Every second element of a larger array, along each axis."""
    room = np.zeros([2 * length for length in array.shape], array.dtype)
    made = room[(..., *(slice(None, None, 2) for _ in array.shape))]
    made[...] = array
    return made


def _reversed(array: NDArray[Any]) -> NDArray[Any]:
    backwards = (..., *(slice(None, None, -1) for _ in array.shape))
    return array[backwards].copy()[backwards]


def _broadcast(array: NDArray[Any]) -> NDArray[Any]:
    """Stride 0 along the first axis."""
    return array if array.size == 0 or array.ndim == 0 else np.broadcast_to(array[:1], array.shape)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    made = np.array(array)
    made.flags.writeable = False
    return made


def _matrix(array: NDArray[Any]) -> NDArray[Any]:
    # NumPy's own matrix class warns that it is there no longer to be used; a view of it does not.
    return array.view(np.matrix) if array.ndim == 2 else array


LAYOUTS: tuple[Callable[[NDArray[Any]], NDArray[Any]], ...] = (
    lambda array: array,
    np.asfortranarray,
    _strided,
    _reversed,
    _broadcast,
    _unaligned,
    _read_only,
    lambda array: array.view(Subclass),
    _matrix,
    lambda array: np.ma.masked_array(array, mask=np.arange(array.size).reshape(array.shape) % 2 == 1),
    _mapped,
    lambda array: array.byteswap().view(array.dtype.newbyteorder()) if array.dtype.kind in "iuf" else array,
)
DISGUISES: tuple[Callable[[NDArray[Any]], Any], ...] = (
    lambda array: array,
    lambda array: array,
    lambda array: np.asarray(array).tolist(),
    lambda array: tuple(array) if array.ndim and not np.ma.isMaskedArray(array) else array[()],
    ArrayLike,
    Interface,
    lambda array: memoryview(array) if array.dtype.kind in "fiu" and array.dtype.isnative else array,
    lambda array: standard.array("d", np.asarray(array, "f8").ravel()) if array.dtype.kind in "fi" else array,
)
NO_ARRAYS = (None, "x", b"x", "φ" * 100, [[1.0], [1.0, 2.0]], {}, {1.0}, object(), Unshown(), [Unshown()] * 3, ...,
             decimal.Decimal("1e400"), 10**400, [10**400], 1j, float, np.float64, lambda: 1.0)  # fmt: skip


def shape_near(draws: Draws, shape: Sequence[int]) -> tuple[int, ...]:
    """``shape``, or sometimes one that is a little wrong."""
    shape = tuple(shape)
    kind = draws.below(24)
    if kind < 18 or not shape:
        return (*shape, 1) if kind == 23 else shape
    axis = draws.below(len(shape))
    before, length, after = shape[:axis], shape[axis], shape[axis + 1 :]
    return (
        (*before, length + 1, *after),
        (*before, max(0, length - 1), *after),
        (*before, 0, *after),
        (*before, *after),
        (1, *shape),
        (*shape, 1),
    )[kind - 18]


def hostile(draws: Draws, shape: Sequence[int], own: Sequence[NDArray[Any]] = ()) -> Hostile:
    """An array of about that shape, or something else; or, of those in ``own``, a view.

    ``own`` is memory of the network that is called.
    """
    kind = draws.below(32)
    if kind == 31:
        return Hostile(draws.choice(NO_ARRAYS), REFUSED)
    if kind == 30:
        number = draws.number()
        value = draws.choice((number, np.float32(_to_float32(number)), np.array(number)))
        return Hostile(value, meaning(value))
    if kind >= 26 and own:
        view = own_view(draws, own)
        return Hostile(view, meaning(view))
    return _made(draws, shape_near(draws, shape))


def _to_float32(number: float) -> float:
    with np.errstate(over="ignore"):
        return float(np.float32(number))


def _made(draws: Draws, shape: tuple[int, ...]) -> Hostile:
    dtype = draws.choice(OTHER_DTYPES) if draws.one_in(16) else draws.choice(DTYPES)
    numbers = [draws.number() for _ in range(draws.below(6) + 1)]
    count = int(np.prod(shape))
    values = np.resize(np.array(numbers), count) if count else np.zeros(0)
    # With all numbers alike, arrays would be of too few kinds.
    values = (values + np.arange(count) / 16 if draws.one_in(2) else values).reshape(shape)
    array = draws.choice(LAYOUTS)(_of_dtype(values, dtype))
    disguised = draws.choice(DISGUISES)(array)
    try:
        return Hostile(disguised, meaning(disguised))
    except (TypeError, ValueError):  # not even NumPy makes an array of it
        return Hostile(disguised, REFUSED)


def _of_dtype(values: NDArray[Any], dtype: Any) -> NDArray[Any]:
    with np.errstate(all="ignore"):
        finite = np.nan_to_num(values, nan=1.0, posinf=2.0, neginf=-2.0)
        kind = np.dtype(dtype).kind
        if kind in "iu":
            return np.fmod(finite, 120).astype(dtype)
        if kind in "mM":
            return np.fmod(finite, 120).astype("i8").astype(dtype)
        if kind == "V":
            return np.zeros(values.shape, dtype)
        return values.astype(dtype)


def own_view(draws: Draws, own: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Some view of one of these arrays."""
    array = draws.choice(own)
    kind = draws.below(8) if array.size else 0
    if kind == 1:
        return array.T
    if kind == 2:
        return array[::-1]
    if kind == 3:
        return array[1:]
    if kind == 4 and array.ndim > 1:
        return array[draws.below(len(array))]
    if kind == 5 and array.ndim > 1:
        return array[:, draws.below(array.shape[1])]
    if kind == 6:
        return np.broadcast_to(array[0], array.shape)
    if kind == 7:
        return np.lib.stride_tricks.as_strided(array, writeable=False)[..., ::-1]
    return array


def meaning(value: Any) -> Any:
    """The numbers of an array as a contiguous copy, of float32 where it is of native float32, else of float64."""
    # An array-like of objects is refused, whatever the objects are.
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return REFUSED
    with np.errstate(over="ignore"):
        return np.array(array, np.float32 if array.dtype == np.float32 else np.float64, order="C", subok=False)
