"""Factored weights as an operator, against the dense matrix that their formula gives."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
from typing import Any

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from scripts import output_of

from resonance_native import analysis, factored_arithmetic, memory, plot
from resonance_native.factored_weights import FactoredWeights

matplotlib.use("Agg")

ROTATION = [[0.6, -0.8], [0.8, 0.6]]
CASES = [
    (n, pairs, based, cores)
    for n, pairs in [(1, 1), (2, 0), (3, 2), (7, 1), (33, 5), (65, 40)]
    for based in (False, True)
    for cores in ("rotation", "general")
]
cases = pytest.mark.parametrize(("n", "pairs", "based", "cores"), CASES)


def parts(n: int, pairs: int, dtype: str, based: bool = False, cores: str = "general") -> dict[str, Any]:
    rng = np.random.default_rng(n + 100 * pairs)
    base = {"base": rng.standard_normal((n, n)).astype(dtype), "base_factor": 0.7} if based else {}
    made = np.array([ROTATION] * pairs).reshape(pairs, 2, 2)
    made = made if cores == "rotation" else rng.standard_normal((pairs, 2, 2))
    return {"factors": rng.standard_normal((2 * pairs, n)).astype(dtype), "cores": made, **base}


def dense(factors: Any, cores: Any, base: Any = None, base_factor: float = 0.0) -> np.ndarray:
    """The formula, term by term, in float64."""
    n = factors.shape[1]
    total = np.zeros((n, n)) if base is None else base_factor * base.astype("f8")
    for k, ((m00, m01), (m10, m11)) in enumerate(cores):
        u, v = factors[2 * k].astype("f8"), factors[2 * k + 1].astype("f8")
        total += m00 * np.outer(u, u) + m01 * np.outer(u, v) + m10 * np.outer(v, u) + m11 * np.outer(v, v)
    return total


def weights(*arguments: Any, **keywords: Any) -> tuple[FactoredWeights, np.ndarray]:
    made = parts(*arguments, **keywords)
    return FactoredWeights(**made), dense(**made)


def vector(shape: Any, dtype: str) -> np.ndarray:
    rng = np.random.default_rng(5)
    x = 3 * rng.standard_normal(shape)
    return (x + 1j * rng.standard_normal(shape)).astype(dtype) if dtype[0] == "c" else x.astype(dtype)


def assert_rounded_once(found: np.ndarray, exact: np.ndarray, scale: float) -> None:
    """Within half a last digit of the result's dtype, and what a sum in float64 loses: not what one in float32 does."""
    half_a_digit = 0.501 * np.finfo(found.dtype).eps * np.sqrt(2 if exact.dtype.kind == "c" else 1)
    assert found.shape == exact.shape
    assert (np.abs(found - exact) <= half_a_digit * np.abs(exact) + 2e-14 * scale).all()


def scale_of(w: np.ndarray) -> float:
    return 10 * len(w) * max(1.0, float(np.abs(w).max()))


@pytest.fixture(autouse=True, params=["one block", "many blocks"])
def _blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test in one block and in many, which don't divide n."""
    if request.param == "many blocks":
        monkeypatch.setattr(factored_arithmetic, "_VALUES_AT_A_TIME", 40)
        monkeypatch.setattr(factored_arithmetic, "_ROWS_AT_A_TIME", 2)


# --- products


@cases
@pytest.mark.parametrize("x_dtype", ["f4", "f8", "c8", "c16", "i4", "?"])
def test_products(dtype: str, n: int, pairs: int, based: bool, cores: str, x_dtype: str) -> None:
    weight, w = weights(n, pairs, dtype, based, cores)
    x, xs = vector(n, x_dtype), vector((n, 3), x_dtype)
    wanted = np.result_type(weight.dtype, x.dtype)
    for found, exact in [
        (weight @ x, w @ x),
        (weight @ xs, w @ xs),
        (weight @ xs[:, :0], w @ xs[:, :0]),
        (weight @ xs[::-1, ::2], w @ xs[::-1, ::2]),
        (x @ weight, x @ w),
        (xs.T @ weight, xs.T @ w),
        (weight.matvec(x), w @ x),
        (weight.matvec(x[:, None]), w @ x[:, None]),
        (weight.matmat(xs), w @ xs),
        (weight.rmatvec(x), w.T @ x),
        (weight.rmatvec(x[:, None]), w.T @ x[:, None]),
        (weight.rmatmat(xs), w.T @ xs),
        (weight.T @ x, w.T @ x),
        (x @ weight.T, w @ x),
        (weight.adjoint() @ xs, w.T @ xs),
        (weight.T.T @ x, w @ x),
    ]:
        assert found.dtype == wanted
        assert_rounded_once(found, exact, scale_of(w))


