"""rn.kernels against plain NumPy formulas."""

from __future__ import annotations

import pickle
from typing import Any

import hypothesis
import numpy as np
import pytest
from array_forms import read_only, unaligned
from hypothesis import strategies as st

import resonance_native as rn
from resonance_native import kernels

# One lane less and one more than whole vectors and whole tiles of every instruction set, and several of them.
SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 257)
RTOL = {"float64": 1e-14, "float32": 1e-6}
sizes = pytest.mark.parametrize("n", SIZES)
every_isa = pytest.mark.usefixtures("isa")


def some(n: int, dtype: str, largest_phase: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, phases and amplitudes. Phases are multiples of 1/64, so that NumPy's differences of them are exact."""
    rng = np.random.default_rng(n)
    return (
        rng.normal(0, 1, (n, n)).astype(dtype),
        rng.integers(-64 * largest_phase, 64 * largest_phase + 1, n) / 64,
        rng.uniform(-1, 1, n).astype(dtype),
    )


def cosines(phases: np.ndarray, lag: float = 0.0) -> np.ndarray:
    difference = phases[:, None] - phases[None, :]
    # A lag subtracted from a difference of 10⁶ would lose its last digits.
    return np.cos(difference) * np.cos(lag) + np.sin(difference) * np.sin(lag)


def grown(weights: Any, phases: Any, amplitudes: Any, learning_rate: float, decay: float, lag: float) -> np.ndarray:
    a = np.asarray(amplitudes, float)
    return decay * (np.asarray(weights, float) + learning_rate * cosines(phases, lag) * np.outer(a, a))


def summed(weights: Any, phases: np.ndarray) -> np.ndarray:
    return (np.asarray(weights, float) * cosines(phases)).sum(axis=1)


def assert_close(got: np.ndarray, wanted: np.ndarray, scale: float, dtype: Any) -> None:
    assert np.abs(got - wanted).max(initial=0) <= RTOL[np.dtype(dtype).name] * max(scale, 1e-300)


@every_isa
@sizes
@pytest.mark.parametrize("largest", [6, 99, 101, 10**6])
def test_coherence(n: int, largest: int, dtype: str) -> None:
    _, phases, _ = some(n, dtype, largest)
    coherence = kernels.coherence(phases.astype(dtype) if largest < 1000 else phases)
    assert_close(coherence, cosines(phases), 1, coherence.dtype)
    out = np.full((n, n), 7, dtype)
    assert kernels.coherence(phases, out=out) is out
    assert_close(out, cosines(phases), 1, dtype)


@every_isa
@sizes
@pytest.mark.parametrize("largest", [6, 10**6])
def test_hebbian_update(n: int, largest: int, dtype: str) -> None:
    weights, phases, amplitudes = some(n, dtype, largest)
    wanted = grown(weights, phases, amplitudes, 0.7, 0.9, -0.4)
    assert kernels.hebbian_update(weights, phases, amplitudes, learning_rate=0.7, decay=0.9, learning_lag=-0.4) is None
    assert_close(weights, wanted, np.abs(wanted).max() + 1, dtype)


@every_isa
@sizes
@pytest.mark.parametrize("largest", [6, 10**6])
def test_resonance(n: int, largest: int, dtype: str) -> None:
    weights, phases, _ = some(n, dtype, largest)
    wanted = summed(weights, phases)
    resonance = kernels.resonance(weights, phases)
    assert resonance.dtype == dtype
    scale = np.abs(weights).sum(axis=1).max()
    assert_close(resonance, wanted, scale, dtype)
    out = np.full(n, 7, dtype)
    assert kernels.resonance(weights, phases, out=out) is out
    assert_close(out, wanted, scale, dtype)


@every_isa
@sizes
@pytest.mark.parametrize("largest", [6, 10**6])
def test_fused_step(n: int, largest: int, dtype: str) -> None:
    weights, phases, amplitudes = some(n, dtype, largest)
    new_weights = grown(weights, phases, amplitudes, -0.3, 0.8, 1.1)
    new_amplitudes = np.tanh(0.5 * summed(new_weights, phases))
    settings = {"learning_rate": -0.3, "decay": 0.8, "gain": 0.5, "learning_lag": 1.1}
    assert kernels.fused_step(weights, phases, amplitudes, **settings) is None
    assert_close(weights, new_weights, np.abs(new_weights).max() + 1, dtype)
    assert_close(amplitudes, new_amplitudes, 1 + np.abs(new_weights).sum(axis=1).max(), dtype)


@every_isa
def test_defaults_are_the_network_s(dtype: str) -> None:
    net = rn.ResonanceNetwork(9, seed=0, dtype=dtype)
    net.frequencies = np.zeros(9)  # the step leaves the phases where they are
    weights, amplitudes = np.array(net.weights), np.array(net.amplitudes)
    alone = weights.copy()
    kernels.hebbian_update(alone, net.phases, amplitudes)
    kernels.fused_step(weights, net.phases, amplitudes)
    net.update()
    assert_close(weights, net.weights, 1, dtype)
    assert_close(alone, net.weights, 1, dtype)
    assert_close(amplitudes, net.amplitudes, 1, dtype)


@every_isa
@pytest.mark.parametrize("x", [0.0, 1e-300, 1e-9, 0.3, 1.0, 5.0, 19.0, 21.0, 700.0, 1e300])
def test_tanh(x: float) -> None:
    """Through a network of one: the weight is what goes into tanh."""
    for sign in (1, -1):
        weights, amplitudes = np.array([[sign * x]]), np.zeros(1)
        kernels.fused_step(weights, [0.0], amplitudes, decay=1.0)
        assert amplitudes[0] == pytest.approx(np.tanh(sign * x), rel=1e-15, abs=0)
        assert np.signbit(amplitudes[0]) == np.signbit(weights[0, 0])


def test_dtype_of_new_results() -> None:
    phases = np.zeros(3)
    assert kernels.coherence(phases).dtype == np.float64
    assert kernels.coherence(phases.astype("f4")).dtype == np.float32
    assert kernels.coherence([0, 1, 2]).dtype == np.float64
    assert kernels.coherence(phases.astype("f2")).dtype == np.float64
    assert kernels.resonance(np.eye(3), phases.astype("f4")).dtype == np.float64
    assert kernels.resonance(np.eye(3, dtype="f4"), phases).dtype == np.float32
    assert kernels.resonance(np.eye(3, dtype=int), phases).dtype == np.float64


def test_sizes_of_nothing() -> None:
    assert kernels.coherence([]).shape == (0, 0)
    assert kernels.resonance(np.zeros((0, 0)), []).shape == (0,)
    kernels.hebbian_update(np.zeros((0, 0)), [], [])
    kernels.fused_step(np.zeros((0, 0)), [], np.zeros(0))


READ_ONLY_FORMS: dict[str, Any] = {
    "list": lambda a: a.tolist(),
    "float32": lambda a: a.astype("f4"),
    "integers": lambda a: a.astype(int),
    "half": lambda a: a.astype("f2"),
    "byte-swapped": lambda a: a.astype(">f8"),
    "strided": lambda a: np.repeat(a, 2, axis=0)[::2],
    "reversed": lambda a: a[::-1].copy()[::-1],
    "Fortran order": np.asfortranarray,
    "read-only": lambda a: np.frombuffer(a.tobytes()).reshape(a.shape),
}


@pytest.mark.parametrize("form", READ_ONLY_FORMS)
def test_read_only_inputs_may_be_any_real_array_like(form: str) -> None:
    convert = READ_ONLY_FORMS[form]
    weights, phases, amplitudes = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 10]]), np.array([0.0, 1, 2]), np.ones(3)
    assert np.array_equal(kernels.coherence(convert(phases), out=np.empty((3, 3))), kernels.coherence(phases))
    out = kernels.resonance(convert(weights), convert(phases), out=np.empty(3))
    assert np.array_equal(out, kernels.resonance(weights, phases))
    got, wanted = weights.copy(), weights.copy()
    kernels.hebbian_update(got, convert(phases), convert(amplitudes))
    kernels.hebbian_update(wanted, phases, amplitudes)
    assert np.array_equal(got, wanted)


