"""What a network's names do."""

from __future__ import annotations

import copy
import gc
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from networks import HYPERPARAMETERS, bits, everything, lively

import resonance_native as rn

VIEWS = ("phases", "frequencies", "amplitudes", "weights")


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("n", [1, 5, 64, 512])
def test_views_are_live_read_only_and_of_the_network_s_memory(name: str, n: int, dtype: str) -> None:
    net = rn.ResonanceNetwork(n, dtype=dtype, gain=20 / n, coupling=0.1, seed=0)
    view = getattr(net, name)
    assert isinstance(view, np.ndarray)
    assert view.shape == ((n, n) if name == "weights" else (n,))
    assert view.dtype == (dtype if name in ("amplitudes", "weights") else np.float64)
    assert not view.flags.owndata
    assert not view.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        view[...] = 0
    with pytest.raises(ValueError, match="WRITEABLE"):
        view.flags.writeable = True
    again = getattr(net, name)
    assert np.shares_memory(view, again)
    assert view.__array_interface__["data"] == again.__array_interface__["data"]

    for change in (lambda: net.run(1.0, 3), net.update, lambda: net.reset(5), lambda: net.predict(0.3, 2)):
        before = view.copy()
        change()
        assert np.array_equal(view, getattr(net, name))
        if name != "frequencies" or net.step_count == 0:
            assert not np.array_equal(view, before), "the view is not live"
    assert np.array_equal(view, getattr(pickle.loads(pickle.dumps(net)), name))


@pytest.mark.parametrize("name", VIEWS)
def test_views_outlive_the_network(name: str) -> None:
    net = rn.ResonanceNetwork(300, seed=0)
    view, expected = getattr(net, name), getattr(net, name).copy()
    del net
    gc.collect()
    _ = [np.full((300, 300), 7.0) for _ in range(20)]  # would land in freed memory
    assert np.array_equal(view, expected)


@pytest.mark.parametrize("name", VIEWS)
def test_setting_copies_in(name: str, dtype: str) -> None:
    net = rn.ResonanceNetwork(9, dtype=dtype, seed=0)
    view = getattr(net, name)
    values = np.random.default_rng(1).uniform(0, 6, view.shape).astype(view.dtype)
    setattr(net, name, values)
    assert np.array_equal(view, values)
    values[...] = 1
    assert not np.array_equal(view, values)
    for form in (values.tolist(), values.astype(">f8"), values.astype(int), np.asfortranarray(values), values[::-1]):
        setattr(net, name, np.zeros(view.shape))
        setattr(net, name, form)
        assert np.array_equal(view, np.ones(view.shape))


def test_weights_are_set_in_order_whatever_their_layout() -> None:
    net = rn.ResonanceNetwork(7, seed=0)
    values = np.random.default_rng(1).normal(0, 1, (7, 7))
    for form in (values, np.asfortranarray(values), values.astype(">f8"), np.repeat(values, 2, 1)[:, ::2]):
        net.weights = form
        assert np.array_equal(net.weights, values)
    net.weights = values.T
    assert np.array_equal(net.weights, values.T)


def test_set_phases_are_wrapped() -> None:
    net = rn.ResonanceNetwork(4, seed=0)
    net.phases = [7.0, -1.0, 2 * np.pi, -1e-17]
    assert np.array_equal(net.phases, [7 - 2 * np.pi, 2 * np.pi - 1, 0, 0])


def test_what_is_set_is_what_the_next_step_starts_from() -> None:
    """With coupling the products of the last step are kept: setting weights or phases must make them anew."""
    net = lively(9, phase_lag=0.0)
    state = {name: np.random.default_rng(k).uniform(0, 1, getattr(net, name).shape) for k, name in enumerate(VIEWS)}
    for name, values in state.items():
        setattr(net, name, values)
    net.unpin()
    fresh = rn.ResonanceNetwork.from_state(**state, **{name: getattr(net, name) for name in HYPERPARAMETERS})
    for each in (net, fresh):
        each.update(0.3)
    for name in VIEWS:
        assert np.array_equal(getattr(net, name), getattr(fresh, name)), name


@pytest.mark.parametrize("name", ["weights", "phases"])
def test_each_setter_alone_reaches_the_coupling(name: str) -> None:
    net = lively(9)
    setattr(net, name, np.random.default_rng(0).uniform(0, 1, getattr(net, name).shape))
    twin = net.copy()
    for each in (net, twin):
        each.update(0.3)
    assert bits(net) == bits(twin)