def test_lists_are_multiplied_as_well() -> None:
    weight, w = weights(3, 2, "f8")
    np.testing.assert_allclose(weight @ [1, 2, 3], w @ [1, 2, 3])
    np.testing.assert_allclose([1j, 2, 3] @ weight, [1j, 2, 3] @ w)


@pytest.mark.parametrize(
    ("product", "message"),
    [
        (lambda w: w @ np.ones(4), r"x must have shape \(5,\) or \(5, k\), got \(4,\)"),
        (lambda w: w @ np.ones((5, 2, 1)), r"x must have shape .* got \(5, 2, 1\)"),
        (lambda w: w @ 2.0, r"x must have shape .* got \(\)"),
        (lambda w: np.ones((5, 2)) @ w, r"x must have shape \(5,\) or \(k, 5\), got \(5, 2\)"),
        (lambda w: w.matvec(np.ones((5, 2))), r"x must have shape \(5,\) or \(5, 1\)"),
        (lambda w: w.matmat(np.ones(5)), r"x must have shape \(5, k\)"),
        (lambda w: w.rmatvec(np.ones(6)), "x must have shape"),
        (lambda w: w.rmatmat(np.ones(5)), "x must have shape"),
        (lambda w: w @ [[1, 2], [3]], "x must be an array of real or complex numbers"),
    ],
)
def test_what_cant_be_multiplied(product: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        product(weights(5, 1, "f8")[0])


def test_text_cant_be_multiplied() -> None:
    with pytest.raises(TypeError, match="x must be an array of real or complex numbers, got dtype <U1"):
        weights(2, 1, "f8")[0] @ ["a", "b"]


def test_no_product_holds_the_factors_in_float64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the sizes of blocks that users get
    n, rank = 200_000, 40
    weight = FactoredWeights(np.ones((rank, n), "f4"), np.ones((rank // 2, 2, 2)), copy=False)
    x = np.ones(n, "f4")
    for call in (lambda: weight @ x, lambda: x @ weight, weight.diagonal, lambda: weight.rows(7)):
        tracemalloc.start()
        try:
            call()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 12 * 2**20 < rank * n * 8 / 4


# --- parts as arrays


@cases
def test_all_of_it_as_an_array(dtype: str, n: int, pairs: int, based: bool, cores: str) -> None:
    weight, w = weights(n, pairs, dtype, based, cores)
    for found in (weight.to_dense(), np.asarray(weight), weight[...], weight[:], np.array(list(weight))):
        assert found.dtype == dtype
        assert_rounded_once(found, w, scale_of(w))
    assert_rounded_once(np.asarray(weight.T), w.T, scale_of(w))
    assert_rounded_once(weight.diagonal(), np.diagonal(w), scale_of(w))
    assert weight.diagonal().dtype == dtype
    assert weight.to_dense().flags.writeable


def test_as_an_array_of_another_dtype() -> None:
    weight, w = weights(7, 1, "f4")
    assert np.asarray(weight, np.complex128).dtype == np.complex128
    assert weight.__array__(np.dtype("f8")).dtype == "f8"  # NumPy itself would convert what comes
    np.testing.assert_allclose(np.asarray(weight, "f8"), w, rtol=0, atol=1e-5)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="NumPy 1 asks for no copies otherwise")
def test_as_an_array_without_a_copy() -> None:
    with pytest.raises(ValueError, match="only by a copy"):
        np.asarray(weights(3, 1, "f8")[0], copy=False)


N = 9
BIG = st.integers(-N, N - 1)
INDICES = st.one_of(
    BIG,
    BIG.map(np.int8),
    st.slices(N),
    st.slices(3 * N),
    st.lists(BIG, max_size=12),
    st.lists(st.integers(0, N - 1), max_size=12).map(lambda found: np.array(found, np.uint64)),
    st.lists(st.booleans(), min_size=N, max_size=N).map(np.array),
)


def by_axis(w: np.ndarray, rows: Any, columns: Any) -> np.ndarray:
    return w[rows if not isinstance(rows, list) else np.array(rows, int)][
        ..., columns if not isinstance(columns, list) else np.array(columns, int)
    ]


@pytest.mark.parametrize("based", [False, True])
@given(rows=INDICES, columns=INDICES)
def test_any_block(based: bool, rows: Any, columns: Any) -> None:
    weight, w = weights(N, 3, "f8", based)
    for found, wanted in [
        (weight.block(rows, columns), by_axis(w, rows, columns)),
        (weight.rows(rows), by_axis(w, rows, slice(None))),
        (weight[rows], by_axis(w, rows, slice(None))),
    ]:
        assert np.shape(found) == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)
    if not (np.ndim(rows) and np.ndim(columns)) or isinstance(rows, slice) or isinstance(columns, slice):
        np.testing.assert_allclose(weight[rows, columns], by_axis(w, rows, columns), rtol=0, atol=1e-12)


def test_a_single_weight_is_a_number(dtype: str) -> None:
    weight, w = weights(7, 2, dtype, True)
    assert isinstance(weight[3, -1], np.generic)
    assert weight[3, -1].dtype == dtype
    assert weight[3, -1] == pytest.approx(w[3, -1], abs=1e-5)


@pytest.mark.parametrize("index", [N, -N - 1, [0, N], [-N - 1], np.uint64(2**64 - 1), [2**63]])
def test_numbers_out_of_range(index: Any) -> None:
    weight = weights(N, 1, "f8")[0]
    with pytest.raises(IndexError, match="rows must be"):
        weight.rows(index)
    with pytest.raises(IndexError, match="rows must be"):
        weight[index]
    with pytest.raises(IndexError, match="columns must be"):
        weight.block(0, index)


@pytest.mark.parametrize("index", [1.0, [1.5], "a", None, np.ones(N - 1, bool), True, [[0, 1], [2, 3]], [[1], [1, 2]]])
def test_what_is_no_index(index: Any) -> None:
    weight = weights(N, 1, "f8")[0]
    with pytest.raises((TypeError, ValueError), match="rows must "):
        weight.rows(index)
    with pytest.raises((TypeError, ValueError), match="columns must "):
        weight.block([0], index)


def test_a_slice_of_no_integers() -> None:
    with pytest.raises(TypeError, match="rows must be"):
        weights(N, 1, "f8")[0].rows(slice(0.5, None))


@pytest.mark.parametrize("key", [(), (0,), (0, 0, 0), (None, 0), (0, Ellipsis)])
def test_keys_that_are_not_served(key: Any) -> None:
    with pytest.raises(TypeError, match=r"W\[rows\] or W\[rows, columns\].*\.rows and \.block"):
        weights(N, 1, "f8")[0][key]


def test_two_lists_are_not_paired() -> None:
    with pytest.raises(TypeError, match=r"pair them; W\.block"):
        weights(N, 1, "f8")[0][[0, 1], np.ones(N, bool)]


def test_what_would_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    weight = weights(65, 2, "f8")[0]
    monkeypatch.setattr(memory, "available_bytes", lambda: 65 * 64 * 8)
    for call in (weight.to_dense, lambda: np.asarray(weight), lambda: weight @ weight):
        with pytest.raises(MemoryError, match=r"65 nodes as an n × n array of float64 would take .*GiB.*rows\(\)"):
            call()
    with pytest.raises(MemoryError, match=r"a block \(65, 65\) of weights in float64 would take .*GiB"):
        weight[:]
    assert weight[:64].shape == (64, 65)
    assert (weight @ np.ones(65)).shape == (65,)


def test_a_large_one_says_its_size() -> None:
    weight = FactoredWeights(np.ones((2, 10**6), "f4"), np.ones((1, 2, 2)))
    with pytest.raises(MemoryError, match=r"1000000 nodes .*float32 would take 3725\.3 GiB"):
        weight.to_dense()
    with pytest.raises(MemoryError, match=r"3725\.3 GiB"):
        plot.weights(weight, ax=Figure().subplots())
    with pytest.raises(MemoryError, match=r"3725\.3 GiB"):
        analysis.effective_rank(weight)
    assert weight[10**6 - 1, 0] == 4.0


# --- what they are


def test_attributes(dtype: str) -> None:
    weight = FactoredWeights(**parts(33, 5, dtype), error_bound=1e-9)
    assert (weight.shape, weight.ndim, weight.dtype, len(weight)) == ((33, 33), 2, np.dtype(dtype), 33)
    assert (weight.rank, weight.error_bound) == (10, 1e-9)
    assert weight.nbytes == 10 * 33 * weight.dtype.itemsize + 5 * 4 * 8
    assert repr(weight) == f"FactoredWeights(shape=(33, 33), dtype={dtype}, rank=10, error_bound=1e-09)"
    assert weight.T.error_bound == 1e-9


def test_rank_is_an_upper_bound() -> None:
    for n, pairs, based, rank in [(33, 0, False, 0), (33, 40, False, 33), (33, 2, True, 33), (7, 1, False, 2)]:
        weight, w = weights(n, pairs, "f8", based)
        assert weight.rank == rank
        assert np.linalg.matrix_rank(w) <= rank


def test_a_base_counts_bytes_and_one_of_factor_0_does_not() -> None:
    made = parts(7, 1, "f4", based=True)
    assert FactoredWeights(**made).nbytes == 4 * 14 + 32 + 4 * 49
    without = FactoredWeights(**{**made, "base_factor": 0.0})
    assert (without.nbytes, without.rank, without.parts.base) == (4 * 14 + 32, 2, None)


@pytest.mark.parametrize("pairs", [0, 1, 4])
def test_factors(dtype: str, pairs: int) -> None:
    weight, w = weights(7, pairs, dtype)
    f, s = weight.factors()
    assert (f.shape, s.shape, f.dtype, s.dtype) == ((7, 2 * pairs), (2 * pairs, 2 * pairs), dtype, "f8")
    np.testing.assert_allclose(f.astype("f8") @ s @ f.T.astype("f8"), w, rtol=0, atol=1e-12)
    assert not f.flags.writeable


def test_factors_with_a_base() -> None:
    with pytest.raises(ValueError, match="without a base"):
        weights(7, 1, "f8", based=True)[0].factors()


@pytest.mark.parametrize("based", [False, True])
def test_pickles_and_copies(dtype: str, based: bool) -> None:
    weight = FactoredWeights(**parts(7, 2, dtype, based), error_bound=0.5)
    for one in (weight, weight.T):
        same = pickle.loads(pickle.dumps(one))
        for found, wanted in zip(same.parts[:3], one.parts[:3], strict=True):
            assert (found is None) == (wanted is None)
            np.testing.assert_array_equal(found, wanted, strict=True)
            assert found is None or not found.flags.writeable
        assert same.parts[3:] == one.parts[3:]
        assert copy.copy(one) is one
        assert copy.deepcopy(one) is one


def test_nothing_can_be_changed() -> None:
    made = parts(7, 2, "f8", based=True)
    weight = FactoredWeights(**made)
    before = weight.to_dense()
    for array in (made["factors"], made["cores"], made["base"]):
        array += 1.0  # they were copied
    for name in ("error_bound", "dtype", "_parts", "other"):
        with pytest.raises(AttributeError, match=f"can't be changed, and '{name}'"):
            setattr(weight, name, 1)
        with pytest.raises(AttributeError, match=f"can't be changed, and '{name}'"):
            delattr(weight, name)
    with pytest.raises(TypeError, match="can't be changed"):
        weight[0, 0] = 1.0
    for array in (*weight.parts[:3], *weight.T.parts[:3]):
        assert not array.flags.writeable
    np.testing.assert_array_equal(weight.to_dense(), before)


def test_arrays_that_are_taken_over() -> None:
    made = parts(7, 2, "f8", based=True)
    weight = FactoredWeights(**made, copy=False)
    for name in ("factors", "cores", "base"):
        assert getattr(weight.parts, name) is made[name]
        assert not made[name].flags.writeable


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"factors": np.ones((4, 7), int)}, TypeError, "factors must be of float32 or float64, got int64"),
        ({"factors": np.ones((3, 7))}, ValueError, r"factors must have shape .* got \(3, 7\)"),
        ({"factors": np.ones((4, 0))}, ValueError, r"factors must have shape .* got \(4, 0\)"),
        ({"factors": np.ones(4)}, ValueError, r"factors must have shape .* got \(4,\)"),
        ({"cores": np.ones((3, 2, 2))}, ValueError, r"cores must have shape \(2, 2, 2\).* got \(3, 2, 2\)"),
        ({"base": np.ones((7, 7), "f4"), "base_factor": 1.0}, TypeError, "base must be of .* float64, got float32"),
        ({"base": np.ones((7, 6)), "base_factor": 1.0}, ValueError, r"base must have shape \(7, 7\), got \(7, 6\)"),
        ({"base_factor": np.nan}, ValueError, "base_factor must be finite, got nan"),
        ({"error_bound": -1.0}, ValueError, "error_bound must be ≥ 0, got -1.0"),
        ({"error_bound": np.nan}, ValueError, "error_bound must be"),
    ],
)
def test_parts_that_dont_fit(changes: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        FactoredWeights(**{**parts(7, 2, "f8"), **changes})


# --- with others


def test_scipy_is_not_imported() -> None:
    code = """
    import sys
    import numpy as np
    from resonance_native.factored_weights import FactoredWeights
    print((FactoredWeights(np.ones((2, 5)), np.ones((1, 2, 2))) @ np.ones(5))[0])
    print(*[name for name in sys.modules if name.startswith("scipy")])
    """
    assert output_of(code).split() == ["20.0"]


def test_no_ufunc_makes_an_array_of_them_unasked() -> None:
    weight = weights(3, 1, "f8")[0]
    for call in (lambda: np.abs(weight), lambda: np.ones((3, 3)) + weight, lambda: 2 * weight):
        with pytest.raises(TypeError):  # each with a message of NumPy's or Python's own
            call()


@pytest.mark.parametrize("based", [False, True])
def test_as_a_linear_operator(dtype: str, based: bool) -> None:
    linalg = pytest.importorskip("scipy.sparse.linalg")
    weight, w = weights(33, 5, dtype, based)
    operator = linalg.aslinearoperator(weight)
    assert (operator.shape, operator.dtype) == (weight.shape, weight.dtype)
    x, xs = vector(33, "c16"), vector((33, 2), "f8")
    for found, wanted in [
        (operator @ x, w @ x),
        (operator.H @ x, w.T @ x),
        (operator.T @ x, w.T @ x),
        (operator @ xs, w @ xs),
        (operator.H @ xs, w.T @ xs),
        ((2 * operator + operator.T) @ x, (2 * w + w.T) @ x),
    ]:
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-13 * scale_of(w))


