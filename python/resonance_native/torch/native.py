"""Phase alignment through the package's own kernel, on the memory of the tensors."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd import forward_ad
from torch.jit._trace import is_tracing

from .. import _core

_DTYPES = (torch.float32, torch.float64)


def native_serves(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    phase_q: Tensor,
    phase_k: Tensor,
    key_mask: Tensor | None,
    dropout_p: float,
) -> bool:
    """Whether numbers are all that is wanted: no gradient, no dropout, no graph, no other device or dtype."""
    # First of all: while compiling, what follows must not even be looked at.
    if torch.compiler.is_compiling() or is_tracing():
        return False
    if q.device.type != "cpu" or q.dtype not in _DTYPES or dropout_p > 0 or _something_watches():
        return False
    operands = (q, k, v, phase_q, phase_k) if key_mask is None else (q, k, v, phase_q, phase_k, key_mask)
    return all(map(_is_plain, operands)) and not (torch.is_grad_enabled() and any(x.requires_grad for x in operands))


def native_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    phase_q: Tensor,
    phase_k: Tensor,
    scale: float,
    causal: bool,
    key_mask: Tensor | None,
    leading: tuple[int, ...],
) -> Tensor | None:
    """Attention of tensors as checked, or None where one of them or the result is not finite."""
    out = torch.empty((*leading, q.shape[-2], v.shape[-1]), dtype=q.dtype, device=q.device)
    try:
        _core.phase_attention(
            _array(q),
            _array(k),
            _array(v),
            _array(phase_q),
            _array(phase_k),
            scale,
            causal,
            None if key_mask is None else _array(key_mask),
            _array(out),
            torch.get_num_threads(),
        )
    except (ValueError, FloatingPointError):  # to PyTorch, NaN and infinity are no errors
        return None
    return out


def _something_watches() -> bool:
    """Whether what operates on tensors is seen or replaced: by torch.func, by a mode, or by autocast."""
    return (
        torch._C._are_functorch_transforms_active()
        or torch._C._len_torch_dispatch_stack() > 0
        or torch.is_autocast_enabled("cpu")
    )


def _is_plain(x: Tensor) -> bool:
    """Whether ``x`` is nothing but numbers in memory."""
    return (
        type(x) in (Tensor, torch.nn.Parameter)
        and x.layout == torch.strided
        and forward_ad.unpack_dual(x).tangent is None
    )


def _array(x: Tensor) -> NDArray[Any]:
    """The same memory as an array."""
    return x.resolve_neg().numpy()
