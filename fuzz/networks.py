"""Calls of a network and of an ensemble with hostile arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.sparse

import resonance_native as rn
from resonance_native.hyperparameters import HYPERPARAMETERS

from .arrays import REFUSED, Hostile, hostile, itself
from .checks import check_call
from .draws import Draws
from .indices import hostile_nodes
from .numbers import hostile_integer, hostile_number, hostile_truth

SIZES = (3, 1, 2, 5, 8, 17)
SETTINGS = (*HYPERPARAMETERS, "base_freq", "freq_std", "weight_std", "tolerance")


def made(draws: Draws) -> Any:
    """A network of some kind, or an ensemble of three, that has begun."""
    n, dtype, kind = draws.choice(SIZES), draws.choice(("float64", "float32")), draws.below(6)
    settings: dict[str, Any] = {"dtype": dtype, "seed": 1, "coupling": draws.choice((0.0, 0.5)), "gain": 3.0}
    if kind == 5:
        return rn.ResonanceEnsemble(3, n, **settings)
    if kind == 4:
        graph = scipy.sparse.csr_array(np.eye(n) + np.tri(n, k=-1))
        return rn.ResonanceNetwork.from_graph(graph, weight_std=0.1, **settings)
    storage = "factored" if kind == 3 else "dense"
    subject = rn.ResonanceNetwork(n, storage=storage, **settings)
    if draws.one_in(2):
        subject.pin(0, 0.4, phases=1.0)
        subject.update(0.3)
    return subject


def one_call(draws: Draws, subject: Any) -> None:
    """One call with hostile arguments, checked."""
    make = draws.choice(_CALLS)
    call, names, values = make(draws, subject)
    clean = None if any(value.clean is REFUSED for value in values) else [value.clean for value in values]
    check_call(subject, call, names, [value.value for value in values], clean)


def _leading(subject: Any) -> tuple[int, ...]:
    return (subject.n_networks,) if isinstance(subject, rn.ResonanceEnsemble) else ()


def _own(subject: Any) -> list[np.ndarray]:
    """Views of the subject's own memory."""
    arrays = [subject.phases, subject.frequencies, subject.amplitudes, subject.weights]
    return [array for array in arrays if isinstance(array, np.ndarray)]


Made = tuple[Callable[..., Any], Sequence[str], list[Hostile]]


def _update(draws: Draws, subject: Any) -> Made:
    leading = _leading(subject) if draws.one_in(2) else ()
    signal = hostile(draws, (*leading, subject.n_nodes), _own(subject))
    dt = hostile_number(draws) if draws.one_in(8) else itself(0.01)
    learn = itself(hostile_truth(draws))
    return (
        lambda net, x, dt, learn: net.update(x, dt, learn=learn),
        ("input_signal", "dt", "learn"),
        [signal, dt, learn],
    )


def _run(draws: Draws, subject: Any) -> Made:
    rows = draws.below(6)
    shape = (*_leading(subject), rows, subject.n_nodes) if draws.one_in(2) else (subject.n_nodes,)
    inputs = hostile(draws, shape, _own(subject))
    held = np.ndim(inputs.clean) < len(_leading(subject)) + 2
    steps = itself(hostile_integer(draws, *((3, 0, 9) if held else (None, rows))))
    hold = itself(hostile_integer(draws, 1) if held else hostile_integer(draws, 1, 2, 5))
    dt = hostile_number(draws) if draws.one_in(8) else itself(0.01)
    names = ("inputs", "steps", "hold", "dt")
    return lambda net, x, steps, hold, dt: net.run(x, steps, dt, hold=hold), names, [inputs, steps, hold, dt]


def _predict(draws: Draws, subject: Any) -> Made:
    if isinstance(subject, rn.ResonanceEnsemble):
        return _update(draws, subject)
    pattern = hostile(draws, (subject.n_nodes,), _own(subject))
    return lambda net, x: net.predict(x, 3), ("input_pattern",), [pattern]


def _recorded_run(draws: Draws, subject: Any) -> Made:
    nodes = hostile_nodes(draws, subject.n_nodes)
    every = itself(hostile_integer(draws, 1, 2, 100))
    variables = itself(draws.choice(("phases", ("amplitudes", "order_parameter"), "resonance", "time", (), 3, [None])))

    def call(net: Any, every: Any, variables: Any, nodes: Any) -> Any:
        recording = net.run(0.1, 5, record=rn.Recorder(every=every, variables=variables, nodes=nodes))
        return {name: np.asarray(getattr(recording, name)) for name in (*recording.variables, "step", "nodes")}

    return call, ("every", "variables", "nodes", "inputs"), [every, variables, nodes]


def _set(draws: Draws, subject: Any) -> Made:
    name = draws.choice(("phases", "frequencies", "amplitudes", "weights"))
    n = subject.n_nodes
    leading = _leading(subject) if draws.one_in(2) else ()
    values = hostile(draws, (*leading, n, n) if name == "weights" else (*leading, n), _own(subject))
    if name == "weights" and isinstance(values.value, tuple | list):  # two arrays stand for their product
        values = itself(values.clean)
    return lambda net, values: setattr(net, name, values), (name,), [values]


def _set_factored(draws: Draws, subject: Any) -> Made:
    k = draws.below(4)
    pair = [hostile(draws, (subject.n_nodes, k), _own(subject)) for _ in range(2)]
    if getattr(subject, "storage", "") != "factored":
        return _set(draws, subject)

    def call(net: Any, left: Any, right: Any) -> None:
        net.weights = (left, right)

    return call, ("weights",), pair


def _set_number(draws: Draws, subject: Any) -> Made:
    name, ensemble = draws.choice(SETTINGS), isinstance(subject, rn.ResonanceEnsemble)
    value = hostile(draws, _leading(subject)) if ensemble and name != "tolerance" else hostile_number(draws)
    if value.value is None and name == "weight_std":
        value = itself(None)  # stands for the default
    return lambda net, value: setattr(net, name, value), (name,), [value]


def _pin(draws: Draws, subject: Any) -> Made:
    nodes = hostile_nodes(draws, subject.n_nodes)
    count = draws.below(subject.n_nodes + 1)
    leading = _leading(subject) if draws.one_in(2) else ()
    held = [hostile(draws, (*leading, count), _own(subject)) for _ in range(2)]
    held = [itself(None) if value.value is None else value for value in held]
    call = lambda net, nodes, a, phases: net.pin(nodes, a, phases=phases)  # noqa: E731
    return call, ("nodes", "amplitudes", "phases"), [nodes, *held]


def _unpin(draws: Draws, subject: Any) -> Made:
    return lambda net, nodes: net.unpin(nodes), ("nodes",), [hostile_nodes(draws, subject.n_nodes)]


def _entrain(draws: Draws, subject: Any) -> Made:
    if isinstance(subject, rn.ResonanceEnsemble):
        return _set(draws, subject)
    data = hostile(draws, (draws.below(5), subject.n_nodes), _own(subject))
    factor = hostile_number(draws) if draws.one_in(4) else itself(None)
    if np.ndim(data.clean) != 2 or data.clean.shape[1] != subject.n_nodes:
        return _set(draws, subject)  # of other columns: an encoder would be fitted

    def call(net: Any, data: Any, factor: Any) -> None:
        net.entrain(data, fading_factor=factor)

    return call, ("data", "fading_factor"), [data, factor]


_CALLS = (_update, _run, _predict, _set, _set, _set_factored, _set_number, _pin, _unpin, _entrain, _recorded_run)
