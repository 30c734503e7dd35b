"""Seeds as JSON, exactly: all that ``numpy.random.default_rng`` takes, generators amid a stream included."""

from __future__ import annotations

from typing import Any

import numpy as np

_BIT_GENERATORS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")


def to_json(seed: Any) -> Any:
    """A seed as JSON.

    Raises
    ------
    TypeError
        If it is of a type that NumPy does not bring.
    """
    if seed is None or isinstance(seed, int | np.integer):
        return None if seed is None else int(seed)
    if isinstance(seed, list | tuple | np.ndarray):
        return [to_json(item) for item in seed]
    if type(seed) is np.random.SeedSequence:
        entropy, spawn_key, pool_size, children = (
            seed.entropy,
            seed.spawn_key,
            seed.pool_size,
            seed.n_children_spawned,
        )
        return {
            "type": "SeedSequence",
            "entropy": to_json(entropy),
            "spawn_key": to_json(spawn_key),
            "pool_size": pool_size,
            "n_children_spawned": children,
        }
    if isinstance(seed, np.random.Generator):
        return {"type": "Generator", "bit_generator": to_json(seed.bit_generator)}
    if isinstance(seed, np.random.RandomState):
        return {"type": "RandomState", "state": _plain(seed.get_state(legacy=False))}
    if isinstance(seed, np.random.BitGenerator) and type(seed).__name__ in _BIT_GENERATORS:
        source = seed.seed_seq
        kept = to_json(source) if type(source) is np.random.SeedSequence else None
        return {"type": "BitGenerator", "state": _plain(seed.state), "seed_seq": kept}
    raise TypeError(
        f"seed must be an integer, integers or an object of numpy.random's own to be saved, got {seed!r}; "
        "pickle keeps others"
    )


def from_json(stored: Any) -> Any:
    """The seed again.

    Raises
    ------
    ValueError
        If it is not what :func:`to_json` gives.
    """
    if stored is None or isinstance(stored, int):
        return stored
    if isinstance(stored, list):
        return [from_json(item) for item in stored]
    kind = stored["type"]
    if kind == "SeedSequence":
        return _seed_sequence(stored)
    if kind == "Generator":
        return np.random.Generator(from_json(stored["bit_generator"]))
    if kind == "RandomState":
        state = np.random.RandomState()
        state.set_state(_restored(stored["state"]))
        return state
    if kind == "BitGenerator":
        return _bit_generator(stored)
    raise ValueError(f"seed of unknown type {kind!r}")


def _seed_sequence(stored: dict[str, Any]) -> np.random.SeedSequence:
    return np.random.SeedSequence(
        stored["entropy"],
        spawn_key=tuple(stored["spawn_key"]),
        pool_size=stored["pool_size"],
        n_children_spawned=stored["n_children_spawned"],
    )


def _bit_generator(stored: dict[str, Any]) -> np.random.BitGenerator:
    state = _restored(stored["state"])
    if state["bit_generator"] not in _BIT_GENERATORS:
        raise ValueError(f"seed of unknown bit generator {state['bit_generator']!r}")
    source = stored["seed_seq"]
    bit_generator: np.random.BitGenerator = getattr(np.random, state["bit_generator"])(
        None if source is None else from_json(source)
    )
    bit_generator.state = state
    return bit_generator


def _plain(state: Any) -> Any:
    """A generator's state: a dict of dicts, arrays, numbers and texts."""
    if isinstance(state, dict):
        return {key: _plain(value) for key, value in state.items()}
    if isinstance(state, np.ndarray):
        return {"array": state.tolist(), "dtype": state.dtype.name}
    return state.item() if isinstance(state, np.generic) else state


def _restored(stored: Any) -> Any:
    if not isinstance(stored, dict):
        return stored
    if stored.keys() == {"array", "dtype"}:
        return np.array(stored["array"], stored["dtype"])
    return {key: _restored(value) for key, value in stored.items()}
