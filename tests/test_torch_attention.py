"""resonance_native.torch.phase_attention, on both of its paths, against the formula in float64."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
from collections.abc import Iterator
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import resonance_native as rn

torch = pytest.importorskip("torch")

from torch.fx.experimental.proxy_tensor import make_fx  # noqa: E402
from torch.nn.functional import scaled_dot_product_attention  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from resonance_native.torch import functional as paths  # noqa: E402
from resonance_native.torch import phase_attention  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

ZEROS = torch.zeros
NAMES = ("q", "k", "v", "phase_q", "phase_k")
TOLERANCE = {"float64": 1e-13, "float32": 3e-6, "bfloat16": 4e-2, "float16": 5e-3}

# Leading axes of q, k, v, phase_q, phase_k and key_mask (None: no mask); Lq, Lk, d, dv; causal.
CASES = {
    "one head": ((), (), (), (), (), None, 5, 7, 4, 3, False),
    "heads": ((2, 3), (2, 3), (2, 3), (2, 3), (2, 3), None, 33, 33, 17, 17, True),
    "one query": ((2,), (2,), (2,), (2,), (2,), None, 1, 70, 8, 8, True),
    "shared": ((2, 1), (3,), (1, 1), (3,), (), (2, 1), 9, 13, 5, 2, False),
    "phases of more heads": ((), (), (), (4,), (4,), None, 6, 6, 3, 5, True),
    "mask of more heads": ((), (), (), (), (), (3, 2), 4, 5, 3, 2, True),
    "four leading axes": ((2, 1, 3, 2), (2, 3, 2), (2, 1, 1, 1, 2), (2,), (1,), (3, 1), 4, 5, 3, 2, True),
    "fewer queries": ((3,), (3,), (3,), (3,), (3,), None, 20, 65, 6, 9, True),
    "more queries": ((3,), (3,), (3,), (3,), (3,), None, 40, 11, 6, 12, True),
    "wide values": ((3,), (3,), (3,), (3,), (3,), None, 7, 8, 2, 19, False),
    "long": ((2,), (2,), (2,), (2,), (2,), (2,), 150, 203, 24, 24, True),
    "no queries": ((2,), (2,), (2,), (2,), (2,), None, 0, 3, 4, 4, True),
    "no keys": ((2,), (2,), (2,), (2,), (2,), (2,), 3, 0, 4, 4, True),
    "no columns": ((2,), (2,), (2,), (2,), (2,), None, 3, 4, 0, 2, False),
    "no values": ((2,), (2,), (2,), (2,), (2,), None, 3, 4, 2, 0, False),
    "no heads": ((2, 0), (2, 1), (2, 1), (0,), (), (2, 1), 3, 4, 2, 5, False),
}


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """PyTorch's threads wait for each other longer than these tensors take."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def plain(
    q: Any, k: Any, v: Any, phase_q: Any, phase_k: Any, *, scale: Any = None, causal: bool = False, key_mask: Any = None
) -> np.ndarray:
    """The formula, with a weight of 0 for every key of a query that sees none."""
    q, k, v, phase_q, phase_k = (x.detach().double().numpy() for x in (q, k, v, phase_q, phase_k))
    scores = q @ np.swapaxes(k, -1, -2) * np.cos(phase_q[..., :, None] - phase_k[..., None, :])
    scores = scores * (1 / math.sqrt(max(q.shape[-1], 1)) if scale is None else scale)
    visible = np.ones(scores.shape, bool)
    if causal:
        visible &= np.tri(*scores.shape[-2:], scores.shape[-1] - scores.shape[-2], dtype=bool)
    if key_mask is not None:
        visible = visible & key_mask.numpy()[..., None, :]
    weights = np.where(visible, np.exp(scores - scores.max(axis=-1, keepdims=True, initial=-np.inf)), 0)
    return (weights / np.maximum(weights.sum(axis=-1, keepdims=True), 1e-300)) @ v


def draw(case: tuple[Any, ...], dtype: Any, seed: int = 0) -> tuple[list[Any], dict[str, Any]]:
    """Tensors of a case, and keywords. The first key mask hides every key."""
    *leading, mask, n_queries, n_keys, d, dv, causal = case
    rng = np.random.default_rng(seed)
    shapes = [(n_queries, d), (n_keys, d), (n_keys, dv), (n_queries,), (n_keys,)]
    drawn = [torch.tensor(rng.normal(0, 1, (*lead, *own))) for lead, own in zip(leading, shapes, strict=True)]
    operands = [x.to(dtype) for x in drawn[:3]] + [(2 * x).to(dtype) for x in drawn[3:]]
    keywords: dict[str, Any] = {"causal": causal}
    if mask is not None:
        keywords["key_mask"] = torch.tensor(rng.random((*mask, n_keys)) < 0.6)
        keywords["key_mask"][(0,) * len(mask)] = False
    return operands, keywords


