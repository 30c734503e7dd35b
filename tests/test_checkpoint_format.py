"""The format of checkpoints, and what loading refuses."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from networks import everything, lively
from scripts import output_of

import resonance_native as rn
from resonance_native import checkpoint_file, memory
from resonance_native.checkpoint_file import Tensor

pytest.importorskip("safetensors")
import safetensors
import safetensors.numpy


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.safetensors"


def metadata_of(path: Path) -> dict[str, str]:
    with safetensors.safe_open(path, framework="numpy") as file:
        return file.metadata()


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


# What is refused


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