@pytest.mark.parametrize("based", [False, True])
def test_scipys_solvers_take_them(dtype: str, based: bool) -> None:
    linalg = pytest.importorskip("scipy.sparse.linalg")
    weight, w = weights(65, 3, dtype, based)
    atol = {"float64": 1e-9, "float32": 3e-4}[dtype] * np.linalg.norm(w, 2)
    start = np.ones(65, dtype)
    found = linalg.eigs(weight, k=4, v0=start, return_eigenvectors=False)
    # Magnitudes: of a conjugate pair in the last place either may come.
    exact = np.sort(np.abs(np.linalg.eigvals(w)))[-4:]
    np.testing.assert_allclose(np.sort(np.abs(found)), exact, rtol=0, atol=atol)
    left, values, right = linalg.svds(weight, k=3, v0=start)
    np.testing.assert_allclose(values, np.linalg.svd(w, compute_uv=False)[2::-1], rtol=0, atol=atol)
    np.testing.assert_allclose(w @ right.T, left * values, rtol=0, atol=atol)
    shifted = linalg.aslinearoperator(weight) + 2 * np.linalg.norm(w, 2) * linalg.aslinearoperator(np.eye(65))
    solved, failed = linalg.gmres(shifted, start, rtol=1e-6)
    assert not failed
    matrix = w + 2 * np.linalg.norm(w, 2) * np.eye(65)
    np.testing.assert_allclose(matrix @ solved, start, rtol=0, atol=1e-4)
    if based:  # of full rank
        solved, failed = linalg.gmres(weight, w @ np.ones(65), rtol=1e-5, restart=65)
        assert not failed
        np.testing.assert_allclose(w @ solved, w @ np.ones(65), rtol=0, atol=1e-4 * np.linalg.norm(w @ np.ones(65)))


def test_analysis_takes_them(dtype: str) -> None:
    weight = weights(33, 3, dtype)[0]
    w, phases = weight.to_dense(), np.linspace(0, 6, 33)
    assert analysis.effective_rank(weight) == analysis.effective_rank(w)
    assert analysis.participation_ratio(weight) == analysis.participation_ratio(w)
    np.testing.assert_array_equal(
        analysis.local_order_parameter(phases, weight), analysis.local_order_parameter(phases, w)
    )


def test_plots_take_them(dtype: str) -> None:
    weight = weights(33, 3, dtype)[0]
    for picture, number in ((plot.weights, "images"), (plot.spectrum, "collections")):
        drawn = [getattr(picture(values, ax=Figure().subplots()), number)[0] for values in (weight, weight.to_dense())]
        if number == "images":
            np.testing.assert_array_equal(drawn[0].get_array(), drawn[1].get_array())
        else:
            np.testing.assert_array_equal(drawn[0].get_offsets(), drawn[1].get_offsets())