def largest_error(got: Any, wanted: Any) -> float:
    assert got.shape == wanted.shape
    return float(np.abs(got.detach().double().numpy() - wanted).max(initial=0))


def refuse(*_: Any) -> Any:
    raise AssertionError("the other path was to be taken")


@contextlib.contextmanager
def only(path: str) -> Iterator[None]:
    """The other path fails here."""
    other = {"native": "identity_attention", "identity": "native_attention"}[path]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, other, refuse)
        yield


def attend(path: str, operands: list[Any], **keywords: Any) -> Any:
    """What comes of the path: what asks for the other one is a gradient."""
    with only(path):
        return phase_attention(*(x.detach().requires_grad_(path == "identity") for x in operands), **keywords)


def sdpa_kernel(name: str) -> Any:
    """PyTorch's kernel of that name and no other."""
    return torch.nn.attention.sdpa_kernel(getattr(torch.nn.attention.SDPBackend, name))


@pytest.fixture(params=["native", "identity"])
def path(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_attention(path: str, dtype: str, case: tuple[Any, ...]) -> None:
    operands, keywords = draw(case, getattr(torch, dtype))
    out = attend(path, operands, **keywords)
    assert out.dtype == operands[0].dtype
    assert out.requires_grad == (path == "identity")
    assert largest_error(out, plain(*operands, **keywords)) <= TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_half_precision(dtype: str, case: tuple[Any, ...]) -> None:
    operands, keywords = draw(case, getattr(torch, dtype))
    with only("identity"):
        out = phase_attention(*operands, **keywords)
    assert out.dtype == operands[0].dtype
    assert largest_error(out, plain(*operands, **keywords)) <= TOLERANCE[dtype]


def test_half_precision_keeps_the_phases() -> None:
    """Phases of some turns, in float32 beside bfloat16: rounded to bfloat16 they would be wrong by a radian."""
    operands, _ = draw(CASES["heads"], torch.bfloat16)
    operands[3:] = [x.float() + 400 for x in operands[3:]]
    out = phase_attention(*operands, scale=1)
    assert largest_error(out, plain(*operands, scale=1)) <= 0.1
    rounded = [*operands[:3], *(x.bfloat16() for x in operands[3:])]
    assert largest_error(out, plain(*rounded, scale=1)) > 1


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_same_as_in_numpy(path: str, case: tuple[Any, ...]) -> None:
    operands, keywords = draw(case, torch.float64)
    out = attend(path, operands, scale=0.7, **keywords)
    keywords = {name: value.numpy() if name == "key_mask" else value for name, value in keywords.items()}
    for function in (rn.phase_attention, rn.reference.phase_attention):
        assert largest_error(out, function(*(x.numpy() for x in operands), scale=0.7, **keywords)) <= 1e-13


def test_scale_is_that_of_transformers_not_the_published_one(path: str) -> None:
    operands, _ = draw(CASES["heads"], torch.float64)
    published = rn.phase_attention(*(x.numpy() for x in operands))
    assert largest_error(attend(path, operands), published) > 0.1
    assert largest_error(attend(path, operands, scale=1), published) <= 1e-13
    assert largest_error(attend(path, operands, scale=17**-0.5), attend(path, operands).detach().numpy()) <= 1e-13


def test_cosines_are_taken_in_float32_at_least() -> None:
    operands, _ = draw(CASES["heads"], torch.bfloat16)
    wider = [*operands[:3], *(x.float() for x in operands[3:])]
    assert torch.equal(phase_attention(*operands, scale=0.3), phase_attention(*wider, scale=0.3))


@pytest.mark.parametrize("phase_dtype", [torch.float32, torch.float64])
def test_phases_of_another_dtype(path: str, dtype: str, phase_dtype: Any) -> None:
    operands, keywords = draw(CASES["heads"], getattr(torch, dtype))
    operands[3:] = [x.to(phase_dtype) for x in operands[3:]]
    out = attend(path, operands, **keywords)
    assert out.dtype == operands[0].dtype
    assert largest_error(out, plain(*operands, **keywords)) <= TOLERANCE[dtype]


@st.composite
def cases(draw_from: st.DrawFn) -> tuple[Any, ...]:
    """Leading axes that broadcast to at most (2, 3), and small odd sizes."""
    leading = [draw_from(st.sampled_from([(), (1,), (3,), (1, 1), (2, 1), (2, 3)])) for _ in NAMES]
    mask = draw_from(st.sampled_from([None, (), (3,), (2, 1), (2, 3)]))
    return *leading, mask, *(draw_from(st.integers(0, 19)) for _ in range(4)), draw_from(st.booleans())


@hypothesis.settings(max_examples=80)
@hypothesis.given(cases(), st.floats(-3, 3), st.integers(0, 9))
def test_any_shape(case: tuple[Any, ...], scale: float, seed: int) -> None:
    operands, keywords = draw(case, torch.float64, seed)
    wanted = plain(*operands, scale=scale, **keywords)
    for path in ("native", "identity"):
        assert largest_error(attend(path, operands, scale=scale, **keywords), wanted) <= 1e-12


@hypothesis.settings(max_examples=30)
@hypothesis.given(st.floats(-50, 50), st.integers(0, 9))
def test_only_differences_of_phases_matter(turn: float, seed: int) -> None:
    operands, keywords = draw(CASES["shared"], torch.float64, seed)
    turned = [*operands[:3], *(x + turn for x in operands[3:])]
    for path in ("native", "identity"):
        out = attend(path, operands, **keywords).detach().numpy()
        assert largest_error(attend(path, turned, **keywords), out) <= 1e-12


def test_equal_phases_are_ordinary_attention(path: str) -> None:
    operands, _ = draw(CASES["heads"], torch.float64)
    operands[3:] = [torch.full_like(x, 0.4) for x in operands[3:]]
    wanted = scaled_dot_product_attention(*operands[:3], is_causal=True).numpy()
    assert largest_error(attend(path, operands, causal=True), wanted) <= 1e-13


def blind_case(causal: bool, masked: bool) -> tuple[list[Any], dict[str, Any], Any]:
    """Operands, keywords, and True for queries that see no key."""
    operands, keywords = draw(((2,),) * 5 + ((2,) if masked else None, 9, 7, 2, 2, causal), torch.float64)
    visible = torch.ones(2, 9, 7, dtype=torch.bool)
    if causal:
        visible &= torch.ones(9, 7, dtype=torch.bool).tril(-2)
    if masked:
        visible &= keywords["key_mask"].unsqueeze(-2)
    return operands, keywords, ~visible.any(-1)


@pytest.mark.parametrize(("causal", "masked"), [(True, False), (False, True), (True, True)])
def test_queries_that_see_nothing(path: str, causal: bool, masked: bool) -> None:
    operands, keywords, blind = blind_case(causal, masked)
    assert blind.any()
    assert not blind.all()
    out = attend(path, operands, **keywords)
    assert (out[blind] == 0).all()
    assert (out[~blind] != 0).all()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("causal", "masked"), [(True, False), (False, True), (True, True)])