@pytest.mark.parametrize(
    "float32", [pickle.loads(pickle.dumps(np.dtype("float32"))), np.dtype("float32", metadata={"unit": "V"})]
)
def test_float32_may_be_another_object_of_the_same_dtype(float32: np.dtype[Any]) -> None:
    """As that of an array that came from another process is: it must not pass for float64."""
    weights, phases, amplitudes = some(4, "float32")
    buffer = np.full(64, 7, "f4")
    out = buffer[:16].reshape(4, 4).view(float32)
    assert np.array_equal(kernels.coherence(phases, out=out), kernels.coherence(phases, out=np.empty((4, 4), "f4")))
    assert np.all(buffer[16:] == 7)
    assert kernels.resonance(weights.view(float32), phases).dtype == "float32"
    wanted, changed = weights.copy(), weights.copy()
    kernels.fused_step(wanted, phases, amplitudes.copy())
    kernels.fused_step(changed.view(float32), phases, amplitudes.copy())
    assert np.array_equal(changed, wanted)


def test_inputs_may_share_memory_with_outputs(dtype: str) -> None:
    n = 17
    weights, phases, amplitudes = some(n, dtype)
    phases = phases.astype(dtype)

    buffer = np.tile(phases, (n, 1))
    kernels.coherence(buffer[0], out=buffer)
    assert np.array_equal(buffer, kernels.coherence(phases))

    both = phases.copy()
    kernels.resonance(weights, both, out=both)
    assert np.array_equal(both, kernels.resonance(weights, phases))
    into = weights.copy()
    kernels.resonance(into, phases, out=into[3])
    assert np.array_equal(into[3], kernels.resonance(weights, phases))

    shared, apart = weights.copy(), weights.copy()
    kernels.hebbian_update(shared, shared[1], shared[2])
    kernels.hebbian_update(apart, weights[1], weights[2])
    assert np.array_equal(shared, apart)

    shared, apart = weights.copy(), weights.copy()
    one, two = amplitudes.copy(), amplitudes.copy()
    kernels.fused_step(shared, one, one)
    kernels.fused_step(apart, amplitudes, two)
    assert np.array_equal(shared, apart)
    assert np.array_equal(one, two)


