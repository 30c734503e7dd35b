"""Files that networks, recordings and sweeps are read from."""

from __future__ import annotations

import json
import shutil
import tempfile
import tracemalloc
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse

import resonance_native as rn
from resonance_native import checkpoint_file
from resonance_native.saved_tensor import Tensor
from resonance_native.sweep_store import SweepStore

from .checks import outcome_of, require
from .draws import Draws
from .mutations import changed_bytes, changed_value

#: What loading may raise, and what it may take: all that is read here is small.
REFUSALS = (ValueError, OSError, MemoryError, ImportError)
_MOST_BYTES = 2**26


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    import atexit

    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _networks() -> list[rn.ResonanceNetwork]:
    coupled = rn.ResonanceNetwork(3, seed=np.random.default_rng(4), coupling=0.5, dtype="float32")
    coupled.pin(0, 0.4, phases=1.0)
    factored = rn.ResonanceNetwork(4, seed=[1, 2], storage="factored")
    graph = rn.ResonanceNetwork.from_graph(
        scipy.sparse.csr_array(np.tri(3)), seed=np.random.SeedSequence(3), reorder=True
    )
    dense = rn.ResonanceNetwork(2, seed=5)
    nets = [dense, coupled, factored, graph]
    for net in nets:
        net.update(0.3)
    return nets


@cache
def _saved() -> list[bytes]:
    """Checkpoints of all kinds."""
    path, files = _folder() / "saved.safetensors", []
    for net in _networks():
        net.save(path)
        files.append(path.read_bytes())
    return files


def check_loading(load: Callable[[], Any], path: Path, most_bytes: int = _MOST_BYTES) -> Any:
    """Load; it gives something, or a documented error that names the path, in little memory."""
    tracemalloc.start()
    try:
        outcome = outcome_of(load)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    require(peak < most_bytes, f"{peak} bytes to load a small file", outcome)
    if outcome.error is not None:
        require(isinstance(outcome.error, REFUSALS), "an error of a kind that is not documented", outcome)
        if not isinstance(outcome.error, MemoryError):
            require(
                path.name in str(outcome.error) or isinstance(outcome.error, OSError),
                "the message does not name the file",
                outcome,
            )
    return outcome.result


def _use(net: Any) -> None:
    """What was loaded can be used, and saved again."""
    if net is None:
        return
    outcome = outcome_of(lambda: (net.update(0.1), net.regime(), repr(net), net.copy()))
    require(
        outcome.error is None or isinstance(outcome.error, FloatingPointError | ValueError), "can't be used", outcome
    )


def _raw(draws: Draws) -> None:
    """Bytes of a checkpoint, changed: checksums find it."""
    path = _folder() / "raw.safetensors"
    path.write_bytes(changed_bytes(draws, draws.choice(_saved())))
    _use(check_loading(lambda: rn.ResonanceNetwork.load(path), path))


def _any_bytes(draws: Draws) -> None:
    path = _folder() / "any.safetensors"
    path.write_bytes(draws.rest())
    check_loading(lambda: rn.ResonanceNetwork.load(path), path)


def _sealed(draws: Draws) -> None:
    """Values and tensors changed, with checksums that fit: what a forger can do."""
    source, path = _folder() / "source.safetensors", _folder() / "sealed.safetensors"
    source.write_bytes(draws.choice(_saved()))
    with checkpoint_file.reading(source) as reader:
        values: Any = reader.values
        tensors = {name: reader.tensor(name) for name in reader.shapes}
    for _ in range(1 + draws.below(3)):
        if draws.one_in(2):
            values = changed_value(draws, values)
        else:
            name = draws.choice(sorted(tensors))
            tensors[name] = _changed_tensor(draws, tensors[name])
    if not isinstance(values, dict):
        return
    written = outcome_of(
        lambda: checkpoint_file.write(path, [Tensor.of(name, array) for name, array in tensors.items()], values)
    )
    if written.error is None:
        _use(check_loading(lambda: rn.ResonanceNetwork.load(path), path))