def test_no_gradient_of_queries_that_see_nothing(causal: bool, masked: bool, dtype: Any) -> None:
    operands, keywords, blind = blind_case(causal, masked)
    operands = [x.to(dtype).requires_grad_() for x in operands]
    phase_attention(*operands, **keywords).square().sum().backward()
    q, k, v, phase_q, phase_k = operands
    for x in operands:
        assert x.grad.isfinite().all()
    assert (q.grad[blind] == 0).all()
    assert (phase_q.grad[blind] == 0).all()
    assert (q.grad[~blind] != 0).any()
    assert (phase_q.grad[~blind] != 0).any()
    if masked:
        for x in (k, v, phase_k):
            assert (x.grad[~keywords["key_mask"]] == 0).all()
            assert (x.grad[keywords["key_mask"]] != 0).any()


def test_what_is_hidden_may_be_anything(path: str) -> None:
    operands, _ = draw(CASES["long"], torch.float64)
    key_mask = torch.arange(203).remainder(3).ne(0)
    wanted = plain(*operands, key_mask=key_mask, causal=True)
    for x, garbage in zip((operands[1], operands[2], operands[4]), (math.nan, math.inf, -math.inf), strict=True):
        x[:, ~key_mask] = garbage
    assert largest_error(attend(path, operands, key_mask=key_mask, causal=True), wanted) <= 1e-13


