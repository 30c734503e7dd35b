"""What has to give the same bits, on one instruction set."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import threadpoolctl
from cases import assert_within, state_of
from networks import bits, everything, lively

import resonance_native as rn

pytestmark = pytest.mark.usefixtures("isa")

VARIANTS: dict[str, dict[str, float]] = {
    "plain": {},
    "coupled": {"coupling": 0.7, "phase_lag": 0.3},
    "lagged": {"learning_lag": 0.4, "amplitude_floor": 0.1},
    "noisy": {"noise_std": 0.4},
}
variants = pytest.mark.parametrize("variant", VARIANTS)


def make(n: int, variant: str, dtype: str = "float64", **keywords: Any) -> rn.ResonanceNetwork:
    net = rn.ResonanceNetwork(n, gain=20 / n, dtype=dtype, seed=n, **VARIANTS[variant], **keywords)
    net.pin(n // 2, 0.5, phases=1.0)
    return net


@variants
@pytest.mark.parametrize("n", [2, 9, 31, 65, 513, 777])
def test_any_number_of_threads(n: int, variant: str, dtype: str) -> None:
    inputs = np.random.default_rng(0).normal(0, 2, (5, n))
    results = []
    for threads in (1, 2, 3):
        net = make(n, variant, dtype, threads=threads)
        net.run(inputs, hold=3)
        net.update(0.3)
        net.update(0.1, learn=False)
        results.append(bits(net))
    assert results[0] == results[1] == results[2]


def test_threads_changed_on_the_way(dtype: str) -> None:
    steady, changing = (make(257, "coupled", dtype, threads=1) for _ in range(2))
    for threads in (3, 1, 2, None):
        steady.run(0.5, 5)
        changing.threads = threads
        changing.run(0.5, 5)
    assert bits(steady) == bits(changing)


def test_threads_of_the_process_and_limits() -> None:
    results = []
    for threads in (1, 2, 3, None):
        rn.set_num_threads(threads)
        net = make(600, "coupled")
        net.run(0.5, 10)
        results.append(bits(net))
    with threadpoolctl.threadpool_limits(1):
        net = make(600, "coupled")
        net.run(0.5, 10)
        results.append(bits(net))
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("n", [513, 700])
def test_kernels_with_any_number_of_threads(n: int, dtype: str) -> None:
    rng = np.random.default_rng(n)
    phases, amplitudes = rng.uniform(-20, 20, n), rng.uniform(-1, 1, n).astype(dtype)
    weights = rng.normal(0, 1, (n, n)).astype(dtype)
    results = []
    for threads in (1, 2, 3):
        rn.set_num_threads(threads)
        grown, stepped, new_amplitudes = weights.copy(), weights.copy(), amplitudes.copy()
        rn.kernels.hebbian_update(grown, phases, amplitudes, learning_rate=0.3, learning_lag=0.2)
        rn.kernels.fused_step(stepped, phases, new_amplitudes, learning_rate=0.3, gain=0.1)
        coherence = rn.kernels.coherence(phases, out=np.empty((n, n), dtype))
        resonance = rn.kernels.resonance(weights, phases)
        arrays = (grown, stepped, new_amplitudes, coherence, resonance)
        results.append([array.tobytes() for array in arrays])
    assert results[0] == results[1] == results[2]


@variants
def test_same_calls_twice(variant: str, dtype: str) -> None:
    nets = [make(33, variant, dtype) for _ in range(2)]
    for net in nets:
        net.run(np.linspace(-1, 1, 33), 40)
        net.update(2.0, 0.02)
        net.predict(0.5, 7)
    assert bits(nets[0]) == bits(nets[1])


@variants
@pytest.mark.parametrize("n", [9, 64])
def test_pieces_of_a_run(n: int, variant: str, dtype: str) -> None:
    """Pieces are promised to agree within the bound; phases without coupling, and coupled networks, to the bit."""
    rows = np.random.default_rng(0).normal(0, 2, (100, n))
    whole, halves, steps = (make(n, variant, dtype) for _ in range(3))
    whole.run(rows)
    halves.run(rows[:50])
    halves.run(rows[50:])
    for row in rows:
        steps.update(row)
    for pieces in (halves, steps):
        assert pieces.phases.tobytes() == whole.phases.tobytes()
        assert pieces.time == whole.time
        assert_within(state_of(pieces), state_of(whole), dtype)
        if variant == "coupled":
            assert bits(pieces) == bits(whole)


@variants
def test_held_rows_are_rows_repeated(variant: str, dtype: str) -> None:
    rows = np.random.default_rng(0).normal(0, 2, (6, 17))
    held, repeated = make(17, variant, dtype), make(17, variant, dtype)
    held.run(rows, hold=4)
    repeated.run(np.repeat(rows, 4, axis=0))
    assert held.phases.tobytes() == repeated.phases.tobytes()
    assert_within(state_of(held), state_of(repeated), dtype)


@variants
def test_reading_changes_nothing(variant: str, dtype: str) -> None:
    quiet, watched = make(33, variant, dtype), make(33, variant, dtype)
    for _ in range(3):
        quiet.run(0.4, 10)
        watched.run(0.4, 10)
        _ = [getattr(watched, name).sum() for name in ("phases", "frequencies", "amplitudes", "weights", "pinned")]
        _ = (repr(watched), watched.regime(), watched.order_parameter(), watched.time, watched.threads, watched.decay)
        _ = (watched.copy(), pickle.dumps(watched), copy.deepcopy(watched))
        rn.show_config("dicts")
    assert bits(quiet) == bits(watched)


COPIES: dict[str, Callable[[rn.ResonanceNetwork], rn.ResonanceNetwork]] = {
    "pickle": lambda net: pickle.loads(pickle.dumps(net)),
    "pickle 2": lambda net: pickle.loads(pickle.dumps(net, protocol=2)),
    "deepcopy": copy.deepcopy,
    "copy.copy": copy.copy,
    "copy": lambda net: net.copy(),
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("n", [3, 33, 64])
@variants
def test_copies_go_on_with_the_same_bits(n: int, variant: str, how: str, dtype: str) -> None:
    net = make(n, variant, dtype)
    net.run(0.4, 25)
    twin = COPIES[how](net)
    assert everything(twin) == everything(net)
    for each in (net, twin):
        each.run(np.linspace(-2, 2, n), 25)
        each.unpin()
        each.update(0.1)
    assert bits(twin) == bits(net)


@pytest.mark.parametrize("how", COPIES)
def test_copies_keep_pins_that_were_set_over(how: str, dtype: str) -> None:
    """Pinned nodes take what is set, and return to their pins with the next step: so does a copy."""
    net = lively(9, dtype=dtype)
    net.amplitudes = np.full(9, 0.25)
    net.phases = np.full(9, 0.5)
    twin = COPIES[how](net)
    assert bits(twin) == bits(net)
    assert twin.amplitudes[0] == 0.25
    for each in (net, twin):
        each.update(0.1)
    assert bits(twin) == bits(net)
    assert twin.amplitudes[0] == np.dtype(dtype).type(0.4)
    assert twin.phases[0] == 1.0


def test_setting_what_is_there_changes_nothing(dtype: str) -> None:
    net, twin = make(17, "coupled", dtype), make(17, "coupled", dtype)
    for each in (net, twin):
        each.run(0.4, 25)
    for name in ("phases", "frequencies", "amplitudes", "weights"):
        setattr(net, name, getattr(net, name))
    for each in (net, twin):
        each.run(0.4, 5)
    assert bits(net) == bits(twin)


@pytest.mark.parametrize("name", ["phases", "frequencies", "amplitudes"])
@variants
def test_own_arrays_as_input(name: str, variant: str, dtype: str) -> None:
    """A live view as input is read as it was before the call."""
    net, twin = make(17, variant, dtype), make(17, variant, dtype)
    for each in (net, twin):
        own = getattr(each, name)
        own = own if each is net else own.astype(float)
        each.update(own)
        each.run(own if each is net else getattr(each, name).astype(float), 5)
    assert bits(net) == bits(twin)


def test_own_weights_as_rows(dtype: str) -> None:
    net, twin = make(16, "plain", dtype), make(16, "plain", dtype)
    net.run(net.weights)
    twin.run(twin.weights.astype(float))
    net.weights = net.weights.T
    twin.weights = twin.weights.T.copy()
    assert bits(net) == bits(twin)
