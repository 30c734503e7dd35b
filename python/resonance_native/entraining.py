"""How rows of data become presentations: checks, encoding, order and progress. The core does the learning."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from .progress import bar as progress_bar
from .validation import finite_number, truth, whole_number

if TYPE_CHECKING:
    from .entrainable_network import EntrainableNetwork

# Numbers in a block of encoded rows: large enough for products to run at full speed, small beside most data.
_NUMBERS_AT_A_TIME = 2**22


class Encoder(Protocol):
    """What turns rows of data (N, d) into phase offsets [rad] (N, n): a fitted transformer as in scikit-learn."""

    def transform(self, rows: Any, /) -> Any:
        """Phase offsets of rows."""


def encode(net: EntrainableNetwork, x: ArrayLike) -> NDArray[Any]:
    """A row of data or rows, (d,) or (N, d), as input patterns [rad/s]."""
    values = _core.real_array(x, "x")
    if values.ndim not in (1, 2):
        raise ValueError(f"x must have shape (d,) or (N, d), got shape {values.shape}")
    wanted = net.n_nodes if net.encoder is None else columns(net, net.encoder)
    rows = rows_of(np.atleast_2d(values), "x", wanted)
    require_finite(rows, "x", missing=False)
    offsets = encoded(net, net.encoder, rows)
    return offsets[0] if values.ndim == 1 else offsets


def entrain(
    net: EntrainableNetwork,
    data: ArrayLike,
    encoder: Encoder | None,
    fading_factor: float | None,
    epochs: int,
    shuffle: bool,
    progress: bool,
) -> None:
    """Present rows of data ``epochs`` times; the encoder that made patterns of them is kept."""
    factor = fading(fading_factor)
    times = whole_number("epochs", epochs, at_least=1)
    in_random_order, with_bar = truth("shuffle", shuffle), truth("progress", progress)
    if encoder is None:
        encoder = net.encoder
    elif not callable(getattr(encoder, "transform", None)):
        raise TypeError(f"encoder must be None or have a method transform, got {encoder!r}")
    rows = rows_of(data, "data", columns(net, encoder))
    require_finite(rows, "data", missing=takes_missing(encoder))
    if net._weights is not None and np.may_share_memory(rows, net._weights):
        rows = rows.copy()  # they would change while they are read
    if encoder is None and rows.shape[1] != net.n_nodes:
        encoder = fit_encoder(net, rows)
    encoded(net, encoder, rows[:1])  # an encoder for another network is found before anything changes
    with progress_bar(with_bar, times * len(rows), unit="rows", what="entrain") as bar:
        net._encoder = encoder
        for _ in range(times):
            present(net, rows, encoder, factor, in_random_order, bar)


def fading(value: Any) -> float | None:
    """``fading_factor``, checked."""
    if value is None:
        return None
    factor = finite_number("fading_factor", value)
    if not 0 <= factor <= 1:
        raise ValueError(f"fading_factor must be None or in [0, 1], got {value!r}")
    return factor


def columns(net: EntrainableNetwork, encoder: Encoder | None) -> int | None:
    """How many columns data must have; None where an encoder may still be fitted, or does not say."""
    if encoder is not None:
        return getattr(encoder, "n_features_in_", None)
    return net.n_nodes if net.presentation_count > 0 else None


def takes_missing(encoder: Encoder | None) -> bool:
    """Whether NaN stands for a silent node: where columns go to nodes one to one."""
    tags = getattr(encoder, "__sklearn_tags__", None)
    return encoder is None or (tags is not None and bool(tags().input_tags.allow_nan))


def rows_of(data: ArrayLike, name: str, n_columns: int | None) -> NDArray[Any]:
    """``data`` as (N, d) of real numbers."""
    rows = _core.real_array(data, name)
    if rows.ndim != 2 or rows.shape[1] == 0 or n_columns not in (None, rows.shape[1]):
        wanted = "(N, d) with d ≥ 1" if n_columns is None else f"(N, {n_columns}), as what was presented before"
        raise ValueError(f"{name} must have shape {wanted}, got shape {rows.shape}")
    return rows


def blocks(rows: int, width: int) -> Iterator[slice]:
    """Slices over rows of ``width`` numbers, each of a bounded number of these."""
    step = max(1, _NUMBERS_AT_A_TIME // width)
    for first in range(0, rows, step):
        yield slice(first, min(first + step, rows))


def require_finite(rows: NDArray[Any], name: str, missing: bool) -> None:
    """A ValueError for an infinity, and for a NaN unless it may stand for a missing input."""
    for block in blocks(*rows.shape):
        part = rows[block]
        right = ~np.isinf(part) if missing else np.isfinite(part)
        if not right.all():
            i, j = np.argwhere(~right)[0]
            wanted = "finite, or NaN where an input is missing" if missing else "finite"
            raise ValueError(f"{name} must be {wanted}, got {part[i, j]} at [{block.start + i}, {j}]")


def fit_encoder(net: EntrainableNetwork, rows: NDArray[Any]) -> Encoder:
    """The encoder for rows that have not one column a node: random features, fitted on the rows."""
    if not find_spec("sklearn"):
        raise ImportError(
            f"data has {rows.shape[1]} columns for {net.n_nodes} nodes, and the encoder for it needs scikit-learn; "
            'try: pip install "resonance-native[learn]"'
        )
    from .learn import PhaseEncoder

    random_state = int(_generator(net).integers(2**31))
    with _known_to_be_finite():
        fitted: Encoder = PhaseEncoder(net.n_nodes, random_state=random_state).fit(rows)
    return fitted


def _known_to_be_finite() -> AbstractContextManager[Any]:
    """Rows have been looked through once: scikit-learn, where it is in use, need not do it again."""
    if "sklearn" not in sys.modules:
        return nullcontext()
    from sklearn import config_context

    context: AbstractContextManager[Any] = config_context(assume_finite=True)
    return context


def encoded(net: EntrainableNetwork, encoder: Encoder | None, rows: NDArray[Any]) -> NDArray[Any]:
    """Phase offsets [rad] (N, n) of rows, in the network's dtype where an encoder computes them."""
    if encoder is None:
        return rows
    with _known_to_be_finite():
        made = encoder.transform(rows.astype(net.dtype, copy=False))
    offsets = _core.real_array(made, "what encoder makes of data")
    if offsets.shape != (len(rows), net.n_nodes):
        raise ValueError(
            f"encoder must make shape ({len(rows)}, {net.n_nodes}) of {len(rows)} rows, got shape {offsets.shape}"
        )
    return offsets