def test_gradient_of_visible_keys_beside_anything() -> None:
    operands, _ = draw(CASES["long"], torch.float64)
    key_mask = torch.arange(203).remainder(3).ne(0)
    gradients = []
    for garbage in (1.0, math.nan):
        for x in (operands[1], operands[2], operands[4]):
            x[:, ~key_mask] = garbage
        leaves = [x.clone().requires_grad_() for x in operands]
        phase_attention(*leaves, key_mask=key_mask).square().sum().backward()
        gradients.append([x.grad for x in leaves])
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


GRADIENT_CASES = {
    "plain": ((2,), (2,), (2,), (2,), (2,), None, 3, 4, 2, 3, False),
    "causal": ((2,), (2,), (2,), (2,), (2,), None, 4, 4, 2, 3, True),
    "fewer queries": ((), (), (), (), (), None, 2, 4, 2, 2, True),
    "blind queries": ((), (), (), (), (), None, 4, 2, 2, 2, True),
    "shared, masked, blind": ((2, 1), (3,), (1, 1), (3,), (), (2, 1), 3, 4, 2, 5, True),
}


@pytest.mark.parametrize("kernel", ["plain", "any"])
@pytest.mark.parametrize("case", GRADIENT_CASES.values(), ids=GRADIENT_CASES)
def test_gradients(case: tuple[Any, ...], kernel: str) -> None:
    operands, keywords = draw(case, torch.float64)
    leaves = [x.requires_grad_() for x in operands]
    with sdpa_kernel("MATH") if kernel == "plain" else contextlib.nullcontext(), only("identity"):
        assert torch.autograd.gradcheck(lambda *x: phase_attention(*x, **keywords), leaves)


# What PyTorch says the first time it loads its forward-mode derivatives.
own_deprecation = pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")
# What older ones say of vmap over attention, of any kind.
own_slowness = pytest.mark.filterwarnings("ignore:There is a performance drop .*_scaled_dot_product_attention_math")


@own_deprecation
@pytest.mark.parametrize("case", GRADIENT_CASES.values(), ids=GRADIENT_CASES)
def test_second_and_forward_derivatives(case: tuple[Any, ...]) -> None:
    operands, keywords = draw(case, torch.float64)
    leaves = [x.requires_grad_() for x in operands]
    with sdpa_kernel("MATH"):
        assert torch.autograd.gradcheck(
            lambda *x: phase_attention(*x, **keywords), leaves, check_forward_ad=True, fast_mode=True
        )
        assert torch.autograd.gradgradcheck(lambda *x: phase_attention(*x, **keywords), leaves, fast_mode=True)


def test_no_matrix_of_scores_on_a_cpu() -> None:
    """The fused kernel is taken, though values are narrower than keys are."""
    q, k, v = torch.randn(3, 2, 8, 64, 16).unbind()
    phase_q, phase_k = torch.randn(2, 2, 8, 64).unbind()
    leaves = [q.requires_grad_(), k, v, phase_q, phase_k]
    with sdpa_kernel("FLASH_ATTENTION"):
        phase_attention(*leaves).sum().backward()
        phase_attention(*(x[0, 0] for x in leaves), causal=True).sum().backward()
        phase_attention(*leaves, key_mask=torch.rand(2, 1, 64) < 0.5, causal=True).sum().backward()


class Recorder:
    """In the place of the core's function: keeps the arguments it hands on."""

    def __init__(self) -> None:
        self.arguments: tuple[Any, ...] = ()
        self._function = rn._core.phase_attention

    def __call__(self, *arguments: Any) -> Any:
        self.arguments = arguments
        return self._function(*arguments)


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(rn._core, "phase_attention", recorder)
    return recorder


