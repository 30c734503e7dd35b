"""A network as tensors and JSON values, and back. The file is :mod:`resonance_native.checkpoint_file`'s."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from . import checkpoint_file, stored_encoder, stored_seed
from .moments import moment
from .saved_tensor import Tensor
from .validation import truth
from .weight_store import SavedWeights, Wanted, WeightStore
from .weight_stores import STORES

if TYPE_CHECKING:
    from .persistent_network import PersistentNetwork

    Net = TypeVar("Net", bound=PersistentNetwork)


class SavedTensors(SavedWeights, Protocol):
    """An open checkpoint: see :class:`resonance_native.checkpoint_file.CheckpointReader`."""

    values: dict[str, Any]
    dtypes: dict[str, np.dtype[Any]]


_KIND = "network"
_FLOAT64_VECTORS = ("phases", "frequencies", "initial_phases")
_SUMS = ("cosine_sums", "sine_sums")  # where the next coupled step takes them over
_COUNTS = ("step_count", "time", "presentation_count")
_ATTRIBUTES = ("base_freq", "freq_std", "weight_std", "tolerance")
_SPECIAL_ATTRIBUTES = (
    "_dtype",
    "_store",
    "_seed",
    "_encoder",
    "_warned",
    "_warned_of_rank",
    *(f"_{name}" for name in _ATTRIBUTES),
)
_PINS = "pins."
_ENCODER = "encoder."


def save(net: PersistentNetwork, path: str | os.PathLike[str], user: Mapping[str, Any] | None = None) -> None:
    """Save a network, and JSON values of the caller's own beside it.

    Parameters
    ----------
    net : ResonanceNetwork
        The network. It is held while it is written.
    path : path_like
        The file.
    user : mapping, optional
        JSON values that :func:`load` returns.
    """
    with moment(net._core):
        values, tensors = described(net, net._all_but_weights())
        if user is not None:
            values["user"] = dict(user)
        checkpoint_file.write(path, [*net._store.tensors(net._core), *tensors], values)


def load(
    path: str | os.PathLike[str], cls: type[Net], store_of: Callable[[SavedTensors], WeightStore] | None = None
) -> tuple[Net, dict[str, Any]]:
    """Return the network of a file, as an instance of ``cls``, and what ``user`` was when it was saved.

    ``store_of`` makes another store for the weights than the one that they were saved from.
    """
    with checkpoint_file.reading(path) as plain, _as_value_errors():
        reader: SavedTensors = plain
        if reader.values["kind"] != _KIND:
            raise ValueError(f"a checkpoint of kind {reader.values['kind']!r}, not of one network")
        network = reader.values["network"]
        if network["storage"] not in STORES:
            raise ValueError(f"storage {network['storage']!r} is not known to this version")
        if "parts" in reader.values:
            from .parted_checkpoint import PartedReader

            reader = PartedReader(plain, path)
        store = STORES[network["storage"]].of_saved(reader) if store_of is None else store_of(reader)
        _check_tensors(reader, network["dtype"], store)
        net = cls.__new__(cls)
        net._take_over(_saved(reader, store), reader)
        for name in _ATTRIBUTES:
            setattr(net, name, getattr(net, name))  # where they are checked
        net.noise_seed = network["noise_seed"]
        return net, reader.values.get("user", {})


def described(net: PersistentNetwork, saved: Mapping[str, Any]) -> tuple[dict[str, Any], list[Tensor]]:
    """JSON values, and all tensors but the weights."""
    attributes, vectors = saved["attributes"], saved["vectors"]
    network = {
        "dtype": net.dtype.name,
        "storage": net.storage,
        "threads": saved["threads"],
        "hyperparameters": saved["hyperparameters"],
        "noise_seed": saved["noise_seed"],
        "seed": stored_seed.to_json(attributes["_seed"]),
        "warned": attributes["_warned"],
        "warned_of_rank": net._warned_of_rank,
        "other_attributes": _other_attributes(attributes),
        **{name: attributes[f"_{name}"] for name in _ATTRIBUTES},
        **{name: vectors[name] for name in _COUNTS},
    }
    values: dict[str, Any] = {"kind": _KIND, "network": network}
    arrays = {name: array for name, array in vectors.items() if isinstance(array, np.ndarray)}
    arrays |= {_PINS + name: array for name, array in saved["pins"].items()}
    if attributes["_encoder"] is not None:
        values["encoder"], of_encoder = stored_encoder.to_json(attributes["_encoder"])
        arrays |= {_ENCODER + name: array for name, array in of_encoder.items()}
    return values, [Tensor.of(name, array) for name, array in arrays.items()]


def _other_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes that a subclass or a user has added, as far as JSON has their types."""
    others = {name: value for name, value in attributes.items() if name not in _SPECIAL_ATTRIBUTES}
    for name, value in others.items():
        if value is not None and type(value) not in (bool, int, float, str):
            raise TypeError(f"attribute {name} must be a number or a text to be saved, got {value!r}; pickle keeps it")
    return others


