"""Checkpoints: what is in them, and what can't be."""

from __future__ import annotations

import hashlib
import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from networks import bits, everything, lively, reloaded

import resonance_native as rn
from resonance_native import checkpoint, checkpoint_file

pytest.importorskip("safetensors")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.safetensors"


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("n", [1, 2, 9, 33, 64, 129])
def test_a_loaded_network_goes_on_with_the_same_bits(n: int, dtype: str, path: Path) -> None:
    net = lively(n, dtype=dtype, tolerance=3e-7, threads=2, base_freq=0.1 + 0.2, weight_std=1 / 3)
    net.amplitudes = np.linspace(-1, 1, n)  # pinned nodes too are away from their pins
    net.phases = np.linspace(0, 6, n)
    before = everything(net)
    twin = reloaded(net, path)
    assert everything(twin) == everything(net) == before
    for each in (net, twin):
        each.run(np.linspace(-2, 2, n), 25)
        each.unpin()
        each.update(0.1)
    assert bits(twin) == bits(net)


TWINS: dict[str, Callable[[rn.ResonanceNetwork, Path], rn.ResonanceNetwork]] = {
    "file": reloaded,
    "pickle": lambda net, _: pickle.loads(pickle.dumps(net)),
}


@pytest.mark.parametrize("how", TWINS)
def test_sums_that_followed_single_phases(how: str, dtype: str, path: Path) -> None:
    """Pinned phases move the products of the coupling by additions, whose rounding the next step goes on from."""
    net = rn.ResonanceNetwork(65, gain=20 / 65, coupling=0.7, seed=1, dtype=dtype)
    net.run(0.3, 20)
    for node in range(7):
        net.pin(node, 0.5, phases=0.3 * node)
    twin = TWINS[how](net, path)
    for each in (net, twin):
        each.update(0.1)
    assert bits(twin) == bits(net)


@pytest.mark.parametrize("how", TWINS)
def test_the_tolerance_reaches_the_core(how: str, path: Path) -> None:
    net, strict = (rn.ResonanceNetwork(600, seed=1, tolerance=tolerance) for tolerance in (1e-4, None))
    for each in (net, strict):
        each.pin(slice(None), 1.0)
    twin = TWINS[how](net, path)
    for each in (net, twin, strict):
        each.run(0.1, 600)
    assert bits(twin) == bits(net)
    assert bits(strict) != bits(net)  # else it would show nothing


def test_presentations(dtype: str, path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(30, 9))
    net = rn.ResonanceNetwork(9, seed=0, dtype=dtype).entrain(rows)
    twin = reloaded(net, path)
    assert bits(net.entrain(rows, shuffle=True)) == bits(twin.entrain(rows, shuffle=True))


