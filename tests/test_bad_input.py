"""Wrong arguments: an error that names the argument, and the network bit for bit as before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pytest
from networks import HYPERPARAMETERS, bits, everything, lively

import resonance_native as rn

N = 5
NAN, INF = float("nan"), float("inf")
RAGGED = [[1.0], [1.0, 2.0]]
EITHER = (TypeError, ValueError)


class Wrong(NamedTuple):
    """A value of one kind, and the errors that fit it."""

    label: str
    value: Any
    error: type[Exception] | tuple[type[Exception], ...]


def put(value: Any, n: int = N, dtype: Any = float) -> np.ndarray:
    """n ones whose last is `value`."""
    array = np.ones(n, dtype)
    array[-1] = value
    return array


class Awkward:
    """Is no number and no array."""

    def __repr__(self) -> str:
        return "awkward"


NOT_NUMBERS = [
    Wrong("None", None, TypeError),
    Wrong("text", "1", TypeError),
    Wrong("bytes", b"1", TypeError),
    Wrong("list", [1.0], TypeError),
    Wrong("array", np.array([1.0]), TypeError),
    Wrong("ragged", RAGGED, EITHER),
    Wrong("complex", 1j, TypeError),
    Wrong("complex64", np.complex64(1), TypeError),
    Wrong("complex128", np.complex128(1), TypeError),
    Wrong("complex array", np.array(1j), TypeError),
    Wrong("object array", np.array(1.0, object), TypeError),
    Wrong("timedelta", np.timedelta64(1, "s"), TypeError),
    Wrong("awkward", Awkward(), TypeError),
    Wrong("too long an integer", 10**400, EITHER),
]
NOT_FINITE = [
    Wrong("nan", NAN, ValueError),
    Wrong("inf", INF, ValueError),
    Wrong("-inf", -INF, ValueError),
    Wrong("float32 nan", np.float32(NAN), ValueError),
    Wrong("array inf", np.array(INF), ValueError),
    Wrong("Decimal inf", Decimal("inf"), EITHER),
]
NOT_VECTORS = [
    Wrong("short", np.ones(N - 1), ValueError),
    Wrong("long", np.ones(N + 1), ValueError),
    Wrong("one", np.ones(1), ValueError),
    Wrong("empty", [], ValueError),
    Wrong("column", np.ones((N, 1)), ValueError),
    Wrong("cube", np.ones((1, 1, N)), ValueError),
    Wrong("nan", put(NAN), ValueError),
    Wrong("inf", put(INF), ValueError),
    Wrong("-inf", put(-INF), ValueError),
    Wrong("float32 nan", put(NAN, dtype="f4"), ValueError),
    Wrong("float16 inf", put(INF, dtype="f2"), ValueError),
    Wrong("list with nan", [1.0, NAN, 1.0, 1.0, 1.0], ValueError),
    Wrong("complex", np.ones(N, complex), TypeError),
    Wrong("complex64", np.ones(N, "c8"), TypeError),
    Wrong("object", np.ones(N, object), TypeError),
    Wrong("text", ["a"] * N, TypeError),
    Wrong("dates", np.zeros(N, "M8[s]"), TypeError),
    Wrong("list with None", [1.0, None, 1.0, 1.0, 1.0], TypeError),
    Wrong("ragged", RAGGED, EITHER),
    Wrong("None", None, TypeError),
    Wrong("word", "x", TypeError),
    Wrong("dict", {}, TypeError),
    Wrong("awkward", Awkward(), TypeError),
]
if np.finfo(np.longdouble).max > np.finfo(float).max:
    NOT_VECTORS.append(Wrong("beyond float64", np.full(N, np.finfo(np.longdouble).max), ValueError))
NOT_INTEGERS = [
    Wrong("float", 2.0, TypeError),
    Wrong("text", "2", TypeError),
    Wrong("bool", True, TypeError),
    Wrong("list", [2], TypeError),
    Wrong("array", np.array([2]), TypeError),
    Wrong("complex", 2j, TypeError),
    Wrong("too long", 2**70, EITHER),
]
NOT_POSITIVE = [Wrong("zero", 0.0, ValueError), Wrong("negative", -0.01, ValueError), *NOT_FINITE]
NOT_TIME_STEPS = [*NOT_POSITIVE, *NOT_NUMBERS]
# An integer that is out of range is an IndexError, as in NumPy.
NOT_NODES = [
    Wrong("beyond", N, IndexError),
    Wrong("before", -N - 1, IndexError),
    Wrong("one beyond", [0, N], IndexError),
    Wrong("float", 1.0, TypeError),
    Wrong("floats", [1.0, 2.0], TypeError),
    Wrong("short mask", [True, False], EITHER),
    Wrong("long mask", [True] * (N + 1), EITHER),
    Wrong("bool", True, EITHER),
    Wrong("matrix", [[0, 1], [2, 3]], ValueError),
    Wrong("ragged", [[0], [1, 2]], EITHER),
    Wrong("text", "0", TypeError),
    Wrong("complex", 1j, TypeError),
    Wrong("object", np.array([0, 1], object), TypeError),
]
NOT_SEEDS = [
    Wrong("negative", -1, ValueError),
    Wrong("float", 1.5, TypeError),
    Wrong("text", "x", TypeError),
    Wrong("awkward", Awkward(), TypeError),
    Wrong("list with negative", [1, -2], ValueError),
]
RANGES = {"decay": (-0.1, 1.1, -1e-300, 1.0000001), "amplitude_floor": (-0.1, 1.1), "noise_std": (-0.1, -1e-300)}
NOT_SETTINGS: dict[str, list[Wrong]] = {
    **{
        name: [*NOT_NUMBERS, *NOT_FINITE, *(Wrong(str(value), value, ValueError) for value in RANGES.get(name, ()))]
        for name in HYPERPARAMETERS
    },
    "base_freq": [*NOT_NUMBERS, *NOT_FINITE],
    "freq_std": [*NOT_NUMBERS, *NOT_FINITE, Wrong("negative", -0.1, ValueError)],
    "weight_std": [
        *(wrong for wrong in NOT_NUMBERS if wrong.value is not None),
        *NOT_FINITE,
        Wrong("negative", -0.1, ValueError),
        Wrong("beyond the dtype", 1e308, ValueError),
    ],
    "tolerance": [*(wrong for wrong in NOT_NUMBERS if wrong.value is not None), *NOT_POSITIVE],
    "threads": [*NOT_INTEGERS, *(Wrong(str(value), value, ValueError) for value in (0, -1, 5000))],
}

Case = Any


def cases() -> Iterator[Case]:
    """(argument, errors, call on a network of N nodes)."""

    def case(where: str, argument: str, wrong: Wrong, call: Any) -> Case:
        return pytest.param(argument, wrong.error, call, id=f"{where}({argument}: {wrong.label})")

    scalars = [*NOT_FINITE, Wrong("complex64", np.complex64(1), TypeError)]
    for wrong in [*NOT_VECTORS, *(scalar._replace(label=f"scalar {scalar.label}") for scalar in scalars)]:
        value = wrong.value
        yield case("update", "input_signal", wrong, lambda net, v=value: net.update(v))
        yield case("run", "inputs", wrong, lambda net, v=value: net.run(v, 3))
        yield case("predict", "input_pattern", wrong, lambda net, v=value: net.predict(v, 3))
    yield case(
        "update", "input_signal", Wrong("rows", np.ones((2, N)), ValueError), lambda net: net.update(np.ones((2, N)))
    )
    yield case("predict", "input_pattern", Wrong("rows", None, ValueError), lambda net: net.predict(np.ones((2, N)), 2))
    for label, shape in {"other n": (3, N + 1), "no n": (3, 0), "transposed": (N, 3), "cube": (2, 3, N)}.items():
        wrong = Wrong(f"rows, {label}", np.ones(shape), ValueError)
        yield case("run", "inputs", wrong, lambda net, v=wrong.value: net.run(v))
    for bad in (NAN, INF):
        rows = np.ones((4, N))
        rows[3, 2] = bad
        yield case("run", "inputs", Wrong(f"rows, {bad} at the end", rows, ValueError), lambda net, v=rows: net.run(v))
    huge = Wrong("phases beyond float64", 1e308, ValueError)
    yield case("update", "input_signal", huge, lambda net: net.update(1e308, 1e10))
    yield case(
        "update",
        "input_signal",
        huge._replace(label="one phase beyond float64"),
        lambda net: net.update(put(1e308), 1e10),
    )
    yield case("run", "inputs", huge, lambda net: net.run(1e308, 3, 1e10))
    yield case(
        "run", "inputs", huge._replace(label="last row"), lambda net: net.run(np.outer([0, 1], put(1e308)), dt=1e10)
    )

    for wrong in NOT_TIME_STEPS:
        value = wrong.value
        yield case("update", "dt", wrong, lambda net, v=value: net.update(0.1, v))
        yield case("run", "dt", wrong, lambda net, v=value: net.run(0.1, 3, v))
        yield case("predict", "dt", wrong, lambda net, v=value: net.predict(0.1, 3, v))

    for wrong in [*NOT_INTEGERS, Wrong("negative", -1, ValueError), Wrong("None", None, EITHER)]:
        value = wrong.value
        yield case("run", "steps", wrong, lambda net, v=value: net.run(0.1, v))
        yield case("run, row", "steps", wrong, lambda net, v=value: net.run(np.ones(N), v))
        yield case("predict", "steps", wrong, lambda net, v=value: net.predict(0.1, v))
    for steps in (0, 3, 5, 7, -6):
        wrong = Wrong(f"{steps} for 3 rows held twice", steps, ValueError)
        yield case("run, rows", "steps", wrong, lambda net, v=steps: net.run(np.ones((3, N)), v, hold=2))
    yield case("run, rows", "steps", Wrong("float", 3.0, TypeError), lambda net: net.run(np.ones((3, N)), 3.0))
    for wrong in [*NOT_INTEGERS, Wrong("zero", 0, ValueError), Wrong("negative", -2, ValueError)]:
        yield case("run, rows", "hold", wrong, lambda net, v=wrong.value: net.run(np.ones((3, N)), hold=v))
    yield case("run, rows", "hold", Wrong("huge", 2**62, ValueError), lambda net: net.run(np.ones((3, N)), hold=2**62))
    yield case("run", "hold", Wrong("with a number", 2, ValueError), lambda net: net.run(0.1, 4, hold=2))
    yield case("run", "hold", Wrong("with one row", 2, ValueError), lambda net: net.run(np.ones(N), 4, hold=2))

    yield case("update", "learn", Wrong("text", "no", TypeError), lambda net: net.update(learn="no"))
    yield case("run", "learn", Wrong("text", "no", TypeError), lambda net: net.run(0.1, 3, learn="no"))
    yield case("predict", "learn", Wrong("array", None, EITHER), lambda net: net.predict(0.1, 3, learn=np.ones(2)))

    for name in ("phases", "frequencies", "amplitudes"):
        for wrong in [*NOT_VECTORS, Wrong("number", 1.0, ValueError)]:
            yield case("set", name, wrong, lambda net, n=name, v=wrong.value: setattr(net, n, v))
    for label, shape in {
        "smaller": (N - 1, N - 1),
        "larger": (N + 1, N + 1),
        "not square": (N, N + 1),
        "flat": (N * N,),
        "row": (N,),
        "cube": (N, N, 1),
        "number": (),
    }.items():
        wrong = Wrong(label, np.ones(shape), ValueError)
        yield case("set", "weights", wrong, lambda net, v=wrong.value: setattr(net, "weights", v))
    for label, value, error in [
        ("nan", np.diag(put(NAN)), ValueError),
        ("inf", np.diag(put(INF, dtype="f4")), ValueError),
        ("complex", np.eye(N, dtype=complex), TypeError),
        ("object", np.eye(N).astype(object), TypeError),
        ("text", [["a"] * N] * N, TypeError),
        ("None", None, TypeError),
        ("ragged", RAGGED, EITHER),
    ]:
        wrong = Wrong(label, value, error)
        yield case("set", "weights", wrong, lambda net, v=value: setattr(net, "weights", v))

    for name, wrongs in NOT_SETTINGS.items():
        for wrong in wrongs:
            yield case("set", name, wrong, lambda net, n=name, v=wrong.value: setattr(net, n, v))

    for wrong in NOT_NODES:
        value = wrong.value
        yield case("pin", "nodes", wrong, lambda net, v=value: net.pin(v, 0.5, phases=0.5))
        yield case("unpin", "nodes", wrong, lambda net, v=value: net.unpin(v))
    yield case("pin", "nodes", Wrong("None", None, TypeError), lambda net: net.pin(None, 0.5))
    for wrong in NOT_VECTORS:
        if wrong.label == "None":
            continue  # it has a meaning there
        value = wrong.value
        yield case("pin", "amplitudes", wrong, lambda net, v=value: net.pin(slice(None), v, phases=0.5))
        yield case("pin", "phases", wrong, lambda net, v=value: net.pin(slice(None), 0.5, phases=v))
    for wrong in [*NOT_FINITE, Wrong("complex", 1j, TypeError), Wrong("text", "x", TypeError)]:
        wrong, value = wrong._replace(label=f"scalar {wrong.label}"), wrong.value
        yield case("pin", "amplitudes", wrong, lambda net, v=value: net.pin(1, v, phases=0.5))
        yield case("pin", "phases", wrong, lambda net, v=value: net.pin([1, 2], 0.5, phases=v))
    for wrong in NOT_SEEDS:
        yield case("reset", "seed", wrong, lambda net, v=wrong.value: net.reset(v))


@pytest.mark.parametrize(("argument", "error", "call"), [*cases()])
def test_the_network_is_as_before(argument: str, error: Any, call: Any, dtype: str) -> None:
    net = lively(N, dtype=dtype)
    before = everything(net)
    with pytest.raises(error) as caught:
        call(net)
    assert re.search(rf"\b{argument}\b", str(caught.value)), f"the message does not name {argument}: {caught.value}"
    assert everything(net) == before
    net.update(0.5, 0.1)
    assert bits(net) == before["following"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("amplitudes", put(1e39)), ("amplitudes", put(-1e300)), ("weights", np.diag(put(1e39))), ("weight_std", 1e38)],
)
def test_values_beyond_float32(name: str, value: Any) -> None:
    net = lively(N, dtype="float32")
    before = everything(net)
    with pytest.raises(ValueError, match=name):
        setattr(net, name, value)
    assert everything(net) == before


@pytest.mark.parametrize("amplitudes", [1e39, put(-1e300)])
def test_pins_beyond_float32(amplitudes: Any) -> None:
    net = lively(N, dtype="float32")
    before = everything(net)
    with pytest.raises(ValueError, match="amplitudes"):
        net.pin(slice(None), amplitudes, phases=0.5)
    assert everything(net) == before


def test_reset_without_a_seed_to_repeat() -> None:
    net = rn.ResonanceNetwork.from_state([0.1, 0.2], [1, 1], [0.5, 0.6], [[0, 1], [1, 0]])
    net.pin(0)
    before = everything(net)
    with pytest.raises(ValueError, match="seed"):
        net.reset()
    assert everything(net) == before


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_reset_that_would_draw_infinite_frequencies() -> None:
    net = lively(N)
    net.base_freq = net.freq_std = 1.7e308
    before = everything(net)
    with pytest.raises(ValueError, match="freq"):
        net.reset(1)
    assert everything(net) == before


def test_overflow_by_coupling_on_the_way() -> None:
    """Found only when weights have grown: either nothing is done, or it is a FloatingPointError."""
    net = rn.ResonanceNetwork(20, coupling=1e308, learning_rate=10.0, weight_std=0.0, seed=1)
    net.pin(slice(None), 1.0)
    start = net.copy()
    with pytest.raises((ValueError, FloatingPointError)) as caught:
        net.run(steps=10, dt=1.0)
    if isinstance(caught.value, ValueError):
        assert net.step_count == start.step_count, "a ValueError, but the network has moved"
        assert np.array_equal(net.weights, start.weights)


def arguments_of_the_constructor() -> Iterator[Case]:
    for wrong in [*(w for w in NOT_INTEGERS if w.label != "too long"), Wrong("None", None, TypeError)]:
        yield pytest.param("n_nodes", wrong.value, wrong.error, id=f"n_nodes: {wrong.label}")
    for value in (0, -1, -(2**70)):
        yield pytest.param("n_nodes", value, ValueError, id=f"n_nodes: {value}")
    for name, wrongs in {**NOT_SETTINGS, "seed": NOT_SEEDS}.items():
        for wrong in wrongs:
            yield pytest.param(name, wrong.value, wrong.error, id=f"{name}: {wrong.label}")
    for value in ("float16", "float128", ">f4", ">f8", int, complex, object, "nonsense", None, 3, ["f4"]):
        if value == "float128" and not hasattr(np, "float128"):
            continue
        yield pytest.param("dtype", value, EITHER, id=f"dtype: {value}")
    for value in ("sparse", "nonsense", "", None, 3, ["dense"], np.array(["dense", "dense"])):
        yield pytest.param("storage", value, EITHER, id=f"storage: {value}")


@pytest.mark.parametrize(("name", "value", "error"), [*arguments_of_the_constructor()])
def test_constructor(name: str, value: Any, error: Any) -> None:
    with pytest.raises(error, match=rf"\b{name}\b"):
        rn.ResonanceNetwork(**{"n_nodes": N, name: value})


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        *(
            pytest.param(name, wrong.value, wrong.error, id=f"{name}: {wrong.label}")
            for name in ("frequencies", "amplitudes")
            for wrong in [*NOT_VECTORS, Wrong("number", 1.0, ValueError)]
        ),
        *(
            # Phases tell n: another length is then the fault of the others.
            pytest.param("phases", wrong.value, EITHER, id=f"phases: {wrong.label}")
            for wrong in [*NOT_VECTORS, Wrong("number", 1.0, ValueError)]
            if wrong.label not in ("short", "long", "one")
        ),
        pytest.param("weights", np.eye(N + 1), ValueError, id="weights: of another n"),
        pytest.param("weights", np.ones(N), ValueError, id="weights: row"),
        pytest.param("weights", np.full((N, N), NAN), ValueError, id="weights: nan"),
        pytest.param("weights", np.eye(N, dtype=complex), TypeError, id="weights: complex"),
        pytest.param("weights", np.eye(N).astype(object), TypeError, id="weights: object"),
        pytest.param("decay", 2.0, ValueError, id="decay"),
        pytest.param("storage", "sparse", ValueError, id="storage"),
        pytest.param("dtype", "f2", TypeError, id="dtype"),
        pytest.param("threads", 0, ValueError, id="threads"),
        pytest.param("noise_std", -1.0, ValueError, id="noise_std"),
        pytest.param("seed", -1, ValueError, id="seed"),
    ],
)
def test_from_state(name: str, value: Any, error: Any) -> None:
    state = {"phases": np.ones(N), "frequencies": np.ones(N), "amplitudes": np.ones(N), "weights": np.eye(N)}
    with pytest.raises(error, match=rf"\b{name}\b"):
        rn.ResonanceNetwork.from_state(**{**state, name: value})


def test_unknown_keywords() -> None:
    with pytest.raises(TypeError, match="learning_rat"):
        rn.ResonanceNetwork(3, learning_rat=0.1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        rn.ResonanceNetwork(3, 1.0, 0.1)  # type: ignore[misc]  # only n_nodes and base_freq go by position


@pytest.mark.parametrize(
    ("value", "error"),
    [*((w.value, w.error) for w in NOT_INTEGERS), (0, ValueError), (-1, ValueError), (5000, ValueError)],
)
def test_set_num_threads(value: Any, error: Any) -> None:
    before = rn.get_num_threads()
    with pytest.raises(error, match=r"\bthreads\b"):
        rn.set_num_threads(value)
    assert rn.get_num_threads() == before


@pytest.mark.parametrize(
    ("value", "error"),
    [("sse2", ValueError), ("", ValueError), ("AVX2", ValueError), (None, TypeError), (2, TypeError)],
)
def test_use_isa(value: Any, error: Any) -> None:
    before = rn.isa()
    with pytest.raises(error, match=r"\bisa\b"), rn.use_isa(value):
        pass
    assert rn.isa() == before


@pytest.mark.parametrize("name", ["time_constant", "dt", "strength"])
@pytest.mark.parametrize("wrong", [*NOT_NUMBERS, *NOT_FINITE], ids=lambda wrong: wrong.label)
def test_learning_rates(name: str, wrong: Wrong) -> None:
    with pytest.raises(wrong.error, match=rf"\b{name}\b"):
        rn.learning_rates(**{"time_constant": 1.0, "dt": 0.01, name: wrong.value})


@pytest.mark.parametrize("value", [0.0, -1.0])
@pytest.mark.parametrize("name", ["time_constant", "dt"])
def test_learning_rates_not_positive(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"\b{name}\b"):
        rn.learning_rates(**{"time_constant": 1.0, "dt": 0.01, name: value})


@pytest.mark.parametrize(
    "arguments", [(1e-3, 1.0), (1e-300, 1e300), (1e-3, 0.72), (1e-3, 0.5, 1e300), (1.0, 1.0, 1.7e308)]
)
def test_learning_rates_out_of_range(arguments: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"time_constant|strength"):
        rn.learning_rates(*arguments)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("value", [np.complex64(1), np.complex128(1), 1j, np.array(1j)])
def test_complex_numbers_are_refused_where_warnings_are_ignored(value: Any) -> None:
    """NumPy turns its complex scalars into floats with no more than a warning."""
    net = rn.ResonanceNetwork(3, seed=0)
    for call in (
        lambda: setattr(net, "gain", value),
        lambda: setattr(net, "base_freq", value),
        lambda: net.update(value),
        lambda: net.update(0.0, value),
        lambda: rn.learning_rates(1.0, value),
    ):
        with pytest.raises(TypeError, match="real number"):
            call()
    assert net.step_count == 0


def test_integers_beyond_int64_are_out_of_range_and_not_of_a_wrong_type() -> None:
    net = rn.ResonanceNetwork(3, seed=0)
    with pytest.raises(ValueError, match="steps must be within the range of int64"):
        net.run(0.0, 10**30)


class Interrupting:
    """An input whose conversion is interrupted."""

    def __array__(self, *_args: Any, **_keywords: Any) -> Any:
        raise KeyboardInterrupt

    def __float__(self) -> float:
        raise KeyboardInterrupt


def test_an_interrupt_during_conversion_is_not_an_error_of_the_argument() -> None:
    net = rn.ResonanceNetwork(3, seed=0)
    for call in (lambda: net.update(Interrupting()), lambda: setattr(net, "gain", Interrupting())):
        with pytest.raises(KeyboardInterrupt):
            call()
