"""What would not fit memory is refused before it is allocated, with the size and the way out."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import resonance_native as rn
from resonance_native import memory


def test_too_many_nodes() -> None:
    with pytest.raises(MemoryError, match=r"n_nodes = 1000000 .*745\d(\.\d)? GiB.*float32.*372\d(\.\d)? GiB") as caught:
        rn.ResonanceNetwork(10**6)
    assert "factored" in str(caught.value)
    with pytest.raises(MemoryError, match=r"372\d(\.\d)? GiB.*factored"):
        rn.ResonanceNetwork(10**6, dtype="float32")


@pytest.mark.parametrize("n", [2**31, 2**32, 2**40, 2**62, 2**63 - 1, 2**63, 2**64, 10**30])
def test_far_too_many_nodes(n: int, dtype: str) -> None:
    with pytest.raises(MemoryError, match="n_nodes") as caught:
        rn.ResonanceNetwork(n, dtype=dtype)
    assert " 0.0 GiB" not in str(caught.value)


def test_from_state_with_too_many_nodes() -> None:
    zeros = np.zeros(10**6)
    with pytest.raises(MemoryError, match="GiB"):
        rn.ResonanceNetwork.from_state(zeros, zeros, zeros, zeros)


@pytest.fixture
def one_mib_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**20)


@pytest.mark.usefixtures("one_mib_free")
def test_refused_though_the_system_would_allocate_it() -> None:
    """Systems that overcommit hand out memory that they don't have: only a look beforehand helps."""
    with pytest.raises(MemoryError, match=r"n_nodes = 400 .*GiB.*float32"):
        rn.ResonanceNetwork(400)
    assert rn.ResonanceNetwork(400, dtype="float32").n_nodes == 400
    assert rn.ResonanceNetwork(300).n_nodes == 300


def test_copies_are_refused_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    net = rn.ResonanceNetwork(400)
    saved = pickle.dumps(net)
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**20)
    for copy in (net.copy, lambda: pickle.loads(saved)):
        with pytest.raises(MemoryError, match="n_nodes = 400"):
            copy()


@pytest.mark.parametrize("available", [None, 2**50])
def test_where_nothing_is_known_or_much_is_free(monkeypatch: pytest.MonkeyPatch, available: Any) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: available)
    assert rn.ResonanceNetwork(10).n_nodes == 10


def test_available_memory_is_a_number_of_bytes() -> None:
    available = memory.available_bytes()
    assert available is None or available > 2**20


def test_a_coherence_that_would_not_fit_is_refused_before_it_is_allocated():
    with pytest.raises(MemoryError, match=r"1000000 phases would take 7450\.6 GiB.*float32"):
        rn.kernels.coherence(np.zeros(10**6))
    with pytest.raises(MemoryError, match=r"3725\.3 GiB"):
        rn.kernels.coherence(np.zeros(10**6, np.float32))