def test_fused_step_refuses_amplitudes_within_weights(dtype: str) -> None:
    weights = np.ones((4, 4), dtype)
    with pytest.raises(ValueError, match="amplitudes"):
        kernels.fused_step(weights, np.zeros(4), weights[2])
    assert np.array_equal(weights, np.ones((4, 4)))


UNFIT_OUTPUTS: dict[str, Any] = {
    "list": lambda a: a.tolist(),
    "float16": lambda a: a.astype("f2"),
    "longdouble": lambda a: a.astype(np.longdouble) if np.dtype(np.longdouble) != np.float64 else a.astype("f2"),
    "integers": lambda a: a.astype(int),
    "bool": lambda a: a.astype(bool),
    "object": lambda a: a.astype(object),
    "complex": lambda a: a.astype(complex),
    "byte-swapped": lambda a: a.astype(a.dtype.newbyteorder()),
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "reversed": lambda a: a[::-1],
    "read-only": lambda a: read_only(a.copy()),
    "unaligned": unaligned,
    "None": lambda _a: None,
}


@pytest.mark.parametrize("form", UNFIT_OUTPUTS)
def test_what_is_changed_in_place_is_never_copied(form: str, dtype: str) -> None:
    weights, phases, amplitudes = some(4, dtype)
    unfit = UNFIT_OUTPUTS[form]
    for array, name, call in (
        (weights, "weights", lambda w: kernels.hebbian_update(w, phases, amplitudes)),
        (weights, "weights", lambda w: kernels.fused_step(w, phases, amplitudes)),
        (amplitudes, "amplitudes", lambda a: kernels.fused_step(weights, phases, a)),
        (weights, "out", lambda w: kernels.coherence(phases, out=w)),
        (amplitudes, "out", lambda a: kernels.resonance(weights, phases, out=a)),
    ):
        if name == "out" and form == "None":
            continue  # that asks for a new array
        before, given = (weights.copy(), amplitudes.copy()), unfit(array)
        given_before = None if given is None else np.array(given)
        with pytest.raises(TypeError, match=name):
            call(given)
        assert np.array_equal(weights, before[0])
        assert np.array_equal(amplitudes, before[1])
        assert given is None or np.array_equal(np.array(given), given_before)


def test_fortran_order_output_is_refused() -> None:
    with pytest.raises(TypeError, match=r"out.*contiguous"):
        kernels.coherence(np.zeros(4), out=np.zeros((4, 4), order="F"))


def test_dtypes_of_weights_and_amplitudes_must_agree() -> None:
    with pytest.raises(TypeError, match=r"amplitudes.*float64.*float32"):
        kernels.fused_step(np.ones((3, 3)), np.zeros(3), np.ones(3, "f4"))