def test_tensors_are_used_where_they_lie(core: Recorder, dtype: str) -> None:
    """Heads in the middle, a window of a longer sequence, one key for all heads, and the result."""
    made = {"dtype": getattr(torch, dtype)}
    q = torch.randn(2, 10, 3, 4, **made).transpose(1, 2)
    k = torch.randn(2, 20, 3, 4, **made).transpose(1, 2)[:, :, 5:12]
    v = torch.randn(7, 4, **made).expand(2, 3, 7, 4)
    phase_q, phase_k = torch.randn(2, 3, 10, **made), torch.randn(3, 7, **made)
    key_mask = torch.rand(2, 1, 7) < 0.8
    out = phase_attention(q, k, v, phase_q, phase_k, key_mask=key_mask)
    assert largest_error(out, plain(q, k, v, phase_q, phase_k, key_mask=key_mask)) <= TOLERANCE[dtype]
    *arrays, scale, causal, mask, result, _ = core.arguments
    assert (scale, causal) == (0.5, False)
    for tensor, array in zip((q, k, v, phase_q, phase_k, key_mask, out), (*arrays, mask, result), strict=True):
        assert array.ctypes.data == tensor.data_ptr()
        assert array.shape == tensor.shape
        assert array.strides == tuple(stride * tensor.element_size() for stride in tensor.stride())


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_are_those_of_torch(core: Recorder, threads: int) -> None:
    operands, _ = draw(CASES["heads"], torch.float32)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        phase_attention(*operands)
    finally:
        torch.set_num_threads(before)
    assert core.arguments[-1] == threads


def test_numbers_alone_take_the_native_path() -> None:
    operands, keywords = draw(CASES["shared"], torch.float32)
    leaves = [torch.nn.Parameter(x) for x in operands]
    wanted = plain(*operands, **keywords)
    for context in (torch.no_grad, torch.inference_mode):
        with only("native"), context():
            assert largest_error(phase_attention(*leaves, **keywords), wanted) <= TOLERANCE["float32"]
    negative = [torch.complex(torch.zeros_like(x), -x).conj().imag for x in operands]
    assert negative[0].is_neg()
    with only("native"):
        assert largest_error(phase_attention(*negative, **keywords), wanted) <= TOLERANCE["float32"]


class Subclass(torch.Tensor):
    """A tensor that may mean anything."""


@own_slowness
@own_deprecation
@pytest.mark.parametrize("i", range(5), ids=NAMES)
def test_whatever_else_is_wanted_takes_the_identity(i: int) -> None:
    operands, keywords = draw(CASES["mask of more heads"], torch.float32)
    wanted = plain(*operands, **keywords)

    def attend_with(x: Any) -> Any:
        return phase_attention(*operands[:i], x, *operands[i + 1 :], **keywords)

    def agrees(out: Any, tolerance: float = TOLERANCE["float32"]) -> bool:
        return largest_error(out, wanted) <= tolerance

    with only("identity"):
        assert agrees(attend_with(operands[i].clone().requires_grad_()))
        assert agrees(attend_with(operands[i].as_subclass(Subclass)).as_subclass(torch.Tensor))
        assert agrees(torch.func.vmap(attend_with)(operands[i].unsqueeze(0))[0])
        with torch.autocast("cpu", torch.bfloat16):
            out = attend_with(operands[i])
            assert out.dtype == torch.bfloat16
            assert agrees(out, TOLERANCE["bfloat16"])
        with FlopCounterMode(display=False) as counter, sdpa_kernel("MATH"):
            assert agrees(attend_with(operands[i]))
        assert counter.get_total_flops() > 0
        traced = make_fx(attend_with)(operands[i])
        assert agrees(traced(operands[i]))
        with torch.autograd.forward_ad.dual_level(), sdpa_kernel("MATH"):
            dual = torch.autograd.forward_ad.make_dual(operands[i], torch.ones_like(operands[i]))
            assert torch.autograd.forward_ad.unpack_dual(attend_with(dual)).tangent is not None


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning", "ignore::torch.jit.TracerWarning")
def test_traced() -> None:
    operands, _ = draw(CASES["heads"], torch.float32)
    traced = torch.jit.trace(lambda *x: phase_attention(*x, causal=True), tuple(operands))
    others, _ = draw(CASES["heads"], torch.float32, seed=1)
    assert largest_error(traced(*others), plain(*others, causal=True)) <= TOLERANCE["float32"]


@own_slowness
def test_vmap_over_what_broadcasts() -> None:
    operands, keywords = draw(CASES["heads"], torch.float64)
    out = torch.func.vmap(lambda *x: phase_attention(*x, **keywords))(*operands)
    assert largest_error(out, plain(*operands, **keywords)) <= 1e-13


@own_deprecation
def test_jacobian() -> None:
    operands, _ = draw(GRADIENT_CASES["plain"], torch.float64)
    reverse = torch.func.jacrev(lambda x: phase_attention(*operands[:3], x, operands[4]))(operands[3])
    forward = torch.func.jacfwd(lambda x: phase_attention(*operands[:3], x, operands[4]))(operands[3])
    assert largest_error(reverse, forward.numpy()) <= 1e-13
    assert reverse.abs().max() > 0.01


