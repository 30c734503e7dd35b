"""What a network's names do, and the warning of a run that ends dead."""

from __future__ import annotations

import gc
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from networks import HYPERPARAMETERS, VIEWS, bits, lively

import resonance_native as rn


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


# Showing


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