def test_pinned_phases_reach_the_coupling() -> None:
    net = lively(9)
    net.pin(4, phases=2.0)
    twin = net.copy()
    for each in (net, twin):
        each.update(0.3)
    assert bits(net) == bits(twin)


def test_properties() -> None:
    hyperparameters = dict(zip(HYPERPARAMETERS, (0.04, 0.5, 2.0, 0.6, 0.7, 0.8, 0.0, 0.1), strict=True))
    others = {"freq_std": 0.2, "weight_std": 0.3, "tolerance": 1e-3, "seed": 1, "threads": 2, "storage": "dense"}
    net = rn.ResonanceNetwork(6, 2.0, **hyperparameters, **others, dtype=np.float32)
    assert net.n_nodes == 6
    assert net.dtype == np.dtype("float32")
    assert (net.base_freq, net.freq_std, net.weight_std, net.tolerance) == (2.0, 0.2, 0.3, 1e-3)
    assert {name: getattr(net, name) for name in HYPERPARAMETERS} == hyperparameters
    assert all(type(getattr(net, name)) is float for name in HYPERPARAMETERS)
    assert (net.storage, net.threads) == ("dense", 2)
    for name in ("n_nodes", "dtype", "storage", "step_count", "time", "pinned"):
        with pytest.raises(AttributeError):
            setattr(net, name, getattr(net, name))


def test_defaults() -> None:
    net = rn.ResonanceNetwork()
    assert net.n_nodes == 100
    assert net.dtype == np.float64
    published = {"learning_rate": 0.01, "decay": 0.99, "gain": 1.0}
    assert {name: getattr(net, name) for name in HYPERPARAMETERS} == {
        **dict.fromkeys(HYPERPARAMETERS, 0.0),
        **published,
    }
    assert (net.base_freq, net.freq_std, net.weight_std, net.tolerance, net.threads) == (1.0, 0.1, 0.01, None, 1)
    net.weight_std = 0.5
    net.tolerance = None


@pytest.mark.parametrize("name", HYPERPARAMETERS)
@pytest.mark.parametrize("kind", [float, int, np.float32, np.int64, np.array], ids=lambda kind: kind.__name__)
def test_hyperparameters_take_any_real_number(name: str, kind: Any) -> None:
    net = rn.ResonanceNetwork(3, seed=0)
    setattr(net, name, kind(1))
    assert getattr(net, name) == 1


@pytest.mark.parametrize("dtype_like", ["float32", "f4", np.float32, np.dtype("f4"), "single"])
def test_dtype_in_any_of_numpy_s_forms(dtype_like: Any) -> None:
    net = rn.ResonanceNetwork(3, dtype=dtype_like)
    assert net.dtype == np.float32
    assert isinstance(net.dtype, np.dtype)
    assert rn.ResonanceNetwork(3, dtype=float).dtype == np.float64


def test_hyperparameters_act_from_the_next_step_on() -> None:
    net = rn.ResonanceNetwork(4, seed=0, decay=0.5)
    net.decay = 1.0
    net.learning_rate = 0.0
    before = net.weights.copy()
    net.run(1.0, 5)
    assert np.array_equal(net.weights, before)


def test_step_count_and_time() -> None:
    net = rn.ResonanceNetwork(3, seed=0)
    net.update(0.0, 0.5)
    net.run(0.0, 3, 0.25)
    net.run(np.zeros((2, 3)), hold=2, dt=0.125)
    net.run(np.zeros((0, 3)))
    net.run(0.0, 0)
    net.predict(0.0, 2, 1.0)
    assert net.step_count == 1 + 3 + 4 + 2
    assert net.time == 0.5 + 0.75 + 0.5 + 2.0
    assert type(net.step_count) is int
    assert type(net.time) is float


@pytest.mark.parametrize(
    "value",
    [0.25, np.float32(0.25), np.array(0.25), 1, True, [0.25] * 4, np.full(4, 0.25, "f4"), np.full(8, 0.25)[::2]],
)
def test_forms_of_input(value: Any) -> None:
    net, twin = rn.ResonanceNetwork(4, seed=0), rn.ResonanceNetwork(4, seed=0)
    wanted = np.broadcast_to(np.asarray(value, float), 4).copy()
    net.update(value)
    net.run(value, 2)
    net.predict(value, 2)
    twin.update(wanted)
    twin.run(wanted, 2)
    twin.run(np.tile(wanted, (2, 1)))
    assert bits(net) == bits(twin)