@pytest.mark.parametrize("value", [math.nan, math.inf, 3e38])
def test_not_finite_is_no_error(value: float) -> None:
    """It spreads as elsewhere in PyTorch; NumPy's function raises an error."""
    operands, _ = draw(CASES["one head"], torch.float32)
    wanted = plain(*operands)
    q, _, v, *_ = operands
    q[1] = value
    others = torch.tensor([0, 2, 3, 4])
    out = phase_attention(*operands, scale=None if math.isfinite(value) else 0.5)
    assert largest_error(out[others], wanted[others]) <= TOLERANCE["float32"]
    with pytest.raises((ValueError, FloatingPointError)):
        rn.phase_attention(*(x.numpy() for x in operands), scale=5.0)
    q[1] = 0
    v[2] = value
    assert not (phase_attention(*operands, scale=0.5).abs() < 1e30).any()


def test_dropout() -> None:
    q, k, phase = torch.zeros(1, 50, 1), torch.zeros(1, 400, 1), torch.zeros(1)
    v = torch.ones(1, 400, 1)
    torch.manual_seed(0)
    with only("identity"):
        out = phase_attention(q, k, v, phase.expand(1, 50), phase.expand(1, 400), dropout_p=0.25)
    # Each output is a mean of 400 draws of 0 or 4/3, with variance 1/3.
    assert abs(out.mean() - 1) < 5 * math.sqrt(1 / 3 / 400 / 50)
    assert 0.5 < out.std() / math.sqrt(1 / 3 / 400) < 2


def has_compiler() -> bool:
    return shutil.which(os.environ.get("CXX", "g++")) is not None


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")
@pytest.mark.skipif(not has_compiler(), reason="torch.compile needs a C++ compiler")
def test_compiled() -> None:
    operands, keywords = draw(CASES["heads"], torch.float32)
    compiled = torch.compile(phase_attention, fullgraph=True)
    with only("identity"):
        assert largest_error(compiled(*operands, **keywords), plain(*operands, **keywords)) <= TOLERANCE["float32"]
        leaves = [x.clone().requires_grad_() for x in operands]
        compiled(*leaves, **keywords).square().sum().backward()
    eager = [x.clone().requires_grad_() for x in operands]
    phase_attention(*eager, **keywords).square().sum().backward()
    for a, b in zip(leaves, eager, strict=True):
        assert largest_error(a.grad, b.grad.numpy()) <= 1e-4


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_graph(case: tuple[Any, ...], dynamic: bool) -> None:
    torch._dynamo.reset()
    operands, keywords = draw(case, torch.float32)
    compiled = torch.compile(phase_attention, fullgraph=True, dynamic=dynamic, backend="eager")
    with only("identity"):
        out = compiled(*operands, scale=0.3, **keywords)
    assert largest_error(out, plain(*operands, scale=0.3, **keywords)) <= TOLERANCE["float32"]


def test_one_graph_for_all_lengths() -> None:
    torch._dynamo.reset()
    graphs = torch._dynamo.testing.CompileCounter()
    compiled = torch.compile(phase_attention, fullgraph=True, dynamic=True, backend=graphs)
    for n_queries, n_keys in ((5, 7), (6, 9), (8, 20)):
        operands, keywords = draw(((2,),) * 5 + ((2,), n_queries, n_keys, 3, 4, True), torch.float32)
        assert largest_error(compiled(*operands, **keywords), plain(*operands, **keywords)) <= TOLERANCE["float32"]
    assert graphs.frame_count == 1


def test_without_data() -> None:
    operands, keywords = draw(CASES["shared"], torch.float32)
    keywords["key_mask"] = keywords["key_mask"].to("meta")
    out = phase_attention(*(x.to("meta") for x in operands), **keywords)
    assert out.shape == (2, 3, 9, 2)
    assert out.device.type == "meta"
    operands[1] = operands[1].double()
    with pytest.raises(TypeError, match="k must have the dtype of q"):
        phase_attention(*(x.to("meta") for x in operands), **keywords)