def _with(array: np.ndarray, value: float) -> np.ndarray:
    changed = array.copy()
    changed.flat[-1] = value
    return changed


W, P, A = np.ones((3, 3)), np.zeros(3), np.ones(3)
# Complex arrays, objects and text are no real numbers; the rest is of the wrong shape or not finite.
WRONG_VECTORS: list[tuple[Any, type[Exception]]] = [
    (np.zeros(4), ValueError),
    (np.zeros((3, 1)), ValueError),
    (np.float64(1), ValueError),
    (_with(P, np.nan), ValueError),
    (_with(P, -np.inf), ValueError),
    ([[1], [1, 2]], ValueError),
    (P.astype(complex), TypeError),
    (P.astype(object), TypeError),
    (["a", "b", "c"], TypeError),
    (None, TypeError),
]
WRONG_WEIGHTS: list[tuple[Any, type[Exception]]] = [
    (np.ones((3, 4)), ValueError),
    (np.ones(3), ValueError),
    (np.ones((3, 3, 3)), ValueError),
    (_with(W, np.nan), ValueError),
    (_with(W, np.inf), ValueError),
]
WRONG_CALLS: list[tuple[str, type[Exception], Any]] = [
    *(
        (name, error, call)
        for value, error in WRONG_VECTORS
        for name, call in (
            ("phases", lambda w, a, v=value: kernels.hebbian_update(w, v, a)),
            ("phases", lambda w, a, v=value: kernels.fused_step(w, v, a)),
            ("phases", lambda w, _a, v=value: kernels.resonance(w, v)),
            ("amplitudes", lambda w, _a, v=value: kernels.hebbian_update(w, P, v)),
        )
    ),
    *(("phases", error, lambda _w, _a, v=value: kernels.coherence(v)) for value, error in WRONG_VECTORS[1:]),
    *(
        ("weights", error, call)
        for value, error in WRONG_WEIGHTS
        for call in (
            lambda _w, a, v=value: kernels.hebbian_update(v, P, a),
            lambda _w, a, v=value: kernels.fused_step(v, P, a),
            lambda _w, _a, v=value: kernels.resonance(v, P),
        )
    ),
    ("weights", TypeError, lambda _w, _a: kernels.resonance(W.astype(complex), P)),
    ("weights", TypeError, lambda _w, _a: kernels.resonance(W.astype(object), P)),
    ("weights", ValueError, lambda _w, _a: kernels.resonance([[1], [1, 2]], P)),
    ("amplitudes", ValueError, lambda w, _a: kernels.fused_step(w, P, np.ones(4))),
    ("amplitudes", ValueError, lambda w, _a: kernels.fused_step(w, P, _with(A, np.nan))),
    ("out", ValueError, lambda _w, _a: kernels.coherence(P, out=np.zeros((4, 4)))),
    ("out", ValueError, lambda _w, _a: kernels.coherence(P, out=np.zeros(9))),
    ("out", ValueError, lambda w, _a: kernels.resonance(w, P, out=np.zeros(4))),
    *(
        (name, error, call)
        for name, values in {
            "learning_rate": [(np.nan, ValueError), (np.inf, ValueError), ("1", TypeError), (1j, TypeError)],
            "decay": [(-0.1, ValueError), (1.1, ValueError), (np.nan, ValueError), (None, TypeError)],
            "learning_lag": [(np.inf, ValueError), ([0.1], TypeError), (np.array([0.1]), TypeError)],
        }.items()
        for value, error in values
        for call in (
            lambda w, a, n=name, v=value: kernels.hebbian_update(w, P, a, **{n: v}),
            lambda w, a, n=name, v=value: kernels.fused_step(w, P, a, **{n: v}),
        )
    ),
    ("gain", ValueError, lambda w, a: kernels.fused_step(w, P, a, gain=np.nan)),
    ("gain", TypeError, lambda w, a: kernels.fused_step(w, P, a, gain="2")),
    ("gain", TypeError, lambda w, a: kernels.fused_step(w, P, a, gain=np.complex64(2))),
]


@pytest.mark.parametrize(("name", "error", "call"), WRONG_CALLS)
def test_errors_name_the_argument_and_nothing_is_changed(name: str, error: type[Exception], call: Any) -> None:
    weights, amplitudes = W.copy(), A.copy()
    with pytest.raises(error, match=name):
        call(weights, amplitudes)
    assert np.array_equal(weights, W)
    assert np.array_equal(amplitudes, A)