def test_input_is_left_alone() -> None:
    inputs = np.linspace(-1, 1, 12).reshape(3, 4)
    inputs.flags.writeable = False
    net = rn.ResonanceNetwork(4, seed=0)
    net.run(inputs)
    net.update(inputs[0])
    assert np.array_equal(inputs, np.linspace(-1, 1, 12).reshape(3, 4))


def test_calls_return_nothing() -> None:
    net = rn.ResonanceNetwork(4, seed=0)
    assert net.update() is None
    assert net.run(steps=1) is None
    assert net.pin(0) is None
    assert net.unpin() is None
    assert net.reset() is None


def test_one_node() -> None:
    net = rn.ResonanceNetwork(1, seed=0)
    net.run([[0.5], [1.0]])
    net.run([0.5], 2)
    net.update([0.5])
    assert net.weights.shape == (1, 1)
    assert net.step_count == 5


def test_predict_is_run_and_a_copy(dtype: str) -> None:
    net, twin = lively(5, dtype=dtype), lively(5, dtype=dtype)
    pattern = np.arange(5.0)
    amplitudes = net.predict(pattern, 20, 0.02)
    twin.run(pattern, 20, 0.02)
    assert bits(net) == bits(twin)
    assert np.array_equal(amplitudes, net.amplitudes)
    assert amplitudes.dtype == dtype
    assert not np.shares_memory(amplitudes, net.amplitudes)
    amplitudes[:] = 5
    before = net.weights.copy()
    net.predict(pattern, 3, learn=False)
    assert np.array_equal(net.weights, before)
    assert lively(5).predict(0.0).shape == (5,)  # 100 steps of 0.01 unless told otherwise


def test_learn_false_keeps_the_weights(dtype: str) -> None:
    net = lively(5, dtype=dtype)
    weights, amplitudes = net.weights.copy(), net.amplitudes.copy()
    net.update(0.5, learn=False)
    net.run(0.5, 5, learn=False)
    assert np.array_equal(net.weights, weights)
    assert not np.array_equal(net.amplitudes, amplitudes)


# Pins


@pytest.mark.parametrize(
    ("nodes", "selected"),
    [
        (0, [0]),
        (-1, [5]),
        (np.int32(2), [2]),
        (np.array(2), [2]),
        (slice(None), [0, 1, 2, 3, 4, 5]),
        (slice(1, 5, 2), [1, 3]),
        (slice(None, None, -2), [5, 3, 1]),
        (slice(4, 2), []),
        ([3, 1], [3, 1]),
        ((0, -2), [0, 4]),
        (range(2, 4), [2, 3]),
        (np.array([1, 2], np.uint8), [1, 2]),
        ([], []),
        ([False, True, False, False, True, False], [1, 4]),
        (np.zeros(6, bool), []),
    ],
)
def test_forms_of_nodes(nodes: Any, selected: list[int]) -> None:
    net = rn.ResonanceNetwork(6, seed=0)
    values = np.linspace(-0.9, 0.9, len(selected))
    net.pin(nodes, values if np.ndim(nodes) or isinstance(nodes, slice) else float(values[0]))
    wanted = np.ones(6)
    wanted[selected] = values
    assert np.array_equal(net.amplitudes, wanted)  # at once
    assert np.array_equal(np.flatnonzero(net.pinned), sorted(selected))
    net.run(0.5, 10)
    assert np.array_equal(net.amplitudes[selected], values)  # and after every step
    free = np.setdiff1d(np.arange(6), selected)
    assert np.all(net.amplitudes[free] != 1)
    net.unpin(nodes)
    assert not net.pinned.any()
    net.run(0.5, 10)
    assert not np.any(np.isin(net.amplitudes, values))


def test_pinned_is_a_copy() -> None:
    net = rn.ResonanceNetwork(3, seed=0)
    mask = net.pinned
    assert mask.dtype == bool
    mask[:] = True
    assert not net.pinned.any()
    net.pin(1)
    assert net.pinned.tolist() == [False, True, False]