def _changed_tensor(draws: Draws, array: np.ndarray) -> np.ndarray:
    kind = draws.below(5)
    if kind == 0:
        return array[:-1].copy()
    if kind == 1:
        return np.concatenate([array, array[-1:]])
    if kind == 2:
        return array.astype(draws.choice(("f8", "f4", "i8", "i4", "u1", "?")))
    if kind == 3:
        return np.zeros(draws.choice(((0,), (0, 2**40), (1,), (2, 0), (1, 1, 1))), array.dtype)
    made = array.copy()
    if made.size:
        wrong = draws.choice((0, 1, -1, 255, 2**31 - 1, -(2**31), 10**9))
        with np.errstate(all="ignore"):
            made.reshape(-1)[draws.below(made.size)] = np.array(wrong).astype(made.dtype)
    return made


def _parted(draws: Draws) -> None:
    """What names rows in other files."""
    path, rest, rows = (_folder() / name for name in ("parted.safetensors", "rest", "rows"))
    rest.write_bytes(_saved()[0])
    with checkpoint_file.reading(rest) as reader:
        values: Any = dict(reader.values)
        tensors = [Tensor.of(name, reader.tensor(name)) for name in reader.shapes if name != "weights"]
        weights = reader.tensor("weights")
    of_part: Any = {"kind": "rows", "token": "t", "first": 0, "last": 2}
    values |= {"token": "t", "parted": {"weights": {"axis": 0, "shape": [2, 2]}}}
    values["parts"] = [{"file": rows.name, "first": 0, "last": 2}]
    if draws.one_in(2):
        values = changed_value(draws, values)
    if draws.one_in(2):
        of_part = changed_value(draws, of_part)
    if not isinstance(values, dict) or not isinstance(of_part, dict):
        return
    made = weights if draws.one_in(2) else _changed_tensor(draws, weights)
    written = outcome_of(lambda: checkpoint_file.write(rows, [Tensor.of("weights", made)], of_part))
    if written.error is None and outcome_of(lambda: checkpoint_file.write(path, tensors, values)).error is None:
        _use(check_loading(lambda: rn.ResonanceNetwork.load(path), path))


@cache
def _recording() -> dict[str, bytes]:
    path = _folder() / "made.zarr"
    net = rn.ResonanceNetwork(3, seed=0)
    net.run(0.1, 4, record=rn.Recorder(every=2, variables=("phases", "order_parameter"), out=path))
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


def _zarr(draws: Draws) -> None:
    """A recording, one of whose files was changed. What zarr itself says of its own files is its own."""
    path = _folder() / "changed.zarr"
    shutil.rmtree(path, ignore_errors=True)
    files = dict(_recording())
    name = draws.choice(sorted(files))
    files[name] = changed_bytes(draws, files[name])
    for each, content in files.items():
        (path / each).parent.mkdir(parents=True, exist_ok=True)
        (path / each).write_bytes(content)
    recording = check_loading(lambda: rn.Recording.load(path), path, 2**32)  # what a chunk of zarr may claim
    if recording is not None:
        outcome_of(lambda: (repr(recording), len(recording)))


def _sweep(draws: Draws) -> None:
    """A store of a sweep, one of whose files was changed."""
    path = _folder() / "sweep"
    shutil.rmtree(path, ignore_errors=True)
    results = {"order": np.arange(4.0)}
    SweepStore(path, {"a": 1}).save(np.array([0, 2]), results)
    file = draws.choice(sorted(path.iterdir()))
    if file.suffix == ".json" and draws.one_in(2):
        file.write_text(json.dumps(changed_value(draws, json.loads(file.read_text()))))
    else:
        file.write_bytes(changed_bytes(draws, file.read_bytes()))
    check_loading(lambda: SweepStore(path, {"a": 1}).load({"order": np.zeros(4)}), path)


_PARTS = (_sealed, _raw, _any_bytes, _parted, _sealed, _sweep, _zarr)


def one(data: bytes) -> None:
    """Do what these bytes say, and raise Defect where something does not hold."""
    draws = Draws(data)
    draws.choice(_PARTS)(draws)
