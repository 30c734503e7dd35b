"""Checkpoints: what is in them, what they refuse, and what happens to the file."""

from __future__ import annotations

import errno
import hashlib
import os
import pickle
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from networks import bits, everything, lively
from scripts import output_of

import resonance_native as rn
from resonance_native import checkpoint, checkpoint_file, memory, replacing
from resonance_native.checkpoint_file import Tensor
from resonance_native.moments import moment

pytest.importorskip("safetensors")
import safetensors
import safetensors.numpy

POSIX = pytest.mark.skipif(os.name != "posix", reason="files of POSIX")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.safetensors"


def reloaded(net: rn.ResonanceNetwork, path: Path) -> rn.ResonanceNetwork:
    net.save(path)
    return type(net).load(path)


def metadata_of(path: Path) -> dict[str, str]:
    with safetensors.safe_open(path, framework="numpy") as file:
        return file.metadata()


# What is in them


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


# The format


@pytest.mark.parametrize("n", [5, 8])
def test_the_library_reads_it(n: int, dtype: str, path: Path) -> None:
    net = lively(n, dtype=dtype)
    net.save(path)
    tensors = safetensors.numpy.load_file(path)
    for name in ("phases", "frequencies", "amplitudes", "weights", "initial_phases"):
        ours = getattr(net, name)
        assert tensors[name].dtype == ours.dtype
        assert np.array_equal(tensors[name], ours)
    assert np.array_equal(tensors["pins.amplitude_pins"], net.pinned)
    metadata = metadata_of(path)
    assert metadata["format"] == "resonance_native"
    assert metadata["format_version"] == "1"
    assert metadata["library_version"] == rn.__version__


def test_tensors_are_aligned_in_order_and_without_gaps(path: Path, dtype: str) -> None:
    lively(5, dtype=dtype).save(path)
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    assert length % 8 == 0
    header = checkpoint_file._parsed_header(data[8 : 8 + length])
    del header["__metadata__"]
    end = 0
    for entry in header.values():
        begin, end_here = entry["data_offsets"]
        item = {"F64": 8, "F32": 4, "BOOL": 1}[entry["dtype"]]
        assert (begin, begin % item) == (end, 0)
        end = end_here
    assert len(data) == 8 + length + end


def test_a_file_that_the_library_writes_from_the_same_loads(path: Path, dtype: str) -> None:
    net = lively(7, dtype=dtype)
    net.save(path)
    tensors, metadata = safetensors.numpy.load_file(path), metadata_of(path)
    path.unlink()
    safetensors.numpy.save_file(tensors, path, metadata)
    assert everything(rn.ResonanceNetwork.load(path)) == everything(net)


# What they refuse


def whole_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "net"
    lively(4).save(path)
    return path.read_bytes()


whole = pytest.fixture(scope="session")(whole_file)


def assert_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r".+") as caught:
        rn.ResonanceNetwork.load(path)
    assert str(caught.value).startswith(f"{path}: ")


@hypothesis.given(data=st.data())
@hypothesis.settings(
    max_examples=400, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture], deadline=None
)
def test_any_change_is_found(whole: bytes, path: Path, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(whole) - 1))
    how = data.draw(st.sampled_from(["flip", "cut", "insert", "remove", "swap"]))
    some = data.draw(st.binary(min_size=1, max_size=9))
    changed = {
        "flip": whole[:at] + bytes([whole[at] ^ (some[0] or 1)]) + whole[at + 1 :],
        "cut": whole[:at],
        "insert": whole[:at] + some + whole[at:],
        "remove": whole[:at] + whole[at + len(some) :],
        "swap": whole[:at] + some + whole[at + len(some) :],
    }[how]
    hypothesis.assume(changed != whole)
    assert_refused(path, changed)


def test_every_byte_counts(whole: bytes, path: Path) -> None:
    for at in range(len(whole)):
        assert_refused(path, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])


