"""Which path resonance_native.torch.phase_attention takes: the core's, or PyTorch's own, traced and compiled too."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest

import resonance_native as rn

torch = pytest.importorskip("torch")

from torch._dynamo.testing import CompileCounter  # noqa: E402
from torch.fx.experimental.proxy_tensor import make_fx  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402
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

# What older versions of PyTorch say of vmap over attention, of any kind.
own_slowness = pytest.mark.filterwarnings("ignore:There is a performance drop .*_scaled_dot_product_attention_math")


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
    graphs = CompileCounter()
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
