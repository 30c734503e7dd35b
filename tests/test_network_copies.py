"""Networks that are drawn anew, copied, or made from a state."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from networks import VIEWS, bits, everything, lively

import resonance_native as rn


def test_reset_repeats_the_draw(dtype: str) -> None:
    net, fresh = rn.ResonanceNetwork(9, dtype=dtype, seed=4), rn.ResonanceNetwork(9, dtype=dtype, seed=4)
    initial = everything(fresh)
    net.pin(3, 0.5, phases=1.0)
    net.run(0.5, 30)
    net.reset()
    assert everything(net) == initial
    net.decay = 0.5
    net.reset(7)
    assert net.decay == 0.5
    assert bits(net) == bits(rn.ResonanceNetwork(9, dtype=dtype, seed=7))
    net.run(0.5, 3)
    net.reset()  # from now on what is repeated is the last draw
    assert bits(net) == bits(rn.ResonanceNetwork(9, dtype=dtype, seed=7))


@pytest.mark.parametrize("make", [lambda: None, lambda: 3, lambda: [1, 2], lambda: np.random.SeedSequence(5),
                                  lambda: np.random.default_rng(5), lambda: np.random.PCG64(5)])  # fmt: skip
def test_reset_repeats_any_kind_of_seed(make: Any) -> None:
    net = rn.ResonanceNetwork(4, seed=make())
    first = bits(net)
    for _ in range(2):
        net.run(0.5, 3)
        net.reset()
        assert bits(net) == first
    copied = net.copy()
    copied.reset()
    assert bits(copied) == first


def test_generators_are_drawn_from() -> None:
    rng = np.random.default_rng(5)
    one, two = rn.ResonanceNetwork(4, seed=rng), rn.ResonanceNetwork(4, seed=rng)
    assert not np.array_equal(one.phases, two.phases)
    assert np.array_equal(one.phases, rn.ResonanceNetwork(4, seed=5).phases)


def test_reset_draws_from_the_present_distributions() -> None:
    net = rn.ResonanceNetwork(4, seed=5)
    net.base_freq, net.freq_std, net.weight_std = 3.0, 0.0, 0.0
    net.reset()
    assert np.array_equal(net.frequencies, np.full(4, 3.0))
    assert np.array_equal(net.weights, np.zeros((4, 4)))


@pytest.mark.parametrize(("learning_rate", "amplitude"), [(1e300, 1e10), (1e280, 1e38), (1e308, 1.0)])
def test_weights_beyond_their_dtype_are_an_error_and_reset_cures_it(
    learning_rate: float, amplitude: float, dtype: str
) -> None:
    net = rn.ResonanceNetwork(5, dtype=dtype, learning_rate=learning_rate, decay=1.0, seed=0)
    net.pin(slice(None), amplitude)
    with pytest.raises(FloatingPointError, match="weights"):
        net.run(0.0, 1000)
    assert net.step_count > 0
    net.learning_rate, net.decay = 0.01, 0.99
    net.reset()
    fresh = rn.ResonanceNetwork(5, dtype=dtype, seed=0)
    assert bits(net) == bits(fresh)
    # Nothing infinite may be left where it can't be seen, such as in the padding of rows.
    for each in (net, fresh):
        each.run(0.3, 10)
    assert bits(net) == bits(fresh)


def test_copies_are_independent() -> None:
    net = lively(5)
    before = everything(net)
    twin = net.copy()
    twin.run(1.0, 5)
    twin.decay = 0.5
    twin.unpin()
    twin.threads = 3
    twin.weights = np.zeros((5, 5))
    assert everything(net) == before


class Named(rn.ResonanceNetwork):
    """A subclass with something of its own."""

    def __init__(self, *arguments: Any, name: str = "b", **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.name = [name]


def test_subclasses() -> None:
    net = Named(4, name="a", seed=1)
    net.run(0.5, 3)
    for twin in (net.copy(), pickle.loads(pickle.dumps(net))):
        assert type(twin) is Named
        assert twin.name == ["a"]
        assert twin.name is not net.name
        assert everything(twin) == everything(net)
    built = Named.from_state([0.0], [1.0], [1.0], [[0.0]])
    assert type(built) is Named
    assert repr(net).startswith("Named(")


def test_from_state_copies_and_keeps(dtype: str) -> None:
    rng = np.random.default_rng(0)
    state = {name: rng.uniform(0, 1, (3, 3) if name == "weights" else 3) for name in VIEWS}
    given = {name: values.copy() for name, values in state.items()}
    net = rn.ResonanceNetwork.from_state(
        **given, dtype=dtype, decay=0.5, base_freq=2.0, freq_std=0.0, seed=9, threads=1
    )
    for values in given.values():
        values[...] = 7
    for name, values in state.items():
        assert np.array_equal(getattr(net, name), values.astype(getattr(net, name).dtype)), name
    assert (net.step_count, net.time, net.decay, net.dtype, net.threads) == (0, 0.0, 0.5, np.dtype(dtype), 1)
    assert not net.pinned.any()
    net.reset()
    assert bits(net) == bits(rn.ResonanceNetwork(3, 2.0, freq_std=0.0, dtype=dtype, seed=9))


def test_from_state_takes_a_state_on_any_circle() -> None:
    net = rn.ResonanceNetwork.from_state((7.0, -1), [1, 2], range(2), [[1, 2], [3, 4]])
    assert np.array_equal(net.phases, [7 - 2 * np.pi, 2 * np.pi - 1])
    assert np.array_equal(net.weights, [[1, 2], [3, 4]])


class SelfMade(rn.ResonanceNetwork):
    """A subclass with a constructor of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(4, seed=0)
        self.name = name


def test_a_subclass_with_its_own_constructor_can_be_made_from_a_state() -> None:
    net = SelfMade.from_state(np.zeros(3), np.ones(3), np.ones(3), np.eye(3), gain=2.0)
    assert isinstance(net, SelfMade)
    assert (net.n_nodes, net.gain) == (3, 2.0)


def test_a_network_that_an_attribute_refers_to_is_copied_once() -> None:
    net = SelfMade("a")
    net.hook = net.update
    twin = copy.deepcopy(net)
    twin.hook(1.0)
    assert twin.hook.__self__ is twin
    assert (twin.step_count, net.step_count) == (1, 0)