def test_pin_without_amplitudes_holds_the_present_ones(dtype: str) -> None:
    net = lively(5, dtype=dtype)
    held = net.amplitudes[1:4].copy()
    net.pin(slice(1, 4))
    net.run(1.0, 20)
    assert np.array_equal(net.amplitudes[1:4], held)


def test_pinned_amplitudes_may_be_above_one_and_below_the_floor() -> None:
    net = rn.ResonanceNetwork(3, amplitude_floor=0.5, seed=0)
    net.pin([0, 1], [3.0, -0.2])
    net.run(1.0, 5)
    assert net.amplitudes[0] == 3.0
    assert net.amplitudes[1] == -0.2
    assert net.amplitudes[2] >= 0.5


def test_phase_pins_hold_against_everything() -> None:
    net = rn.ResonanceNetwork(4, coupling=3.0, gain=8.0, seed=0)
    net.pin([0, 2], phases=[1.0, -1.0])
    held = np.array([1.0, 2 * np.pi - 1])
    assert np.array_equal(net.phases[[0, 2]], held)  # at once
    free = net.phases[[1, 3]].copy()
    net.run(5.0, 20)
    assert np.array_equal(net.phases[[0, 2]], held)
    assert np.all(net.phases[[1, 3]] != free)
    net.pin(0, 0.3)  # amplitude alone: the phase stays pinned
    net.run(5.0, 3)
    assert net.phases[0] == 1.0
    net.unpin(0)
    net.run(5.0, 3)
    assert net.phases[0] != 1.0
    assert net.phases[2] == held[1]


def test_pinning_again_moves_the_pin() -> None:
    net = rn.ResonanceNetwork(3, seed=0)
    net.pin(0, 0.5, phases=1.0)
    net.pin(0, -0.5, phases=2.0)
    net.run(1.0, 3)
    assert net.amplitudes[0] == -0.5
    assert net.phases[0] == 2.0


# Regimes


def dying() -> rn.ResonanceNetwork:
    return rn.ResonanceNetwork(5, seed=0)


def saturating() -> rn.ResonanceNetwork:
    return rn.ResonanceNetwork(100, seed=0)


@pytest.mark.parametrize(("make", "regime", "way_out"), [(dying, "silent", "gain"), (saturating, "saturated", "gain")])
def test_a_run_that_ends_dead_warns_once(make: Any, regime: str, way_out: str) -> None:
    net = make()
    assert net.regime() == "alive"
    with pytest.warns(rn.ResonanceWarning, match=regime) as caught:
        net.run(0.0, 1000)
    assert net.regime() == regime
    text = str(caught[0].message)
    assert all(word in text for word in (way_out, "pin", "learning_rates"))
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net.run(0.0, 10)
        net.predict(0.0, 10)
        pickle.loads(pickle.dumps(net)).run(0.0, 10)
    net.reset()
    with pytest.warns(rn.ResonanceWarning, match=regime) as caught:
        net.predict(0.0, 1000)
    assert caught[0].filename == __file__


def test_a_warning_as_an_error_leaves_a_finished_run() -> None:
    net = dying()
    with pytest.raises(rn.ResonanceWarning):
        net.run(0.0, 1000)
    assert net.step_count == 1000


def test_living_networks_and_single_steps_do_not_warn() -> None:
    net = rn.ResonanceNetwork(64, gain=8 / 64, seed=0)
    net.pin(slice(None), 1.0)
    net.run(0.0, 500)
    net.unpin()
    net.run(0.0, 500)
    assert net.regime() == "alive"
    net = dying()
    for _ in range(1000):
        net.update()
    assert net.regime() == "silent"


def test_a_network_with_all_nodes_pinned_is_alive() -> None:
    net = dying()
    net.pin(slice(None), 1.0)
    net.run(0.0, 1000)
    assert net.regime() == "alive"


# Resetting, copying, showing


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


def test_repr() -> None:
    net = rn.ResonanceNetwork(5, dtype="float32", seed=0)
    net.run(0.0, 3)
    text = repr(net)
    for part in ("ResonanceNetwork", "5", "float32", "dense", "step_count=3", "alive"):
        assert part in text
    assert "\n" not in text


def test_names_of_the_package() -> None:
    for name in rn.__all__:
        assert hasattr(rn, name), name
    assert rn.__version__.count(".") == 2


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