def present(
    net: EntrainableNetwork,
    rows: NDArray[Any],
    encoder: Encoder | None,
    fading_factor: float | None,
    shuffle: bool,
    progress: Any,
) -> None:
    """Present all rows once."""
    order = _generator(net).permutation(len(rows)) if shuffle else None
    phase_map = _phase_map(net, encoder, rows.shape[1])
    for block in blocks(len(rows), max(net.n_nodes, rows.shape[1])):
        part = rows[block] if order is None else rows[order[block]]
        if phase_map is None:
            net._core.entrain(encoded(net, encoder, part), fading_factor)
        else:
            net._core.entrain_encoded(part, *phase_map, fading_factor)
        if progress is not None:
            progress.update(len(part))


def _phase_map(
    net: EntrainableNetwork, encoder: Encoder | None, columns: int
) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """The encoder's matrix and shift, where it is no more than these: then the core encodes, on its own threads.

    Otherwise the products of encoding would run on NumPy's threads, which wait busily for some time after each, and
    take their cores from the passes that follow.
    """
    ask = getattr(encoder, "phase_map", None)
    found = ask() if callable(ask) else None
    if found is None:
        return None
    projection, shift = found
    if projection.shape != (net.n_nodes, columns):
        return None
    return projection.astype(net.dtype), shift


def _generator(net: EntrainableNetwork) -> np.random.Generator:
    """Of random numbers that depend on the initial phases and on what was shown so far: the same again each time."""
    return np.random.default_rng([*net.initial_phases[:8].view(np.uint64).tolist(), net.presentation_count])