ERRORS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"q": [[1.0]]}, TypeError, "q must be a torch.Tensor, got list"),
    ({"phase_k": np.zeros(5)}, TypeError, "phase_k must be a torch.Tensor, got ndarray"),
    ({"q": ZEROS(4)}, ValueError, r"q must have at least 2 axes, got shape \(4,\)"),
    ({"phase_q": ZEROS(())}, ValueError, r"phase_q must have at least 1 axes, got shape \(\)"),
    ({"v": ZEROS(5, 2, device="meta")}, ValueError, "v must be on the device of q, cpu, got meta"),
    ({"key_mask": ZEROS(5, device="meta")}, ValueError, "key_mask must be on the device of q, cpu, got meta"),
    ({"q": ZEROS(3, 4, dtype=torch.int64)}, TypeError, "q must be float16, .* or float64, got torch.int64"),
    ({"q": ZEROS(3, 4, dtype=torch.complex64)}, TypeError, "q must be float16, .* or float64, got torch.complex64"),
    ({"k": ZEROS(5, 4).double()}, TypeError, "k must have the dtype of q, torch.float32, got torch.float64"),
    ({"v": ZEROS(5, 2).half()}, TypeError, "v must have the dtype of q, torch.float32, got torch.float16"),
    ({"phase_q": ZEROS(3).half()}, TypeError, "phase_q must be float32, float64 or .* got torch.float16"),
    ({"phase_k": ZEROS(5).long()}, TypeError, "phase_k must be float32, float64 or .* got torch.int64"),
    ({"key_mask": ZEROS(5)}, TypeError, "key_mask must be bool, True for visible keys, got torch.float32"),
    ({"k": ZEROS(5, 3)}, ValueError, r"k must have as many columns as q, 4, got shape \(5, 3\)"),
    ({"v": ZEROS(6, 2)}, ValueError, r"v must have as many rows as k, 5, got shape \(6, 2\)"),
    ({"phase_q": ZEROS(5)}, ValueError, r"phase_q must have as many phases as q has rows, 3, got shape \(5,\)"),
    ({"phase_k": ZEROS(3)}, ValueError, r"phase_k must have as many phases as k has rows, 5, got shape \(3,\)"),
    ({"key_mask": ZEROS(1).bool()}, ValueError, r"key_mask must have as many entries as k has rows, 5, got shape"),
    (
        {"q": ZEROS(2, 3, 4), "phase_k": ZEROS(3, 5)},
        ValueError,
        r"leading axes must broadcast, got: q has shape \(2, 3, 4\), k has .*, phase_k has shape \(3, 5\)",
    ),
    ({"key_mask": ZEROS(2, 5).bool(), "v": ZEROS(3, 5, 2)}, ValueError, r"leading axes .* key_mask has shape \(2, 5\)"),
    ({"scale": "1"}, TypeError, "scale must be a number or None, got '1'"),
    ({"scale": True}, TypeError, "scale must be a number or None, got True"),
    ({"scale": math.nan}, ValueError, "scale must be finite, got nan"),
    ({"scale": -math.inf}, ValueError, "scale must be finite, got -inf"),
    ({"causal": 1}, TypeError, "causal must be True or False, got 1"),
    ({"dropout_p": -0.1}, ValueError, r"dropout_p must be in \[0, 1\], got -0.1"),
    ({"dropout_p": math.nan}, ValueError, r"dropout_p must be in \[0, 1\], got nan"),
    ({"dropout_p": None}, TypeError, "dropout_p must be a number, got None"),
]


@pytest.mark.parametrize(("wrong", "error", "message"), ERRORS, ids=lambda x: x if isinstance(x, str) else None)
def test_errors(wrong: dict[str, Any], error: type[Exception], message: str) -> None:
    right = {"q": ZEROS(3, 4), "k": ZEROS(5, 4), "v": ZEROS(5, 2), "phase_q": ZEROS(3), "phase_k": ZEROS(5)}
    phase_attention(**right)
    with pytest.raises(error, match=f"^{message}"):
        phase_attention(**{**right, **wrong})


def test_autocast_makes_dtypes_agree() -> None:
    operands, _ = draw(CASES["heads"], torch.float32)
    wanted = plain(*operands)
    operands[1] = operands[1].bfloat16()
    operands[3] = operands[3].bfloat16()
    with pytest.raises(TypeError, match="k must have the dtype of q"):
        phase_attention(*operands)
    with torch.autocast("cpu", torch.bfloat16):
        assert largest_error(phase_attention(*operands), wanted) <= 2 * TOLERANCE["bfloat16"]