def _saved(reader: SavedTensors, store: WeightStore) -> dict[str, Any]:
    """What a network takes over, but the weights."""
    from .network import ResonanceNetwork

    network = reader.values["network"]
    arrays = {name: reader.tensor(name) for name in reader.shapes if not _is_weights(name)}
    others = network["other_attributes"]
    if clash := [name for name in others if hasattr(ResonanceNetwork, name)]:
        raise ValueError(f"attribute {clash[0]!r} is one that networks have for another use")
    attributes = {
        **others,
        "_dtype": np.dtype(network["dtype"]),
        "_store": store,
        "_seed": stored_seed.from_json(network["seed"]),
        "_warned": truth("warned", network["warned"]),
        "_warned_of_rank": truth("warned_of_rank", network.get("warned_of_rank", not store.may_advise)),
        "_encoder": _encoder(reader, arrays),
        **{f"_{name}": network[name] for name in _ATTRIBUTES},
    }
    return {
        "attributes": attributes,
        "hyperparameters": network["hyperparameters"],
        "threads": network["threads"],
        "noise_seed": 0,  # until it is checked
        "pins": _with_prefix(arrays, _PINS),
        "vectors": {
            **{name: arrays.get(name) for name in (*_FLOAT64_VECTORS, "amplitudes", *_SUMS)},
            **{name: network[name] for name in _COUNTS},
        },
    }


def _encoder(reader: SavedTensors, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if "encoder" not in reader.values:
        return None
    own = _with_prefix(arrays, _ENCODER)
    return stored_encoder.from_json(reader.values["encoder"], own, len(arrays["phases"]))


def _with_prefix(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _is_weights(name: str) -> bool:
    return name == "weights" or name.startswith("weights.")


def _check_tensors(reader: SavedTensors, dtype: str, store: WeightStore) -> None:
    """All tensors are there, no others, and each has the shape and dtype that it must have."""
    if dtype not in ("float32", "float64"):
        raise ValueError(f'dtype must be "float32" or "float64", got {dtype!r}')
    n = reader.shapes.get("phases", (0,))[0]
    wanted = _wanted(n, np.dtype(dtype), sums=any(name in reader.shapes for name in _SUMS))
    wanted |= store.wanted(n, np.dtype(dtype), reader)
    found = {name: (shape, reader.dtypes[name]) for name, shape in reader.shapes.items()}
    if "encoder" in reader.values:
        for name in [name for name in found if name.startswith(_ENCODER)]:
            del found[name]  # checked where the encoder is made
    for name in sorted(wanted.keys() ^ found.keys()):
        raise ValueError(f"tensor {name!r} is " + ("missing" if name in wanted else "none of a network's"))
    for name in wanted:
        if found[name] != wanted[name]:
            shape, its_dtype = wanted[name]
            raise ValueError(
                f"tensor {name!r} must have shape {shape} and dtype {its_dtype}, "
                f"got shape {found[name][0]} and dtype {found[name][1]}"
            )


def _wanted(n: int, dtype: np.dtype[Any], sums: bool) -> Wanted:
    """Shapes and dtypes of a network's tensors but for its weights."""
    float64, mask = np.dtype(np.float64), np.dtype(np.bool_)
    vectors = {**dict.fromkeys((*_FLOAT64_VECTORS, *(_SUMS if sums else ())), float64), "amplitudes": dtype}
    pins = {"amplitude_pins": mask, "phase_pins": mask, "amplitudes": dtype, "phases": float64}
    vectors |= {_PINS + name: its_dtype for name, its_dtype in pins.items()}
    return {name: ((n,), its_dtype) for name, its_dtype in vectors.items()}


@contextmanager
def _as_value_errors() -> Iterator[None]:
    """Values of the wrong kind are the file's fault here, not the caller's."""
    try:
        yield
    except KeyError as error:
        raise ValueError(f"{error} is missing or not known to this version") from error
    except (TypeError, OverflowError, AttributeError, IndexError, RecursionError) as error:
        raise ValueError(str(error)) from error
