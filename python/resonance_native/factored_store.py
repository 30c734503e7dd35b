"""Weights as a product of thin factors, which are never multiplied out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from . import _core, initial
from .factored_weights import FactoredWeights
from .low_rank import as_low_rank
from .memory import gib, require_memory
from .moments import moment
from .saved_tensor import Tensor
from .weight_parts import WeightParts
from .weight_store import CORES, SavedWeights, Wanted

# Tensors of saved weights, and what they are named in the core.
_TENSORS = ("pairs", "pair_weights", "pair_groups", "groups", "numbers", "pivots")
_PAIRS, _BASE, _MAX_RANK = "weights.pairs", "weights.base", "weights.max_rank"
#: Of the tensors that have numbers of each node, along which axis these are.
NODE_AXES = {_PAIRS: 1, _BASE: 0}
_GROUP_NUMBERS, _NUMBERS = 6, 6
# Directions off the axes that the core keeps apart, and how near to each other rounding brings two that are one.
_MOST_DIRECTIONS, _SAME_DIRECTION = 4, 1e-15
# Columns from which factors are no longer few, whatever n is.
_FEW_COLUMNS = 256


class FactoredStore:
    """See :class:`resonance_native.weight_store.WeightStore`.

    Parameters
    ----------
    max_rank : int
        The most columns that a compression may leave; 0 leaves it to the core.
    """

    name = "factored"
    default_weight_std = 0.0
    may_advise = True

    def __init__(self, max_rank: int = 0) -> None:
        self.max_rank = max_rank

    def core(self, n_nodes: int, dtype: np.dtype[Any]) -> _core.Network:
        """A core with factors of that rank."""
        kind = CORES[dtype.name]
        what = f"a network of n_nodes = {n_nodes} in {dtype.name} with factored weights"
        way_out = "use fewer nodes or a smaller max_rank"
        require_memory(dtype.itemsize * n_nodes, what, way_out)  # one column; the core can't count beyond int64
        require_memory(kind.factored_bytes(n_nodes, self.max_rank), what, way_out)
        return kind.factored(n_nodes, self.max_rank)

    def draw(self, core: _core.Network, rng: np.random.Generator, weight_std: float | None) -> None:
        """Zeros, or a dense base of random weights."""
        n, dtype = len(core.phases()), core.amplitudes().dtype
        base = None
        if weight_std is not None and weight_std > 0:
            base = _empty_base(n, dtype)
            for first, rows in initial.weight_rows(rng, n, weight_std):
                base[first : first + len(rows)] = rows
        core.set_factors(core_arrays(WeightParts(np.zeros((0, n), dtype), np.zeros((0, 2, 2)), base, 1.0, 0.0)))

    def view(self, core: _core.Network) -> None:
        """None: there is no array to look at."""

    def weights(self, core: _core.Network, view: NDArray[Any] | None) -> Any:  # noqa: ARG002
        """An operator: a snapshot of this moment."""
        return operator_of(core)

    def set_weights(self, core: _core.Network, values: Any) -> None:
        """A pair (A, B) of thin matrices, an operator, or a dense base."""
        core.set_factors(core_arrays(as_low_rank(values, len(core.phases()), core.amplitudes().dtype)))

    def advice(self, core: _core.Network) -> str | None:
        """What to do where the rank is not small."""
        return None if is_rank_small(core) else rank_advice(core)

    def tensors(self, core: _core.Network) -> list[Tensor]:
        """The core's own arrays: with them, a copy compresses at the same steps, and in the same way."""
        parts: Mapping[str, Any] = core.factors()
        tensors = [Tensor.of(f"weights.{name}", parts[name]) for name in _TENSORS]
        if parts["base"] is not None:
            tensors.append(Tensor.of(_BASE, parts["base"]))
        return [*tensors, Tensor.of(_MAX_RANK, np.array([core.max_rank], np.int64))]

    def wanted(self, n_nodes: int, dtype: np.dtype[Any], saved: SavedWeights) -> Wanted:
        """As many pairs, groups and pivots as there are."""
        count = {name: saved.shapes.get(f"weights.{name}", (0,))[0] for name in ("pair_weights", "groups", "pivots")}
        pairs, float64 = count["pair_weights"], np.dtype(np.float64)
        wanted: Wanted = {
            "weights.pairs": ((2 * pairs, n_nodes), dtype),
            "weights.pair_weights": ((pairs,), float64),
            "weights.pair_groups": ((pairs,), np.dtype(np.uint8)),
            "weights.groups": ((count["groups"], _GROUP_NUMBERS), float64),
            "weights.numbers": ((_NUMBERS,), float64),
            "weights.pivots": ((count["pivots"],), np.dtype(np.int64)),
            _MAX_RANK: ((1,), np.dtype(np.int64)),
        }
        if _BASE in saved.shapes:
            wanted[_BASE] = ((n_nodes, n_nodes), dtype)
        return wanted

    @classmethod
    def of_saved(cls, saved: SavedWeights) -> Self:
        """A store of the same largest rank."""
        return cls(cls.saved_max_rank(saved))

    @staticmethod
    def saved_max_rank(saved: SavedWeights) -> int:
        """The largest rank of saved weights."""
        return int(saved.tensor(_MAX_RANK)[0])

    def restore(self, core: _core.Network, saved: SavedWeights) -> None:
        """Take over the core's own arrays."""
        core.set_factors(saved_arrays(saved, saved.tensor))