@pytest.mark.parametrize("space", [b"\t", b"\n", b"\r"])
def test_white_space_of_another_kind(space: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net"
    for n in range(4, 14):
        lively(n).save(path)
        data = path.read_bytes()
        end = 8 + int.from_bytes(data[:8], "little")
        if data[end - 1 : end] == b" ":
            assert_refused(path, data[: end - 1] + space + data[end:])
            return
    pytest.fail("no header was padded")


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\x93NUMPY" + bytes(100), bytes(8), b"\xff" * 64, b"\x02" + bytes(7) + b"{}"]
)
def test_other_files(data: bytes, path: Path) -> None:
    assert_refused(path, data)


def test_a_safetensors_file_of_another_program(path: Path) -> None:
    safetensors.numpy.save_file({"a": np.zeros(3)}, path, {"format": "pt"})
    with pytest.raises(ValueError, match=r"net.safetensors: .*not a checkpoint of resonance_native"):
        rn.ResonanceNetwork.load(path)
    safetensors.numpy.save_file({"a": np.zeros(3)}, path)
    with pytest.raises(ValueError, match="not a checkpoint"):
        rn.ResonanceNetwork.load(path)


def test_a_newer_format(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(checkpoint_file, "FORMAT_VERSION", 2)
        newer.setattr(checkpoint_file, "__version__", "9.9.9")
        lively().save(path)
    with pytest.raises(ValueError, match=r"net.safetensors: of format version 2, .*9\.9\.9.*newer"):
        rn.ResonanceNetwork.load(path)


def rewritten(net: rn.ResonanceNetwork, path: Path, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> None:
    """A file with right checksums and other contents."""
    net.save(path)
    with checkpoint_file.reading(path) as reader:
        tensors = {name: reader.tensor(name) for name in reader.shapes}
        values = reader.values
    change(tensors, values)
    checkpoint_file.write(path, [Tensor.of(name, array) for name, array in tensors.items()], values)


CHANGES: dict[str, tuple[Callable[[dict[str, Any], dict[str, Any]], Any], str]] = {
    "missing": (lambda t, _: t.pop("frequencies"), "'frequencies' is missing"),
    "no phases": (lambda t, _: t.pop("phases"), "'phases' is missing"),
    "no weights": (lambda t, _: t.pop("weights"), "'weights' is missing"),
    "one sum": (lambda t, _: t.pop("sine_sums"), "'sine_sums' is missing"),
    "extra": (lambda t, _: t.update(more=np.zeros(3)), "'more' is none of"),
    "shape": (lambda t, _: t.update(weights=np.zeros((5, 4))), r"'weights' must have shape \(5, 5\).*\(5, 4\)"),
    "axes": (lambda t, _: t.update(amplitudes=np.zeros((5, 1))), "'amplitudes' must have shape"),
    "dtype": (lambda t, _: t.update(phases=np.zeros(5, np.float32)), "'phases' must have .*float64.*float32"),
    "mask": (lambda t, _: t.update({"pins.phase_pins": np.zeros(5)}), "phase_pins.*bool"),
    "no nodes": (lambda t, _: t.update({k: a[:0] for k, a in t.items() if a.ndim == 1}), "weights"),
    "its dtype": (lambda _, v: v["network"].update(dtype="float16"), "dtype"),
    "kind": (lambda _, v: v.update(kind="ensemble"), "kind 'ensemble'"),
    "no kind": (lambda _, v: v.pop("kind"), "'kind' is missing"),
    "no time": (lambda _, v: v["network"].pop("time"), "'time' is missing"),
    "steps": (lambda _, v: v["network"].update(step_count=-1), ""),
    "many steps": (lambda _, v: v["network"].update(step_count=2**64), ""),
    "half a step": (lambda _, v: v["network"].update(step_count=0.5), ""),
    "decay": (lambda _, v: v["network"]["hyperparameters"].update(decay=2), "decay must be"),
    "unknown": (lambda _, v: v["network"]["hyperparameters"].update(zeal=2), "zeal"),
    "a text": (lambda _, v: v["network"]["hyperparameters"].update(gain="3"), "gain"),
    "threads": (lambda _, v: v["network"].update(threads=-1), "threads"),
    "tolerance": (lambda _, v: v["network"].update(tolerance=-1), "tolerance"),
    "freq_std": (lambda _, v: v["network"].update(freq_std=-1), "freq_std"),
    "base_freq": (lambda _, v: v["network"].update(base_freq=None), "base_freq"),
    "warned": (lambda _, v: v["network"].update(warned=1), "warned"),
    "seed": (lambda _, v: v["network"].update(seed={"type": "Generator"}), "bit_generator"),
    "seed's type": (lambda _, v: v["network"].update(seed={"type": "os"}), "seed of unknown type"),
    "noise seed": (lambda _, v: v["network"].update(noise_seed=-1), "noise_seed"),
    "storage": (lambda _, v: v["network"].update(storage="tape"), "storage 'tape'"),
    "attribute": (lambda _, v: v["network"]["other_attributes"].update(run=1), "attribute 'run'"),
    "list": (lambda _, v: v.update(network=[]), ""),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_contents_that_do_not_make_a_network(change: str, path: Path) -> None:
    make_it, says = CHANGES[change]
    rewritten(lively(5), path, make_it)
    with pytest.raises(ValueError, match=rf"net\.safetensors: .*{says}"):
        rn.ResonanceNetwork.load(path)


def test_encoders_that_do_not_fit(path: Path) -> None:
    pytest.importorskip("resonance_native.learn")
    net = rn.ResonanceNetwork(5, seed=0).entrain(np.random.default_rng(0).normal(size=(9, 2)))
    rewritten(net, path, lambda *_: None)
    assert everything(rn.ResonanceNetwork.load(path)) == everything(net)
    for change in (
        lambda t, _: t.pop("encoder.mean_"),
        lambda t, _: t.update({"encoder.mean_": np.zeros(3)}),
        lambda t, _: t.update({"encoder.projection_": np.zeros((4, 2))}),
        lambda t, _: t.update({"encoder.more": np.zeros(4)}),
        lambda _, v: v.pop("encoder"),
        lambda _, v: v["encoder"]["parameters"].update(more=3),
    ):
        rewritten(net, path, change)
        with pytest.raises(ValueError, match=r"net\.safetensors: .*(encoder|more)"):
            rn.ResonanceNetwork.load(path)


def test_what_the_system_says(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        rn.ResonanceNetwork.load(tmp_path / "nowhere")
    with pytest.raises((IsADirectoryError, PermissionError), match=str(tmp_path)):
        rn.ResonanceNetwork.load(tmp_path)
    with pytest.raises((IsADirectoryError, PermissionError), match=str(tmp_path)):
        lively().save(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        lively().save(tmp_path / "nowhere" / "net")


@POSIX
def test_a_pipe_is_refused_and_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(ValueError, match=r"net\.safetensors: not a regular file"):
        rn.ResonanceNetwork.load(path)


@POSIX
def test_permissions(path: Path) -> None:
    lively().save(path)
    rn.ResonanceNetwork.load(path)  # what is imported lazily is there from now on
    path.chmod(0)
    me = os.geteuid()
    try:
        if me == 0:
            os.seteuid(65534)  # root may read everything
        with pytest.raises(PermissionError, match=r"net\.safetensors"):
            rn.ResonanceNetwork.load(path)
    finally:
        os.seteuid(me)


def test_a_network_that_would_not_fit_is_refused_before_it_is_allocated(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rn.ResonanceNetwork(400, seed=0).save(path)
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**20)
    with pytest.raises(MemoryError, match="n_nodes = 400"):
        rn.ResonanceNetwork.load(path)


def test_without_the_library(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lively().save(path)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(ImportError, match=r"resonance-native\[sim\]"):
        rn.ResonanceNetwork.load(path)


def test_importing_the_package_stays_quick() -> None:
    code = """
    import sys, resonance_native
    print([name for name in ("safetensors", "hashlib", "resonance_native.checkpoint") if name in sys.modules])
    """
    assert output_of(code) in ("[]", "['hashlib']")  # NumPy's random module brings that


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


# What happens to the file


@POSIX
def test_a_second_writer_is_told(path: Path) -> None:
    net = lively()
    net.save(path)
    with replacing.replacing(path) as file:
        file.write(b"half")
        with pytest.raises(BlockingIOError, match=r"another call is writing.*net\.safetensors"):
            net.save(path)
        assert file.seek(0, os.SEEK_END) == 4  # nothing of the first one's was touched
        assert bits(rn.ResonanceNetwork.load(path)) == bits(net)
        file.truncate(0)
    assert path.read_bytes() == b""
    net.save(path)
    assert bits(rn.ResonanceNetwork.load(path)) == bits(net)


@POSIX
def test_a_writer_that_waited_finds_another_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between opening and locking, the partial file can become the checkpoint: it must not be truncated then."""
    net = lively()
    lock = replacing._locked

    def another_comes_first(descriptor: int) -> bool:
        monkeypatch.setattr(replacing, "_locked", lock)
        rn.ResonanceNetwork(3, seed=0).save(path)
        return lock(descriptor)

    monkeypatch.setattr(replacing, "_locked", another_comes_first)
    with replacing.replacing(path):
        assert rn.ResonanceNetwork.load(path).n_nodes == 3
    net.save(path)
    assert os.listdir(path.parent) == [path.name]


def test_a_partial_file_that_a_kill_left_is_used(path: Path) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(bytes(10**6))
    net = lively()
    assert bits(reloaded(net, path)) == bits(net)
    assert os.listdir(path.parent) == [path.name]


@POSIX
def test_permissions_are_those_of_a_new_file(path: Path) -> None:
    before = os.umask(0o027)
    try:
        lively().save(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@POSIX
def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    path.symlink_to(tmp_path / "elsewhere" / "net")
    net = lively()
    assert bits(reloaded(net, path)) == bits(net)
    assert path.is_symlink()
    assert os.listdir(tmp_path / "elsewhere") == ["net"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_errors_of_the_system_keep_the_old_file(call: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = lively(), lively(9)
    old.save(path)

    def fail(*_: Any) -> None:
        raise OSError(errno.EIO, "I/O error")

    with monkeypatch.context() as failing:
        failing.setattr(os, call, fail)
        with pytest.raises(OSError, match=r"I/O error.*net\.safetensors"):
            new.save(path)
    assert bits(rn.ResonanceNetwork.load(path)) == bits(old)
    assert os.listdir(path.parent) == [path.name]


def test_an_early_sync_s_error_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system reports a failed write once only, to whichever sync comes next."""
    synced: list[int] = []
    fsync = os.fsync

    def fail_once(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 1:
            raise OSError(errno.EIO, "I/O error")
        fsync(descriptor)

    monkeypatch.setattr(checkpoint_file, "_SYNC_BYTES", 1)
    monkeypatch.setattr(os, "fsync", fail_once)
    with pytest.raises(OSError, match=r"I/O error.*net\.safetensors"):
        lively().save(path)
    assert os.listdir(path.parent) == []


@POSIX
def test_a_full_disk(path: Path) -> None:
    code = f"""
    import os, resource
    import resonance_native as rn
    path = {str(path)!r}
    rn.ResonanceNetwork(50, seed=0).save(path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, 10**6))
    try:
        rn.ResonanceNetwork(500, seed=0).save(path)
    except OSError as error:
        print(error.filename == path, path in str(error), os.listdir(os.path.dirname(path)))
    print(rn.ResonanceNetwork.load(path).n_nodes)
    """
    assert output_of(code) == f"True True ['{path.name}']\n50"


def test_readers_always_find_a_whole_file(path: Path) -> None:
    nets = [rn.ResonanceNetwork(n, seed=n) for n in (20, 30)]
    nets[0].save(path)
    stop = threading.Event()

    def save_in_turns() -> None:
        while not stop.is_set():
            for net in nets:
                net.save(path)

    writer = threading.Thread(target=save_in_turns)
    writer.start()
    try:
        wanted = {net.n_nodes: bits(net) for net in nets}
        for _ in range(200):
            found = rn.ResonanceNetwork.load(path)
            assert bits(found) == wanted[found.n_nodes]
    finally:
        stop.set()
        writer.join()


# One moment


def test_a_network_that_runs_meanwhile_is_saved_at_one_moment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = checkpoint_file.write

    def write_later(*arguments: Any) -> None:
        time.sleep(0.05)  # the weights are still to come
        write(*arguments)

    monkeypatch.setattr(checkpoint_file, "write", write_later)

    def make() -> rn.ResonanceNetwork:
        return rn.ResonanceNetwork(60, coupling=0.1, gain=0.3, seed=0)

    net, stop = make(), threading.Event()

    def run() -> None:
        while not stop.is_set():
            net.update(0.1)

    runner = threading.Thread(target=run)
    runner.start()
    seen = []
    try:
        for k in range(5):
            net.save(path.with_name(str(k)))
            seen.append(rn.ResonanceNetwork.load(path.with_name(str(k))))
    finally:
        stop.set()
        runner.join()
    twin = make()
    for found in seen:
        while twin.step_count < found.step_count:
            twin.update(0.1)
        assert bits(found) == bits(twin)


def test_within_a_moment_reading_goes_and_setting_does_not(dtype: str) -> None:
    net = lively(dtype=dtype)
    before, rows = bits(net), np.empty((5, 5), dtype)
    with moment(net._core), moment(net._core):
        net._core.copy_weight_rows(0, rows)
        assert net._core.vectors()["step_count"] == net.step_count
        assert pickle.loads(pickle.dumps(net)).step_count == net.copy().step_count == net.step_count
        for call in (net.update, net.unpin, net.reset, lambda: net.run(0.1, 1), lambda: net.pin(0, 1.0)):
            with pytest.raises(RuntimeError, match="the network is running"):
                call()
    assert rows.tobytes() == net.weights.tobytes()
    assert bits(net) == before
    net.update()


def test_other_threads_wait_for_the_end_of_a_moment() -> None:
    net = lively()
    step_count = net.step_count
    other = threading.Thread(target=net.update, daemon=True)
    with moment(net._core):
        with moment(net._core):
            other.start()
        other.join(0.2)
        assert other.is_alive()
        assert net.step_count == step_count
    other.join(60)
    assert net.step_count == step_count + 1


def test_an_error_ends_a_moment() -> None:
    net = lively()
    with pytest.raises(ZeroDivisionError), moment(net._core):
        raise ZeroDivisionError
    net.update()
    net._core.let_go()  # of what is not held
    net.update()
    thread = threading.Thread(target=net.update, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()


def test_rows_of_weights_are_copied_into_what_fits(dtype: str) -> None:
    core = lively(6, dtype=dtype)._core
    other = "float32" if dtype == "float64" else "float64"
    for out in (np.empty((2, 6), other), np.empty((6, 2), dtype).T, np.zeros((2, 6), int), [[0.0] * 6]):
        with pytest.raises(TypeError, match="out"):
            core.copy_weight_rows(0, out)
    for shape in ((2, 5), (6,), (1, 2, 6)):
        with pytest.raises(ValueError, match="out must have shape"):
            core.copy_weight_rows(0, np.empty(shape, dtype))
    for first in (-1, 5, 7):
        with pytest.raises(ValueError, match="first"):
            core.copy_weight_rows(first, np.empty((2, 6), dtype))
    rows = np.empty((2, 6), dtype)
    core.copy_weight_rows(4, rows)
    assert rows.tobytes() == np.ascontiguousarray(core.weights()[4:]).tobytes()
