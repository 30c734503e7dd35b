"""Input that was made to break things: each of these once crashed, hung, left a mark or told nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzz import endurance
from networks import bits, everything, lively

import resonance_native as rn


def damaged(form: str, name: str, place: int, wrong: int) -> Any:
    """A sparse matrix one of whose indices was overwritten after it was made."""
    scipy_sparse = pytest.importorskip("scipy.sparse")
    matrix = scipy_sparse.csr_array(np.eye(3) + np.tri(3)).asformat(form)
    getattr(matrix, name)[place] = wrong
    return matrix


@pytest.mark.parametrize("reorder", [False, True])
@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
@pytest.mark.parametrize("wrong", [1000, -1, 2**31 - 1])
def test_indices_beyond_the_shape_of_a_graph(form: str, wrong: int, reorder: bool) -> None:
    matrix = damaged(form, "col" if form == "coo" else "indices", 1, wrong)
    with pytest.raises(ValueError, match="graph must have indices that fit"):
        rn.ResonanceNetwork.from_graph(matrix, reorder=reorder)


@pytest.mark.parametrize("form", ["csr", "csc"])
@pytest.mark.parametrize(("place", "wrong"), [(0, 1), (1, 1000), (1, -1), (-1, 0), (-1, 1000)])
def test_index_pointers_of_a_graph(form: str, place: int, wrong: int) -> None:
    with pytest.raises(ValueError, match="graph must have indices that fit"):
        rn.ResonanceNetwork.from_graph(damaged(form, "indptr", place, wrong))


def test_indices_beyond_the_shape_of_weights() -> None:
    net = rn.ResonanceNetwork.from_graph(damaged("csr", "indices", 0, 0))
    before = net.weights.data.tobytes()
    with pytest.raises(ValueError, match="weights must have indices that fit"):
        net.weights = damaged("csc", "indices", 1, 1000)
    assert net.weights.data.tobytes() == before


@pytest.mark.parametrize("subject", [lively(3), rn.ResonanceEnsemble(1, 3, seed=0)], ids=["network", "ensemble"])
def test_pins_from_the_networks_own_memory(subject: Any) -> None:
    """Each node takes what the view showed before the first was pinned."""
    wanted = subject.phases[..., [2, 0, 1]].copy()
    subject.pin([1, 2, 0], 0.5, phases=subject.phases[..., [0, 1, 2]])  # a copy
    subject.phases = wanted
    expected = wanted.copy()
    subject.pin([1, 2, 0], 0.5, phases=subject.phases)
    assert np.array_equal(subject.phases[..., [1, 2, 0]], expected)


@pytest.mark.parametrize("text", ["φ" * 100, ["φ" * 100], {"φ" * 100}])
def test_messages_cut_no_character(text: Any) -> None:
    net = rn.ResonanceNetwork(3, seed=0)
    with pytest.raises(TypeError, match=r"input_signal must be .*φ\.\.\."):
        net.update(text)
    with pytest.raises(TypeError, match=r"gain must be .*φ\.\.\."):
        net.gain = text


@pytest.mark.parametrize("nodes", [slice(None, None, 0), slice("a"), slice(0.5)])
def test_slices_that_select_nothing(nodes: slice) -> None:
    net = lively(3)
    for call in (net.pin, net.unpin):
        with pytest.raises((TypeError, ValueError), match="nodes must be"):
            call(nodes)


@pytest.mark.parametrize(("nodes", "selected"), [(slice(1, None, 2**70), [1]), (slice(None, None, -(2**70)), [4])])
def test_slices_with_steps_beyond_int64(nodes: slice, selected: list[int]) -> None:
    net = rn.ResonanceNetwork(5, seed=0)
    net.pin(nodes, 0.25)
    assert np.flatnonzero(net.pinned).tolist() == selected


@pytest.mark.parametrize("number", [2**63, 2**64, 10**400])
def test_numbers_beyond_int64(number: int) -> None:
    def settled() -> Any:
        return rn.stop.when_settled(1e-6, every=number)

    calls: list[tuple[str, Callable[[], Any]]] = [
        ("every", lambda: rn.Recorder(every=number)),
        ("start", lambda: rn.Recorder(start=number)),
        ("every", settled),
        ("k", lambda: rn.every(number, repr)),
        ("max_rank", lambda: rn.ResonanceNetwork(3, storage="factored", max_rank=number)),
        ("order", lambda: rn.analysis.order_parameter([1.0], order=number)),
    ]
    for name, call in calls:
        with pytest.raises(ValueError, match=rf"\b{name} must be at most"):
            call()
    for make in (
        lambda: rn.ResonanceNetwork(number, storage="factored"),
        lambda: rn.ResonanceEnsemble(number, 3),
        lambda: rn.ResonanceEnsemble(3, number),
    ):
        with pytest.raises(MemoryError, match="GiB"):
            make()


def test_ensembles_that_would_not_fit_are_refused_at_once() -> None:
    """Before a seed was made for each of their networks."""
    with pytest.raises(MemoryError, match="GiB"):
        rn.ResonanceEnsemble(10**12, 3)


def test_max_rank_has_an_end() -> None:
    with pytest.raises(ValueError, match="max_rank must be at most"):
        rn.ResonanceNetwork(3, storage="factored", max_rank=10**9 + 1)


def test_negative_zero_is_a_deviation_of_none() -> None:
    assert rn.ResonanceNetwork(3, freq_std=-0.0, seed=0).freq_std == 0
    assert rn.ResonanceEnsemble(2, 3, freq_std=-0.0, weight_std=-0.0, seed=0).freq_std.tolist() == [0, 0]


@pytest.mark.parametrize("subclass", [np.matrix, np.ma.MaskedArray], ids=["matrix", "masked"])
def test_subclasses_of_arrays_count_as_arrays(subclass: Any) -> None:
    phases = np.linspace(0, 9, 12).reshape(4, 3)
    given = phases.view(subclass)
    assert type(rn.analysis.phase_locking_matrix(given)) is np.ndarray
    assert np.array_equal(rn.analysis.order_parameter(given), rn.analysis.order_parameter(phases))
    net, same = (rn.ResonanceNetwork(3, seed=0) for _ in range(2))
    net.run(given)
    same.run(phases)
    assert bits(net) == bits(same)


@pytest.mark.parametrize("storage", ["dense", "factored"])
def test_refused_steps_leave_no_mark(storage: str) -> None:
    """Directions of growth that were never used took the place of later ones, in factored weights."""
    net = rn.ResonanceNetwork(3, storage=storage, seed=0)
    for lag in (0.1, 0.2, 0.3, 0.4, 0.5):
        net.learning_lag = lag
        before = everything(net)
        saved = net.__getstate__()["weights"]
        with pytest.raises(ValueError, match="input_signal"):
            net.update([1.0, 2.0, np.inf])
        assert everything(net) == before
        after = net.__getstate__()["weights"]
        assert {name: array.tobytes() for name, array in after.items()} == {
            name: array.tobytes() for name, array in saved.items()
        }


def test_a_decay_of_negative_zero_leaves_what_a_copy_has() -> None:
    net = rn.ResonanceNetwork(3, storage="factored", seed=0, decay=-0.0)
    net.update(0.1)
    numbers = [each.__getstate__()["weights"]["weights.numbers"] for each in (net, net.copy())]
    assert numbers[0].tobytes() == numbers[1].tobytes()


def test_products_of_factors_whose_squares_overflow() -> None:
    net = rn.ResonanceNetwork(3, storage="factored", seed=0)
    net.weights = (np.full((3, 1), 1e200), np.full((3, 1), 1e-200))
    assert np.allclose(net.weights.to_dense(), 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cores", np.ones((1, 2, 2), complex)),
        ("cores", [["x"]]),
        ("factors", None),
        ("base", "x"),
        ("error_bound", "1"),
    ],
)
def test_parts_of_factored_weights(name: str, value: Any) -> None:
    parts = {"factors": np.ones((2, 3)), "cores": np.ones((1, 2, 2)), name: value}
    if name == "factors" and value is None:
        parts["factors"] = object()
    with pytest.raises((TypeError, ValueError), match=name):
        rn.FactoredWeights(**parts)  # type: ignore[arg-type]


def test_measures_beyond_float64() -> None:
    with pytest.raises(ValueError, match="order"):
        rn.analysis.order_parameter([1e308], order=10)
    with pytest.raises(ValueError, match="dt"):
        rn.analysis.mean_frequency([[0.0], [1.0]], dt=5e-324)


DEEP = "[" * 100_000


@pytest.mark.parametrize("settings", [f"seed = {DEEP}", f"seed = {'9' * 5000}"], ids=["deep", "long"])
def test_settings_that_can_not_be_read(command: Any, tmp_path: Path, settings: str) -> None:
    rows, config = tmp_path / "rows.csv", tmp_path / "a.toml"
    rows.write_text("1,2\n")
    config.write_text(settings)
    code, _, told = command("run", rows, "--config", config)
    assert code == 2
    assert "a.toml: not a TOML file" in told


def test_a_header_that_can_not_be_read(command: Any, tmp_path: Path) -> None:
    rows = tmp_path / "rows.npy"
    rows.write_bytes(b"\x93NUMPY\x01\x00\x06\x00{'a':(" + bytes(64))
    code, _, told = command("run", rows)
    assert code == 2
    assert "rows.npy: not a .npy file" in told


@pytest.mark.parametrize("content", [DEEP, "3", "x", "\udcff"], ids=["deep", "number", "no json", "no text"])
def test_settings_of_a_sweep(tmp_path: Path, content: str) -> None:
    from resonance_native.sweep_store import SweepStore

    SweepStore(tmp_path / "s", {"a": 1})
    (tmp_path / "s" / "sweep.json").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(ValueError, match=r"sweep\.json is damaged"):
        SweepStore(tmp_path / "s", {"a": 1})


@pytest.mark.parametrize("damage", [slice(0), slice(-30), slice(4, None)], ids=["empty", "cut", "no archive"])
def test_batches_of_a_sweep(tmp_path: Path, damage: slice) -> None:
    from resonance_native.sweep_store import SweepStore

    store = SweepStore(tmp_path / "s", {"a": 1})
    store.save(np.array([0, 2]), {"r": np.arange(3.0)})
    (batch,) = (tmp_path / "s").glob("*.npz")
    batch.write_bytes(batch.read_bytes()[damage])
    with pytest.raises(ValueError, match=r"batch-0+\.npz is damaged"):
        store.load({"r": np.zeros(3)})


def test_a_recording_whose_description_is_damaged(tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    path = tmp_path / "run.zarr"
    rn.ResonanceNetwork(3, seed=0).run(0.1, 4, record=rn.Recorder(every=2, variables="phases", out=path))
    description = path / "zarr.json"
    whole = json.loads(description.read_text())
    for wrong in ({**whole, "attributes": 3}, {**whole, "zarr_format": "x"}, 7):
        description.write_text(json.dumps(wrong))
        with pytest.raises(ValueError, match=r"run\.zarr"):
            rn.Recording.load(path)
    del whole["attributes"]["coordinates"]
    description.write_text(json.dumps(whole))
    with pytest.raises(ValueError, match=r"run\.zarr"):
        rn.Recording.load(path)


def test_good_and_bad_calls_in_any_order() -> None:
    assert 4_000 < endurance.mixed_calls(10_000, seed=1) < 6_000


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the memory in use")
def test_networks_that_come_and_go_leave_no_memory_behind() -> None:
    pytest.importorskip("safetensors")
    assert endurance.growth(3_000) < 2**22, "more than a KiB for each"