@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")
def test_values_beyond_float32_are_errors_that_name_the_argument() -> None:
    with pytest.raises(ValueError, match="weights"):
        kernels.resonance(np.full((3, 3), 1e300), P, out=np.zeros(3, "f4"))
    weights = np.ones((3, 3), "f4")
    with pytest.raises(ValueError, match="amplitudes"):
        kernels.hebbian_update(weights, P, np.full(3, 1e300))
    assert np.array_equal(weights, W)


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(float).max, reason="long double is no larger than double")
def test_values_beyond_float64_are_errors_that_name_the_argument() -> None:
    huge = np.full(3, np.finfo(np.longdouble).max)
    for name, call in (
        ("phases", lambda: kernels.coherence(huge)),
        ("weights", lambda: kernels.resonance(np.tile(huge, (3, 1)), P)),
        ("amplitudes", lambda: kernels.hebbian_update(W.copy(), P, huge)),
    ):
        with pytest.raises(ValueError, match=name):
            call()


def test_overflow_of_a_step_is_a_floating_point_error(dtype: str) -> None:
    largest = np.finfo(dtype).max
    weights = np.full((3, 3), largest, dtype)
    with pytest.raises(FloatingPointError, match="weights"):
        kernels.fused_step(weights, np.zeros(3), np.ones(3, dtype), learning_rate=float(largest), decay=1.0)


@pytest.mark.parametrize("isa", rn.available_isas())
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@hypothesis.settings(max_examples=100)
@hypothesis.given(
    n=st.integers(0, 70),
    seed=st.integers(0, 2**32),
    largest=st.sampled_from([1, 90, 10**4, 10**6]),
    learning_rate=st.floats(-10, 10),
    decay=st.floats(0, 1),
    lag=st.floats(-100, 100),
    gain=st.floats(-1, 1),
)
def test_any_shape_and_values(
    isa: str, dtype: str, n: int, seed: int, largest: int, learning_rate: float, decay: float, lag: float, gain: float
) -> None:
    rng = np.random.default_rng(seed)
    phases = rng.integers(-64 * largest, 64 * largest + 1, n) / 64
    weights, amplitudes = rng.normal(0, 1, (n, n)).astype(dtype), rng.uniform(-1, 1, n).astype(dtype)
    wanted = grown(weights, phases, amplitudes, learning_rate, decay, lag)
    scale = np.abs(wanted).max(initial=0) + abs(learning_rate) + 1
    with rn.use_isa(isa):
        assert_close(kernels.coherence(phases), cosines(phases), 1, "float64")
        assert_close(kernels.resonance(weights, phases), summed(weights, phases), 4 * n, dtype)
        stepped, new_amplitudes = weights.copy(), amplitudes.copy()
        settings = {"learning_rate": learning_rate, "decay": decay, "learning_lag": lag}
        kernels.hebbian_update(weights, phases, amplitudes, **settings)
        kernels.fused_step(stepped, phases, new_amplitudes, gain=gain, **settings)
    assert_close(weights, wanted, scale, dtype)
    assert_close(stepped, wanted, scale, dtype)
    assert_close(new_amplitudes, np.tanh(gain * summed(wanted, phases)), scale * n, dtype)


def test_phases_of_a_wrong_rank_are_that_and_not_too_large() -> None:
    with pytest.raises(ValueError, match=r"phases must have shape \(n,\)"):
        rn.kernels.coherence(np.zeros((1000, 1000)))


def test_arrays_that_are_not_aligned_are_read(dtype: str) -> None:
    """A vector at an odd address, as one finds them in records."""
    records = np.zeros(9, dtype=[("flag", "i1"), ("x", "f8")])
    buffer = np.zeros(8 * 9 + 1, np.uint8)
    shifted = buffer[1:].view("f8")
    shifted[:] = np.linspace(0, 3, 9)
    records["x"] = shifted
    assert not shifted.flags.aligned
    wanted = rn.kernels.coherence(np.linspace(0, 3, 9))
    for phases in (shifted, records["x"]):
        assert np.array_equal(rn.kernels.coherence(phases), wanted)
    net, twin = (rn.ResonanceNetwork(9, seed=0, dtype=dtype) for _ in range(2))
    net.update(shifted)
    net.run(shifted, 3)
    twin.update(shifted.copy())
    twin.run(shifted.copy(), 3)
    assert np.array_equal(net.phases, twin.phases)
