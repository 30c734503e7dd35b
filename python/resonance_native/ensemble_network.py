"""One network of an ensemble, seen as a network of its own."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from .moments import moment
from .network import ResonanceNetwork

if TYPE_CHECKING:
    from .ensemble import ResonanceEnsemble

# What a network keeps beside its core. The ensemble keeps it for all of its networks: views come and go.
KEPT = ("_base_freq", "_freq_std", "_weight_std", "_tolerance", "_seed", "_encoder", "_warned")


def _kept(name: str) -> Any:
    """An attribute that the ensemble keeps."""

    def get(self: EnsembleNetwork) -> Any:
        return self._ensemble._kept[name][self._index]

    def set_(self: EnsembleNetwork, value: Any) -> None:
        self._ensemble._kept[name][self._index] = value

    return property(get, set_)


class EnsembleNetwork(ResonanceNetwork):
    """A network of a :class:`ResonanceEnsemble`, by its index there: the same memory and the same lock.

    It keeps the ensemble alive. Copies and pickles of it are independent networks.
    """

    _base_freq = _kept("_base_freq")
    _freq_std = _kept("_freq_std")
    _weight_std = _kept("_weight_std")
    _tolerance = _kept("_tolerance")
    _seed = _kept("_seed")
    _encoder = _kept("_encoder")
    _warned = _kept("_warned")

    def __init__(self, ensemble: ResonanceEnsemble, index: int) -> None:
        self._ensemble, self._index = ensemble, index
        self._dtype = ensemble.dtype
        self._take_core(ensemble._core.network(index))

    # A new state, or that of a file, belongs to a new network and not to an ensemble.
    from_state = ResonanceNetwork.from_state  # type: ignore[assignment]
    load = ResonanceNetwork.load  # type: ignore[assignment]

    def _attributes(self) -> dict[str, Any]:
        return {"_dtype": self._dtype, **{name: getattr(self, name) for name in KEPT}}

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        net = _blank()
        memo[id(self)] = net
        with moment(self._core):
            vars(net).update(copy.deepcopy(self._attributes(), memo))
            net._adopt_core(self.n_nodes)
            net._core.assign(self._core)
        return net

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return _blank, (), self.__getstate__()


def _blank() -> ResonanceNetwork:
    """A network without a state: that of a copy or a pickle comes next."""
    return ResonanceNetwork.__new__(ResonanceNetwork)
