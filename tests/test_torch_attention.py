"""resonance_native.torch.phase_attention, on both of its paths: values, derivatives and errors."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import resonance_native as rn

torch = pytest.importorskip("torch")

from torch.nn.functional import scaled_dot_product_attention  # noqa: E402
from torch_attention_cases import (  # noqa: E402
    CASES,
    NAMES,
    TOLERANCE,
    draw,
    largest_error,
    only,
    own_deprecation,
    plain,
    sdpa_kernel,
)

from resonance_native.torch import phase_attention  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

ZEROS = torch.zeros


def attend(path: str, operands: list[Any], **keywords: Any) -> Any:
    """What comes of the path: what asks for the other one is a gradient."""
    with only(path):
        return phase_attention(*(x.detach().requires_grad_(path == "identity") for x in operands), **keywords)


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