def operator_of(core: _core.Network) -> FactoredWeights:
    """The weights of a core, as they are now."""
    with moment(core):
        arrays, error_bound = core.factors(), core.weight_error_bound()
    return FactoredWeights(
        arrays["pairs"],
        cores_of(arrays),
        base=arrays["base"],
        base_factor=float(arrays["numbers"][0]),
        error_bound=error_bound,
        copy=False,
    )


def cores_of(arrays: Mapping[str, Any]) -> NDArray[np.float64]:
    """The 2 × 2 core of each pair, (pairs, 2, 2)."""
    cores: NDArray[np.float64] = arrays["pair_weights"][:, None] * arrays["groups"][arrays["pair_groups"], :4]
    return cores.reshape(-1, 2, 2)


def saved_arrays(saved: SavedWeights, tensor: Callable[[str], NDArray[Any]]) -> dict[str, Any]:
    """A core's own arrays from saved ones, each of which ``tensor`` returns."""
    arrays: dict[str, Any] = {name: tensor(f"weights.{name}") for name in _TENSORS}
    arrays["base"] = tensor(_BASE) if _BASE in saved.shapes else None
    return arrays


def is_rank_small(core: _core.Network) -> bool:
    """Whether factors are worth their while, and not about to be more than are allowed.

    A step with many columns costs as much as one with n × n weights.
    """
    rank = core.compressed_rank
    # Asked after every step: mostly comparisons, which take no memory.
    if rank <= _FEW_COLUMNS and 3 * rank <= 2 * core.max_rank:
        return True
    n = len(core.phases())
    # With half as many more, the next compression may fail; but not where there is room for all of a few nodes.
    is_near_limit = 3 * rank > 2 * core.max_rank and core.max_rank < 4 * n
    return rank <= max(_FEW_COLUMNS, n // 4) and not is_near_limit


def rank_advice(core: _core.Network) -> str:
    """What to tell where they are not."""
    n, rank = len(core.phases()), core.compressed_rank
    return (
        f"the factored weights of {n} nodes have come to {rank} columns: inputs that change irregularly from step to "
        "step leave no low rank, and beyond max_rank a step raises. Weights stay within the tolerance. To keep the "
        "rank small, hold or smooth the inputs, allow a larger tolerance, or forget sooner (a smaller decay); or use "
        f'storage="dense", which takes {gib(core.amplitudes().dtype.itemsize * n**2)}'
    )


def core_arrays(given: WeightParts) -> dict[str, Any]:
    """Weights that are given, as the core takes them.

    Pairs whose core is a rotation are growth, and in the group of their direction. All others become pairs of which
    each adds u_i v_j, in one group.
    """
    directions, group_of = _directions(given.cores)
    grown = group_of >= 0
    strengths = np.hypot(given.cores[grown, 0, 0], given.cores[grown, 1, 0])
    products = _as_products(given.factors.reshape(-1, 2, given.factors.shape[1])[~grown], given.cores[~grown])
    count = len(products) // 2
    # |sum_k u_ik v_jk| is at most the product of the rows' norms.
    norms = [_largest_norm(products[side::2]) for side in (0, 1)]
    groups = [[along, -across, across, along, 1.0, 0.0] for along, across in directions]
    if count:
        groups.append([0.0, 1.0, 0.0, 0.0, 0.0, norms[0] * norms[1]])
    rows = given.factors if not count else np.concatenate([given.factors[np.repeat(grown, 2)], products])
    return {
        "pairs": rows,
        "pair_weights": np.concatenate([strengths, np.ones(count)]),
        "pair_groups": np.concatenate([group_of[grown], np.full(count, len(directions))]).astype(np.uint8),
        "groups": np.array(groups).reshape(-1, _GROUP_NUMBERS),
        "numbers": np.array([given.base_factor, given.error_bound, 0.0, 1.0, 0.0, 0.0]),
        "pivots": np.zeros(0, np.int64),
        "base": given.base,
    }


def _directions(cores: NDArray[np.float64]) -> tuple[list[tuple[float, float]], NDArray[np.int64]]:
    """The directions of rotations among the cores, and which one each core has: −1 where it is another matrix."""
    along, across = cores[:, 0, 0], cores[:, 1, 0]
    size = np.hypot(along, across)
    directions: list[tuple[float, float]] = []
    group_of = np.full(len(cores), -1)
    for k in np.flatnonzero((along == cores[:, 1, 1]) & (across == -cores[:, 0, 1]) & (size > 0)):
        direction = along[k] / size[k], across[k] / size[k]
        near = [g for g, other in enumerate(directions) if np.hypot(*np.subtract(direction, other)) < _SAME_DIRECTION]
        off_axes = sum(1 for other in directions if 0 not in other)
        if not near and (0 in direction or off_axes < _MOST_DIRECTIONS):
            near = [len(directions)]
            directions.append(direction)
        group_of[k] = near[0] if near else -1
    return directions, group_of


def _as_products(pairs: NDArray[Any], cores: NDArray[np.float64]) -> NDArray[Any]:
    """Pairs (k, 2, n) with any cores as rows of pairs of which each adds u_i v_j: u (m00 u + m01 v)ᵀ + v (…)ᵀ."""
    made = [
        (pair[side], row[0] * pair[0] + row[1] * pair[1])
        for pair, core in zip(pairs, cores, strict=True)
        for side, row in enumerate(core)
        if row.any()
    ]
    return np.array(made, pairs.dtype).reshape(-1, pairs.shape[2])


def _largest_norm(vectors: NDArray[Any]) -> float:
    """The largest of the norms over the first axis, of numbers whose squares may be beyond float64."""
    largest = float(np.abs(vectors).max(initial=0.0))
    if largest == 0:
        return 0.0
    scaled = np.square(vectors.astype(np.float64) / largest)
    return largest * float(np.sqrt(scaled.sum(axis=0)).max())


def _empty_base(n: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    what = f"random initial weights of n_nodes = {n} in {dtype.name}, as weight_std asks for them"
    require_memory(2 * dtype.itemsize * n**2, what, "leave weight_std out: factored weights begin at 0")
    return np.empty((n, n), dtype)