def test_blocks(dtype: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net = lively(37, dtype=dtype)
    net.save(path)
    whole = path.read_bytes()
    monkeypatch.setattr(checkpoint_file, "_BLOCK_BYTES", 1000)
    monkeypatch.setattr(checkpoint_file, "_SYNC_BYTES", 3000)
    assert bits(reloaded(net, path)) == bits(net)
    assert path.read_bytes() == whole


def test_blocks_are_hashed_in_their_order(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the thread that hashes one of them comes late to it."""
    sha256 = hashlib.sha256

    class Late:
        def __init__(self) -> None:
            self._digest, self._delays = sha256(), iter([0.05])
            self.hexdigest = self._digest.hexdigest

        def update(self, data: Any) -> None:
            time.sleep(next(self._delays, 0))
            self._digest.update(data)

    net = rn.ResonanceNetwork(20, seed=0)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint_file, "_BLOCK_BYTES", 1000)
        patch.setattr(checkpoint_file.hashlib, "sha256", lambda *data: sha256(*data) if data else Late())
        net.save(path)
    np.testing.assert_array_equal(rn.ResonanceNetwork.load(path).weights, net.weights)


def advanced(bit_generator: Any) -> np.random.Generator:
    rng = np.random.Generator(bit_generator)
    rng.random(5)
    rng.integers(0, 10, 3, dtype=np.uint32)  # leaves half a number behind
    return rng


def spawned() -> np.random.SeedSequence:
    sequence = np.random.SeedSequence(2**200 + 1, spawn_key=(3, 4), pool_size=8)
    sequence.spawn(2)
    return sequence


SEEDS: dict[str, Callable[[], Any]] = {
    "fresh": lambda: None,
    "int": lambda: 7,
    "128 bits": lambda: 2**128 - 1,
    "NumPy's int": lambda: np.uint64(2**64 - 1),
    "list": lambda: [1, 2**70, 3],
    "array": lambda: np.arange(5, dtype=np.uint32),
    "sequence": spawned,
    "of lists": lambda: np.random.SeedSequence([5, 6, 2**40]),
    "PCG64": lambda: np.random.PCG64(3),
    "from children": lambda: np.random.PCG64(spawned()),
    "PCG64DXSM": lambda: advanced(np.random.PCG64DXSM(3)),
    "MT19937": lambda: advanced(np.random.MT19937(3)),
    "Philox": lambda: advanced(np.random.Philox(3)),
    "SFC64": lambda: advanced(np.random.SFC64(3)),
}


@pytest.mark.parametrize("seed", SEEDS)
def test_seeds(seed: str, path: Path) -> None:
    net = rn.ResonanceNetwork(6, seed=SEEDS[seed]())
    twin = reloaded(net, path)
    for _ in range(2):
        for each in (net, twin):
            each.reset()
        assert bits(twin) == bits(net)
    for each in (twin, reloaded(twin, path)):
        if isinstance(net._seed, np.random.Generator | np.random.BitGenerator):
            ours, its = (getattr(s, "bit_generator", s).seed_seq for s in (net._seed, each._seed))
            assert its.state == ours.state


def test_a_random_state_of_old() -> None:
    state = np.random.RandomState(4)
    state.standard_normal()  # keeps a second one
    stored = checkpoint.stored_seed.to_json(state)
    assert checkpoint.stored_seed.from_json(stored).standard_normal(5).tolist() == state.standard_normal(5).tolist()


def test_no_seed_stays_none(path: Path) -> None:
    twin = reloaded(rn.ResonanceNetwork.from_state([0.0, 7.0], [1, 1], [1, 1], np.zeros((2, 2))), path)
    with pytest.raises(ValueError, match="seed must be given"):
        twin.reset()


def test_a_seed_of_another_type_is_refused(path: Path) -> None:
    class Own(np.random.SeedSequence):
        pass

    with pytest.raises(TypeError, match=r"(?s)seed must be .*Own.*pickle"):
        rn.ResonanceNetwork(3, seed=Own(3)).save(path)
    assert not path.parent.joinpath(path.name).exists()


@pytest.mark.parametrize("columns", [4, 9])
def test_encoders(columns: int, dtype: str, path: Path) -> None:
    learn = pytest.importorskip("resonance_native.learn")
    rows = np.random.default_rng(0).normal(5, 2, size=(50, columns)).astype(dtype)
    encoder = learn.PhaseEncoder(
        np.int64(9), bandwidth=None if columns == 9 else 0.5, random_state=np.random.RandomState(3)
    ).fit(rows)
    net = rn.ResonanceNetwork(9, seed=0, dtype=dtype).entrain(rows, encoder=encoder)
    twin = reloaded(net, path)
    assert type(twin.encoder) is learn.PhaseEncoder
    assert vars(twin.encoder).keys() == vars(encoder).keys()
    assert twin.encode(rows).tobytes() == net.encode(rows).tobytes()
    assert bits(twin.entrain(rows)) == bits(net.entrain(rows))
    fitted = [each.encoder.fit(rows).projection_.tobytes() for each in (net, twin)]  # from the same random state
    assert fitted[0] == fitted[1]


def test_encoders_with_names_of_columns(path: Path) -> None:
    learn, pandas = pytest.importorskip("resonance_native.learn"), pytest.importorskip("pandas")
    frame = pandas.DataFrame(np.random.default_rng(0).normal(size=(20, 2)), columns=["left", "right"])
    net = rn.ResonanceNetwork(5, seed=0).entrain(frame.to_numpy())
    net._encoder = learn.PhaseEncoder(5, random_state=0).fit(frame)
    assert reloaded(net, path).encoder.transform(frame).tobytes() == net.encoder.transform(frame).tobytes()


def test_other_encoders_are_refused_and_the_old_file_stays(path: Path) -> None:
    class Doubling:
        def transform(self, rows: Any) -> Any:
            return 2 * rows

    net = rn.ResonanceNetwork(4, seed=0)
    net.save(path)
    before = path.read_bytes()
    net.entrain(np.ones((3, 4)), encoder=Doubling())
    with pytest.raises(TypeError, match=r"encoder must be .*PhaseEncoder.*Doubling.*pickle"):
        net.save(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_subclasses_and_attributes(path: Path) -> None:
    class Own(rn.ResonanceNetwork):
        rank = 0

        def __init__(self, label: str) -> None:
            super().__init__(4, seed=0)
            self.label, self.scale, self.rank, self.nothing = label, 0.1 + 0.2, 2**80, None

    net = Own("α")
    twin = reloaded(net, path)
    assert type(twin) is Own
    assert (twin.label, twin.scale, twin.rank, twin.nothing) == ("α", 0.1 + 0.2, 2**80, None)
    net.partner = [1]
    with pytest.raises(TypeError, match=r"attribute partner .*\[1\]"):
        net.save(path)
    assert Own.load(path).label == "α"


def test_values_of_the_caller_s_ride_along(path: Path) -> None:
    net = lively()
    checkpoint.save(net, path, user={"dt": 0.1 + 0.2, "hold": 3})
    assert checkpoint.load(path, rn.ResonanceNetwork)[1] == {"dt": 0.1 + 0.2, "hold": 3}
    assert bits(rn.ResonanceNetwork.load(path)) == bits(net)
    net.save(path)
    assert checkpoint.load(path, rn.ResonanceNetwork)[1] == {}


@pytest.mark.parametrize("as_what", [str, Path])
def test_kinds_of_paths(as_what: Callable[[Path], Any], path: Path) -> None:
    net = lively()
    net.save(as_what(path))
    assert bits(rn.ResonanceNetwork.load(as_what(path))) == bits(net)


def test_relative_paths(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    net = lively()
    net.save("net.safetensors")
    assert bits(rn.ResonanceNetwork.load("net.safetensors")) == bits(net)


def test_a_network_that_has_diverged(path: Path) -> None:
    net = rn.ResonanceNetwork(4, seed=0)
    net.save(path)
    net.pin(slice(None), 1e200)
    with pytest.raises(FloatingPointError):
        net.run(0.1, 3)
    with pytest.raises(ValueError, match=r"net\.safetensors: weights must be finite"):
        net.save(path)
    assert rn.ResonanceNetwork.load(path).step_count == 0
    assert os.listdir(path.parent) == [path.name]


def test_weights_whose_sum_is_too_large_are_finite(path: Path) -> None:
    net = rn.ResonanceNetwork(3, seed=0)
    net.weights = np.full((3, 3), 1.7e308)
    assert bits(reloaded(net, path)) == bits(net)
